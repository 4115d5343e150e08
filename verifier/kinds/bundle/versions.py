"""Where a bundle's version may stand: its manifest's revision, or a member of the manifest's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verifier.core.artifact import Artifact
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.opa.manifest import Manifest
from verifier.kinds.bundle.artifact import Bundle
from verifier.kinds.kind import Version


def _manifest(artifact: Artifact) -> Manifest | None:
    return artifact.manifest if isinstance(artifact, Bundle) else None


def _revision(artifact: Artifact, _: str) -> str | None:
    manifest = _manifest(artifact)
    return manifest.revision if manifest is not None else None


def _metadata(artifact: Artifact, path: str) -> str | None:
    manifest = _manifest(artifact)
    value: JsonValue = dict(manifest.metadata) if manifest is not None else None
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return None
    return str(value) if isinstance(value, str | int) else None


PLACES: Mapping[str, Version] = MappingProxyType({"manifest.revision": _revision, "manifest.metadata.": _metadata})
