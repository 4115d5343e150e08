"""`verify publish`: put an artifact where others fetch it, with what proves it, and the moving tag last."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.cli import output, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.contents import Contents
from verifier.cli.options.option import argument, option, refuse_without
from verifier.cli.options.publishing import Attaching, Gate
from verifier.cli.options.signing import Signing
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.cli.publishing.destination import Destination
    from verifier.core.verdict import Verdict
    from verifier.publish.push.planning import Wanted
    from verifier.publish.push.written import Plan


@spread
def publish(
    *,
    source: str = argument(
        "SOURCE", "A bundle (.tar.gz), a directory, or an image's layout (oci-layout:DIR[:TAG]); or REF alone."
    ),
    reference: str | None = argument(
        "REF", "Where to: oci://registry/repository:tag, or oci-layout:DIR:TAG.", default=None
    ),
    attaching: Attaching,
    signing: Signing,
    contents: Contents,
    gate: Gate,
    dry_run: bool = option("--dry-run", "Say what would be written, and write nothing.", default=False),
    as_json: bool = option("--json", "Print all of it as JSON, rather than the digest.", default=False),
    correlation_id: str | None = option(
        "--correlation-id", "Carried into what the gate records (default: new).", default=None
    ),
    now: str | None = NOW,
) -> int:
    """Publish a bundle or an image, signed, with its evidence. Given REF alone, attach evidence to what is there.

    \b
    verify publish authz.tar.gz oci://registry.acme.example/authz:1.4.0 --key release.key
    verify publish oci://registry.acme.example/authz:1.4.0 --attach sbom.cdx.json

    First its blobs and its manifest are written, then signature and evidence, the tag last: what ends in between
    leaves the tag as it was, and doing it again completes it. The same inputs make the same digests, and what is there
    is not written again. It prints registry/repository@sha256:..., which is what to deploy.
    """
    from verifier.cli.publishing.destination import destination, require_tag  # noqa: PLC0415 - only its options are read
    from verifier.cli.publishing.told import Told, denied, tell  # noqa: PLC0415 - as above
    from verifier.publish.push.execute import execute, standing  # noqa: PLC0415 - as above

    moment, correlation = settings.now(now), settings.correlation_id(correlation_id)
    _require_something(source, reference, attaching, signing, contents)
    place = destination(reference or source, where="REF")
    if reference is not None:
        require_tag(place, "REF")
    with ExitStack() as opened:
        opened.callback(place.target.close)
        wanted = _wanted(place, attaching, signing, moment)
        plan = _plan(source if reference else None, place, wanted, attaching, contents, signing, moment, opened)
        kind = _kind(source, reference, gate)
        verdict = None if gate.gate is None else _judged(gate, plan, place, kind, moment, correlation, opened)
        told = Told(plan=plan, place=place, kind=kind, verdict=verdict, policy=gate.gate)
        if verdict is not None and not verdict.passed:
            return denied(told, as_json=as_json)
        published = standing(plan, place.target) if dry_run else execute(plan, place.target)
        tell(told, published, as_json=as_json, dry_run=dry_run)
    return output.EXIT_ACCEPTED


def _require_something(
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


def _wanted(place: Destination, attaching: Attaching, signing: Signing, moment: datetime) -> Wanted:
    from verifier.cli.signers import release_signer  # noqa: PLC0415 - as above
    from verifier.publish.push.attach import Scheme  # noqa: PLC0415 - as above
    from verifier.publish.push.planning import Wanted  # noqa: PLC0415 - as above

    signs = signing.key is not None or signing.keyless
    return Wanted(
        documents=attaching.documents(),
        signer=release_signer(signing.choice()) if signs else None,
        claims=attaching.claims(),
        repository=attaching.repository or place.target.repository,
        scheme=Scheme(attaching.scheme),
        created=attaching.time(moment),
    )


def _plan(
    source: str | None,
    place: Destination,
    wanted: Wanted,
    attaching: Attaching,
    contents: Contents,
    signing: Signing,
    moment: datetime,
    opened: ExitStack,
) -> Plan:
    from verifier.cli.publishing.destination import bundle_parts, image_parts_of, is_image  # noqa: PLC0415 - as above
    from verifier.publish.push.planning import plan_beside, plan_of  # noqa: PLC0415 - as above

    if source is None:
        return plan_beside(place.there(), wanted)
    if is_image(source):
        refuse_without("a bundle", {"--annotation": attaching.annotation, "--include": contents.include})
        return plan_of(image_parts_of(source, opened), wanted, tag=place.tag)
    parts = bundle_parts(source, contents, signing, attaching.annotations(moment))
    return plan_of(parts, wanted, tag=place.tag)


def _kind(source: str, reference: str | None, gate: Gate) -> str:
    from verifier.cli.publishing.destination import is_image  # noqa: PLC0415 - as above

    if gate.kind is not None:
        return gate.kind
    if reference is None and gate.gate is not None:
        hint = "Say --kind bundle, or --kind image."
        raise ConfigurationError("needs to know what it is that is there", where="--gate", hint=hint)
    return "image" if is_image(source) else "bundle"


def _judged(
    gate: Gate,
    plan: Plan,
    place: Destination,
    kind: str,
    moment: datetime,
    correlation: str,
    opened: ExitStack,
) -> Verdict:
    from verifier.cli.publishing.gate import Judged, judge  # noqa: PLC0415 - only for who has a gate

    return judge(gate, Judged(plan=plan, place=place, kind=kind, now=moment, correlation_id=correlation, opened=opened))
