"""Where something is published: a repository of a registry, or an OCI layout.

* whatever was written is there under its name once the call returns, or the call raises
* what others write at the same time stays
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from verifier.core.digest import Digest
from verifier.publish.push.written import Blob, Manifest
from verifier.sources.place import Resolved

Merge = Callable[[Resolved | None], Manifest | None]
"""What is to stand under a tag in the place of what does, or of nothing; None where that will do."""


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

    def holds(self, digest: Digest) -> bool:
        """Whether a manifest is there, and so all that it names."""

    def refers(self, digest: Digest, subject: Digest) -> bool:
        """Whether who asks for the subject's referrers finds the manifest `digest`."""

    def push_blob(self, blob: Blob) -> None:
        """Write a blob, unless it is there."""

    def push_manifest(self, manifest: Manifest) -> None:
        """Write a manifest under its digest; its blobs are there."""

    def push_referrer(self, manifest: Manifest, subject: Digest) -> None:
        """The same for one that has a subject, so that it is found by `refers`."""

    def amend(self, tag: str, merge: Merge) -> bool:
        """Put under `tag` what `merge` makes of what stands there, again where others write it; whether it was
        written."""

    def settle(self) -> None:
        """See that what was amended, or refers, is still there once others are done that had begun before us."""

    def tag(self, manifest: Manifest, tag: str | None) -> None:
        """Write a manifest, whose blobs are there, so that `tag` stands for it; without a tag, that its digest does."""

    def close(self) -> None:
        """Close what is open."""
