"""What an OCI layout lists: its `index.json`, and which of its entries is meant.

* one image needs no name; of several, the one of that name or digest is meant, or nothing is
* entries of one digest, size and type are one, however often they are listed
* what belongs to an image is none: what is listed without a name and has a `subject`, or is in an index that is listed
  (oras lists both), what has the name of a signature's tag, what `cosign save` calls signatures or attestations
* a name is one that somebody wrote there, and proves nothing

Source: OCI image specification 1.1, `image-layout.md`, `annotations.md`; containerd `images/annotations.go`; cosign
`pkg/oci/layout/write.go`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.oci.manifest import (
    DOCKER_MANIFEST,
    INDEX_TYPES,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    ImageIndex,
    parse_manifest,
)
from verifier.sources.layouts.store import Store, read_file

MAX_ENTRIES: Final = 4_096
"""Of one layout: images, their signatures and attestations."""
NAME: Final = "org.opencontainers.image.ref.name"
FULL_NAME: Final = "io.containerd.image.name"
KIND: Final = "kind"
SIGNATURES: Final = "dev.cosignproject.cosign/sigs"
ATTESTATIONS: Final = "dev.cosignproject.cosign/atts"
_IMAGES: Final = frozenset({"dev.cosignproject.cosign/image", "dev.cosignproject.cosign/imageIndex"})
READABLE: Final = INDEX_TYPES | {OCI_MANIFEST, DOCKER_MANIFEST}

_BESIDE = re.compile(r"sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{64,128})(?:\.[a-z0-9.-]+)?\Z")
_LAYOUT_BYTES: Final = 4_096
IMAGES_SHOWN: Final = 5
"""Images named in a message that says that there are several."""


class Entry(Value):
    """One entry: what it describes, and the names that it is given."""

    descriptor: Descriptor
    name: str | None
    full_name: str | None
    kind: str | None

    @property
    def is_named(self) -> bool:
        """Whether it has a name at all."""
        return self.name is not None or self.full_name is not None

    def is_called(self, name: str) -> bool:
        """Whether it is called so, in short or in full."""
        return name in {self.name, self.full_name}

    def is_tagged(self, tag: str) -> bool:
        """Whether it is called so, or is under this tag of some repository."""
        return self.is_called(tag) or (self.full_name or "").endswith(f":{tag}")


class Listing(Value):
    """The entries of a layout, in its order."""

    entries: tuple[Entry, ...]

    @property
    def saved(self) -> tuple[Descriptor, ...]:
        """The images that `cosign save` has put there."""
        return distinct(each.descriptor for each in self.entries if each.kind in _IMAGES)


def read_listing(store: Store, *, subject: str) -> Listing:
    """Read `oci-layout` and `index.json`; `Refused` (`image.malformed`, `image.unsupported`, `input.*`, `json.*`)."""
    _check_version(store, subject)
    told = f"{subject} (index.json)"
    content = read_file(store, "index.json", max_bytes=MAX_MANIFEST_BYTES, subject=subject)
    if content is None:
        raise refuse("image.malformed", subject, "no index.json, which an OCI layout has")
    index = parse_manifest(content, content_type=OCI_INDEX, subject=told, most=MAX_ENTRIES)
    if not isinstance(index, ImageIndex):
        raise TypeError("an index is read as an index")
    return Listing(entries=tuple(map(_entry, index.manifests)))


def distinct(descriptors: Iterable[Descriptor]) -> tuple[Descriptor, ...]:
    """Those that differ in digest, size or type, each once."""
    found = {(str(each.digest), each.size, each.media_type): each for each in reversed(list(descriptors))}
    return tuple(reversed(found.values()))


def chosen(
    listing: Listing,
    *,
    name: str | None,
    digest: Digest | None,
    parts: Callable[[tuple[Descriptor, ...], tuple[Descriptor, ...]], frozenset[str]],
    subject: str,
) -> Descriptor | None:
    """What is meant; None where a digest is asked for that no entry has. `Refused` (`image.ambiguous-reference`, and
    `input.unreadable` where nothing is there).

    Of several, those without a name are none whose digests are among the `parts`, which those and all are given to.
    """
    entries = [each for each in listing.entries if name is None or each.is_called(name)]
    if digest is not None:
        found = distinct(each.descriptor for each in entries if each.descriptor.digest == digest)
        if not found and name is None:
            return None
    elif name is not None:
        found = distinct(each.descriptor for each in entries)
    else:
        found = distinct(each.descriptor for each in entries if _may_be_meant(each))
        if len(found) > 1:
            named = {str(each.descriptor.digest) for each in entries if each.is_named or each.kind in _IMAGES}
            nameless = tuple(each for each in found if str(each.digest) not in named)
            found = _without(found, parts(nameless, found) & {str(each.digest) for each in nameless})
    if len(found) == 1:
        return found[0]
    raise _several(listing, found, name, subject) if found else _none(listing, name, subject)


def _without(found: tuple[Descriptor, ...], parts: frozenset[str]) -> tuple[Descriptor, ...]:
    return tuple(each for each in found if str(each.digest) not in parts)


def _check_version(store: Store, subject: str) -> None:
    content = read_file(store, "oci-layout", max_bytes=_LAYOUT_BYTES, subject=subject)
    if content is None:
        hint = "Name what holds `oci-layout`, `index.json` and `blobs`, or docker-archive:FILE for what was saved."
        raise refuse("image.malformed", subject, "no file oci-layout: not an OCI layout", hint)
    told = f"{subject} (oci-layout)"
    value = strict_json.parse(content, subject=told, max_depth=MAX_ENVELOPE_DEPTH, max_values=64).value
    version = Fields.of(value, code="image.malformed", subject=told).known("imageLayoutVersion")
    if version.text("imageLayoutVersion") != "1.0.0":
        raise refuse("image.unsupported", told, f"version {version.text('imageLayoutVersion')!r:.50}, expected '1.0.0'")


def _entry(descriptor: Descriptor) -> Entry:
    annotations = dict(descriptor.annotations)
    return Entry(
        descriptor=descriptor,
        name=annotations.get(NAME) or None,
        full_name=annotations.get(FULL_NAME) or None,
        kind=annotations.get(KIND),
    )


def _may_be_meant(entry: Entry) -> bool:
    if entry.kind in {SIGNATURES, ATTESTATIONS}:
        return False
    return entry.name is None or not _BESIDE.match(entry.name)


def _several(listing: Listing, found: tuple[Descriptor, ...], name: str | None, subject: str) -> Refused:
    under = "" if name is None else f" called {name!r:.100}"
    told = [f"{each.digest} ({_names(listing, each) or 'no name'})" for each in found[:IMAGES_SHOWN]]
    more = [f"{len(found) - IMAGES_SHOWN} more"] if len(found) > IMAGES_SHOWN else []
    message = f"{len(found)} images{under}, expected one: {', '.join([*told, *more])}"
    return refuse("image.ambiguous-reference", subject, message)


def _none(listing: Listing, name: str | None, subject: str) -> Refused:
    if name is None:
        return refuse("image.malformed", subject, "0 images, expected one")
    named = sorted({each.name or each.full_name or "" for each in listing.entries if each.is_named})
    there = ", ".join(repr(each)[:100] for each in named[:IMAGES_SHOWN]) or "none with a name"
    more = f" and {len(named) - IMAGES_SHOWN} more" if len(named) > IMAGES_SHOWN else ""
    message = f"no image of this name or digest; there are {there}{more}"
    return refuse("input.unreadable", subject, message, "Name one that is there.")


def _names(listing: Listing, descriptor: Descriptor) -> str:
    names = [each.name or each.full_name for each in listing.entries if each.descriptor.digest == descriptor.digest]
    return ", ".join(name for name in names if name)[:100]
