"""The gate: what is to be published is judged as it will be read, and what does not pass is not published.

* the very verification of `verify bundle` and `verify image`, of what the place will hold (`PlannedPlace`)
* what the tag stands for now is what is published before it: the tag does not move back, unless somebody says so
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from verifier.cli import inputs, references, settings
from verifier.cli.judging import engines
from verifier.cli.options.answer import timed
from verifier.cli.publishing.before import Judged, content_of, open_at, published_before
from verifier.sources.content import Remote

if TYPE_CHECKING:
    from verifier.cli.options.publishing.gate import Gate
    from verifier.core.verdict import Verdict


def judge(gate: Gate, asked: Judged) -> Verdict:
    """What `verify bundle`, or `verify image`, will say of it."""
    from verifier.cli.options.demands.image import wished  # noqa: PLC0415 - as above
    from verifier.engine.recipe import verify_artifact  # noqa: PLC0415 - only for who has a gate
    from verifier.engine.request import Request  # noqa: PLC0415 - as above

    if gate.gate is None:
        raise TypeError("without a gate nothing is judged")
    policy = inputs.policy_file(gate.gate)
    name = gate.name or _name(asked.place.base)
    previous = () if gate.allow_older else published_before(asked, policy, name)
    identity, version = settings.verifier_identity(None)
    started = time.perf_counter()
    with gate.ledger.opened() as store:
        verdict = verify_artifact(
            Request(
                kind=asked.kind,
                source=_planned(asked),
                name=name,
                policy=policy,
                ledger=store,
                record=gate.ledger.record,
                previous=previous,
                previous_may_be_absent=True,
                rego=engines.rego_engine("auto"),
                image=wished() if asked.kind == "image" else None,
                judges=engines.judges(policy),
                now=asked.now,
                correlation_id=asked.correlation_id,
                verifier_id=identity,
                verifier_version=version,
            )
        ).verdict
    return timed(verdict, started)


def _name(base: str) -> str:
    """The name of what is published to `base`: its repository's last part, or its layout's."""
    from verifier.cli.registries import images  # noqa: PLC0415 - as above

    return images.image_name(base) if images.is_image(base) else references.name_of(base)


def _is_new(uri: str) -> bool:
    """Whether a layout is published to that is made by it."""
    from verifier.sources.places import local_reference  # noqa: PLC0415 - as above

    local = local_reference(uri)
    return local is not None and not os.path.lexists(local.path / "oci-layout")


def _planned(asked: Judged) -> Remote:
    from verifier.publish.push.planned import PlannedPlace  # noqa: PLC0415 - as above

    uri = asked.place.at(asked.plan.subject.digest)
    there = None if _is_new(uri) else open_at(uri)
    if there is not None:
        asked.opened.callback(there.close)
    place = PlannedPlace(asked.plan, uri=uri, repository=asked.place.target.repository, there=there)
    return Remote(uri=uri, fetch=content_of(place, asked.kind), place=place)
