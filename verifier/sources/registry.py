"""A repository of an OCI registry as a place: one reference, and what lies beside it.

* the reference is resolved once, by one request; whatever is asked for afterwards is asked for by its digest
* an image's reference may be written without `oci://`; what is understood is always the whole of it, and no registry,
  repository or tag is filled in

Source: OCI distribution specification 1.1 (`net.registry`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.core.digest import Digest
from verifier.core.limits import Limits
from verifier.formats.oci.manifest import Descriptor, parse_reference
from verifier.net.access import Access
from verifier.net.registry.mirrored import open_repository
from verifier.net.registry.repository import Pulled
from verifier.net.retries import Pause
from verifier.sources.place import Referrers, Resolved

SCHEME: Final = "oci://"


class RegistryPlace:
    """One reference, `oci://registry/repository:tag` or `…@digest`, with or without the scheme.

    Connects to nothing yet. Raises `ValueError` for what is no reference.
    """

    def __init__(self, reference: str, access: Access, limits: Limits, *, pause: Pause | None = None) -> None:
        self._image = parse_reference(reference.removeprefix(SCHEME))
        self._limits = limits
        self._repository = open_repository(self._image, access, pause=pause)
        self._resolved: Resolved | None = None

    @property
    def uri(self) -> str:
        """The reference with its scheme."""
        return f"{SCHEME}{self._image}"

    @property
    def repository(self) -> str | None:
        """`registry/repository`, as it was named."""
        return f"{self._image.registry}/{self._image.repository}"

    @property
    def tag(self) -> str | None:
        """The tag by which it was asked for; None beside a digest, which is what is meant then."""
        return None if self._image.digest is not None else self._image.tag

    def resolve(self) -> Resolved:
        """What the reference stands for, asked for once."""
        if self._resolved is None:
            self._resolved = self._pulled(self._image.digest or self._image.tag or "")
        return self._resolved

    def renew(self, *, known: Digest | None) -> Resolved | None:
        """What the reference stands for now, and from here on; None where that is still what has the digest `known`.

        What was pinned by that digest is not asked for.
        """
        if known is not None and known == self._image.digest:
            return None
        pulled = self._repository.manifest(self._image.digest or self._image.tag or "", known=known)
        if pulled is None:
            return None
        self._resolved = _resolved(pulled)
        return self._resolved

    def manifest(self, digest: Digest) -> Resolved:
        """The manifest or index with this digest."""
        if self._resolved is not None and self._resolved.digest == digest:
            return self._resolved
        return self._pulled(digest)

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """The bytes that `descriptor` stands for, which it may carry itself."""
        if descriptor.data is not None and len(descriptor.data) <= max_bytes:
            return descriptor.data
        return self._repository.blob(descriptor, max_bytes=min(max_bytes, self._limits.archive_bytes))

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        """Those bytes as they come."""
        return self._repository.stream(descriptor)

    def referrers(self, digest: Digest) -> Referrers:
        """What refers to the manifest of this digest, by the registry's listing."""
        return Referrers(descriptors=self._repository.referrers(digest).descriptors)

    def tagged(self, tag: str) -> Resolved | None:
        """What lies under a tag of the same repository."""
        pulled = self._repository.tagged(tag)
        return None if pulled is None else _resolved(pulled)

    def close(self) -> None:
        """Close the connections, and end what is under way."""
        self._repository.close()

    def _pulled(self, reference: str | Digest) -> Resolved:
        pulled = self._repository.manifest(reference)
        if pulled is None:
            raise TypeError("a manifest that was asked for without conditions is there, or refused")
        return _resolved(pulled)


def _resolved(pulled: Pulled) -> Resolved:
    media_type = pulled.content_type.partition(";")[0].strip().lower()
    return Resolved(content=pulled.content, media_type=media_type, digest=pulled.digest)
