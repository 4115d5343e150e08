"""What every `verify KIND` does: ask its question of each artifact, write the verdict where one is wanted, answer.

* the policy is read once, the ledger opened once; what is configured wrongly ends the run with nothing decided
* artifacts are judged in the order in which they were typed, each against what the one before has left in the ledger
* one that cannot be read is denied by itself, and the others are judged
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from verifier.cli import references, settings
from verifier.cli.judging import engines, several
from verifier.cli.judging.agent import Asking, Others
from verifier.cli.judging.asked import Judging, believed
from verifier.cli.judging.one_by_one import Question, one_by_one
from verifier.cli.judging.wanted import Wanted
from verifier.cli.options.outputs import outputs
from verifier.cli.options.trust import Trust
from verifier.core.text.shown import shown
from verifier.formats.verdict.dossier import Dossier

if TYPE_CHECKING:
    from verifier.trust.model import TrustPolicy


def ask_or_judge(
    typed: Sequence[str], wanted: Wanted, trust: Trust, asked: Judging, asking: Asking, others: Others
) -> int:
    """What an agent says of a file, where one is named and answers; else `judge`. `others` is what the command takes
    besides the rest."""
    answered = None
    if asking.agent is not None:
        from verifier.cli.judging.file_by_agent import judged  # noqa: PLC0415 - only where there is one

        answered = judged(wanted.kind, typed, trust, asked, asking, others)
    return judge(typed, wanted, trust, asked) if answered is None else answered


def judge(typed: Sequence[str], wanted: Wanted, trust: Trust, asked: Judging) -> int:
    """Verify the artifacts that were `typed`; the exit status, which the worst verdict stands for."""
    started, moment = time.perf_counter(), asked.answer.moment()
    several.require_for_all(typed, asked, wanted.for_one)
    policy = believed(wanted.kind, typed, trust, asked, wanted.demands, counted=wanted.counted, refresh=wanted.refresh)
    places = outputs(trust, asked, ref=tuple(typed))
    places.reserve_standard_output("the report")
    reports = asked.answer.places(places)
    writer = asked.verdict_out.writer(policy.sigstore, places)
    with ExitStack() as closing:
        image = wanted.image and wanted.image(typed[0], closing)
        common = _common(wanted, policy, asked, closing) | {"image": image, "now": moment}
        questions = [_question(each, wanted, asked, common, closing) for each in typed]
        judged = tuple(one_by_one(questions, started))
        more = asked.answer.beside(judged[0][1], common["ledger"], common["sboms"], reports)
    if writer is not None:
        writer.write(judged[0][1])
    verdicts, typed = tuple(verdict for _, verdict in judged), tuple(shown(each.typed) for each, _ in judged)
    return asked.answer.report(Dossier(verdicts=verdicts, references=typed, **more), reports)


def _common(wanted: Wanted, policy: TrustPolicy, asked: Judging, closing: ExitStack) -> dict[str, Any]:
    """What is asked of every artifact of the run; `closing` closes what is open for it."""
    identity, version = settings.verifier_identity(asked.verdict_out.verifier_id)
    return {
        "kind": wanted.kind,
        "policy": policy,
        "ledger": closing.enter_context(asked.ledger.opened()),
        "record": asked.ledger.record,
        "attestations": asked.artifact.attestations(),
        "sboms": asked.sboms.given(policy),
        "advisories": asked.records.opened(policy, closing),
        "previous_attestations": asked.published.attestations(),
        "previous_may_be_absent": asked.published.previous_may_be_absent,
        "rego": engines.rego_engine(wanted.engine),
        "judges": engines.judges(policy),
        "correlation_id": asked.answer.correlation(),
        "resource_uri": asked.artifact.resource_uri or "",
        "verifier_id": identity,
        "verifier_version": version,
    }


def _question(typed: str, wanted: Wanted, asked: Judging, common: dict[str, Any], closing: ExitStack) -> Question:
    """What is asked of one artifact; raises `ConfigurationError` for what cannot be asked."""
    from verifier.engine.request import Request  # noqa: PLC0415 - once it is clear what is asked

    own = closing.enter_context(ExitStack())
    policy: TrustPolicy = common["policy"]
    artifact, *previous = references.sources(wanted.kind, typed, wanted.source, policy, asked.published.previous, own)
    request = Request(
        source=artifact,
        name=asked.artifact.name or references.name_as(wanted.kind, typed),
        previous=tuple(previous),
        beside=None if wanted.beside is None else wanted.beside(typed),
        **common,
    )
    return Question(typed=typed, request=request, closing=own)
