"""What is published, and where to: from what was typed to a target and to the parts that are written there."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output, references
from verifier.core.errors import ConfigurationError, refuse
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.text.shown import shown
from verifier.core.value import Value, field

if TYPE_CHECKING:
    from verifier.cli.options.contents import Contents
    from verifier.cli.options.signing import Signing
    from verifier.core.digest import Digest
    from verifier.publish.push.target import Target
    from verifier.publish.push.written import Part
    from verifier.sources.place import Resolved

_LOCAL = ("oci-layout:", "oci-archive:")
_EXPECTED = "oci://registry/repository:tag, or oci-layout:DIR:TAG"


class Destination(Value):
    """Where something is published, or lies: a target, and a tag or a digest there."""

    target: Target = field(repr=False)
    base: str
    """The reference without tag and digest."""
    tag: str | None = None
    digest: Digest | None = None

    def at(self, digest: Digest) -> str:
        """The reference of a manifest that is there."""
        return f"{self.base}@{digest}"

    @property
    def moving(self) -> str | None:
        """The reference by tag."""
        return None if self.tag is None else f"{self.base}:{self.tag}"

    def there(self) -> Resolved:
        """What the reference stands for; `Refused` where there is nothing."""
        if self.digest is not None:
            return self.target.manifest(self.digest)
        found = None if self.tag is None else self.target.tagged(self.tag)
        if found is None:
            hint = "Publish the artifact itself first: `verify publish SOURCE REF`."
            raise refuse("input.unreachable", self.moving or self.base, "nothing is there to attach to", hint)
        return found


def destination(reference: str, *, where: str) -> Destination:
    """Where `reference` leads; raises `ConfigurationError` for what is no place to publish to. Asks nobody yet."""
    if reference.startswith("oci-layout:"):
        from verifier.publish.push.layout import LayoutTarget  # noqa: PLC0415 - one of two
        from verifier.sources.places import local_reference  # noqa: PLC0415 - as above

        local = local_reference(reference)
        if local is None:
            raise TypeError("a layout is something local")
        target = LayoutTarget(local.path)
        target.require_usable()
        return Destination(target=target, base=target.uri, tag=local.name, digest=local.digest)
    if not reference.startswith("oci://"):
        hint = f"Write {_EXPECTED}."
        raise ConfigurationError(f"{shown(reference)} is no place to publish to", where=where, hint=hint)
    from verifier.cli.registries import reference_access  # noqa: PLC0415 - only where a registry is named
    from verifier.formats.oci.manifest import parse_reference  # noqa: PLC0415 - as above
    from verifier.publish.push.registry import RegistryTarget  # noqa: PLC0415 - as above

    try:
        named = parse_reference(reference.removeprefix("oci://"))
    except ValueError as error:
        raise ConfigurationError(f"{shown(reference)}: {error}", where=where, hint=f"Write {_EXPECTED}.") from None
    opened = RegistryTarget(named, access=reference_access(reference))
    return Destination(target=opened, base=opened.uri, tag=named.tag, digest=named.digest)


def require_tag(place: Destination, where: str) -> None:
    """Refuse to publish something new under a digest, which is the outcome and not the wish."""
    if place.digest is not None:
        hint = "Name a tag; the digest is printed. To attach to what is there, leave the source away."
        raise ConfigurationError("names a digest, and what is published has one of its own", where=where, hint=hint)


def is_image(source: str) -> bool:
    """Whether what was typed names an image's layout, rather than a bundle."""
    return source.startswith(_LOCAL)


def bundle_parts(
    source: str, contents: Contents, signing: Signing, annotations: tuple[tuple[str, str], ...]
) -> tuple[Part, ...]:
    """The bundle at a path, looked at for what must not be published (`publish.leaks`)."""
    from verifier.publish.leaks.look import examine  # noqa: PLC0415 - only for bundles
    from verifier.publish.push.bundle import bundle_part  # noqa: PLC0415 - as above

    if not os.path.lexists(source) and ("://" in source or source.partition(":")[0] in {"docker-archive", "docker"}):
        hint = "Name a bundle (.tar.gz), a directory, or an image's layout (oci-layout:DIR[:TAG])."
        raise ConfigurationError(f"{shown(source)} is nothing that can be published", where="SOURCE", hint=hint)
    admission = contents.admission(signing)
    examined = examine(Path(source), limits=DEFAULT_LIMITS, admission=admission)
    contents.require_fit(examined, admission=admission)
    _require_bundle(examined.content, source)
    return (bundle_part(examined.content, annotations=annotations),)


def image_parts_of(source: str, opened: ExitStack) -> tuple[Part, ...]:
    """The image, or the index of images, of a layout; what `opened` holds is closed once it is written."""
    from verifier.publish.push.image import image_parts  # noqa: PLC0415 - only for images

    place = references.place_of(source)
    opened.callback(place.close)
    return image_parts(place)


def _require_bundle(content: bytes, source: str) -> None:
    """Refuse what OPA would not load as a bundle at all: its manifest, its names."""
    from verifier.core.reading import ReadingMode  # noqa: PLC0415 - as above
    from verifier.kinds.bundle.artifact import read_bundle  # noqa: PLC0415 - as above

    read = read_bundle(
        content, name=source, resource_uri="", limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT
    )  # fmt: skip
    for finding in read.findings:
        output.finding(finding)
