"""How a layer is packed: its media type says it, and its bytes must agree.

* a type that is none of a layer, or an encrypted one, is not read (`image.unsupported`)
* bytes of another compression than the type's are refused: readers that look at the bytes and readers that look at the
  type would unpack different layers

Source: OCI image specification 1.1, layer.md; Docker image manifest V2, schema 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal, TypeAlias

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, field

Compression: TypeAlias = Literal["none", "gzip", "zstd"]

_OCI: Final = "application/vnd.oci.image.layer."
_DOCKER: Final = "application/vnd.docker.image.rootfs."
_STEMS: Final = (f"{_OCI}v1.tar", f"{_OCI}nondistributable.v1.tar", f"{_DOCKER}diff.tar", f"{_DOCKER}foreign.diff.tar")
_COMPRESSIONS: Final[dict[str, Compression]] = {
    **dict.fromkeys(_STEMS, "none"),
    **{f"{stem}{mark}gzip": "gzip" for stem in _STEMS for mark in "+."},
    **{f"{stem}{mark}zstd": "zstd" for stem in _STEMS for mark in "+."},
}
"""OCI writes `+gzip`, Docker `.gzip`; BuildKit has Docker's types for zstd too."""
FETCH_AGAIN: Final = "Fetch the image again; if the layer stays so, push it again: the copy at the source is damaged."
MAGIC_BYTES = 6
"""As many bytes as are looked at to tell what a layer is packed by."""
_MEMBER: Final = b"\x1f\x8b\x08"
_FRAME: Final = b"\x28\xb5\x2f\xfd"
_OTHERS: Final = ((b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"PK\x03\x04", "zip"), (b"\x04\x22\x4d\x18", "lz4"))


class PackedLayer(Value):
    """A layer as it lies somewhere. `open` begins to hand out its bytes, in pieces of bounded size; `size` is how many
    there are, where that is known. `checked` is the digest that whoever hands them out holds them against, at the
    latest when they end: it is believed. `subject` is what messages call it ("layer 2 (sha256:...)")."""

    open: Callable[[], Iterator[bytes]] = field(repr=False)
    media_type: str
    subject: str
    size: int | None = None
    checked: Digest | None = None


def compression_of(media_type: str, *, subject: str) -> Compression:
    """How a layer of this type is packed; `Refused` with `image.unsupported` for what is no layer, or another one."""
    compression = _COMPRESSIONS.get(media_type)
    if compression is None:
        message = f"a layer of type {media_type!r}; tar, plain or packed by gzip or zstd, is expected"
        raise refuse("image.unsupported", subject, message)
    return compression


def is_zstd(head: bytes) -> bool:
    """Whether a frame starts there; skippable ones are frames too."""
    return head[:4] == _FRAME or (len(head) >= 4 and head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50)


def require_agreement(compression: Compression, head: bytes, *, subject: str) -> None:
    """Refuse a layer whose first bytes are of another compression than its type says."""
    seen = _seen(head)
    if seen == compression or (compression == "none" and seen is None):
        return
    expected = {"none": "a plain tar", "gzip": "gzip", "zstd": "zstd"}[compression]
    if compression != "none" and (_MEMBER if compression == "gzip" else _FRAME).startswith(head[:4]):
        raise cut_off(subject, f"{len(head)} bytes; {expected} was expected")
    shown = seen or f"something else (it begins with {head.hex(' ')})"
    message = f"its type says that it is {expected}, and its bytes are {shown}"
    raise refuse("image.layer-malformed", subject, message)


def cut_off(subject: str, message: str) -> Refused:
    """What to raise where a layer ends too early."""
    return refuse("archive.truncated", subject, f"the layer is cut off: {message}", FETCH_AGAIN)


def _seen(head: bytes) -> str | None:
    if head.startswith(_MEMBER):
        return "gzip"
    if is_zstd(head):
        return "zstd"
    return next((name for magic, name in _OTHERS if head.startswith(magic)), None)
