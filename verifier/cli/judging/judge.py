"""What every `verify KIND` does: ask its question, write the verdict where one is wanted, answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from verifier.cli import inputs, references, settings
from verifier.cli.judging.asked import Judging, believed
from verifier.cli.options.answer import timed
from verifier.cli.options.outputs import outputs
from verifier.cli.options.trust import Demand, Trust
from verifier.core.text.shown import shown
from verifier.formats.verdict.dossier import Dossier
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.core.digest import Digest
    from verifier.engine.request import Beside
    from verifier.kinds.image.wish import ImageWish
    from verifier.sources.content import Remote

Source = Callable[[str, TrustPolicy], "Path | Remote | Digest"]
"""From what was typed to where the artifact is."""


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
    policy = believed(kind, reference, trust, asked, demands, counted=counted, refresh=refresh)
    places = outputs(trust, asked, ref=reference)
    places.reserve_standard_output("the report")
    reports = asked.answer.places(places)
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
    return asked.answer.report(Dossier(verdicts=(verdict,), references=(shown(reference),)), reports)
