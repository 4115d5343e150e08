"""How a bundle in a registry hangs on what its reference stands for: an index perhaps, a manifest, a layer.

* what is signed beside a bundle is the document, and that names the bundle by a chain of digests: every link is held
  against the bytes that it names, also where the documents have been kept meanwhile
* an index is followed only where it leaves one manifest, beside attestation manifests about that (`formats.oci.choice`)
* a manifest that an index leads to has the size and the type that the index says

Source: OPA `v1/download/oci_download.go`; formats/opa-bundle.md section 6.
"""

from __future__ import annotations

import hashlib

from verifier.core.artifact import Attested
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value
from verifier.formats.oci.choice import bundle_layer, chosen_manifest
from verifier.formats.oci.manifest import Descriptor, ImageIndex, ImageManifest, parse_manifest
from verifier.sources.place import Place, Resolved


class Chain(Value):
    """The documents that lead to a bundle, that of the reference first, and the `registry/repository` of all."""

    documents: tuple[Resolved, ...]
    repository: str | None = None

    def attested(self) -> tuple[Attested, ...]:
        """The documents, as what evidence may be about."""
        return tuple(
            Attested(digest=each.digest, content=each.content, repository=self.repository) for each in self.documents
        )


class Whereabouts(Value):
    """Where an artifact was fetched from, as it was then: how its reference led to it, and what was found beside it.

    `beside` is as much of what lies there as was asked for, documents or why there is none.
    """

    chain: Chain
    beside: tuple[Document | Refused, ...] = ()


def walk(place: Place, resolved: Resolved) -> tuple[Chain, Descriptor]:
    """The chain that begins with what a reference was `resolved` to, and the layer that it leads to."""
    documents, read = [resolved], _read(resolved, place.uri)
    if isinstance(read, ImageIndex):
        documents.append(place.manifest(chosen_manifest(read, subject=place.uri).digest))
    chain = Chain(documents=tuple(documents), repository=place.repository)
    return chain, layer_of(chain, subject=place.uri)


def layer_of(chain: Chain, *, subject: str) -> Descriptor:
    """The layer that a chain leads to; `Refused` (`image.*`, `json.*`) where a link of it does not hold."""
    for each in chain.documents:
        _require(each.content, each.digest, subject)
    first, *more = chain.documents
    read = _read(first, subject)
    if isinstance(read, ImageIndex):
        if len(more) != 1:
            raise refuse("image.malformed", subject, "an index, and not the one manifest that it leads to")
        read = _of_index(more[0], chosen_manifest(read, subject=subject), subject)
    elif more:
        raise refuse("image.malformed", subject, "a manifest, and documents that it does not lead to")
    return bundle_layer(read, subject=subject)


def require_layer(content: bytes, layer: Descriptor, *, subject: str) -> None:
    """Refuse bytes that are not what `layer` stands for."""
    if len(content) != layer.size:
        message = f"{len(content)} bytes, expected the {layer.size} of its descriptor"
        raise refuse("image.digest-mismatch", f"{subject} ({layer.digest})", message)
    _require(content, layer.digest, subject)


def _of_index(found: Resolved, described: Descriptor, subject: str) -> ImageManifest:
    if found.digest != described.digest or len(found.content) != described.size:
        message = f"{len(found.content)} bytes, expected the {described.size} of its descriptor"
        raise refuse("image.digest-mismatch", f"{subject} ({described.digest})", message)
    read = _read(found, subject)
    if isinstance(read, ImageIndex):
        raise refuse("image.ambiguous-manifest", subject, "an index within an index, expected a manifest")
    if read.media_type != described.media_type:
        message = f"the manifest {described.digest} is {read.media_type}, and the index says {described.media_type}"
        raise refuse("image.malformed", subject, message)
    return read


def _read(found: Resolved, subject: str) -> ImageManifest | ImageIndex:
    return parse_manifest(found.content, content_type=found.media_type, subject=subject)


def _require(content: bytes, digest: Digest, subject: str) -> None:
    seen = hashlib.new(digest.algorithm, content).hexdigest()
    if seen != digest.value:
        raise _another(digest, seen, subject)


def _another(digest: Digest, seen: str, subject: str) -> Refused:
    return refuse("image.digest-mismatch", subject, f"its {digest.algorithm} is {seen}, expected {digest.value}")
