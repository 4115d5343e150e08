"""What is judged at the gate, and what stands under the tag now: the release before it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from verifier.cli.publishing.destination import Destination
from verifier.core.digest import Digest
from verifier.core.errors import Absent, ConfigurationError
from verifier.core.outcome import Reason
from verifier.core.value import Value, field, replace
from verifier.sources.content import Remote

if TYPE_CHECKING:
    from datetime import datetime

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
    before: Digest | None
    """What the tag stands for now."""
    opened: ExitStack = field(repr=False)
    """What is closed at the end of the run."""


def published_before(asked: Judged, policy: TrustPolicy, name: str) -> tuple[Remote, ...]:
    """What the tag stands for now, where it is to be moved, and the rule knows an order of versions."""
    place = asked.place
    if place.moving is None or not asked.plan.parts or not _orders(policy, asked.kind, name):
        return ()
    if asked.before is None:
        return (Remote(uri=place.moving, fetch=lambda: _nothing(place.moving or "")),)
    if asked.before == asked.plan.subject.digest:
        return ()
    there = open_at(place.at(asked.before))
    asked.opened.callback(there.close)
    return (Remote(uri=place.moving, fetch=content_of(there, asked.kind), place=there),)


def _nothing(where: str) -> bytes:
    message = "nothing is published there yet"
    raise Absent(Reason(code="input.unreachable", subject=where, message=message))


def _orders(policy: TrustPolicy, kind: str, name: str) -> bool:
    from verifier.trust.evaluate import rule_for  # noqa: PLC0415 - as above
    from verifier.trust.sections.version import VersionFrom, VersionRule  # noqa: PLC0415 - as above

    rule = rule_for(policy, kind, name)
    return rule is not None and isinstance(VersionRule.of(rule).order, VersionFrom)


def open_at(reference: str) -> Place:
    """The place of a reference that was published to."""
    from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - as above
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415 - as above
    from verifier.net.access import Access  # noqa: PLC0415 - as above
    from verifier.sources.places import open_place  # noqa: PLC0415 - as above

    access = reference_access(reference) if reference.startswith("oci://") else Access()
    # What is published to answers for itself: a mirror may not have it yet, or still have what was.
    access = replace(access, mirrors=(), tags_from_mirrors=False)
    return open_place(reference, access=access, limits=DEFAULT_LIMITS)


def content_of(place: Place, kind: str) -> Callable[[], bytes]:
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
