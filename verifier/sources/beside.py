"""What lies beside an artifact in its place: signatures and attestations in the formats in which clients attach them.

* "bundle": what the place lists as referring to the artifact. The listing is a hint: the type is that of each manifest
  itself, or of its one layer, and its own `subject` must be the artifact
* "sig", "att", or "legacy" for both: cosign's old tags `sha256-HEX.sig` and `.att`, each layer a document; what lies
  under `.sbom` is signed by nobody, and never looked at
* what is no signature or attestation counts for nothing, and costs no request beyond the listing that says so
* that something could not be asked for or read is a refusal in its place: never that there is nothing
* at most `MAX_CANDIDATES` are read, and no more bytes than one document may have; that there is more is a refusal, for
  what counts may be among them
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Literal, TypeVar

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, Rejected, refuse, reject
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.formats.cosign.layer import DSSE, SIMPLE_SIGNING, no_signature, write_layer
from verifier.formats.intoto.attestation_kind import looks_like_bundle
from verifier.formats.oci.manifest import Descriptor, ImageIndex, ImageManifest, parse_manifest
from verifier.formats.sigstore.bundle import BUNDLE
from verifier.sources.place import Place, Resolved

Format = Literal["bundle", "legacy", "sig", "att"]
T = TypeVar("T")

MAX_CANDIDATES: Final = 50
"""Signatures and attestations in one format beside one artifact."""
MAX_LOOKED_AT: Final = 100
"""Manifests of which the listing does not say whether they are any, and which are looked at to find out."""

STATEMENT: Final = "application/vnd.in-toto+json"
READ_TYPES: Final = frozenset({BUNDLE, DSSE, STATEMENT})
"""cosign's bundles; and envelopes as `oras attach` leaves them, by the envelope's type or by that of the statement."""
_SAYS_NOTHING: Final = frozenset(
    {
        "application/vnd.oci.empty.v1+json",
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
    }
)
"""What a listing has for an artifact's type where the registry or the client took the config's."""
_NO_ANSWER: Final = ("image.", "json.")
"""Codes of what was sent in the place of a listing or a manifest."""
_INLINE: Final = "dev.sigstore.bundle.content"
"""The annotation by which cosign tells a bundle in a listing."""


def beside(
    place: Place, digest: Digest, format_: Format, *, limits: Limits = DEFAULT_LIMITS
) -> tuple[Document | Refused, ...]:
    """What lies beside the manifest `digest` in one format, in the place's order; never raises for what it reads."""
    found = _referring(place, digest, limits) if format_ == "bundle" else _tagged(place, digest, format_, limits)
    try:
        return tuple(found)
    except Refused as refusal:
        return (refusal,)


def _referring(place: Place, digest: Digest, limits: Limits) -> Iterator[Document | Refused]:
    listed = _heard(lambda: place.referrers(digest), "the listing of what refers to it")
    if listed.notes:
        kind = Refused if any(note.is_error for note in listed.notes) else Rejected
        yield kind(*listed.notes)
    looked_at = read = 0
    room = _Room(limits.document_bytes)
    by_digest = {each.digest: each for each in sorted(listed.descriptors, key=_unclear, reverse=True)}
    for described in sorted(by_digest.values(), key=_unclear):
        if _is_foreign(described):
            continue
        if _unclear(described):
            looked_at += 1
        if read == MAX_CANDIDATES or looked_at > MAX_LOOKED_AT:
            yield _too_many(place, digest, len(listed.descriptors))
            return
        name = _named(place, f"@{described.digest}")
        try:
            manifest = _manifest(place.manifest(described.digest), name)
            if not _is_read(manifest):
                continue
            read += 1
            yield Document(name=name, content=_attached(place, manifest, digest, name, room))
        except Refused as refusal:
            yield refusal.kept()


def _is_foreign(described: Descriptor) -> bool:
    """Whether the listing says that it is something else than is read here."""
    said = described.artifact_type
    return not (said is None or said in READ_TYPES or said in _SAYS_NOTHING)


def _unclear(described: Descriptor) -> bool:
    return described.artifact_type not in READ_TYPES and _INLINE not in dict(described.annotations)


def _is_read(manifest: ImageManifest | ImageIndex) -> bool:
    """Whether a manifest attaches what is read here: by its own type, or where it has none, that of a layer."""
    if isinstance(manifest, ImageIndex):
        return False
    said = manifest.artifact_type or manifest.config.media_type
    if said in _SAYS_NOTHING:
        return any(layer.media_type in READ_TYPES for layer in manifest.layers)
    return said in READ_TYPES


def _attached(place: Place, manifest: ImageManifest | ImageIndex, digest: Digest, name: str, room: _Room) -> bytes:
    """The one document that a manifest attaches to the artifact; raises `Refused`."""
    if isinstance(manifest, ImageIndex):
        raise TypeError("an index attaches nothing")
    subject = manifest.subject
    if subject is None or subject.digest != digest:
        seen = "nothing" if subject is None else str(subject.digest)
        message = f"it refers to {seen}, whatever the listing says; the artifact is {digest}"
        raise reject("attestation.subject-mismatch", name, message)
    if len(manifest.layers) != 1:
        message = f"the manifest has {len(manifest.layers)} layers, expected one: what it attaches is not clear"
        raise refuse("signature.unsupported", name, message)
    layer = manifest.layers[0]
    if layer.media_type not in READ_TYPES:
        message = f"the manifest says that it is {manifest.artifact_type}, and its layer is {layer.media_type}"
        raise reject("signature.unsupported", name, message)
    content = room.blob(place, layer, name)
    signed = looks_like_bundle(content) if layer.media_type == BUNDLE else b'"signatures"' in content
    if not signed and layer.media_type == STATEMENT:
        raise reject("signature.missing", name, "a statement that nobody has signed, expected an envelope (DSSE)")
    if not signed or looks_like_bundle(content) is not (layer.media_type == BUNDLE):
        raise refuse("attestation.invalid", name, f"the layer says that it is {layer.media_type}, and is not")
    return content


class _Room:
    """How many bytes of what lies beside may still be read."""

    def __init__(self, left: int) -> None:
        self._left = left

    def blob(self, place: Place, layer: Descriptor, name: str) -> bytes:
        """The bytes of a layer; refused unread where there is no room for them."""
        if layer.size > self._left:
            message = f"it has {layer.size} bytes, and of what lies beside {self._left} more are read"
            raise refuse("signature.too-many", name, message)
        self._left -= layer.size
        return place.blob(layer, max_bytes=layer.size)


def _tagged(place: Place, digest: Digest, format_: Format, limits: Limits) -> Iterator[Document | Refused]:
    read = 0
    room = _Room(limits.document_bytes)
    for ending, wanted in (("sig", SIMPLE_SIGNING), ("att", DSSE)):
        if format_ not in ("legacy", ending):
            continue
        tag = f"{digest.algorithm}-{digest.value}.{ending}"
        name = _named(place, f":{tag}")
        try:
            manifest = _heard(partial(_under, place, tag, name), "what lies there")
        except Refused as refusal:
            yield refusal.kept()
            continue
        if isinstance(manifest, ImageIndex):
            yield refuse("signature.unsupported", name, "an index, expected a manifest with a layer for each signature")
            continue
        for number, layer in enumerate(manifest.layers if manifest is not None else (), start=1):
            if read == MAX_CANDIDATES:
                yield _too_many(place, digest, len(manifest.layers) if manifest is not None else 0)
                return
            read += 1
            yield _layer(place, layer, wanted, f"{name}#{number}", room)


def _under(place: Place, tag: str, name: str) -> ImageManifest | ImageIndex | None:
    resolved = place.tagged(tag)
    return None if resolved is None else _manifest(resolved, name)


def _heard(ask: Callable[[], T], what: str) -> T:
    """What was asked for. An answer that is not one (a page of HTML, another document) says nothing of what is there,
    and is taken as none."""
    try:
        return ask()
    except Refused as refusal:
        first = refusal.reasons[0]
        if not first.code.startswith(_NO_ANSWER):
            raise
        message = f"{what} cannot be read ({first.code}: {first.message})"
        raise refuse("input.unreachable", first.subject, message) from refusal


def _layer(place: Place, layer: Descriptor, wanted: str, name: str, room: _Room) -> Document | Refused:
    if layer.media_type != wanted:
        # Whoever takes these reads one type as another: what is a signature, its place and type say together.
        return no_signature(layer.media_type, name)
    try:
        payload = room.blob(place, layer, name)
    except Refused as refusal:
        return refusal.kept()
    return Document(name=name, content=write_layer(wanted, payload, dict(layer.annotations)))


def _manifest(resolved: Resolved, name: str) -> ImageManifest | ImageIndex:
    return parse_manifest(resolved.content, content_type=resolved.media_type, subject=name)


def _named(place: Place, rest: str) -> str:
    return f"{place.repository or place.uri}{rest}"


def _too_many(place: Place, digest: Digest, count: int) -> Refused:
    message = f"{count} are attached, and no more than {MAX_CANDIDATES} signatures and attestations are read"
    return refuse("signature.too-many", _named(place, f"@{digest}"), message)
