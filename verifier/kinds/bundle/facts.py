"""What the organisation's rules see of a bundle, as `input.bundle` (docs/evidence-document.md)."""

from __future__ import annotations

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.rego import ModuleAnalysis
from verifier.evidence.inspection import Evidence
from verifier.formats.json.strict_json import JsonValue
from verifier.kinds.bundle.artifact import Bundle


def facts(artifact: Artifact, evidence: Evidence) -> JsonValue:
    """What the manifest and the archive say, and what a compiler found in the modules."""
    if not isinstance(artifact, Bundle):
        return None
    manifest = artifact.manifest
    return {
        "revision": manifest.revision if manifest else None,
        "roots": [*(manifest.roots if manifest else ("",))],
        "regoVersion": manifest.rego_version if manifest else None,
        "metadata": dict(manifest.metadata) if manifest else {},
        "files": [
            {"path": file.name, "size": len(file.content), "sha256": Digest.of(file.content).value}
            for file in artifact.files
        ],
        "modules": [_module(module) for module in evidence.analyses],
    }


def _module(module: ModuleAnalysis) -> JsonValue:
    return {
        "path": module.path,
        "package": [*module.package] if module.package is not None else None,
        "builtins": [*sorted(module.builtins)],
        "analysed": not module.problem,
    }
