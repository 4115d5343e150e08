"""From the options of `verify publish` to the plan of what is written."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.cli.options.option import refuse_without
from verifier.cli.publishing.destination import Destination
from verifier.cli.publishing.parts import bundle_parts, image_parts_of, is_image
from verifier.cli.publishing.signer import release_signer
from verifier.core.errors import ConfigurationError
from verifier.publish.push.attach import Scheme
from verifier.publish.push.planning import Wanted, plan_beside, plan_of
from verifier.publish.push.written import Plan

if TYPE_CHECKING:
    from verifier.cli.options.contents import Contents
    from verifier.cli.options.publishing.attaching import Attaching
    from verifier.cli.options.publishing.gate import Gate
    from verifier.cli.options.signing import Signing


def require_something(
    source: str, reference: str | None, attaching: Attaching, signing: Signing, contents: Contents
) -> None:
    """Refuse what has no effect: options of a signature without one, of a bundle without one, and nothing at all."""
    signs = signing.key is not None or signing.keyless
    if not signs:
        given = {"--claim": attaching.claim, "--repository": attaching.repository}
        refuse_without("--key or --keyless", given | signing.companions())
    if reference is not None:
        return
    hint = "Give SOURCE and REF to publish, or REF with --attach or --key."
    refuse_without("SOURCE", {"--annotation": attaching.annotation, "--include": contents.include})
    if "://" not in source and not source.startswith("oci-layout:"):
        raise ConfigurationError("is missing: where is it to be published?", where="REF", hint=hint)
    if not signs and not attaching.attach:
        raise ConfigurationError("there is nothing to publish or to attach", where=source, hint=hint)


def wanted_of(place: Destination, attaching: Attaching, signing: Signing, moment: datetime) -> Wanted:
    """What goes with it; keys are opened here, and files read."""
    signs = signing.key is not None or signing.keyless
    return Wanted(
        documents=attaching.documents(),
        signer=release_signer(signing.choice()) if signs else None,
        claims=attaching.claims(),
        repository=attaching.repository or place.target.repository,
        scheme=Scheme(attaching.scheme),
        created=attaching.time(moment),
    )


def plan_of_it(
    source: str | None,
    place: Destination,
    wanted: Wanted,
    attaching: Attaching,
    contents: Contents,
    signing: Signing,
    moment: datetime,
    opened: ExitStack,
) -> Plan:
    """The plan of it; `source` is None where it is there already."""
    if source is None:
        return plan_beside(place.there(), wanted)
    if is_image(source):
        refuse_without("a bundle", {"--annotation": attaching.annotation, "--include": contents.include})
        parts, carried = image_parts_of(source, opened)
        return plan_of(parts, wanted, tag=place.tag, carried=carried)
    parts = bundle_parts(source, contents, signing, attaching.annotations(moment))
    return plan_of(parts, wanted, tag=place.tag)


def kind_of(source: str, reference: str | None, gate: Gate) -> str:
    """What it is judged as."""
    if gate.kind is not None:
        return gate.kind
    if reference is None and gate.gate is not None:
        hint = "Say --kind bundle, or --kind image."
        raise ConfigurationError("needs to know what it is that is there", where="--gate", hint=hint)
    return "image" if is_image(source) else "bundle"
