"""The gate: what is to be published is judged as it will be read, and what does not pass is not published.

* the very verification of `verify bundle` and `verify image`, of what the place will hold (`PlannedPlace`)
* what the tag stands for now is what is published before it: the tag does not move back, unless somebody says so
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from verifier.cli import inputs, references, settings
from verifier.cli.options.answer import timed
from verifier.cli.publishing.destination import Destination
from verifier.core.errors import Absent, ConfigurationError
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.sources.content import Remote

if TYPE_CHECKING:
    from datetime import datetime

    from verifier.cli.options.publishing import Gate
    from verifier.core.verdict import Verdict
    from verifier.publish.push.written import Plan
    from verifier.sources.place import Place
    from verifier.trust.model import TrustPolicy


class Judged(Value):
    """What the gate is to judge: a plan for a destination, as a `kind`, as of a time."""

    plan: Plan
    place: Destination
    kind: str
    now: datetime
    correlation_id: str
    opened: ExitStack = field(repr=False)
    """What is closed at the end of the run."""


def judge(gate: Gate, asked: Judged) -> Verdict:
    """What `verify bundle`, or `verify image`, will say of it."""
    from verifier.engine.recipe import verify_artifact  # noqa: PLC0415 - only for who has a gate
    from verifier.engine.request import Request  # noqa: PLC0415 - as above

    if gate.gate is None:
        raise TypeError("without a gate nothing is judged")
    policy = inputs.policy_file(gate.gate)
    name = gate.name or references.name_of(asked.place.base)
    previous = () if gate.allow_older else _before(asked, policy, name)
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
                rego=inputs.rego_engine("auto"),
                judges=inputs.judges(policy),
                now=asked.now,
                correlation_id=asked.correlation_id,
                verifier_id=identity,
                verifier_version=version,
            )
        ).verdict
    return timed(verdict, started)


def _planned(asked: Judged) -> Remote:
    from verifier.publish.push.planned import PlannedPlace  # noqa: PLC0415 - as above

    uri = asked.place.at(asked.plan.subject.digest)
    there = references.place_of(uri)
    asked.opened.callback(there.close)
    place = PlannedPlace(asked.plan, uri=uri, repository=asked.place.target.repository, there=there)
    return Remote(uri=uri, fetch=_content(place, asked.kind), place=place)


def _before(asked: Judged, policy: TrustPolicy, name: str) -> tuple[Remote, ...]:
    """What the tag stands for now, where it is to be moved, and the rule knows an order of versions."""
    place = asked.place
    if place.moving is None or not asked.plan.parts or not _orders(policy, asked.kind, name):
        return ()
    found = place.target.tagged(place.tag or "")
    if found is None:
        return (Remote(uri=place.moving, fetch=lambda: _nothing(place.moving or "")),)
    if found.digest == asked.plan.subject.digest:
        return ()
    there = references.place_of(place.at(found.digest))
    asked.opened.callback(there.close)
    return (Remote(uri=place.moving, fetch=_content(there, asked.kind), place=there),)


def _nothing(where: str) -> bytes:
    message = "nothing is published there yet"
    raise Absent(Reason(code="input.unreachable", subject=where, message=message))


def _orders(policy: TrustPolicy, kind: str, name: str) -> bool:
    from verifier.trust.evaluate import rule_for  # noqa: PLC0415 - as above
    from verifier.trust.sections.version import VersionFrom, VersionRule  # noqa: PLC0415 - as above

    rule = rule_for(policy, kind, name)
    return rule is not None and isinstance(VersionRule.of(rule).order, VersionFrom)


def _content(place: Place, kind: str) -> Callable[[], bytes]:
    return (lambda: _bundle(place)) if kind == "bundle" else (lambda: place.resolve().content)


def _bundle(place: Place) -> bytes:
    """The bundle that the manifest at a place holds."""
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415 - as above
    from verifier.formats.oci.choice import bundle_layer  # noqa: PLC0415 - as above
    from verifier.formats.oci.manifest import ImageManifest, parse_manifest  # noqa: PLC0415 - as above

    found = place.resolve()
    read = parse_manifest(found.content, content_type=found.media_type, subject=place.uri)
    if not isinstance(read, ImageManifest):
        raise ConfigurationError("is an index, and a bundle is none", where="--kind", hint="Say --kind image.")
    return place.blob(bundle_layer(read, subject=place.uri), max_bytes=DEFAULT_LIMITS.archive_bytes)
