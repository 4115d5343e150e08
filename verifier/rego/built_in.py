"""The engine that is there unless another is named: rego-cpp, started where something is asked that it has not said.

* what it has found in a module is remembered: in this process always, on disk where there is a folder for it
* where it is not installed, no process is started to find that out
* a module that is nothing but its package calls nothing: no compiler is asked
* this module loads neither the compiler nor what starts it: most verifications need neither
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.rego import HOW_TO_INSTALL, NOT_INSTALLED, ModuleAnalysis, NamedModules, RegoModule
from verifier.core.value import Value
from verifier.core.version import VERSION
from verifier.formats.opa.package_clause import is_nothing_else, package_of
from verifier.rego.kept import KeptAnalyses, at

_MAX_REMEMBERED: Final = 20_000
"""Modules that a process remembers: some ten megabytes."""
_MAX_ARTIFACTS: Final = 256


class BuiltInEngine(Value):
    """rego-cpp; `folder` is where it keeps what it has found, None for nowhere.

    A folder that cannot be ours alone is not used, and `tell` is told why; where there is no `tell`, it is a
    `ConfigurationError` as soon as something is asked.
    """

    folder: Path | None = None
    tell: Callable[[str], object] | None = None
    name: str = "regocpp"

    def analyse(self, modules: Sequence[RegoModule]) -> tuple[ModuleAnalysis, ...]:
        """The package and the calls of each module, in the order given."""
        compiler = installed()
        if not compiler:
            return tuple(map(_missing, modules))
        of = modules.name if isinstance(modules, NamedModules) else ""
        if of and (known := _MEMORY.recall(compiler, of)) is not None:
            return known
        kept = self._kept(compiler)
        recalled = kept.recall(of) if kept is not None and of else None
        found = _analysed(tuple(modules), compiler, kept, of) if recalled is None else recalled
        if of and all(analysis.final for analysis in found):
            _MEMORY.keep(compiler, of, found)
        return found

    def _kept(self, compiler: str) -> KeptAnalyses | None:
        if self.folder is None:
            return None
        try:
            return KeptAnalyses(self.folder, compiler)
        except ConfigurationError as error:
            if self.tell is None:
                raise
            self.tell(f"What the Rego compiler finds is not kept in {self.folder}: {error.message}")
            return None


def _missing(module: RegoModule) -> ModuleAnalysis:
    return ModuleAnalysis(path=module.path, problem=NOT_INSTALLED, hint=HOW_TO_INSTALL, final=False)


def installed() -> str:
    """The compiler's name and version with ours, "" where there is no compiler."""
    found = PathFinder.find_spec("regopy")
    if found is None or found.origin is None:
        return ""
    site = Path(found.origin).parent.parent
    versions = sorted(name for name in os.listdir(site) if name.startswith("regopy-"))  # noqa: PTH208 - names are enough
    return f"{' '.join(versions) or found.origin} policy-verifier {VERSION}"


class _Memory:
    """What this process has found, by compiler and module, and by artifact; the oldest goes first."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, RegoModule], ModuleAnalysis] = {}
        self._artifacts: dict[tuple[str, str], tuple[ModuleAnalysis, ...]] = {}
        self._lock = threading.Lock()

    def recall(self, compiler: str, artifact: str) -> tuple[ModuleAnalysis, ...] | None:
        """All that was found in the artifact of that name."""
        return self._artifacts.get((compiler, artifact))

    def keep(self, compiler: str, artifact: str, analyses: tuple[ModuleAnalysis, ...]) -> None:
        """Remember an artifact, as long as there are not too many modules in all of them."""
        with self._lock:
            kept = self._artifacts
            while kept and (
                len(kept) >= _MAX_ARTIFACTS or sum(map(len, kept.values())) + len(analyses) > _MAX_REMEMBERED
            ):
                del kept[next(iter(kept))]
            if len(analyses) <= _MAX_REMEMBERED:
                kept[compiler, artifact] = analyses

    def get(self, compiler: str, module: RegoModule) -> ModuleAnalysis | None:
        return self._found.get((compiler, module))

    def put(self, compiler: str, module: RegoModule, analysis: ModuleAnalysis) -> None:
        with self._lock:
            while len(self._found) >= _MAX_REMEMBERED:
                del self._found[next(iter(self._found))]
            self._found[compiler, module] = analysis


_MEMORY: Final = _Memory()


def _known(compiler: str, module: RegoModule) -> ModuleAnalysis | None:
    """What there is to say of a module that no compiler has to be asked about."""
    source = module.source.encode("utf-8", "surrogatepass")
    if not is_nothing_else(source):
        return _MEMORY.get(compiler, module)
    try:
        return ModuleAnalysis(path=module.path, package=package_of(source))
    except ValueError:
        return None


def _analysed(
    modules: tuple[RegoModule, ...], compiler: str, kept: KeptAnalyses | None, of: str
) -> tuple[ModuleAnalysis, ...]:
    found = {index: each for index, module in enumerate(modules) if (each := _known(compiler, module)) is not None}
    if len(found) == len(modules):
        return tuple(found.values())
    unknown = [index for index in range(len(modules)) if index not in found]
    if kept is not None and unknown:
        elsewhere = kept.find([modules[index] for index in unknown])
        for index in unknown:
            if (analysis := elsewhere.get(kept.key(modules[index]))) is not None:
                found[index] = at(modules[index], analysis)
        unknown = [index for index in unknown if index not in found]
    if unknown:
        from verifier.rego.regocpp import RegoCppEngine  # noqa: PLC0415 - only where something is new

        fresh = RegoCppEngine().analyse([modules[index] for index in unknown])
        found.update(zip(unknown, fresh, strict=True))
    analyses = tuple(found[index] for index in range(len(modules)))
    for module, analysis in zip(modules, analyses, strict=True):
        if analysis.final:
            _MEMORY.put(compiler, module, analysis)
    if kept is not None:
        kept.keep(of, modules, analyses)
    return analyses
