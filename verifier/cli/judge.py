"""What every `verify KIND` does: ask its question, write the verdict where one is wanted, answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from verifier.cli import inputs, references, settings
from verifier.cli.options.answer import Answer, timed
from verifier.cli.options.demands.advisories import GivenRecords
from verifier.cli.options.demands.versions import VersionDemands
from verifier.cli.options.ledger import Published, Recording
from verifier.cli.options.named import Attested
from verifier.cli.options.option import Group
from verifier.cli.options.outputs import outputs
from verifier.cli.options.sboms import Sboms
from verifier.cli.options.trust import Demand, Trust
from verifier.cli.options.verdict_out import VerdictOut
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.core.digest import Digest
    from verifier.engine.request import Beside
    from verifier.kinds.image.wish import ImageWish
    from verifier.sources.content import Remote

Source = Callable[[str, TrustPolicy], "Path | Remote | Digest"]
"""From what was typed to where the artifact is."""


class Judging(Group):
    """What may be said of an artifact of any kind, besides whom to believe and what to demand of its kind."""

    versions: VersionDemands
    artifact: Attested
    sboms: Sboms
    records: GivenRecords
    ledger: Recording
    published: Published
    verdict_out: VerdictOut
    answer: Answer


def judge(
    kind: str,
    reference: str,
    source: Source,
    trust: Trust,
    asked: Judging,
    *,
    demands: Sequence[Demand] = (),
    counted: tuple[str, ...] = (),
    refresh: bool = False,
    engine: str = "auto",
    beside: Beside | None = None,
    image: ImageWish | None = None,
) -> int:
    """Verify the artifact at `reference`; the exit status. The options are those of `Trust`, and the request's."""
    from verifier.engine import recipe, request  # noqa: PLC0415 - once it is clear what is asked

    started = time.perf_counter()
    moment = asked.answer.moment()
    demands = demands if trust.policy is not None else (*demands, asked.sboms, asked.records, _said_by_flags(asked))
    if kind == "artifact":
        references.require_recordable(reference, _written_down(asked))
    policy = trust.believed(asked.versions, *demands, counted=counted, refresh=refresh)
    places = outputs(trust, asked, ref=reference)
    places.reserve_standard_output("the report")
    writer = asked.verdict_out.writer(policy.sigstore, places)
    identity, version = settings.verifier_identity(asked.verdict_out.verifier_id)
    with ExitStack() as closing:
        store = closing.enter_context(asked.ledger.opened())
        artifact, *previous = references.sources(kind, reference, source, policy, asked.published.previous, closing)
        verification = recipe.verify_artifact(
            request.Request(
                kind=kind,
                source=artifact,
                name=asked.artifact.name or references.name_as(kind, reference),
                resource_uri=asked.artifact.resource_uri or "",
                policy=policy,
                attestations=asked.artifact.attestations(),
                sboms=asked.sboms.given(policy),
                advisories=asked.records.opened(policy, closing),
                ledger=store,
                record=asked.ledger.record,
                previous=tuple(previous),
                previous_attestations=asked.published.attestations(),
                previous_may_be_absent=asked.published.previous_may_be_absent,
                rego=inputs.rego_engine(engine),
                judges=inputs.judges(policy),
                beside=beside,
                image=image,
                now=moment,
                correlation_id=asked.answer.correlation(),
                verifier_id=identity,
                verifier_version=version,
            )
        )
    verdict = timed(verification.verdict, started)
    if writer is not None:
        writer.write(verdict)
    return asked.answer.report(verdict)


def _written_down(asked: Judging) -> dict[str, bool]:
    """What of this run others may know the artifact by, by its flag."""
    return {"--record": asked.ledger.record, "--verdict-out": asked.verdict_out.verdict_out is not None}


def _said_by_flags(asked: Judging) -> Demand:
    """What flags have to say."""
    asked.ledger.require_name(asked.artifact.name)
    asked.published.require_order(asked.versions.version_from)
    return asked.artifact
