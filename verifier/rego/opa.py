"""The engine for those who have a real OPA: its parser and its compiler, as child processes with hard limits.

 * what `opa check` refuses is invalid; what OPA could not be asked about has a problem
 * builtins are read from OPA's own syntax tree: `opa inspect` passes over calls inside `every` and `print` (1.22)
 * OPA fetches nothing: no host is allowed for remote schemas

Source: https://www.openpolicyagent.org/docs/cli.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from verifier.core.rego import ModuleAnalysis, RegoModule
from verifier.core.value import Value
from verifier.formats.json.write import compact, spaced
from verifier.rego.children.opa_command import CAPABILITIES, OpaCommand, errors_of
from verifier.rego.children.opa_command import OpaProblem as _Problem
from verifier.rego.syntax import builtins_of, package_of, rules_of

_BUNDLE = "bundle"
_FUNCTION = "undefined function "
_ELSEWHERE = f"{_FUNCTION}data."
"""OPA compiles all its bundles together: a function that this one lacks may be another's."""


class OpaEngine(Value):
    """The OPA at `executable`, for `timeout_s` seconds in all."""

    executable: str
    timeout_s: float = 120.0
    name: str = "opa"

    def analyse(self, modules: Sequence[RegoModule]) -> tuple[ModuleAnalysis, ...]:
        """The package and the builtins of each module, in the order given."""
        if not modules:
            return ()
        with TemporaryDirectory(prefix="verifier-") as folder:
            try:
                opa = _Opa(executable=self.executable, folder=Path(folder), deadline=time.monotonic() + self.timeout_s)
                known = opa.prepare(modules)
                invalid, elsewhere = opa.check()
            except _Problem as problem:
                return tuple(ModuleAnalysis(path=module.path, problem=str(problem)) for module in modules)
            found = (opa.analyse(index, module, known, invalid) for index, module in enumerate(modules))
            return tuple(
                each._replace(unknown=elsewhere.get(_file(index), ())) if not each.problem else each
                for index, each in enumerate(found)
            )


class _Invalid(_Problem):
    """Why OPA says that a module is not Rego."""


class _Opa(Value):
    """Modules in a folder of their own, laid out as a bundle, and an OPA that is asked about them."""

    executable: str
    folder: Path
    deadline: float

    def prepare(self, modules: Sequence[RegoModule]) -> frozenset[str]:
        """Write the modules under names of our own; returns the names of OPA's builtins."""
        bundle = self.folder / _BUNDLE
        bundle.mkdir()
        for index, module in enumerate(modules):
            # What is not Unicode becomes bytes that OPA refuses.
            (bundle / _file(index)).write_bytes(module.source.encode("utf-8", "surrogatepass"))
        versions = {f"/{_file(index)}": module.version for index, module in enumerate(modules)}
        manifest = {"rego_version": 1, "file_rego_versions": versions}
        (bundle / ".manifest").write_text(compact(manifest), encoding="utf-8")

        capabilities = self._ask("capabilities", "--current")
        capabilities["allow_net"] = []  # schema annotations may name remote files
        (self.folder / CAPABILITIES).write_text(spaced(capabilities), encoding="utf-8")
        return frozenset(builtin["name"] for builtin in capabilities["builtins"])

    def check(self) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
        """For each file that the compiler refuses its first message, and the functions that no module here defines.

        Raises `_Problem` where it names no file.
        """
        answer = self._ask("check", "--bundle", _BUNDLE, "--capabilities", CAPABILITIES, "--format=json")
        invalid = _refusals(answer)
        if "" in invalid:
            raise _Problem(f"opa check: {invalid['']}")
        return invalid, _elsewhere(answer)

    def analyse(
        self, index: int, module: RegoModule, known: frozenset[str], invalid: Mapping[str, str]
    ) -> ModuleAnalysis:
        if refusal := invalid.get(_file(index)):
            return ModuleAnalysis(path=module.path, problem=refusal, invalid=True)
        try:
            tree = self._parse(index, module)
        except _Invalid as problem:
            return ModuleAnalysis(path=module.path, problem=str(problem), invalid=True)
        except _Problem as problem:
            return ModuleAnalysis(path=module.path, problem=str(problem))
        rules = frozenset(rules_of(tree))
        return ModuleAnalysis(
            path=module.path,
            package=package_of(tree),
            builtins=builtins_of(tree, known),
            rules=frozenset(place for place, _ in rules),
            whole=frozenset(place for place, whole in rules if whole),
        )

    def _parse(self, index: int, module: RegoModule) -> Any:
        language = ("--v0-compatible",) if module.version == 0 else ()
        tree = self._ask("parse", *language, "--format=json", f"{_BUNDLE}/{_file(index)}")
        if refusals := _refusals(tree):
            raise _Invalid(next(iter(refusals.values())))
        if "package" not in tree:
            raise _Problem("opa parse gave no syntax tree")
        return tree

    def _ask(self, *arguments: str, request: bytes = b"") -> dict[str, Any]:
        return OpaCommand(executable=self.executable, folder=self.folder, deadline=self.deadline).ask(
            *arguments, request=request
        )


def _file(index: int) -> str:
    return f"{index}.rego"


def _refusals(answer: Mapping[str, Any]) -> dict[str, str]:
    """The compiler's first message for each file; "" for what it says of no file."""
    found: dict[str, str] = {}
    for error in errors_of(answer):
        if not error["message"].startswith(_ELSEWHERE):
            location = error.get("location") or {}
            line = f"line {location['row']}: " if location.get("row") else ""
            found.setdefault(Path(location.get("file", "")).name, f"{line}{error['message']}")
    return found


def _elsewhere(answer: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """For each file the functions that it calls by `data.…` and that are not there."""
    found: dict[str, tuple[str, ...]] = {}
    for error in errors_of(answer):
        if error["message"].startswith(_ELSEWHERE):
            name = Path((error.get("location") or {}).get("file", "")).name
            found[name] = (*found.get(name, ()), error["message"].removeprefix(_FUNCTION))
    return found
