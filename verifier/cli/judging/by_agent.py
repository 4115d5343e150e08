"""An agent's answer, where the line is not plain: the same question as `cli.asking.hook` puts, from the options as they
were read.

* what an agent has no use for (`cli.judging.kept_back`) is not given to it: the command decides for itself and says
  why, or refuses the line
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from verifier.agent.client import Unanswered
from verifier.agent.identity import server_identity
from verifier.cli import output, screen, stores
from verifier.cli.asking.ledgers import variables_of_server
from verifier.cli.asking.putting import Put, known, known_ledger
from verifier.cli.judging.agent import Asking
from verifier.cli.options.answer import Answer
from verifier.core.errors import ConfigurationError
from verifier.core.reasons.words import describe
from verifier.core.value import Value
from verifier.files.sealed import content_of


class Question(Value):
    """What is put to an agent. `documents` are files, `ledger` is a URL or None for the per-user one."""

    by: str
    kind: str
    artifact: str
    documents: tuple[str, ...]
    policy: str
    name: str
    resource_uri: str
    ledger: str | None
    record: bool
    answer: Answer
    levels: tuple[str, ...] = ()


class Answered(NamedTuple):
    """What the agent has answered; `content` is what was verified, where it is to be handed on."""

    status: int
    report: str
    content: bytes | None = None


def asked(asking: Asking, question: Question | None, because: str) -> Answered | None:
    """The agent's answer; None where the command decides for itself: `because` of something, or without an answer."""
    if because or question is None:
        if asking.agent_required:
            hint = "Leave it away, or what keeps the question from the agent."
            message = f"the agent would not be asked, because of {because}"
            raise ConfigurationError(message, where="--agent-required", hint=hint)
        output.hint(f"verify: the agent is not asked, because of {because}")
        return None
    try:
        put = Put(question.artifact, question.documents)
        try:
            status, report = put.ask(str(asking.agent), _fields(question), asking.trusted())
            return Answered(status, report, content_of(put.artifact, most=sys.maxsize) if status == 0 else None)
        finally:
            put.close()
    except Unanswered as why:
        told = f"verify: {why.told(str(asking.agent))}"
        if not asking.agent_required:
            output.hint(f"{told}; decided without it")
            return None
        output.hint(told)
        output.hint(f"  {describe(why.code).remedy}")
        return Answered(output.EXIT_UNDECIDED, "")


def _fields(question: Question) -> list[tuple[str, str]]:
    answer, shown = question.answer, screen.standard_output()
    return [
        ("by", question.by),
        ("kind", question.kind),
        ("artifact", question.artifact),
        ("folder", os.getcwd()),  # noqa: PTH109 - a text
        ("name", question.name),
        ("policy", known(question.policy)),
        ("ledger", _ledger(stores.url_of(question.ledger))),
        ("resource-uri", question.resource_uri),
        ("correlation-id", answer.correlation()),
        ("record", "1" if question.record else "0"),
        ("format", answer.style),
        ("detail", "quiet" if answer.quiet else "verbose" if answer.verbose else "usual"),
        ("columns", str(shown.columns)),
        ("colours", "1" if shown.colours else "0"),
        *(("level", level) for level in question.levels),
    ]


def _ledger(url: str) -> str:
    from verifier.agent.judge import file_of  # noqa: PLC0415 - only where an agent is asked

    path = file_of(url)
    return server_identity(url, variables_of_server(dict(os.environ))) if path is None else known_ledger(str(path))
