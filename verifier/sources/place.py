"""Where an artifact lies together with what else is there: a repository of a registry, an OCI layout, a saved archive.

* a reference is resolved once; whatever is asked for afterwards is asked for by its digest
* whatever is handed out has the digest and the size by which it was asked for, or is refused
* that there is nothing is an answer of its own (an empty tuple, None), and never what an error becomes

Who reads an artifact of any place knows this and not which place it is. Used by one thread at a time, but for `stream`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.oci.manifest import Descriptor


class Resolved(Value):
    """A manifest or index as it lies there, its type as it was sent or described, and the digest that it has."""

    content: bytes = field(repr=False)
    media_type: str
    digest: Digest


class Referrers(Value):
    """What says that it refers to a manifest: a hint, in the place's order. `notes` say what of it is left out."""

    descriptors: tuple[Descriptor, ...]
    notes: tuple[Reason, ...] = ()


class Place(Protocol):
    """One reference, and what lies beside it."""

    @property
    def uri(self) -> str:
        """The reference as it was given, without secrets: `oci://registry/repository:tag`, `oci-layout:DIR:TAG`."""

    @property
    def repository(self) -> str | None:
        """`registry/repository` where the place is one, else None."""

    @property
    def tag(self) -> str | None:
        """The tag by which it was asked for, if it was by one."""

    def resolve(self) -> Resolved:
        """What the reference stands for; the same again whenever it is asked. `Refused` where that cannot be had."""

    def manifest(self, digest: Digest) -> Resolved:
        """The manifest or index with this digest; `Refused` where it cannot be had, or is another."""

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """The bytes that `descriptor` stands for; `Refused` where they are others, or more than `max_bytes`."""

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        """Those bytes in pieces of bounded size, as they come; the iterator raises `Refused` before its end where they
        are not what `descriptor` says, so that nothing of it is to be believed before it has ended. Several may run at
        once, each in a thread of its own."""

    def referrers(self, digest: Digest) -> Referrers:
        """What refers to the manifest of this digest, by the place's listing; empty where that says there is none."""

    def tagged(self, tag: str) -> Resolved | None:
        """What lies under a tag beside it, None where there is none: `sha256-HEX.sig`, `sha256-HEX.att`."""

    def close(self) -> None:
        """Close what is open; nothing is asked for afterwards."""
