"""The index under a fallback tag, which clients keep where a registry does not list referrers by itself.

* what others have put there stays as it is, with whatever it says beside what is known here
* what is there and is no such index is refused, and never written over
* an entry says what the specification has a client say: the artifact's type and the manifest's annotations

Source: OCI distribution specification 1.1, "Referrers Tag Schema" and "Pushing Manifests with Subject".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.json import strict_json, write
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.oci.manifest import MAX_MANIFEST_BYTES, OCI_INDEX, ImageIndex, ImageManifest
from verifier.net.registry.referrers import MAX_REFERRERS, listed
from verifier.net.registry.repository import Pulled

Merge = Callable[[Pulled | None], bytes | None]
"""What to put under a tag in the place of what is there, or of nothing; None where that will do."""

_SCHEMA: Final = 2


def entry(document: ImageManifest | ImageIndex, digest: Digest, size: int) -> dict[str, JsonValue]:
    """What an index says of a manifest that refers to another one."""
    config_type = document.config.media_type if isinstance(document, ImageManifest) else None
    artifact_type = document.artifact_type or config_type
    said: dict[str, JsonValue] = {"mediaType": document.media_type, "digest": str(digest), "size": size}
    if artifact_type:
        said["artifactType"] = artifact_type
    if document.annotations:
        said["annotations"] = dict(document.annotations)
    return said


def adding(described: dict[str, JsonValue], subject: str) -> Merge:
    """The merge that adds `described` to an index, where its digest is not in there; `subject` names the index."""

    def merge(current: Pulled | None) -> bytes | None:
        index: dict[str, JsonValue] = {"schemaVersion": _SCHEMA, "mediaType": OCI_INDEX}
        entries: list[JsonValue] = []
        if current is not None:
            there = listed(current.content, current.content_type, subject)
            if described["digest"] in {str(each.digest) for each in there}:
                return None
            held = strict_json.loads(current.content, subject=subject)
            if isinstance(held, dict):  # it is, for it was read as an index
                index, stands = held, held.get("manifests")
                entries = stands if isinstance(stands, list) else []
        content = write.compact({**index, "manifests": [*entries, described]}).encode()
        if len(entries) >= MAX_REFERRERS or len(content) > MAX_MANIFEST_BYTES:
            most = f"at most {MAX_REFERRERS} entries and {MAX_MANIFEST_BYTES} bytes are allowed"
            raise refuse("input.too-large", subject, f"{len(entries) + 1} entries in {len(content)} bytes; {most}")
        return content

    return merge
