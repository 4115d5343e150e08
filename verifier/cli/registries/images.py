"""References of images on the command line: a registry's, a layout's, a saved archive's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs
from verifier.core.errors import Refused
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.core.limits import Limits
    from verifier.sources.content import Remote
    from verifier.sources.place import Place

_LOCAL_IMAGES = ("oci-layout:", "oci-archive:", "docker-archive:")


def image(reference: str, policy: TrustPolicy | None = None) -> Remote:
    """A container image in a registry, an OCI layout, or a saved archive."""
    from verifier.sources.content import Remote  # noqa: PLC0415 - only where there is an image

    try:
        place = place_of(reference, policy.limits if policy is not None else None)
    except Refused as refusal:
        refused = refusal.kept()

        def refuse() -> bytes:
            raise refused.again()

        return Remote(uri=reference, fetch=refuse)
    return Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place)


def is_image(reference: str) -> bool:
    """Whether `reference`, where a file may be meant too, is an image's: by what stands before it, or because nothing
    is there and it has a registry's form."""
    if reference.startswith(_LOCAL_IMAGES):
        return True
    path = Path(reference)
    last = reference.rpartition("/")[2]
    return "/" in reference and (":" in last or "@" in last) and not path.exists()


def place_of(reference: str, limits: Limits | None = None) -> Place:
    """The place of an image, which the caller closes; raises `Refused` where something local cannot be opened."""
    from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - only where there is an image
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415 - as above
    from verifier.net.access import Access  # noqa: PLC0415 - as above
    from verifier.sources.places import open_place  # noqa: PLC0415 - as above

    local = reference.startswith(_LOCAL_IMAGES)
    access = Access() if local else reference_access(reference)
    return open_place(reference, access=access, limits=limits or DEFAULT_LIMITS)


def image_name(reference: str) -> str:
    """The name that an image has when nobody gives it one: its repository's last part, its layout's or its file's."""
    if reference.startswith(_LOCAL_IMAGES):
        from verifier.sources.places import local_reference  # noqa: PLC0415 - only where there is one

        local = local_reference(reference)
        if local is not None:
            return inputs.name_of(str(local.path)).removesuffix(".tar")
    return reference.partition("@")[0].rpartition("/")[2].partition(":")[0]
