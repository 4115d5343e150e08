"""What Rego is asked for a verification: `RegoEngine` analyses modules, `RuleEngine` judges by organisation rules.

`built_in` is the first one with a memory.

* `analyse` answers for every module that it was given, in the same order, and never raises for hostile Rego:
  what it could not establish is a `problem` of that module, never an empty set of builtins
* `evaluate` returns denials and nothing else: a rule can deny, and no rule can allow
* rules that could carry the evidence away are refused before they run
* an evaluation that did not run to its end, or whose answer might not be OPA's, raises `Refused` with
  `organisation.unevaluated`
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
    """A Rego compiler; `regocpp` and `opa` are the two there are."""

    @property
    def name(self) -> str:
        """The name that `--rego-engine` chooses it by."""

    def analyse(self, modules: Sequence[RegoModule]) -> tuple[ModuleAnalysis, ...]:
        """The package and the calls of each module, in the order given; of `NamedModules` it may remember the name."""


class RuleEngine(Protocol):
    """What judges by rules that can only deny. A policy names it: `opa`, or `embedded`."""

    def evaluate(
        self, rules: Sequence[RegoModule], *, document: Mapping[str, JsonValue], series: str
    ) -> tuple[OrganisationDenial, ...]:
        """Every member of every `deny` set in `rules`, with `document` as `input`.

        `series` is the OPA that the policy wants to have judged by ("1", "1.22"). Raises `Refused`.
        """
