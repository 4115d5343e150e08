"""Any file as a kind of artifact: nothing inside it is read, and its digest alone may stand for it."""

from __future__ import annotations

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.kinds.file.artifact import known_by, read_blob
from verifier.kinds.kind import Kind, Reading


def _read(content: bytes, reading: Reading) -> Artifact:
    return read_blob(content, name=reading.name, resource_uri=reading.resource_uri)


def _known_by(digest: Digest, reading: Reading) -> Artifact:
    return known_by(digest, name=reading.name, resource_uri=reading.resource_uri)


KIND = Kind(name="artifact", read=_read, known_by=_known_by)
