"""A bundle in an OCI registry: the layer that OPA would take, of the one manifest that a reference leads to.

* what has changed is decided by the manifest's digest, before a layer is fetched
* an index is followed only where it leaves one manifest, beside attestation manifests about that (`formats.oci.choice`)
* a manifest that an index leads to has the size and the type that the index says
* what was pinned by its digest does not change, and is not asked for twice

Source: OPA `v1/download/oci_download.go`; formats/opa-bundle.md section 6.
"""

from __future__ import annotations

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.limits import Limits
from verifier.formats.oci.choice import bundle_layer, chosen_manifest
from verifier.formats.oci.manifest import (
    ImageIndex,
    ImageManifest,
    parse_digest,
    parse_manifest,
    parse_reference,
)
from verifier.net.access import Access
from verifier.net.registry.mirrored import open_repository
from verifier.net.registry.repository import Pulled
from verifier.sources.fetched import Fetched
from verifier.sources.registry import SCHEME


class RegistryUpstream:
    """One reference, `oci://…`. Raises `ValueError` for what is not one."""

    def __init__(self, reference: str, *, access: Access, limits: Limits) -> None:
        self._image = parse_reference(reference.removeprefix(SCHEME))
        self._limits = limits
        self._repository = open_repository(self._image, access)

    @property
    def reference(self) -> str:
        """As it was given."""
        return f"{SCHEME}{self._image}"

    def fetch(self, validator: str | None, *, wait: int = 0) -> Fetched | None:  # noqa: ARG002 - registries answer at once
        """What is there now, or None where it has not changed."""
        pinned, known = self._image.digest, _digest(validator)
        if known is not None and known == pinned:
            return None
        pulled = self._repository.manifest(pinned or self._image.tag or "", known=known)
        if pulled is None:
            return None
        layer = bundle_layer(self._manifest(pulled), subject=self.reference)
        content = self._repository.blob(layer, max_bytes=self._limits.archive_bytes)
        return Fetched(content=content, validator=str(pulled.digest))

    def close(self) -> None:
        """Close the connection, and end what is under way."""
        self._repository.close()

    def _manifest(self, pulled: Pulled) -> ImageManifest:
        read = self._read(pulled)
        if isinstance(read, ImageManifest):
            return read
        described = chosen_manifest(read, subject=self.reference)
        pulled = self._pull(described.digest)
        if len(pulled.content) != described.size:
            message = f"{len(pulled.content)} bytes, expected the {described.size} of its descriptor"
            raise refuse("image.digest-mismatch", f"{self.reference} ({described.digest})", message)
        only = self._read(pulled)
        if isinstance(only, ImageIndex):
            raise refuse("image.ambiguous-manifest", self.reference, "an index within an index, expected a manifest")
        if only.media_type != described.media_type:
            message = f"the manifest {described.digest} is {only.media_type}, and the index says {described.media_type}"
            raise refuse("image.malformed", self.reference, message)
        return only

    def _pull(self, digest: Digest) -> Pulled:
        pulled = self._repository.manifest(digest)
        if pulled is None:
            raise TypeError("a manifest that was asked for without conditions is there, or refused")
        return pulled

    def _read(self, pulled: Pulled) -> ImageManifest | ImageIndex:
        return parse_manifest(pulled.content, content_type=pulled.content_type, subject=self.reference)


def _digest(validator: str | None) -> Digest | None:
    """The manifest that a validator stands for; None for one of another kind."""
    try:
        return parse_digest(validator or "")
    except ValueError:
        return None
