"""Organisation rules, judged by OPA itself: the command, of a series that the policy pins.

* an OPA that is not there, is of another series, or cannot say its series judges nothing: `organisation.unevaluated`
* rules may call `PURE` alone, and of that what this OPA has; they are compiled against nothing else
* a builtin that fails ends the evaluation, and what cannot be written as OPA reads it is not asked at all
* a rule that defines no `deny`, or a `deny` that is undefined or no set of messages, is no pass
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from verifier.core.errors import refuse
from verifier.core.rego import RegoModule
from verifier.core.value import Value
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import compact, spaced
from verifier.rego.builtins import AMBIENT, PURE, matches
from verifier.rego.children.opa_command import CAPABILITIES, OpaCommand, OpaProblem, errors_of
from verifier.rego.interface import OrganisationDenial
from verifier.rego.organisation.denials import RULE, denials_of
from verifier.rego.syntax import defines, package_of

_RULES = "rules"
_VERSION = re.compile(r"^Version:\s+(\S+)$", re.MULTILINE)
_RELEASE = re.compile(r"\d+\.\d+\.\d+\Z", re.ASCII)
_UNDEFINED = "undefined function "


class OpaRules(Value):
    """The OPA at `executable` (an absolute path), for `timeout_s` seconds in all."""

    executable: str
    timeout_s: float = 60.0
    name: str = "opa"

    def check(self, rules: Sequence[RegoModule], *, series: str) -> str:
        """The version of the OPA that compiles them; raises `Refused` (`organisation.unevaluated`)."""
        with TemporaryDirectory(prefix="verifier-") as folder:
            return self._with(rules, series, folder).check()

    def evaluate(
        self, rules: Sequence[RegoModule], *, document: Mapping[str, JsonValue], series: str
    ) -> tuple[OrganisationDenial, ...]:
        """Every member of every `deny` set; raises `Refused` (`organisation.unevaluated`)."""
        with TemporaryDirectory(prefix="verifier-") as folder:
            return self._with(rules, series, folder).denials(document)

    def _with(self, rules: Sequence[RegoModule], series: str, folder: str) -> _Asked:
        deadline = time.monotonic() + self.timeout_s
        command = OpaCommand(executable=self.executable, folder=Path(folder), deadline=deadline)
        return _Asked(command=command, rules=tuple(rules), series=series)


class _Asked(Value):
    """Some rules, and the OPA that is asked about them in its folder."""

    command: OpaCommand
    rules: tuple[RegoModule, ...]
    series: str

    def check(self) -> str:
        """Compile them; the OPA's version."""
        try:
            version = self._prepare()
            self._packages()
            self._compiled(self.command.ask("check", *self._options(), _RULES))
        except OpaProblem as problem:
            raise self._refused(problem) from problem
        return version

    def denials(self, document: Mapping[str, JsonValue]) -> tuple[OrganisationDenial, ...]:
        try:
            request = _request(document)
            self._prepare()
            packages = self._packages()
            found = [
                denials_of(self._evaluate(package, request), package=package, path=path)
                for package, path in packages.items()
            ]
        except OpaProblem as problem:
            raise self._refused(problem) from problem
        return tuple(denial for denials in found for denial in denials)

    def _prepare(self) -> str:
        """Write the rules, under names of our own, and what they may call; the OPA's version."""
        if not self.rules:
            raise OpaProblem("there are no rules to evaluate")
        version = self._version()
        folder = self.command.folder / _RULES
        folder.mkdir()
        for index, rule in enumerate(self.rules):
            # What is not Unicode becomes bytes that OPA refuses.
            (folder / _file(index)).write_bytes(rule.source.encode("utf-8", "surrogatepass"))
        capabilities = self.command.ask("capabilities", "--current")
        known = capabilities.get("builtins")
        if not isinstance(known, list):
            raise OpaProblem("opa capabilities names no builtins")
        capabilities["builtins"] = [each for each in known if each.get("name") in PURE]
        capabilities["allow_net"] = []  # schema annotations may name remote files
        (self.command.folder / CAPABILITIES).write_text(spaced(capabilities), encoding="utf-8")
        return version

    def _version(self) -> str:
        said = _VERSION.search(self.command.say("version"))
        version = said.group(1)[:40] if said else ""
        if not _RELEASE.match(version) or f"{version}.".startswith(f"{self.series}.") is False:
            seen = f"is {version}" if version else "does not say its version"
            raise OpaProblem(f"are judged by OPA {self.series}, and the `opa` that was found {seen}")
        return version

    def _packages(self) -> dict[tuple[str, ...], str]:
        """The packages that deny, each with the first file that does."""
        packages: dict[tuple[str, ...], str] = {}
        for index, rule in enumerate(self.rules):
            tree = self._compiled(self.command.ask("parse", "--format=json", f"{_RULES}/{_file(index)}"))
            if "package" not in tree:
                raise OpaProblem("opa parse gave no syntax tree")
            if defines(tree, RULE):
                packages.setdefault(package_of(tree), rule.path)
        if not packages:
            raise OpaProblem(f"defines no {RULE} rule")
        return packages

    def _evaluate(self, package: tuple[str, ...], request: bytes) -> Any:
        query = "data" + "".join(f"[{compact(part)}]" for part in (*package, RULE))
        options = ("--data", _RULES, *self._options(), "--strict-builtin-errors", "--stdin-input")
        answer = self._compiled(self.command.ask("eval", *options, query, request=request))
        match answer:
            case {"result": [{"expressions": [{"value": value}]}]}:
                return value
            case {"result": _}:
                raise OpaProblem(f"opa eval gave another answer than one value of {query}")
        raise OpaProblem(f"{query} is undefined")

    def _options(self) -> tuple[str, ...]:
        return ("--capabilities", CAPABILITIES, "--format=json")

    def _compiled(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer, unless OPA has something to complain of."""
        for error in errors_of(answer):
            message = str(error.get("message"))
            if (name := message.removeprefix(_UNDEFINED)) != message and matches(name, AMBIENT):
                message = f"calls {name}; a rule may read nothing but the evidence document"
            location = error.get("location") or {}
            where = f"line {location['row']}: " if location.get("row") else ""
            raise OpaProblem(f"{self._path(str(location.get('file', '')))}{where}{message}")
        return answer

    def _path(self, file: str) -> str:
        """The rule's path where OPA names its file, and there are several."""
        names = {_file(index): rule.path for index, rule in enumerate(self.rules)}
        path = names.get(Path(file).name, "")
        return f"{path}: " if path and len(names) > 1 else ""

    def _refused(self, problem: OpaProblem) -> Exception:
        subject = ", ".join(rule.path for rule in self.rules) or "organisation"
        return refuse("organisation.unevaluated", subject, str(problem))


def _request(document: Mapping[str, JsonValue]) -> bytes:
    """The document as JSON: what is none, OPA would try to read as YAML."""
    try:
        return compact(document, ascii_only=False).encode()
    except (ValueError, RecursionError) as error:  # half a surrogate pair, no number, or too deep
        raise OpaProblem("cannot be asked: the evidence holds what is no text or no number to OPA") from error


def _file(index: int) -> str:
    return f"{index}.rego"
