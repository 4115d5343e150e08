"""The Rego in a bundle, and what compilers find in it.

* every module is analysed, whatever the policy asks: what OPA cannot load is not accepted
* what was found in a bundle once is not looked for again, where the engine remembers: its bytes name its modules
* what nobody has signed is not given to a compiler: it is denied whatever it calls
* what was compiled before runs as modules do and cannot be looked into: it is named with its problem
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.rego import NO_ENGINE, ModuleAnalysis
from verifier.formats.opa.compiled import COMPILED
from verifier.kinds.bundle.artifact import Bundle
from verifier.trust.evaluate import asks_about_modules
from verifier.trust.model import ArtifactRule

if TYPE_CHECKING:
    from verifier.rego.interface import RegoEngine


def analyse_modules(artifact: Artifact, rule: ArtifactRule, engine: RegoEngine | None) -> tuple[ModuleAnalysis, ...]:
    """What a compiler finds in each module; and what is compiled already, where the rule asks what it calls."""
    if not isinstance(artifact, Bundle):
        return ()
    opaque = tuple(_compiled(artifact)) if asks_about_modules(rule) else ()
    if engine is None:
        return (*(ModuleAnalysis(path=module.path, problem=NO_ENGINE) for module in artifact.modules), *opaque)
    return (*engine.analyse(artifact.modules), *opaque)


def _compiled(bundle: Bundle) -> Iterator[ModuleAnalysis]:
    for file in bundle.files:
        if file.name.rpartition("/")[2] in COMPILED:
            yield ModuleAnalysis(path=file.name, problem="is compiled: what it calls is not to be seen")
