"""The evaluation of modules in the embedded subset: bodies in the order of the text, values or nothing.

* whatever goes wrong for one solution is `Unanswered` for the whole: OPA may stop before it, and never goes further
* under `not`, OPA looks for the values of arguments before it negates, and a missing one ends the rule unasked; nobody
  means that, so that it is `Unanswered`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from verifier.rego.organisation.embedded.functions import FUNCTIONS
from verifier.rego.organisation.embedded.tree import (
    Assign,
    Call,
    Compare,
    Comprehension,
    Every,
    Module,
    Name,
    ObjectOf,
    Reference,
    Rule,
    Scalar,
    Some,
    Statement,
    Term,
    Test,
)
from verifier.rego.organisation.embedded.values import (
    UNDEFINED,
    Budget,
    Members,
    Unanswered,
    before,
    entries,
    held,
    inside,
    kind_of,
    same,
)

Scope: TypeAlias = "Mapping[str, Any]"
_ITERATED = {"array", "object", "set"}


class Evaluation:
    """The rules of one package over one document."""

    def __init__(self, modules: Sequence[Module], document: Mapping[str, Any], budget: Budget) -> None:
        self._document, self._budget = document, budget
        self._rules: dict[str, list[Rule]] = {}
        for module in modules:
            for rule in module.rules:
                self._rules.setdefault(rule.name, []).append(rule)
        self._values: dict[str, Any] = {}

    def value(self, name: str) -> Any:
        """What a rule gives; raises `Unanswered`."""
        if name not in self._values:
            self._values[name] = self._value(self._rules[name])
        return self._values[name]

    def _value(self, definitions: Sequence[Rule]) -> Any:
        if definitions[0].kind == "set":
            return Members((each for rule in definitions for each in self._heads(rule, {})), self._budget)
        return self._one(each for rule in definitions for each in self._heads(rule, {}))

    def _one(self, values: Iterator[Any]) -> Any:
        """The one value that all solutions have."""
        found = UNDEFINED
        for value in values:
            if found is not UNDEFINED and not same(found, value, self._budget):
                raise Unanswered("a rule that has two values at once")
            found = value
        return found

    def _heads(self, rule: Rule, scope: Scope) -> Iterator[Any]:
        try:
            yield from self._given(rule.head, rule.body, scope)
        except Unanswered as why:
            raise _at(rule.line, why) from None

    def _given(self, head: Term, body: Sequence[Statement], scope: Scope) -> Iterator[Any]:
        for solution in self._solutions(body, 0, scope):
            value = self._term(head, solution)
            if value is not UNDEFINED:
                yield value

    # Statements

    def _solutions(self, body: Sequence[Statement], place: int, scope: Scope) -> Iterator[Scope]:
        if place == len(body):
            yield scope
            return
        self._budget.spend()
        for solution in self._solve(body[place], scope):
            yield from self._solutions(body, place + 1, solution)

    def _solve(self, statement: Statement, scope: Scope) -> Iterator[Scope]:
        try:
            if isinstance(statement, Some):
                yield from self._bindings(statement, self._term(statement.source, scope), scope)
            elif isinstance(statement, Assign):
                value = self._term(statement.term, scope)
                if value is not UNDEFINED:
                    yield {**scope, statement.name: value}
            elif self._holds(statement, scope):
                yield scope
        except Unanswered as why:
            raise _at(statement.line, why) from None

    def _bindings(self, statement: Some | Every, source: Any, scope: Scope) -> Iterator[Scope]:
        if source is UNDEFINED:
            return
        for key, value in entries(source):
            self._budget.spend()
            yield {**scope, statement.key: key, statement.value: value}

    def _holds(self, statement: Every | Test | Compare, scope: Scope) -> bool:
        if isinstance(statement, Every):
            return self._every(statement, scope)
        if isinstance(statement, Compare):
            return self._compare(statement, scope)
        value = self._term(statement.term, scope)
        if statement.negated and value is UNDEFINED:
            self._refuse_missing(statement.term, scope)
        return (value is not UNDEFINED and value is not False) != statement.negated

    def _every(self, statement: Every, scope: Scope) -> bool:
        source = self._term(statement.source, scope)
        if source is UNDEFINED or kind_of(source) not in _ITERATED:
            raise Unanswered("`every` over something that has no members")
        for inner in self._bindings(statement, source, scope):
            if next(self._solutions(statement.body, 0, inner), None) is None:
                return False
        return True

    def _compare(self, statement: Compare, scope: Scope) -> bool:
        left, right = self._term(statement.left, scope), self._term(statement.right, scope)
        if left is UNDEFINED or right is UNDEFINED:
            plain = _plain(statement.left, scope) and _plain(statement.right, scope)
            if statement.negated and not (plain and statement.operator == "=="):
                raise Unanswered("`not` before a comparison with something that has no value")
            return statement.negated
        return self._compared(statement.operator, left, right) != statement.negated

    def _compared(self, operator: str, left: Any, right: Any) -> bool:
        if operator == "in":
            # All of them: one that cannot be compared might have been found first, or not.
            return any([same(left, each, self._budget) for each in held(right)])  # noqa: C419 - as said
        if operator in {"==", "!="}:
            return same(left, right, self._budget) == (operator == "==")
        if operator in {"<", ">="}:
            return before(left, right) == (operator == "<")
        return before(right, left) == (operator == ">")

    def _refuse_missing(self, term: Term, scope: Scope) -> None:
        if isinstance(term, Call):
            if any(self._term(each, scope) is UNDEFINED for each in term.arguments):
                raise Unanswered(f"`not` before {term.name} of something that has no value")
        elif not _plain(term, scope):
            raise Unanswered("`not` before a reference by something that may have no value")

    # Terms

    def _term(self, term: Term, scope: Scope) -> Any:  # noqa: PLR0911 - one for each kind of term
        self._budget.spend()
        if isinstance(term, Scalar):
            return term.value
        if isinstance(term, Name):
            return self._name(term, scope)
        if isinstance(term, Reference):
            return self._reference(term, scope)
        if isinstance(term, Call):
            return self._call(term, scope)
        if isinstance(term, ObjectOf):
            held = {name: self._term(value, scope) for name, value in term.members}
            return UNDEFINED if UNDEFINED in held.values() else held
        if isinstance(term, Comprehension):
            return self._collected(term.kind, list(self._given(term.head, term.body, scope)))
        return self._collected(term.kind, [self._term(each, scope) for each in term.members])

    def _collected(self, kind: str, values: list[Any]) -> Any:
        if any(each is UNDEFINED for each in values):
            return UNDEFINED
        return values if kind == "array" else Members(values, self._budget)

    def _name(self, term: Name, scope: Scope) -> Any:
        if term.name == "input":
            return self._document
        return scope[term.name] if term.name in scope else self.value(term.name)

    def _reference(self, term: Reference, scope: Scope) -> Any:
        value = self._name(term.base, scope)
        for part in term.path:
            key = self._term(part, scope)
            if value is UNDEFINED or key is UNDEFINED:
                return UNDEFINED
            value = inside(value, key)
        return value

    def _call(self, term: Call, scope: Scope) -> Any:
        arguments = [self._term(each, scope) for each in term.arguments]
        if any(each is UNDEFINED for each in arguments):
            return UNDEFINED
        definitions = self._rules.get(term.name)
        if definitions is None:
            return FUNCTIONS[term.name].call(arguments, self._budget)
        given = [dict(zip(rule.parameters, arguments, strict=True)) for rule in definitions]
        pairs = zip(definitions, given, strict=True)
        return self._one(each for rule, scope in pairs for each in self._heads(rule, scope))


def _plain(term: Term, scope: Scope) -> bool:
    """Whether OPA looks for its value under the `not`, and for nothing before that."""
    if isinstance(term, Reference):
        return all(isinstance(each, Scalar) or (isinstance(each, Name) and each.name in scope) for each in term.path)
    return isinstance(term, Scalar | Name)


def _at(line: int, why: Unanswered) -> Unanswered:
    """The same with its line, unless it has one."""
    return why if str(why).startswith("line ") else Unanswered(f"line {line}: {why}")
