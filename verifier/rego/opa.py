"""The engine for those who have a real OPA: its parser, its compiler, its evaluator, as child processes.

 * what `opa check` refuses is invalid; what OPA could not be asked about has a problem
 * builtins are read from OPA's own syntax tree: `opa inspect` passes over calls inside `every` and `print` (1.22)
 * OPA fetches nothing: no host is allowed for remote schemas, and organisation rules compile only against the
   builtins that reach nothing

Source: https://www.openpolicyagent.org/docs/cli.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from verifier.core.errors import refuse
from verifier.core.rego import ModuleAnalysis, RegoModule
from verifier.core.value import Value, replace
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import compact, spaced
from verifier.rego.builtins import AMBIENT, matches
from verifier.rego.child import Command, Limits, run_child
from verifier.rego.denials import RULE, denials_of, refuse_ambient_authority
from verifier.rego.interface import OrganisationDenial
from verifier.rego.syntax import builtins_of, defines, package_of, rules_of

_BUNDLE, _CAPABILITIES = "bundle", "capabilities.json"
_ENVIRONMENT = {"GOMAXPROCS": "2", "GOMEMLIMIT": "768MiB"}
_LIMITS = Limits(memory_bytes=1024 * 1024 * 1024, cpu_s=30)
SLOWEST_S = 20.0
"""Seconds for one child: some short modules take OPA's parser minutes, and the others shall not wait for them."""
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
                known = opa.prepare(modules, ambient=True)
                invalid, elsewhere = opa.check()
            except _Problem as problem:
                return tuple(ModuleAnalysis(path=module.path, problem=str(problem)) for module in modules)
            found = (opa.analyse(index, module, known, invalid) for index, module in enumerate(modules))
            return tuple(
                replace(each, unknown=elsewhere.get(_file(index), ())) if not each.problem else each
                for index, each in enumerate(found)
            )

    def evaluate(
        self, rules: Sequence[RegoModule], *, document: Mapping[str, JsonValue]
    ) -> tuple[OrganisationDenial, ...]:
        """Every member of every `deny` set; raises `Refused` (`organisation.not-evaluated`)."""
        refuse_ambient_authority(self.analyse(rules))
        with TemporaryDirectory(prefix="verifier-") as folder:
            opa = _Opa(executable=self.executable, folder=Path(folder), deadline=time.monotonic() + self.timeout_s)
            try:
                opa.prepare(rules, ambient=False)
                return tuple(opa.denials(rules, spaced(document).encode()))
            except _Problem as problem:
                subject = ", ".join(rule.path for rule in rules)
                raise refuse("organisation.not-evaluated", subject, str(problem)) from problem


class _Problem(Exception):
    """Why OPA gave no answer."""


class _Invalid(_Problem):
    """Why OPA says that a module is not Rego."""


class _Opa(Value):
    """Modules in a folder of their own, laid out as a bundle, and an OPA that is asked about them."""

    executable: str
    folder: Path
    deadline: float

    def prepare(self, modules: Sequence[RegoModule], *, ambient: bool) -> frozenset[str]:
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
        if not ambient:
            allowed = [builtin for builtin in capabilities["builtins"] if not matches(builtin["name"], AMBIENT)]
            capabilities["builtins"] = allowed
        (self.folder / _CAPABILITIES).write_text(spaced(capabilities), encoding="utf-8")
        return frozenset(builtin["name"] for builtin in capabilities["builtins"])

    def check(self) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
        """For each file that the compiler refuses its first message, and the functions that no module here defines.

        Raises `_Problem` where it names no file.
        """
        answer = self._ask("check", "--bundle", _BUNDLE, "--capabilities", _CAPABILITIES, "--format=json")
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

    def denials(self, rules: Sequence[RegoModule], document: bytes) -> Iterator[OrganisationDenial]:
        """Evaluate the `deny` set of each package that has one."""
        packages: dict[tuple[str, ...], str] = {}
        for index, rule in enumerate(rules):
            tree = self._parse(index, rule)
            if defines(tree, RULE):
                packages.setdefault(package_of(tree), rule.path)
        if not packages:
            raise _Problem(f"defines no {RULE} rule")
        for package, path in packages.items():
            yield from denials_of(self._evaluate(package, document), package=package, path=path)

    def _evaluate(self, package: tuple[str, ...], document: bytes) -> Any:
        query = "data" + "".join(f"[{compact(part)}]" for part in (*package, RULE))
        options = ("--bundle", _BUNDLE, "--capabilities", _CAPABILITIES, "--format=json")
        answer = self._ask("eval", *options, "--strict-builtin-errors", "--stdin-input", query, request=document)
        if errors := _errors(answer):
            raise _Problem(f"{query} failed: {errors[0]['message']}")
        if not answer.get("result"):
            raise _Problem(f"{query} is undefined")
        return answer["result"][0]["expressions"][0]["value"]

    def _parse(self, index: int, module: RegoModule) -> Any:
        language = ("--v0-compatible",) if module.version == 0 else ()
        tree = self._ask("parse", *language, "--format=json", f"{_BUNDLE}/{_file(index)}")
        if refusals := _refusals(tree):
            raise _Invalid(next(iter(refusals.values())))
        if "package" not in tree:
            raise _Problem("opa parse gave no syntax tree")
        return tree

    def _ask(self, *arguments: str, request: bytes = b"") -> dict[str, Any]:
        """The JSON object that `opa ARGUMENTS` prints, {} for nothing: some successes are silent."""
        command = Command(
            arguments=(self.executable, *arguments),
            limits=_LIMITS,
            folder=self.folder,
            environment=_ENVIRONMENT,
            complaints=arguments[0] in {"check", "parse"},  # which print their errors there
        )
        left = self.deadline - time.monotonic()
        ended = run_child(command, request=request, timeout_s=min(left, SLOWEST_S))
        if ended.late or ended.flooded or ended.status not in {0, 1, 2}:
            raise _Problem(f"opa {arguments[0]} {ended.how}")
        try:
            answer = json.loads(ended.output or b"{}")
        except (ValueError, RecursionError) as error:
            raise _Problem(f"opa {arguments[0]} {ended.how} and printed no JSON") from error
        if not isinstance(answer, dict) or (ended.status != 0 and not answer):
            raise _Problem(f"opa {arguments[0]} {ended.how} and explained nothing")
        return answer


def _file(index: int) -> str:
    return f"{index}.rego"


def _refusals(answer: Mapping[str, Any]) -> dict[str, str]:
    """The compiler's first message for each file; "" for what it says of no file."""
    found: dict[str, str] = {}
    for error in _errors(answer):
        if not error["message"].startswith(_ELSEWHERE):
            location = error.get("location") or {}
            line = f"line {location['row']}: " if location.get("row") else ""
            found.setdefault(Path(location.get("file", "")).name, f"{line}{error['message']}")
    return found


def _elsewhere(answer: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """For each file the functions that it calls by `data.…` and that are not there."""
    found: dict[str, tuple[str, ...]] = {}
    for error in _errors(answer):
        if error["message"].startswith(_ELSEWHERE):
            name = Path((error.get("location") or {}).get("file", "")).name
            found[name] = (*found.get(name, ()), error["message"].removeprefix(_FUNCTION))
    return found


def _errors(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return answer.get("errors") or []
