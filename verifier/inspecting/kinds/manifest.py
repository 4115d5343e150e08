"""A manifest or index (OCI, Docker) as a file: what it lists. What it names is elsewhere, and not looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.json import strict_json
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, ImageIndex, parse_manifest
from verifier.inspecting import checks
from verifier.inspecting.inspected import Described, Given, facts, listing

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue

REPOSITORY: Final = ("REGISTRY/REPOSITORY", "where it was pushed")


def describe(given: Given) -> Described:
    """What the document lists; never raises for what it reads."""
    digest = Digest.of(given.content)
    pinned = (f"{REPOSITORY[0]}@{digest}", f"{REPOSITORY[1]}; its digest is that of this file")
    check = checks.check("image", pinned[0], "--key", checks.KEY[0], unknown=(pinned, checks.KEY))
    try:
        read = parse_manifest(given.content, content_type=_type(given), subject=given.name)
    except Refused as refusal:
        return Described(what="a manifest (OCI or Docker)", check=check, faults=refusal.reasons)
    listed = read.manifests if isinstance(read, ImageIndex) else read.layers
    rows: list[tuple[JsonValue, ...]] = [(each.media_type, each.size, str(each.digest)) for each in listed]
    return Described(
        what="an index of images (OCI or Docker)"
        if isinstance(read, ImageIndex)
        else "an image's manifest (OCI or Docker)",
        check=check,
        facts=facts(
            media_type=read.media_type,
            config=None if isinstance(read, ImageIndex) else str(read.config.digest),
            refers_to=None if read.subject is None else str(read.subject.digest),
            annotations=[f"{name} = {value}" for name, value in read.annotations],
        ),
        listings=(
            listing("manifests" if isinstance(read, ImageIndex) else "layers", ("type", "size", "digest"), rows),
        ),
    )


def _type(given: Given) -> str:
    """The type that the document says it has; it was sent by nobody."""
    value = strict_json.loads(given.content, subject=given.name)
    said = value.get("mediaType") if isinstance(value, dict) else None
    if isinstance(said, str):
        return said
    return OCI_INDEX if isinstance(value, dict) and "manifests" in value else OCI_MANIFEST
