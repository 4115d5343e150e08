"""References on the command line: paths, and what is elsewhere, which is fetched when it is read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs
from verifier.core.digest import Digest, bare_digest, looks_like_digest, read_digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.trust.model import TrustPolicy

_LOCAL_IMAGES = ("oci-layout:", "oci-archive:", "docker-archive:")

if TYPE_CHECKING:
    from collections.abc import Callable

    from verifier.core.limits import Limits
    from verifier.sources.content import Remote
    from verifier.sources.place import Place

    Source = Callable[[str, TrustPolicy], Path | Remote | Digest]


def anywhere(reference: str, policy: TrustPolicy) -> Path | Remote:
    """The path of a file or directory, or what fetches a bundle by https:// or oci://."""
    if "://" not in reference:
        return Path(reference)
    from verifier.cli.network import network  # noqa: PLC0415 - only where a URL is given
    from verifier.sources.upstream import Access, fetched_once, open_upstream, scheme_of  # noqa: PLC0415 - as above

    access = Access(network=network())
    if scheme_of(reference) == "oci":
        from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - as above

        access = reference_access(reference)
    return fetched_once(open_upstream(reference, access=access, limits=policy.limits))


def image(reference: str, policy: TrustPolicy) -> Remote:
    """A container image in a registry, an OCI layout, or a saved archive."""
    from verifier.sources.content import Remote  # noqa: PLC0415 - only where there is an image

    try:
        place = place_of(reference, policy.limits)
    except Refused as refusal:
        refused = refusal

        def refuse() -> bytes:
            raise refused

        return Remote(uri=reference, fetch=refuse)
    return Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place)


def place_of(reference: str, limits: Limits | None = None) -> Place:
    """The place of an image, which the caller closes; raises `Refused` where something local cannot be opened."""
    from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - only where there is an image
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415 - as above
    from verifier.net.access import Access  # noqa: PLC0415 - as above
    from verifier.sources.places import open_place  # noqa: PLC0415 - as above

    local = reference.startswith(_LOCAL_IMAGES)
    access = Access() if local else reference_access(reference)
    return open_place(reference, access=access, limits=limits or DEFAULT_LIMITS)


def published(reference: str, source: Source, policy: TrustPolicy) -> Path | Remote | Digest:
    """What is elsewhere, or whatever the command's own argument may be."""
    if "://" in reference and source is not image:
        return anywhere(reference, policy)
    return source(reference, policy)


def close(source: Path | Remote | Digest) -> None:
    """Close the place that `source` lies at, if it has one."""
    place = getattr(source, "place", None)
    if place is not None:
        place.close()


def image_name(reference: str) -> str:
    """The name that an image has when nobody gives it one: its repository's last part, its layout's or its file's."""
    if reference.startswith(_LOCAL_IMAGES):
        from verifier.sources.places import local_reference  # noqa: PLC0415 - only where there is one

        local = local_reference(reference)
        if local is not None:
            return inputs.name_of(str(local.path)).removesuffix(".tar")
    return reference.partition("@")[0].rpartition("/")[2].partition(":")[0]


def file_or_digest(reference: str, _: TrustPolicy) -> Path | Digest:
    """A digest where it is written like one, else a file; a file of such a name is written ./sha256:...

    npm's `integrity` is one, too: sha512-BASE64.
    """
    if looks_like_digest(reference):
        return inputs.digest(reference, where=reference)
    algorithm = bare_digest(reference)
    if algorithm is not None and not os.path.lexists(reference):
        message = f"there is no such file; a digest is written {algorithm}:HEX"
        raise ConfigurationError(message, where=reference, hint=f"Give {algorithm}:{reference.lower()}")
    return Path(reference)


def name_of(reference: str) -> str:
    """The name that an artifact has when nobody gives it one: its file's or its repository's."""
    if looks_like_digest(reference):
        with suppress(ValueError):  # a file may be called like one
            return str(read_digest(reference))
    scheme, separator, rest = reference.partition("://")
    if not separator:
        return inputs.name_of(reference)
    if scheme.lower() == "oci":
        return rest.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return inputs.name_of(rest.partition("?")[0].partition("#")[0])
