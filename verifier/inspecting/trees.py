"""What hangs on a manifest in its place: platforms, what refers to each, tags of signatures, with the documents there.

* what the place lists as referring is a hint, and shown as one: the type, the digest and the size that are listed
* signatures and attestations are fetched as verification fetches them (`sources.beside`), and no more of them
* of an index at most `MAX_PARTS` platforms are asked about; that there are more is said
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.core.limits import Limits
from verifier.core.outcome import Reason
from verifier.formats.oci.choice import ATTESTATION, REFERENCE_TYPE
from verifier.formats.oci.manifest import Descriptor, ImageIndex, ImageManifest, parse_manifest
from verifier.inspecting.inspected import Node
from verifier.sources.beside import beside
from verifier.sources.place import Place, Resolved

MAX_PARTS: Final = 16
"""Platforms of one index that are asked about: three requests each."""
MAX_NODES: Final = 500
"""Referrers of one manifest that are shown, and layers of one tag."""
_TAGS: Final = (("sig", "signatures"), ("att", "attestations"), ("sbom", "an SBOM that nobody signed"))


class Beside(NamedTuple):
    """The tree, the documents that claim to be signed, and what could not be asked for."""

    tree: Node
    documents: tuple[Document | Refused, ...]
    faults: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


def tree_of(place: Place, found: Resolved, read: ImageManifest | ImageIndex, *, limits: Limits) -> Beside:
    """What hangs on what a reference stands for; never raises for what it reads."""
    looking = _Looking(place, limits)
    children = looking.beside(found.digest)
    parts = read.manifests if isinstance(read, ImageIndex) else ()
    children += [looking.part(each, ask=at < MAX_PARTS) for at, each in enumerate(parts[:MAX_NODES])]
    notes = []
    if len(parts) > MAX_PARTS:
        message = f"of {len(parts)} manifests in the index {MAX_PARTS} were asked about"
        notes.append(Reason(code="input.too-large", subject=place.uri, message=message).as_warning())
    what = read.media_type
    root = Node(name=place.uri, what=what, digest=found.digest, size=len(found.content), children=tuple(children))
    return Beside(root, tuple(looking.documents), tuple(looking.faults), (*notes, *looking.notes))


class _Looking:
    """Asks one place, and keeps what it is told."""

    def __init__(self, place: Place, limits: Limits) -> None:
        self._place, self._limits = place, limits
        self.documents: list[Document | Refused] = []
        self.faults: list[Reason] = []
        self.notes: list[Reason] = []

    def part(self, described: Descriptor, *, ask: bool) -> Node:
        """One manifest of an index, with what is beside it."""
        attestation = dict(described.annotations).get(REFERENCE_TYPE) == ATTESTATION
        name = str(described.platform) if described.platform is not None and not attestation else "manifest"
        what = "BuildKit's attestations, which nobody signed" if attestation else described.media_type
        children = self.beside(described.digest) if ask and not attestation else []
        return Node(name=name, what=what, digest=described.digest, size=described.size, children=tuple(children))

    def beside(self, digest: Digest) -> list[Node]:
        """What refers to a manifest, and what lies under the tags that go with it; its documents are kept."""
        nodes = [*self._referrers(digest), *self._tags(digest)]
        if nodes:
            for format_ in ("bundle", "legacy"):
                self.documents += beside(self._place, digest, format_, limits=self._limits)
        return nodes

    def _referrers(self, digest: Digest) -> list[Node]:
        try:
            listed = self._place.referrers(digest)
        except Refused as refusal:
            self.faults += refusal.reasons
            return []
        self.notes += [each.as_warning() for each in listed.notes]
        return [
            Node(name="refers to it", what=each.artifact_type or each.media_type, digest=each.digest, size=each.size)
            for each in listed.descriptors[:MAX_NODES]
        ]

    def _tags(self, digest: Digest) -> list[Node]:
        nodes = []
        for ending, what in _TAGS:
            tag = f"{digest.algorithm}-{digest.value}.{ending}"
            try:
                found = self._place.tagged(tag)
                if found is not None:
                    nodes.append(self._tagged(found, f"tag {tag}", what))
            except Refused as refusal:
                self.faults += refusal.reasons
        return nodes

    def _tagged(self, found: Resolved, name: str, what: str) -> Node:
        read = parse_manifest(found.content, content_type=found.media_type, subject=name)
        layers = read.layers if isinstance(read, ImageManifest) else read.manifests
        children = [
            Node(name="layer", what=each.media_type, digest=each.digest, size=each.size) for each in layers[:MAX_NODES]
        ]
        return Node(name=name, what=what, digest=found.digest, size=len(found.content), children=tuple(children))
