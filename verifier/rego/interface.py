"""What a Rego engine does for a verification; `regocpp` and `opa` are the two there are.

`built_in` is the first one with a memory.

* `analyse` answers for every module that it was given, in the same order, and never raises for hostile Rego:
  what it could not establish is a `problem` of that module, never an empty set of builtins
* `evaluate` returns denials and nothing else: a rule can deny, and no rule can allow
* rules that could carry the evidence away are refused before they run
* an evaluation that did not run to its end raises `Refused` with `organisation.not-evaluated`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from verifier.core.rego import ModuleAnalysis, RegoModule
from verifier.core.value import Value
from verifier.formats.json.strict_json import JsonValue


class OrganisationDenial(Value):
    """One member of a `deny` set: `rule` names the set ("data.release.deny"), `path` the file that defines it."""

    rule: str
    path: str
    message: str


class RegoEngine(Protocol):
    """A Rego compiler and evaluator."""

    @property
    def name(self) -> str:
        """The name that `--rego-engine` chooses it by."""

    def analyse(self, modules: Sequence[RegoModule]) -> tuple[ModuleAnalysis, ...]:
        """The package and the calls of each module, in the order given; of `NamedModules` it may remember the name."""

    def evaluate(
        self, rules: Sequence[RegoModule], *, document: Mapping[str, JsonValue]
    ) -> tuple[OrganisationDenial, ...]:
        """Every member of every `deny` set in `rules`, with `document` as `input`."""
