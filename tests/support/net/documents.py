"""Manifests as clients push them, and descriptors of bytes: values for those who push, JSON for those who write."""

import json

from verifier.core.digest import Digest
from verifier.formats.oci.manifest import OCI_MANIFEST, Descriptor

EMPTY = b"{}"
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
NOTE_TYPE = "application/vnd.example.note"


def described(content, media_type=NOTE_TYPE):
    return Descriptor(media_type=media_type, digest=Digest.of(content), size=len(content))


def written(descriptor):
    """A descriptor as JSON has it."""
    return {"mediaType": descriptor.media_type, "digest": str(descriptor.digest), "size": descriptor.size}


def note(content=b"a note", *, about=None, **annotations):
    """A manifest with one layer; `about` is the bytes of the manifest that it refers to."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": NOTE_TYPE,
        "config": written(described(EMPTY, EMPTY_TYPE)),
        "layers": [written(described(content))],
        "annotations": annotations,
    }
    subject = {} if about is None else {"subject": written(described(about, OCI_MANIFEST))}
    return json.dumps(document | subject).encode()


def push_note(destination, content=b"a note", *, tag=None, about=None, **annotations):
    """Push one and what it is made of; the bytes of its manifest."""
    for each in (EMPTY, content):
        destination.push_blob(described(each), each)
    manifest = note(content, about=about, **annotations)
    destination.push_manifest(manifest, media_type=OCI_MANIFEST, tag=tag)
    return manifest
