"""A bundle, or any other file, that an agent judges in full, where the line is not plain (`cli.judging.by_agent`)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from verifier.agent.wire import IN_FULL
from verifier.cli import output, references
from verifier.cli.documents import files_named
from verifier.cli.judging import by_agent
from verifier.cli.judging.agent import Asking, Others
from verifier.cli.judging.asked import Judging
from verifier.cli.judging.kept_back import TAKEN, kept_back
from verifier.cli.options.outputs import outputs
from verifier.cli.options.trust import Trust
from verifier.core.digest import looks_like_digest
from verifier.core.text.shown import shown
from verifier.files.descriptor import is_stream

_TAKEN = TAKEN | {"attestation"}


def judged(kind: str, typed: Sequence[str], trust: Trust, asked: Judging, asking: Asking, others: Others) -> int | None:
    """The exit status of the agent's answer, whose report is printed; None where the command judges by itself."""
    because, documents = _kept_back(typed, trust, asked, others), files_named(asked.artifact.attestation)
    if not because and documents is None:
        because = "--attestation, which is no file"
    question = None
    if not because and documents is not None:
        asked.answer.places(outputs(trust, asked, ref=tuple(typed)))  # whatever would be refused there
        question = by_agent.Question(
            by=IN_FULL,
            kind=kind,
            artifact=typed[0],
            documents=documents,
            policy=str(trust.policy),
            name=asked.artifact.name or references.name_as(kind, typed[0]),
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


def _kept_back(typed: Sequence[str], trust: Trust, asked: Judging, others: Others) -> str:
    if trust.policy is None:
        return "a missing --policy"
    if len(typed) > 1:
        return "several artifacts"
    if not _is_plain_file(typed[0]):
        return "an artifact that is no plain file"
    given = next((flag for flag, value in others.flags.items() if value), "")
    return given or kept_back((trust, *others.groups, asked), _TAKEN, asked.answer)


def _is_plain_file(reference: str) -> bool:
    if "://" in reference or is_stream(reference) or looks_like_digest(reference):
        return False
    return os.path.isfile(reference) and shown(reference) == reference  # noqa: PTH113 - as `sources.content`
