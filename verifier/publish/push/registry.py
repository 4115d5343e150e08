"""Publishing to a repository of a registry, by the registry's own API (`net.registry.destination`).

* a referrer that the registry does not say it lists is listed under the fallback tag by us
* which manifests are there, and which refer to another, is asked once each
"""

from __future__ import annotations

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.oci.manifest import OCI_MANIFEST, ImageReference
from verifier.net.access import Access
from verifier.net.registry.destination import Destination
from verifier.net.registry.repository import Pulled
from verifier.net.retries import Pause
from verifier.publish.push.target import Merge
from verifier.publish.push.written import Blob, Manifest
from verifier.sources.place import Resolved


class RegistryTarget:
    """One repository of a registry; the tag and the digest of `reference` say nothing here."""

    def __init__(self, reference: ImageReference, *, access: Access, pause: Pause | None = None) -> None:
        self._destination = Destination(reference, access, pause=pause)
        self._referring: dict[Digest, set[Digest]] = {}
        self.repository = f"{reference.registry}/{reference.repository}"
        self.uri = f"oci://{self.repository}"

    def tagged(self, tag: str) -> Resolved | None:
        """As in `target.Target`."""
        return _resolved(self._destination.repository.tagged(tag))

    def manifest(self, digest: Digest) -> Resolved:
        """As in `target.Target`."""
        found = _resolved(self._destination.repository.manifest(digest))
        if found is None:
            raise TypeError("a manifest that was asked for without conditions is there, or refused")
        return found

    def holds(self, digest: Digest) -> bool:
        """As in `target.Target`."""
        found = self.tagged(str(digest))
        if found is not None and found.digest != digest:
            raise refuse("image.digest-mismatch", f"{self.uri}@{digest}", f"the registry sent {found.digest} for it")
        return found is not None

    def refers(self, digest: Digest, subject: Digest) -> bool:
        """As in `target.Target`."""
        if subject not in self._referring:
            listed = self._destination.repository.referrers(subject).descriptors
            self._referring[subject] = {each.digest for each in listed}
        return digest in self._referring[subject]

    def push_blob(self, blob: Blob) -> None:
        """As in `target.Target`."""
        self._destination.push_blob(blob.descriptor, lambda: iter(blob.pieces()))

    def push_manifest(self, manifest: Manifest) -> None:
        """As in `target.Target`."""
        self._destination.push_manifest(manifest.content, media_type=manifest.media_type)

    def push_referrer(self, manifest: Manifest, subject: Digest) -> None:  # noqa: ARG002 - it says so itself
        """As in `target.Target`."""
        self.push_manifest(manifest)

    def amend(self, tag: str, merge: Merge) -> bool:
        """As in `target.Target`."""
        written = False

        def with_it(there: Pulled | None) -> bytes | None:
            nonlocal written
            manifest = merge(_resolved(there))
            written = written or manifest is not None
            return None if manifest is None else manifest.content

        self._destination.amend(tag, with_it, media_type=OCI_MANIFEST)
        return written

    def settle(self) -> None:
        """As in `target.Target`."""
        self._destination.settle()

    def tag(self, manifest: Manifest, tag: str | None) -> None:
        """As in `target.Target`."""
        if tag is not None:
            self._destination.push_manifest(manifest.content, media_type=manifest.media_type, tag=tag)

    def close(self) -> None:
        """As in `target.Target`."""
        self._destination.close()


def _resolved(pulled: Pulled | None) -> Resolved | None:
    if pulled is None:
        return None
    media_type = pulled.content_type.partition(";")[0].strip()
    return Resolved(content=pulled.content, media_type=media_type, digest=pulled.digest)
