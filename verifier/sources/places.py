"""Where a reference leads: a repository of a registry, an OCI layout, or a saved image.

* what a reference means is in its own text; what lies on the disk decides nothing but which hint is given
* nothing is filled in: no registry, no tag, no platform; what others would fill a registry into is refused
* connects to nothing yet, and opens only what is on this machine

`oci-layout:DIR[:TAG][@DIGEST]`, `oci-archive:FILE[:TAG][@DIGEST]`, `docker-archive:FILE[:REPOTAG]`, and
`registry/repository:tag`, `registry/repository@digest`, also behind `oci://`; only so where the registry has
neither a dot nor a port. A path has no colon.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.limits import Limits
from verifier.core.value import Value
from verifier.formats.oci.manifest import parse_digest, parse_reference
from verifier.formats.oci.repository import names_registry

if TYPE_CHECKING:
    from verifier.net.access import Access
    from verifier.sources.place import Place

LAYOUT, ARCHIVE, SAVED, REGISTRY = "oci-layout", "oci-archive", "docker-archive", "oci"
_LOCAL: Final = frozenset({LAYOUT, ARCHIVE, SAVED})
_DIGEST = re.compile(r"(.*)@(sha(?:256|512):[^@]*)\Z", re.DOTALL)


class LocalReference(Value):
    """`scheme:path[:name][@digest]`: something on this machine."""

    scheme: str
    path: Path
    name: str | None = None
    digest: Digest | None = None


def open_place(reference: str, *, access: Access, limits: Limits) -> Place:
    """The place that `reference` names, which the caller closes.

    Raises `ConfigurationError` for what is no reference, `Refused` where something local cannot be opened.
    """
    local = local_reference(reference)
    if local is not None:
        return _open_local(local, reference, limits)
    try:
        _check_registry(reference)
    except ValueError as error:
        from verifier.sources.layouts.mistaken import instead  # noqa: PLC0415 - only for what is mistyped

        hint = (
            instead(reference)
            or "Write it as in registry.acme.example/acme/app:1.4.0, or with @sha256: and 64 hex digits."
        )
        raise ConfigurationError(f"not a reference of an image: {error}", where=_told(reference), hint=hint) from None
    from verifier.sources.registry import RegistryPlace  # noqa: PLC0415 - what is local needs no network

    return RegistryPlace(reference, access=access, limits=limits)


def local_reference(reference: str) -> LocalReference | None:
    """A reference to something on this machine, None for any other; raises `ConfigurationError` for a broken one."""
    scheme, colon, rest = reference.partition(":")
    if not colon or scheme not in _LOCAL:
        return None
    encoded = _DIGEST.match(rest)
    path, colon, name = (encoded[1] if encoded else rest).partition(":")
    try:
        if not path or (colon and not name):
            raise ValueError("expected a path, and behind it nothing or `:` and a name")
        if path.startswith("//") and not path.startswith("///"):
            raise ValueError("expected a path behind the colon, without '//'")
        if encoded and scheme == SAVED:
            raise ValueError("a saved image is named by its RepoTags, and has no digest")
        digest = parse_digest(encoded[2]) if encoded else None
    except ValueError as error:
        form = {SAVED: f"{SAVED}:FILE[:REPOTAG]"}.get(scheme, f"{scheme}:PATH[:TAG][@sha256:...]")
        raise ConfigurationError(str(error), where=_told(reference), hint=f"Write {form}.") from None
    return LocalReference(scheme=scheme, path=Path(path), name=name or None, digest=digest)


def _check_registry(reference: str) -> None:
    """Raise `ValueError` for what names no registry: Docker takes `acme/app:1` for one of its own repositories."""
    image = parse_reference(reference.removeprefix("oci://"))
    if not reference.startswith("oci://") and not names_registry(reference):
        raise ValueError(f"{image.registry!r} is no registry to everybody: expected a host with a '.' or a port")


def _open_local(local: LocalReference, reference: str, limits: Limits) -> Place:
    if local.scheme == SAVED:
        from verifier.sources.docker_archive import open_saved  # noqa: PLC0415 - one of several kinds

        return open_saved(local.path, uri=reference, name=local.name, limits=limits)
    from verifier.sources.layouts.opened import open_archive, open_folder  # noqa: PLC0415 - as above

    if local.scheme == ARCHIVE:
        return open_archive(local.path, uri=reference, name=local.name, digest=local.digest, limits=limits)
    return open_folder(local.path, uri=reference, name=local.name, digest=local.digest)


def _told(reference: str) -> str:
    """The reference, without what could be a secret."""
    from verifier.core.text.shown import shown  # noqa: PLC0415 - only for what is mistyped

    return shown(reference)
