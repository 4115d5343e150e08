"""OCI references, descriptors, manifests and indexes, read strictly.

* a reference names its registry, its repository, and a tag or a digest: nothing is filled in
* a document is one thing: its `mediaType` is the type it was sent as, and it never has layers and manifests at once
* a digest is SHA-256 or SHA-512 in lower-case hex; a size is a number of bytes
* unknown properties are allowed, as the specification demands; the known ones are what it says they are
* `manifests` that Go wrote as null are an empty list; where they are missing, the document is no index

Source: OCI distribution specification 1.1, image specification 1.1 (`descriptor.md`, `manifest.md`, `image-index.md`).
A manifest that is also an index is CVE-2021-41190. The threat is T-208.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value, field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.oci.platform import Platform, read_platform

OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
BUNDLE_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
"""The layer that OPA takes for the bundle: the first of this type."""

MAX_MANIFEST_BYTES: Final = 4 * 1024 * 1024
"""What the distribution specification has a registry accept at least, and registries accept at most."""
MAX_DESCRIPTORS: Final = 1_024
"""Layers of one manifest, and manifests of one index: container runtimes stop at 127 layers."""
MAX_ANNOTATIONS: Final = 1_024
MAX_URLS: Final = 16
MAX_REPOSITORY: Final = 255
"""Characters of a repository's name: what registries accept, with the host's."""

SCHEMA_1: Final = frozenset(
    {
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    }
)
INDEX_TYPES: Final = frozenset({OCI_INDEX, DOCKER_LIST})
_MANIFESTS = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
MAX_DOCUMENT_VALUES: Final = 100_000
"""JSON values in one manifest, index or config."""

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*\Z")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\Z")
_ENCODED = {"sha256": re.compile(r"[0-9a-f]{64}\Z"), "sha512": re.compile(r"[0-9a-f]{128}\Z")}
_TAR_LAYER = re.compile(r"application/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar\+")
_PACKED = re.compile(r"(?:(?:gzip|zstd)(?:\+encrypted)?|encrypted)\Z")
"""What stands behind it; containerd's imgcrypt adds the last."""
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\Z")


class ImageReference(Value):
    """`registry/repository:tag` or `registry/repository@digest`; with both, the digest is what is meant."""

    registry: str
    repository: str
    tag: str | None = None
    digest: Digest | None = None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.registry}/{self.repository}{tag}{digest}"


class Descriptor(Value):
    """What a manifest says of a blob, an index of a manifest: its type, its digest and its size.

    `data` are the bytes themselves where the manifest carries them: they have been held against digest and size.
    `urls` are where others say the blob is; nobody here asks there.
    """

    media_type: str
    digest: Digest
    size: int
    artifact_type: str | None = None
    annotations: tuple[tuple[str, str], ...] = ()
    platform: Platform | None = None
    data: bytes | None = field(default=None, repr=False)
    urls: tuple[str, ...] = ()


class ImageManifest(Value):
    """One image, or one artifact in the shape of an image."""

    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    artifact_type: str | None = None
    annotations: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> str:
        """What it is: its own `artifactType`, or where it has none the type of its config (`manifest.md`)."""
        return self.artifact_type or self.config.media_type


class ImageIndex(Value):
    """Several manifests, as a rule one for each platform."""

    media_type: str
    manifests: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    artifact_type: str | None = None
    annotations: tuple[tuple[str, str], ...] = ()


def parse_reference(text: str) -> ImageReference:
    """Read `registry/repository:tag`, `registry/repository@digest`, or with both; raises `ValueError`."""
    named, at, encoded = text.partition("@")
    registry, slash, path = named.partition("/")
    repository, colon, tag = path.partition(":")
    if not slash or not _HOST.match(registry):
        raise ValueError("expected registry/repository:tag, the registry a host with or without a port")
    if len(repository) > MAX_REPOSITORY or not _REPOSITORY.match(repository):
        raise ValueError("expected a repository in lower case, such as acme/policies")
    if colon and not TAG.match(tag):
        if tag.startswith(("sha256:", "sha512:")):
            raise ValueError("expected '@' before a digest, and ':' before a tag alone")
        raise ValueError("expected a tag of letters, digits, '.', '_' and '-', at most 128")
    if not colon and not at:
        raise ValueError("expected a tag (:1.2.3) or a digest (@sha256:...)")
    digest = parse_digest(encoded) if at else None
    return ImageReference(registry=registry, repository=repository, tag=tag or None, digest=digest)


def parse_digest(text: str) -> Digest:
    """Read `sha256:...` or `sha512:...`; raises `ValueError`."""
    algorithm, _, encoded = text.partition(":")
    pattern = _ENCODED.get(algorithm)
    if pattern is None or not pattern.match(encoded):
        raise ValueError(f"{text[:150]!r} is not sha256: and 64 lower-case hex digits, or sha512: and 128")
    return Digest(algorithm=algorithm, value=encoded)


def parse_manifest(
    content: bytes, *, content_type: str, subject: str, most: int = MAX_DESCRIPTORS
) -> ImageManifest | ImageIndex:
    """Read a document that was sent as `content_type`, with at most `most` layers or manifests; `Refused`
    (`image.malformed`, `image.unsupported` for Docker's schema 1, `image.digest-mismatch` for `data`, `json.*`)."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in SCHEMA_1:
        raise _schema_1(subject, media_type)
    if media_type not in _MANIFESTS | INDEX_TYPES:
        raise refuse(
            "image.malformed", subject, f"the type is {content_type[:100]!r}, expected an OCI manifest or index"
        )
    try:
        value = strict_json.parse(
            content, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, max_values=MAX_DOCUMENT_VALUES
        ).value
    except Refused as refusal:
        from verifier.formats.foreign.named import named  # noqa: PLC0415 - only for what was refused

        raise named(refusal, content, place="image") from None
    document = Fields.of(value, code="image.malformed", subject=subject)
    _refuse_schema_1(document)
    document.known(
        "schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations"
    )
    if document.value.get("schemaVersion") != 2 or isinstance(document.value["schemaVersion"], float):
        raise document.refusal("schemaVersion", "is not 2")
    stated = document.optional_text("mediaType")
    if stated is not None and stated != media_type:
        raise document.refusal("mediaType", f"is {stated[:100]!r}, and it was sent as {media_type!r}")
    return _index(document, media_type, most) if media_type in INDEX_TYPES else _manifest(document, media_type, most)


def _schema_1(subject: str, seen: str) -> Refused:
    message = f"{seen}: a Docker schema 1 manifest, whose layers are named by no digest of a config"
    hint = "Push it again with a current client (docker, buildah, crane), and sign what that pushes."
    return refuse("image.unsupported", subject, message, hint)


def _refuse_schema_1(document: Fields) -> None:
    if document.value.get("schemaVersion") == 1 and "fsLayers" in document.value:
        raise _schema_1(document.subject, "schemaVersion 1")


def _manifest(document: Fields, media_type: str, most: int) -> ImageManifest:
    _refuse_other(document, "manifests", "fsLayers")
    return ImageManifest(
        media_type=media_type,
        config=read_descriptor(document.object("config")),
        layers=tuple(map(_layer, document.objects("layers", most=most))),
        subject=_subject(document),
        artifact_type=_media_type(document, "artifactType"),
        annotations=_annotations(document),
    )


def _index(document: Fields, media_type: str, most: int) -> ImageIndex:
    _refuse_other(document, "layers", "config", "fsLayers")
    if "manifests" not in document.value:
        raise document.refusal("manifests", "is missing, expected an array")
    return ImageIndex(
        media_type=media_type,
        manifests=tuple(map(read_descriptor, document.objects("manifests", most=most, required=False))),
        subject=_subject(document),
        artifact_type=_media_type(document, "artifactType"),
        annotations=_annotations(document),
    )


def _refuse_other(document: Fields, *names: str) -> None:
    for name in names:
        if name in document.value:
            raise document.refusal(name, "does not belong into a document of this type: it could be read as another")


def _subject(document: Fields) -> Descriptor | None:
    described = document.optional_object("subject")
    return None if described is None else read_descriptor(described)


def _layer(described: Fields) -> Descriptor:
    layer = read_descriptor(described)
    tar = _TAR_LAYER.match(layer.media_type)
    if tar is not None and not _PACKED.match(layer.media_type, tar.end()):
        raise described.refusal("mediaType", f"is {layer.media_type[:100]!r}, expected +gzip or +zstd behind `tar`")
    return layer


def read_descriptor(described: Fields) -> Descriptor:
    """What is said of one blob or manifest; `Refused` with the fields' code, `image.digest-mismatch` for `data`."""
    described.known("mediaType", "digest", "size", "artifactType", "annotations", "platform", "data", "urls")
    media_type, size = _media_type(described, "mediaType"), described.optional_count("size")
    if media_type is None or size is None:
        raise described.refusal("size" if media_type else "mediaType", "is missing")
    try:
        digest = parse_digest(described.text("digest"))
    except ValueError as error:
        raise described.refusal("digest", str(error)) from None
    return Descriptor(
        media_type=media_type,
        digest=digest,
        size=size,
        artifact_type=_media_type(described, "artifactType"),
        annotations=_annotations(described),
        platform=_platform(described),
        data=_data(described, digest, size),
        urls=described.strings("urls", most=MAX_URLS) if described.value.get("urls") is not None else (),
    )


def _data(described: Fields, digest: Digest, size: int) -> bytes | None:
    """The bytes that the descriptor carries, which are those of its digest and size, or the document is refused."""
    text = described.optional_text("data")
    if text is None:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise described.refusal("data", "is not base64") from None
    if len(data) != size or hashlib.new(digest.algorithm, data).hexdigest() != digest.value:
        raise refuse(
            "image.digest-mismatch",
            described.subject,
            f"{described.at('data')} carries {len(data)} bytes, which are not the {size} of {digest}",
        )
    return data


def _platform(described: Fields) -> Platform | None:
    platform = described.optional_object("platform")
    return None if platform is None else read_platform(platform)


def _media_type(document: Fields, name: str) -> str | None:
    value = document.go_text(name)
    if value is not None and not _MEDIA_TYPE.match(value):
        raise document.refusal(name, f"is {value[:100]!r}, which is not a media type")
    return value


def _annotations(document: Fields) -> tuple[tuple[str, str], ...]:
    annotations = document.optional_object("annotations")
    if annotations is None:
        return ()
    if len(annotations.value) > MAX_ANNOTATIONS:
        raise annotations.refusal("", f"has {len(annotations.value)} members, expected at most {MAX_ANNOTATIONS}")
    for key, value in annotations.value.items():
        if not key or not isinstance(value, str):
            raise annotations.refusal("", "is not a map from names to strings")
    return tuple((key, str(value)) for key, value in annotations.value.items())
