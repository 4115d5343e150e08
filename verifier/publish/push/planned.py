"""What a place will hold once a plan was written: what `--gate` judges, before anything is written.

* it is read as a registry is: the same verification asks it for the same things
* what is there already counts as it will: what refers to the artifact, and cosign's old tags with ours behind
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.oci.manifest import Descriptor
from verifier.publish.push.execute import by_tag
from verifier.publish.push.legacy import merged
from verifier.publish.push.written import Blob, Manifest, Plan
from verifier.sources.place import Place, Referrers, Resolved


class PlannedPlace:
    """A `sources.place.Place` of what `plan` will make of `there`, which is None where nothing is there yet."""

    def __init__(self, plan: Plan, *, uri: str, repository: str | None, there: Place | None = None) -> None:
        self._plan, self._there = plan, there
        self.uri, self.repository, self.tag = uri, repository, plan.tag
        parts = (*plan.parts, *(each.part for each in plan.referrers))
        self._manifests: dict[Digest, Manifest] = {each.manifest.digest: each.manifest for each in parts}
        self._blobs: dict[Digest, Blob] = {blob.digest: blob for each in parts for blob in each.blobs}
        self._blobs |= {each.layer.digest: each.layer for each in plan.appended}

    def resolve(self) -> Resolved:
        """As in `sources.place.Place`."""
        return self.manifest(self._plan.subject.digest)

    def manifest(self, digest: Digest) -> Resolved:
        """As in `sources.place.Place`."""
        found = self._manifests.get(digest)
        if found is not None:
            return Resolved(content=found.content, media_type=found.media_type, digest=found.digest)
        return self._elsewhere(f"the manifest {digest}").manifest(digest)

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """As in `sources.place.Place`."""
        if descriptor.size > max_bytes:
            raise refuse("input.too-large", self.uri, f"{descriptor.size} bytes; at most {max_bytes} are allowed")
        return b"".join(self.stream(descriptor))

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As in `sources.place.Place`."""
        found = self._blobs.get(descriptor.digest)
        if found is None:
            yield from self._elsewhere(f"the blob {descriptor.digest}").stream(descriptor)
        elif found.descriptor.size != descriptor.size:
            message = f"{found.descriptor.size} bytes, expected the {descriptor.size} of its descriptor"
            raise refuse("image.digest-mismatch", self.uri, message)
        else:
            yield from found.pieces()

    def referrers(self, digest: Digest) -> Referrers:
        """As in `sources.place.Place`."""
        ours = [each.part.manifest.listed for each in self._plan.referrers if each.subject == digest]
        theirs = Referrers(descriptors=()) if self._there is None else self._there.referrers(digest)
        known = {each.digest for each in theirs.descriptors}
        new = (each for each in ours if each.digest not in known)
        return Referrers(descriptors=(*theirs.descriptors, *new), notes=theirs.notes)

    def tagged(self, tag: str) -> Resolved | None:
        """As in `sources.place.Place`."""
        there = None if self._there is None else self._there.tagged(tag)
        added = by_tag(self._plan).get(tag)
        whole = None if added is None else merged(there, added, subject=f"{self.uri} ({tag})")
        if whole is None:
            return there
        made = whole.manifest
        return Resolved(content=made.content, media_type=made.media_type, digest=made.digest)

    def close(self) -> None:
        """Nothing of it is open; who opened what is there closes it."""

    def _elsewhere(self, what: str) -> Place:
        if self._there is None:
            raise refuse("input.unreadable", self.uri, f"{what} is no part of what is to be published")
        return self._there
