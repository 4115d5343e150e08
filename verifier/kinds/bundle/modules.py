"""The Rego in a bundle, and what compilers find in it.

* modules are analysed where the policy asks about them, or where the caller gave an engine
* what nobody has signed is not given to a compiler: it is denied whatever it calls
* what was compiled before runs as modules do and cannot be looked into: it is named with its problem
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.rego import NO_ENGINE, ModuleAnalysis
from verifier.kinds.bundle.artifact import Bundle
from verifier.trust.evaluate import asks_about_modules
from verifier.trust.model import ArtifactRule

if TYPE_CHECKING:
    from verifier.rego.interface import RegoEngine

_COMPILED = frozenset({"policy.wasm", "plan.json", "plan.pb"})
"""What `opa build` makes of modules: OPA and its SDKs run it, builtins included."""


def analyse_modules(artifact: Artifact, rule: ArtifactRule, engine: RegoEngine | None) -> tuple[ModuleAnalysis, ...]:
    """What a compiler finds in each module of the bundle; nothing where nobody asks."""
    if not isinstance(artifact, Bundle) or (engine is None and not asks_about_modules(rule)):
        return ()
    compiled = (file.name for file in artifact.files if file.name.rpartition("/")[2] in _COMPILED)
    opaque = (ModuleAnalysis(path=path, problem="is compiled: what it calls is not to be seen") for path in compiled)
    if engine is not None:
        return (*engine.analyse(artifact.modules), *opaque)
    return (*(ModuleAnalysis(path=module.path, problem=NO_ENGINE) for module in artifact.modules), *opaque)
