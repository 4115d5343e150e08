"""The engine for organisation rules that needs no OPA: a subset of Rego, enforced by name.

* what it answers, OPA answers alike: `tests/interop/differential/test_organisation.py` holds one against the other
* anything else, in the text or in the values that it meets, is `organisation.unevaluated`, a denial that names it
* pure: no child, no clock, no file; steps, depth and sizes are bounded
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verifier.core.errors import Refused, refuse
from verifier.core.rego import RegoModule
from verifier.core.value import Value
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import compact
from verifier.rego.interface import OrganisationDenial
from verifier.rego.organisation.denials import RULE, denials_of
from verifier.rego.organisation.embedded.checks import check_package
from verifier.rego.organisation.embedded.evaluation import Evaluation
from verifier.rego.organisation.embedded.reader import read_module
from verifier.rego.organisation.embedded.tokens import OutsideSubset
from verifier.rego.organisation.embedded.tree import Module
from verifier.rego.organisation.embedded.values import Budget, Unanswered, kind_of

MAX_STEPS = 5_000_000
"""Of one evaluation: some seconds."""
_HINT = (
    'Write the rule in the subset of docs/rego.md, or let OPA judge it: `engine = "opa"` in the policy, and an `opa` on'
    " PATH."
)


class EmbeddedEngine(Value):
    """The embedded engine, with so many steps for all rules together."""

    steps: int = MAX_STEPS
    name: str = "embedded"

    def check(self, rules: Sequence[RegoModule]) -> None:
        """Whether the rules are in the subset; raises `Refused` (`organisation.unevaluated`)."""
        _packages(rules)

    def evaluate(
        self,
        rules: Sequence[RegoModule],
        *,
        document: Mapping[str, JsonValue],
        series: str = "",  # noqa: ARG002 - it answers as all of them do
    ) -> tuple[OrganisationDenial, ...]:
        """Every member of every `deny` set; raises `Refused` (`organisation.unevaluated`)."""
        packages, budget = _packages(rules), Budget(self.steps)
        found: list[OrganisationDenial] = []
        for package, modules in packages.items():
            path = next((each.path for each in modules if _defines(each)), "")
            if path:
                value = _denied(modules, document, budget, path)
                found.extend(denials_of(value, package=package, path=path))
        return tuple(found)


def _packages(rules: Sequence[RegoModule]) -> dict[tuple[str, ...], list[Module]]:
    if not rules:
        raise refuse("organisation.unevaluated", "organisation", "there are no rules to evaluate")
    packages: dict[tuple[str, ...], list[Module]] = {}
    for rule in rules:
        try:
            module = read_module(rule)
        except OutsideSubset as outside:
            raise _refused(outside) from None
        packages.setdefault(module.package, []).append(module)
    try:
        for modules in packages.values():
            check_package(modules)
        _check_places(packages)
    except OutsideSubset as outside:
        raise _refused(outside) from None
    return packages


def _check_places(packages: Mapping[tuple[str, ...], Sequence[Module]]) -> None:
    """No rule lies where another package is, and some package denies."""
    for package, modules in packages.items():
        for module in modules:
            for rule in module.rules:
                if any(other[: len(package) + 1] == (*package, rule.name) for other in packages):
                    what = f"the rule {rule.name}, which is also the name of a package"
                    raise OutsideSubset(rule.line, what).in_file(rule.path)
                if rule.name == RULE and rule.kind != "set":
                    what = f"{RULE} as anything but `{RULE} contains …`"
                    raise OutsideSubset(rule.line, what).in_file(rule.path)
    if not any(_defines(module) for modules in packages.values() for module in modules):
        names = ", ".join(".".join(package) for package in packages)
        paths = ", ".join(module.path for modules in packages.values() for module in modules)
        raise refuse("organisation.unevaluated", paths, f"defines no {RULE} rule in package {names}")


def _defines(module: Module) -> bool:
    return any(rule.name == RULE for rule in module.rules)


def _denied(modules: Sequence[Module], document: Mapping[str, Any], budget: Budget, path: str) -> list[Any]:
    """The members of the package's `deny`."""
    try:
        compact(document, ascii_only=False).encode()
        members = Evaluation(modules, document, budget).value(RULE).held()
        for member in members:
            if not isinstance(member, str) and not (kind_of(member) == "object" and isinstance(member.get("msg"), str)):
                raise Unanswered(f"a member of {RULE} that is {kind_of(member)} and no message")
    except Unanswered as why:
        message = f"{why}: the embedded engine does not answer for it"
    except (UnicodeEncodeError, ValueError):
        message = "the evidence holds what is no text or no number to OPA"
    except RecursionError:
        message = "it nests too deeply for the embedded engine"
    else:
        return [member if isinstance(member, str) else {"msg": member["msg"]} for member in members]
    raise refuse("organisation.unevaluated", path, message, _HINT)


def _refused(outside: OutsideSubset) -> Refused:
    return refuse("organisation.unevaluated", outside.path, f"{outside} is outside of the embedded subset", _HINT)
