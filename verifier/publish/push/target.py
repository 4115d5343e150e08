"""Where something is published: a repository of a registry, or an OCI layout.

* what is there already is not written again, and is said to be there
* whatever was written is there under its digest once the call returns, or the call raises
"""

from __future__ import annotations

from typing import Protocol

from verifier.core.digest import Digest
from verifier.publish.push.written import Blob, Manifest
from verifier.sources.place import Resolved


class Target(Protocol):
    """One repository. Every method raises `Refused` where it cannot be asked or written to."""

    @property
    def uri(self) -> str:
        """Where that is, without a tag and without secrets: `oci://registry/repository`, `oci-layout:DIR`."""

    @property
    def repository(self) -> str | None:
        """`registry/repository`; None for what is no registry's."""

    def tagged(self, tag: str) -> Resolved | None:
        """What stands under a tag now; None where whoever answers for it says that nothing does."""

    def manifest(self, digest: Digest) -> Resolved:
        """The manifest of this digest."""

    def push_blob(self, blob: Blob) -> bool:
        """Write a blob; whether it was written, rather than there."""

    def push_manifest(self, manifest: Manifest) -> bool:
        """Write a manifest under its digest, whose blobs are there; whether it was written, rather than there."""

    def push_referrer(self, manifest: Manifest, subject: Digest) -> bool:
        """The same for one that has a subject, so that who asks for the subject's referrers finds it."""

    def tag(self, manifest: Manifest, tag: str | None) -> None:
        """Write a manifest, whose blobs are there, so that `tag` stands for it; without a tag, that its digest does."""

    def close(self) -> None:
        """Close what is open."""
