"""What is attached to an artifact by its digest: an artifact manifest whose subject is the artifact.

* one document, one manifest: the same document for the same subject makes the same digest
* signed documents are Sigstore bundles, as cosign 3 writes and finds them
* what nobody signed keeps the type that its own format has, and is never called by a type that is evidence

Source: cosign 3 `pkg/cosign/bundle`; OCI image specification 1.1, "Guidelines for artifact usage".
"""

from __future__ import annotations

from typing import Final

from verifier.formats.oci.manifest import OCI_MANIFEST, Descriptor
from verifier.formats.oci.write import write_manifest
from verifier.publish.push.bundle import CREATED, TITLE
from verifier.publish.push.evidence import Evidence
from verifier.publish.push.written import Part, Referrer, held, manifest_of

EMPTY_CONFIG: Final = "application/vnd.oci.empty.v1+json"
_CONTENT: Final = "dev.sigstore.bundle.content"
_PREDICATE: Final = "dev.sigstore.bundle.predicateType"


def referrer(evidence: Evidence, subject: Descriptor, *, created: str | None = None) -> Referrer:
    """The manifest that attaches `evidence` to `subject`; `created` is said only where it is given."""
    said = [(CREATED, created)] if created else []
    layer = held(evidence.content, evidence.media_type)
    if evidence.predicate_type is not None:
        said += [(_CONTENT, "dsse-envelope"), (_PREDICATE, evidence.predicate_type)]
    else:
        layer = held(evidence.content, evidence.media_type, annotations=((TITLE, evidence.file_name),))
    config = held(b"{}", EMPTY_CONFIG)
    annotations = tuple(sorted(said))
    content = write_manifest(
        config=config.descriptor,
        layers=[layer.descriptor],
        subject=subject,
        artifact_type=evidence.media_type,
        annotations=annotations,
    )
    manifest = manifest_of(content, OCI_MANIFEST, artifact_type=evidence.media_type, annotations=annotations)
    part = Part(manifest=manifest, blobs=(config, layer))
    return Referrer(part=part, subject=subject.digest, what=evidence.what, name=evidence.name)
