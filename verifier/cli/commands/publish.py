"""`verify publish`: put an artifact where others fetch it, with what proves it, and the moving tag last."""

from __future__ import annotations

from contextlib import ExitStack

from verifier.cli import output, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.contents import Contents
from verifier.cli.options.option import argument, option
from verifier.cli.options.publishing.attaching import Attaching
from verifier.cli.options.publishing.gate import Gate
from verifier.cli.options.signing import Signing
from verifier.cli.spread import spread


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
    from verifier.cli.publishing.asked import Asked  # noqa: PLC0415 - only its options are read
    from verifier.cli.publishing.destination import destination, require_outside, require_tag  # noqa: PLC0415 - as above
    from verifier.cli.publishing.told import Told, denied, tell  # noqa: PLC0415 - as above
    from verifier.publish.push.execute import execute, foreseen, stands_for  # noqa: PLC0415 - as above

    asked = Asked(
        source=None if reference is None else source,
        reference=source if reference is None else reference,
        attaching=attaching,
        signing=signing,
        contents=contents,
        now=settings.now(now),
    )
    asked.require_sense()
    kind, correlation = asked.kind(gate), settings.correlation_id(correlation_id)
    place = destination(asked.reference, where="REF")
    if asked.source is not None:
        require_tag(place, "REF")
        require_outside(place, asked.source)
    with ExitStack() as opened:
        opened.callback(place.target.close)
        plan = asked.plan(place, opened)
        before, verdict = stands_for(plan, place.target), None
        if gate.gate is not None:
            from verifier.cli.publishing.before import Judged  # noqa: PLC0415 - only for who has a gate
            from verifier.cli.publishing.gate import judge  # noqa: PLC0415 - as above

            verdict = judge(
                gate,
                Judged(
                    plan=plan,
                    place=place,
                    kind=kind,
                    now=asked.now,
                    correlation_id=correlation,
                    before=before,
                    opened=opened,
                ),
            )
        told = Told(plan=plan, place=place, kind=kind, verdict=verdict, policy=gate.gate)
        if verdict is not None and not verdict.passed:
            return denied(told, as_json=as_json)
        published = foreseen(plan, before=before) if dry_run else execute(plan, place.target, before=before)
        tell(told, published, as_json=as_json, dry_run=dry_run)
    return output.EXIT_ACCEPTED
