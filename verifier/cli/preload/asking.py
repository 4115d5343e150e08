"""A hook's agent, where the line is not plain: the same question as `cli.asking.hook` puts, from the options as they
were read.

* what an agent has no use for is not given to it: the hook decides for itself and says why, or refuses the line
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from verifier.agent.client import Unanswered
from verifier.cli import inputs, output, stores
from verifier.cli.asking.putting import Put, known
from verifier.cli.options.answer import Answer
from verifier.cli.options.ledger import Advancing
from verifier.cli.options.named import Named
from verifier.cli.preload.agent import Asking
from verifier.cli.preload.hook import Hook
from verifier.cli.typed.environment import SIGSTORE, has_library_verify
from verifier.core.errors import ConfigurationError
from verifier.core.reasons.words import describe
from verifier.files.sealed import content_of
from verifier.reports.table import SHOW_MORE


class Answered(NamedTuple):
    """What the agent has answered; `content` is what was verified, where it is to be handed on."""

    status: int
    report: str
    content: bytes | None = None


def asked(asking: Asking, hook: Hook, named: Named, ledger: Advancing, answer: Answer) -> Answered | None:
    """The agent's answer; None where the hook decides for itself."""
    if asking.agent is None:
        return None
    kept_back = next((flag for flag, given in _not_for_agents(hook, answer).items() if given), None)
    if kept_back is not None:
        if asking.agent_required:
            hint = "Leave one of the two away."
            raise ConfigurationError("is nothing that an agent does", where=f"{kept_back}, --agent-required", hint=hint)
        output.hint(f"verify: the agent is not asked, because of {kept_back}")
        return None
    try:
        put = Put(str(hook.artifact), str(hook.verdict))
        try:
            status, report = put.ask(str(asking.agent), _fields(hook, named, ledger, answer), asking.trusted())
            return Answered(status, report, content_of(put.artifact, most=sys.maxsize) if status == 0 else None)
        finally:
            put.close()
    except Unanswered as why:
        told = f"verify: {why.code}: {asking.agent}: {why.message}"
        if not asking.agent_required:
            output.hint(f"{told}; decided without it")
            return None
        output.hint(told)
        output.hint(f"  {describe(why.code).remedy}")
        return Answered(output.EXIT_UNDECIDED, "")


def _not_for_agents(hook: Hook, answer: Answer) -> dict[str, bool]:
    return {
        "--fallback": hook.fallback != "deny",
        "--cache": hook.cache is not None,
        "--now": answer.now is not None,
        "--output": bool(answer.output),
        f"--format {answer.style}": answer.style in SHOW_MORE,
        SIGSTORE: has_library_verify(os.environ),
    }


def _fields(hook: Hook, named: Named, ledger: Advancing, answer: Answer) -> list[tuple[str, str]]:
    return [
        ("artifact", str(hook.artifact)),
        ("folder", os.getcwd()),  # noqa: PTH109 - a text
        ("name", named.name or inputs.name_of(str(hook.artifact))),
        ("verdict", str(hook.verdict)),
        ("policy", known(str(hook.policy))),
        ("ledger", _known_ledger(stores.url_of(ledger.ledger))),
        ("resource-uri", named.resource_uri or ""),
        ("correlation-id", answer.correlation()),
        ("record", "1" if ledger.record else "0"),
        ("format", answer.style),
        ("detail", "quiet" if answer.quiet else "verbose" if answer.verbose else "usual"),
        *(("level", level) for level in hook.level),
    ]


def _known_ledger(url: str) -> str:
    from verifier.agent.judge import file_of  # noqa: PLC0415 - only where an agent is asked

    path = file_of(url)
    return f"url:{url}" if path is None else known(str(path))
