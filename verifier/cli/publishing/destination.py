"""Where something is published to: from what was typed to a target, and a tag or a digest there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.errors import ConfigurationError, refuse
from verifier.core.text.shown import shown
from verifier.core.value import Value, field
from verifier.files.absent import may_be_registry
from verifier.formats.oci.manifest import TAG

if TYPE_CHECKING:
    from verifier.core.digest import Digest
    from verifier.publish.push.target import Target
    from verifier.sources.place import Resolved

_RESERVED = re.compile(r"sha(?:256|512)-[0-9a-f]{64}")
_EXPECTED = "oci://registry/repository:tag, or oci-layout:DIR:TAG"


class Destination(Value):
    """Where something is published, or lies: a target, and a tag or a digest there."""

    target: Target = field(repr=False)
    base: str
    """The reference without tag and digest."""
    tag: str | None = None
    digest: Digest | None = None
    folder: Path | None = None
    """Where a layout is."""

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
        if local.name is not None:
            _check_tag(local.name, where)
        target = LayoutTarget(local.path)
        target.require_usable()
        return Destination(target=target, base=target.uri, tag=local.name, digest=local.digest, folder=local.path)
    if not reference.startswith("oci://"):
        hint = f"Write {_EXPECTED}."
        if may_be_registry(reference):
            hint = f"Write oci://{reference}."
        raise ConfigurationError(f"{shown(reference)} is no place to publish to", where=where, hint=hint)
    from verifier.cli.registries.access import registry_access  # noqa: PLC0415 - only where a registry is named
    from verifier.formats.oci.manifest import parse_reference  # noqa: PLC0415 - as above
    from verifier.publish.push.registry import RegistryTarget  # noqa: PLC0415 - as above

    try:
        named = parse_reference(reference.removeprefix("oci://"))
    except ValueError as error:
        raise ConfigurationError(f"{shown(reference)}: {error}", where=where, hint=f"Write {_EXPECTED}.") from None
    if named.tag is not None:
        _check_tag(named.tag, where)
    opened = RegistryTarget(named, access=registry_access(named.registry))
    return Destination(target=opened, base=opened.uri, tag=named.tag, digest=named.digest)


def _check_tag(tag: str, where: str) -> None:
    """Refuse what is no tag, and the tags under which clients keep what belongs to a manifest."""
    if not TAG.match(tag):
        message = f"{tag[:130]!r} is no tag: letters, digits, '.', '_' and '-', at most 128"
        raise ConfigurationError(message, where=where)
    if _RESERVED.match(tag):
        message = f"{tag!r} is where clients keep what belongs to a manifest, and not a release"
        raise ConfigurationError(message, where=where, hint="Name another tag.")
