"""An OCI layout: a folder or a tar file with `oci-layout`, `index.json` and `blobs`.

* what the reference stands for is decided once, when it is resolved (`layouts.listing`)
* every manifest and blob is held against its digest, and against its size wherever that is known: what `index.json`
  says of a file is not believed
* a manifest without `mediaType` has the one that whoever lists it gives it; both, and different, are refused
* what lies beside an image is found as in a registry: what is listed without a name and has it for its `subject`, the
  index under the fallback tag, and names or `cosign save`'s marks for the legacy tags
* every walk ends: nothing is followed from one index into another

Source: OCI image specification 1.1, `image-layout.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Absent, Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.oci.manifest import (
    INDEX_TYPES,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    ImageIndex,
    ImageManifest,
    parse_manifest,
)
from verifier.sources.layouts.listing import ATTESTATIONS, READABLE, SIGNATURES, Listing, chosen, distinct, read_listing
from verifier.sources.layouts.store import Store, checked_pieces, read_file
from verifier.sources.place import Referrers, Resolved

MAX_BESIDE_BYTES: Final = 64 * 1024 * 1024
"""Bytes of manifests read to find out which of them refer to an image."""


class LayoutPlace:
    """An image of a layout, by its name, by its digest, or as the only one. `uri` is the reference as it was given.

    Whoever makes it hands over `store`, which `close` closes. Raises `Refused` (`image.*`, `input.*`, `json.*`).
    """

    repository: Final = None

    def __init__(self, store: Store, *, uri: str, tag: str | None = None, digest: Digest | None = None) -> None:
        self.uri = uri
        self.tag = tag if digest is None else None  # beside a digest, it is not what is asked for
        self._store, self._named, self._asked = store, tag, digest
        self._listed: Listing | None = None
        self._resolved: Resolved | None = None
        self._types: dict[str, str] = {}  # of what an index that was handed out lists, by digest
        self._referring: dict[str, tuple[Digest, Descriptor] | None] = {}
        self._read_bytes = 0

    def resolve(self) -> Resolved:
        """As `Place` has it."""
        if self._resolved is None:
            descriptor = self._found()
            if descriptor is not None:
                self._resolved = self._listed_manifest(descriptor)
            elif self._asked is not None:
                self._resolved = self.manifest(self._asked)
            else:
                raise TypeError("only what is asked for by its digest may be unlisted")
        return self._resolved

    def manifest(self, digest: Digest) -> Resolved:
        """As `Place` has it."""
        found = distinct(each.descriptor for each in self.listing.entries if each.descriptor.digest == digest)
        if found:
            return self._listed_manifest(found[0])
        content = read_file(self._store, _name(digest), max_bytes=MAX_MANIFEST_BYTES, subject=self.uri)
        if content is None:
            raise self._absent(digest)
        self._check(content, digest)
        return self._typed(content, self._types.get(str(digest)) or self._own_type(content), digest)

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """As `Place` has it."""
        if descriptor.size > max_bytes:
            message = f"{descriptor.size} bytes; at most {max_bytes} are allowed"
            raise refuse("input.too-large", self._told(descriptor.digest), message)
        if descriptor.data is not None:
            return descriptor.data
        return b"".join(self.stream(descriptor))

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Place` has it."""
        opened = self._store.open(_name(descriptor.digest))
        if opened is None:
            raise self._absent(descriptor.digest)
        with opened:
            yield from checked_pieces(opened, descriptor, subject=self._told(descriptor.digest))

    def referrers(self, digest: Digest) -> Referrers:
        """As `Place` has it."""
        beside = [
            self._refers(each.descriptor) for each in self.listing.entries if not each.is_named and each.kind is None
        ]
        unnamed = [listed for subject, listed in filter(None, beside) if subject == digest]
        fallback = self.tagged(f"{digest.algorithm}-{digest.value}")
        if fallback is None or fallback.digest == digest:  # the second is a manifest that is tagged by its own digest
            return Referrers(descriptors=distinct(unnamed))
        index = self._parsed(fallback.content, fallback.media_type, fallback.digest)
        if isinstance(index, ImageIndex):
            return Referrers(descriptors=distinct([*unnamed, *index.manifests]))
        message = "a manifest under the tag of an image's referrers, expected an index of them"
        told = self._told(fallback.digest)
        note = Reason(code="image.malformed", subject=told, message=message).as_warning()
        return Referrers(descriptors=distinct(unnamed), notes=(note,))

    def tagged(self, tag: str) -> Resolved | None:
        """As `Place` has it."""
        found = distinct(each.descriptor for each in self.listing.entries if each.is_tagged(tag))
        if not found:
            found = self._saved_beside(tag)
        if len(found) > 1:
            message = f"{len(found)} manifests called {tag!r:.150}, expected one"
            raise refuse("image.ambiguous-reference", self.uri, message)
        return self._listed_manifest(found[0]) if found else None

    def close(self) -> None:
        """As `Place` has it."""
        self._store.close()

    @property
    def listing(self) -> Listing:
        """What the layout lists."""
        if self._listed is None:
            self._listed = read_listing(self._store, subject=self.uri)
        return self._listed

    def document(self, descriptor: Descriptor) -> ImageManifest | ImageIndex:
        """A manifest or index that `descriptor` speaks of, read; so many bytes of them, and no more."""
        self._read_bytes += descriptor.size
        if self._read_bytes > MAX_BESIDE_BYTES:
            message = f"more than {MAX_BESIDE_BYTES} bytes of manifests to be looked through"
            raise refuse("input.too-large", self.uri, message)
        content = self.blob(descriptor, max_bytes=MAX_MANIFEST_BYTES)
        return self._parsed(content, descriptor.media_type, descriptor.digest)

    def _found(self) -> Descriptor | None:
        """The entry that the reference stands for, None where it is none of them and asked for by its digest."""
        return chosen(self.listing, name=self._named, digest=self._asked, parts=self._parts, subject=self.uri)

    def _listed_manifest(self, descriptor: Descriptor) -> Resolved:
        content = self.blob(descriptor, max_bytes=MAX_MANIFEST_BYTES)
        return self._typed(content, descriptor.media_type, descriptor.digest)

    def _typed(self, content: bytes, media_type: str, digest: Digest) -> Resolved:
        """The document once it is what its type says, and no other."""
        self._parsed(content, media_type, digest)
        return Resolved(content=content, media_type=media_type, digest=digest)

    def _parsed(self, content: bytes, media_type: str, digest: Digest) -> ImageManifest | ImageIndex:
        """The document, read; what an index lists is remembered."""
        document = parse_manifest(content, content_type=media_type, subject=self._told(digest))
        if isinstance(document, ImageIndex):
            for each in document.manifests:
                self._types.setdefault(str(each.digest), each.media_type)
        return document

    def _own_type(self, content: bytes) -> str:
        """The type that a document has where nobody lists it: its own, or the one that its members are of."""
        value = strict_json.parse(content, subject=self.uri, max_depth=MAX_ENVELOPE_DEPTH, max_values=100_000).value
        document = Fields.of(value, code="image.malformed", subject=self.uri)
        return document.go_text("mediaType") or (OCI_INDEX if "manifests" in document.value else OCI_MANIFEST)

    def _parts(self, nameless: tuple[Descriptor, ...], found: tuple[Descriptor, ...]) -> frozenset[str]:
        """Digests of what refers to something, of `nameless`, and of what an index of `found` lists."""
        referring = {str(each.digest) for each in nameless if self._refers(each) is not None}
        is_left = len(referring) < len(nameless)
        indexes = (self.document(each) for each in found if is_left and each.media_type in INDEX_TYPES)
        below = {str(each.digest) for index in indexes if isinstance(index, ImageIndex) for each in index.manifests}
        return frozenset(referring | below)

    def _refers(self, descriptor: Descriptor) -> tuple[Digest, Descriptor] | None:
        """What a listed manifest refers to, and its descriptor as a registry's listing would have it, None where it
        refers to nothing or is of a type that nobody reads."""
        key = str(descriptor.digest)
        if key not in self._referring:
            document = self.document(descriptor) if descriptor.media_type in READABLE else None
            if document is None or document.subject is None:
                self._referring[key] = None
            else:
                kind = document.kind if isinstance(document, ImageManifest) else document.artifact_type
                listed = replace(descriptor, artifact_type=kind, annotations=document.annotations)
                self._referring[key] = document.subject.digest, listed
        return self._referring[key]

    def _saved_beside(self, tag: str) -> tuple[Descriptor, ...]:
        """What `cosign save` has put beside the one image that it saved."""
        image, dot, ending = tag.rpartition(".")
        kind = {"sig": SIGNATURES, "att": ATTESTATIONS}.get(ending)
        saved = self.listing.saved
        if (
            not dot
            or kind is None
            or len(saved) != 1
            or image != f"{saved[0].digest.algorithm}-{saved[0].digest.value}"
        ):
            return ()
        return distinct(each.descriptor for each in self.listing.entries if each.kind == kind)

    def _check(self, content: bytes, digest: Digest) -> None:
        seen = hashlib.new(digest.algorithm, content).hexdigest()
        if seen != digest.value:
            raise self._mismatch(digest, f"the {len(content)} bytes there are {seen}")

    def _told(self, digest: Digest) -> str:
        return f"{self.uri} ({digest})"

    def _mismatch(self, digest: Digest, message: str) -> Refused:
        return refuse("image.digest-mismatch", self._told(digest), message)

    def _absent(self, digest: Digest) -> Absent:
        message = f"there is no file {_name(digest)}"
        return Absent(Reason(code="image.digest-mismatch", subject=self._told(digest), message=message))


def _name(digest: Digest) -> str:
    return f"blobs/{digest.algorithm}/{digest.value}"
