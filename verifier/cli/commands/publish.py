"""`verify publish`: put an artifact where others fetch it, with what proves it, and the moving tag last."""

from __future__ import annotations

from verifier.cli.options.answer import Answer
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
        "SOURCE",
        "A bundle (.tar.gz), a directory, or an image (oci-layout:DIR[:TAG], oci-archive:FILE[:TAG]); or REF alone.",
    ),
    reference: str | None = argument(
        "REF", "Where to: oci://registry/repository:tag, or oci-layout:DIR:TAG.", default=None
    ),
    attaching: Attaching,
    signing: Signing,
    contents: Contents,
    gate: Gate,
    dry_run: bool = option("--dry-run", "Say what would be written, and write nothing.", default=False),
    answer: Answer,
) -> int:
    """Publish a bundle or an image, signed, with its evidence. Given REF alone, attach evidence to what is there.

    First its blobs and its manifest are written, then signature and evidence, the tag last: what ends in between
    leaves the tag as it was, and doing it again completes it. The same inputs make the same digests, and what is there
    is not written again. It prints registry/repository@sha256:..., which is what to deploy.
    """
    from verifier.cli.publishing.asked import Asked  # noqa: PLC0415 - only its options are read
    from verifier.cli.publishing.run import published  # noqa: PLC0415 - as above

    asked = Asked(
        source=None if reference is None else source,
        reference=source if reference is None else reference,
        attaching=attaching,
        signing=signing,
        contents=contents,
        now=answer.moment(),
        dry_run=dry_run,
        correlation_id=answer.correlation(),
        answer=answer,
    )
    return published(asked, gate)
