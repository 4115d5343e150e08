"""A bundle that an agent judges, where the line is not plain (`cli.judging.by_agent`)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from verifier.agent.wire import IN_FULL
from verifier.cli import output, references
from verifier.cli.documents import files_named
from verifier.cli.judging import by_agent
from verifier.cli.judging.agent import Asking
from verifier.cli.judging.asked import Judging
from verifier.cli.options.option import Group
from verifier.cli.options.trust import Trust
from verifier.core.text.shown import shown
from verifier.files.descriptor import is_stream

_TAKEN = by_agent.TAKEN | {"attestation"}


def judged(asking: Asking, typed: Sequence[str], asked: Judging, groups: Sequence[Group], trust: Trust) -> int | None:
    """The exit status of the agent's answer, whose report is printed; None where the command judges by itself.

    `groups` are the options besides those of `asked` and `trust`.
    """
    because, documents = _kept_back(typed, asked, groups, trust), files_named(asked.artifact.attestation)
    if not because and documents is None:
        because = "--attestation, which is no file"
    question = None
    if not because and documents is not None:
        question = by_agent.Question(
            by=IN_FULL,
            artifact=typed[0],
            documents=documents,
            policy=str(trust.policy),
            name=asked.artifact.name or references.name_as("bundle", typed[0]),
            resource_uri=asked.artifact.resource_uri or "",
            ledger=asked.ledger.ledger,
            record=asked.ledger.record,
            answer=asked.answer,
        )
    answered = by_agent.asked(asking, question, because)
    if answered is None:
        return None
    output.rendered(answered.report, asked.answer.style)
    return answered.status


def _kept_back(typed: Sequence[str], asked: Judging, groups: Sequence[Group], trust: Trust) -> str:
    if trust.policy is None:
        return "a missing --policy"
    if len(typed) > 1:
        return "REF, of which there are several"
    if "://" in typed[0] or is_stream(typed[0]) or not os.path.isfile(typed[0]) or shown(typed[0]) != typed[0]:  # noqa: PTH113 - as `sources.content`
        return "REF, which is no plain file"
    return by_agent.kept_back((trust, *groups, asked), _TAKEN, asked.answer)
