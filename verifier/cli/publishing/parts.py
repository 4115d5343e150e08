"""What is published: from what was typed to the parts that are written."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output
from verifier.core.errors import ConfigurationError
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.text.shown import shown
from verifier.files.absent import may_be_registry

if TYPE_CHECKING:
    from verifier.publish.leaks.look import Admission, Examined
    from verifier.publish.push.carried import Carried
    from verifier.publish.push.written import Part
    from verifier.sources.place import Place

_LOCAL = ("oci-layout:", "oci-archive:")


def is_image(source: str) -> bool:
    """Whether what was typed names an image's layout, rather than a bundle."""
    return source.startswith(_LOCAL)


def bundle_at(source: str, admission: Admission) -> Examined:
    """The bundle at a path, looked at for what must not be published (`publish.leaks`)."""
    from verifier.publish.leaks.look import examine  # noqa: PLC0415 - only for bundles

    elsewhere = "://" in source or source.partition(":")[0] in {"docker-archive", "docker"} or may_be_registry(source)
    if elsewhere and not os.path.lexists(source):
        hint = "Name a bundle (.tar.gz), a directory, or an image's layout (oci-layout:DIR[:TAG])."
        if source.startswith(("oci://", "docker")) or may_be_registry(source):
            hint = (
                "Copy an image into a layout first, with what signs it (`oras cp -r REF --to-oci-layout DIR:TAG`), and "
                "name that: oci-layout:DIR:TAG."
            )
        raise ConfigurationError(f"{shown(source)} is nothing that can be published", where="SOURCE", hint=hint)
    _refuse_layout(source)
    examined = examine(Path(source), limits=DEFAULT_LIMITS, admission=admission)
    _require_bundle(examined.content, source)
    return examined


def image_parts_of(source: str, opened: ExitStack) -> tuple[tuple[Part, ...], Carried]:
    """The image, or the index of images, of a layout, with what lies beside it there; what `opened` holds is closed
    once it is written."""
    from verifier.net.access import Access  # noqa: PLC0415 - only for images
    from verifier.publish.push.carried import carried_from  # noqa: PLC0415 - as above
    from verifier.publish.push.image import image_parts  # noqa: PLC0415 - as above
    from verifier.sources.places import open_place  # noqa: PLC0415 - as above

    place: Place = open_place(source, access=Access(), limits=DEFAULT_LIMITS)
    opened.callback(place.close)
    parts = image_parts(place)
    return parts, carried_from(place, parts)


def _refuse_layout(source: str) -> None:
    """Refuse an image's layout whose kind was left out: as a bundle it would be a directory of packed files."""
    from verifier.sources.layouts.mistaken import instead, is_layout  # noqa: PLC0415 - only for bundles

    if is_layout(source):
        raise ConfigurationError(
            f"{shown(source)} is the layout of an image, expected a bundle", where="SOURCE", hint=instead(source) + "."
        )


def _require_bundle(content: bytes, source: str) -> None:
    """Refuse what OPA would not load as a bundle at all: its manifest, its names."""
    from verifier.core.reading import ReadingMode  # noqa: PLC0415 - as above
    from verifier.kinds.bundle.artifact import read_bundle  # noqa: PLC0415 - as above

    read = read_bundle(
        content, name=source, resource_uri="", limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT
    )  # fmt: skip
    for finding in read.findings:
        output.finding(finding)
