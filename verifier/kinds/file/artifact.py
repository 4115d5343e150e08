"""Any file, as it is: its bytes and their digests. Nothing inside it is read."""

from __future__ import annotations

import hashlib

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest


def read_blob(content: bytes, *, name: str, resource_uri: str) -> Artifact:
    """The artifact that `content` is; npm's attestations know it by its SHA-512."""
    sha512 = Digest(algorithm="sha512", value=hashlib.sha512(content).hexdigest())
    return Artifact(
        kind="artifact",
        name=name,
        resource_uri=resource_uri,
        digest=Digest.of(content),
        content=content,
        other_digests=(sha512,),
    )


def known_by(digest: Digest, *, name: str, resource_uri: str) -> Artifact:
    """An artifact of which only the digest is known: it can be judged, and there are no bytes to hand on."""
    return Artifact(kind="artifact", name=name, resource_uri=resource_uri, digest=digest, content=b"")
