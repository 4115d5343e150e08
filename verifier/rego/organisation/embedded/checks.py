"""What OPA's compiler says of a module, as far as the embedded subset has it: names, calls, types, recursion.

* a name has one meaning in a rule: none is taken twice, or hides a rule, a builtin or a package
* OPA refuses what cannot be right by its types (`startswith(1, "a")`, `"x".y`); so types are told here as well,
  roughly, and where two that are known meet and are not plainly the same kind of scalar, that is outside
* OPA also concludes the type of a variable from what is done with it, in whatever order: one that is taken for values
  of two types anywhere in its rule is outside, and so is a call of a function with what its parameter is not taken for
* every variable has a value before it is read, in the order of the text
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from verifier.rego.organisation.embedded.functions import FUNCTIONS, check_format
from verifier.rego.organisation.embedded.tokens import OutsideSubset
from verifier.rego.organisation.embedded.tree import (
    Assign,
    Call,
    Collection,
    Compare,
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

Type: TypeAlias = "tuple[str, ...]"
"""A kind of values, and for arrays and sets the kind of what is in them: ("set", "string")."""
ANY: Type = ("any",)
_MIXED: Type = ("mixed",)
_NOTHING: Type = ("nothing",)
_SCALARS = {str: ("string",), bool: ("boolean",), int: ("number",), type(None): ("null",)}
_COUNTED = frozenset({"string", "array", "set", "object"})
_HOLDING = frozenset({"array", "set", "object"})
_EVERYTHING = frozenset({*_HOLDING, "string", "number", "boolean", "null"})
_TAKEN = {
    "any": _EVERYTHING,
    "counted": _COUNTED,
    "strings": frozenset({"array", "set"}),
    "values": frozenset({"array"}),
}


def check_package(modules: Sequence[Module]) -> None:
    """Everything that is defined in one package; raises `OutsideSubset`."""
    rules: dict[str, list[Rule]] = {}
    for module in modules:
        for rule in module.rules:
            rules.setdefault(rule.name, []).append(rule)
    package = _Package(rules)
    for name, definitions in rules.items():
        if len({(rule.kind, len(rule.parameters)) for rule in definitions}) > 1:
            raise OutsideSubset(definitions[-1].line, f"{name} is defined in different ways").in_file(
                definitions[-1].path
            )
        package.type_of(name, definitions[0].line)


class _Package:
    """The rules of one package, and the types of their values, told when they are asked for."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self.rules = rules
        self._types: dict[str, Type] = {}
        self.parameters: dict[str, list[frozenset[str]]] = {}
        self._asked: list[str] = []

    def type_of(self, name: str, line: int) -> Type:
        if name in self._types:
            return self._types[name]
        if name in self._asked:
            raise OutsideSubset(line, f"{name} depends on itself")
        if len(self._asked) > 50:
            raise OutsideSubset(line, "rules that depend on each other more than 50 deep")
        self._asked.append(name)
        definitions = self.rules[name]
        found = _joined(self._given_by(rule) for rule in definitions)
        self._asked.pop()
        self._types[name] = _holding("set", found) if definitions[0].kind == "set" else found
        return self._types[name]

    def _given_by(self, rule: Rule) -> Type:
        scope = _Scope(self, rule)
        try:
            found = scope.head()
            before = self.parameters.get(rule.name, [_EVERYTHING] * len(rule.parameters))
            wanted = [scope.wanted(name) for name in rule.parameters]
            self.parameters[rule.name] = [old & new for old, new in zip(before, wanted, strict=True)]
        except OutsideSubset as outside:
            raise outside.in_file(rule.path) from None
        return found


class _Scope:
    """The names of one rule, and what has a value where the text has come to."""

    def __init__(self, package: _Package, rule: Rule) -> None:
        self._package, self._rule = package, rule
        self._taken: set[str] = set()
        self._read: set[str] = set()
        self._wants: dict[str, frozenset[str]] = {}
        self._equals: dict[str, str] = {}
        self._known: dict[str, Type] = {}
        for parameter in rule.parameters:
            self._declare(parameter, ANY, rule.line)

    def head(self) -> Type:
        """The type of what the rule gives."""
        self._body(self._rule.body)
        return self._term(self._rule.head)

    def wanted(self, name: str) -> frozenset[str]:
        """The types of values that a variable is taken for."""
        return self._wants.get(self._root(name), _EVERYTHING)

    def _root(self, name: str) -> str:
        while name in self._equals:
            name = self._equals[name]
        return name

    def _want(self, term: Term, kinds: frozenset[str], line: int) -> None:
        """Note what a variable is taken for; raises `OutsideSubset` where that is nothing any more."""
        if not isinstance(term, Name) or term.name not in self._known:
            return
        left = self.wanted(term.name) & kinds
        if not left:
            raise OutsideSubset(line, f"the variable {term.name}, which is taken for values of two types")
        self._wants[self._root(term.name)] = left

    def _equal(self, left: Term, right: Term, line: int) -> None:
        """Note that two are equal, as far as they are variables."""
        names = [each.name for each in (left, right) if isinstance(each, Name) and each.name in self._known]
        if len(names) == 2 and self._root(names[0]) != self._root(names[1]):
            self._want(left, self.wanted(names[1]), line)
            self._equals[self._root(names[1])] = self._root(names[0])

    def _declare(self, name: str, kind: Type, line: int) -> None:
        if name == "_":
            return
        if name in self._taken:
            raise OutsideSubset(line, f"the name {name} a second time in one rule")
        if name in self._package.rules or name in FUNCTIONS:
            raise OutsideSubset(line, f"the variable {name}, which is also the name of a rule or builtin")
        self._taken.add(name)
        self._known[name] = kind

    def _inner(self, body: Sequence[Statement], head: Term | None = None) -> Type:
        """A body inside of this one: what it names is known in it alone."""
        before = dict(self._known)
        self._body(body)
        found = ANY if head is None else self._term(head)
        self._known = before
        return found

    def _body(self, body: Sequence[Statement]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        if isinstance(statement, Assign):
            self._declare(statement.name, self._term(statement.term), statement.line)
            self._equal(Name(name=statement.name, line=statement.line), statement.term, statement.line)
        elif isinstance(statement, Some):
            self._bind(statement)
        elif isinstance(statement, Every):
            before = dict(self._known)
            self._bind(statement)
            self._inner(statement.body)
            self._known = before
            for name in {statement.key, statement.value} - self._read - {"", "_"}:
                raise OutsideSubset(statement.line, f"the variable {name} of `every`, which is not used")
        elif isinstance(statement, Compare):
            self._compare(statement)
        else:
            self._test(statement)

    def _bind(self, statement: Some | Every) -> None:
        source = self._term(statement.source)
        self._want(statement.source, _HOLDING, statement.line)
        self._declare(statement.key, _key(source, statement.line), statement.line) if statement.key else None
        self._declare(statement.value, _member(source, statement.line), statement.line)

    def _test(self, statement: Test) -> None:
        self._term(statement.term)
        if statement.negated and not isinstance(statement.term, Name | Reference | Call):
            raise OutsideSubset(statement.line, "`not` before anything but a name, a reference, a call or a comparison")

    def _compare(self, statement: Compare) -> None:
        left, right = self._term(statement.left), self._term(statement.right)
        if statement.operator == "in":
            self._want(statement.right, _HOLDING, statement.line)
            right = _member(right, statement.line)
        else:
            self._equal(statement.left, statement.right, statement.line)
        for term, other in ((statement.left, right), (statement.right, left)):
            if other != ANY and not (statement.operator == "in" and term is statement.right):
                self._narrow(term, other, statement.line)
        if ANY in {left, right}:
            return
        if left != right or left not in _SCALARS.values():
            raise OutsideSubset(statement.line, f"{left[0]} {statement.operator} {right[0]}, whose answer is fixed")

    def _narrow(self, term: Term, other: Type, line: int) -> None:
        """Note that a variable is equal to something of a type that is known."""
        if isinstance(term, Name) and self._known.get(term.name) == ANY:
            if other not in _SCALARS.values():
                raise OutsideSubset(line, f"the variable {term.name} beside something of type {other[0]}")
            self._want(term, frozenset(other), line)

    # Terms

    def _term(self, term: Term) -> Type:  # noqa: PLR0911 - one for each kind of term
        if isinstance(term, Scalar):
            return _SCALARS[type(term.value)]
        if isinstance(term, Name):
            return self._name(term)
        if isinstance(term, Reference):
            return self._reference(term)
        if isinstance(term, Call):
            return self._call(term)
        if isinstance(term, Collection):
            return _holding(term.kind, _joined(map(self._term, term.members)))
        if isinstance(term, ObjectOf):
            for _, value in term.members:
                self._term(value)
            return ("object",)
        return _holding(term.kind, self._inner(term.body, term.head))

    def _name(self, term: Name) -> Type:
        if term.name == "input":
            return ANY
        if term.name in self._known:
            self._read.add(term.name)
            return self._known[term.name]
        definitions = self._package.rules.get(term.name)
        if definitions is None:
            raise OutsideSubset(term.line, f"{term.name}, which has no value here")
        if definitions[0].kind == "function":
            raise OutsideSubset(term.line, f"{term.name} where it is not called")
        return self._package.type_of(term.name, term.line)

    def _reference(self, term: Reference) -> Type:
        base = self._name(term.base)
        self._want(term.base, _HOLDING, term.line)
        for part in term.path:
            inside = self._term(part)
            if isinstance(part, Scalar) and not isinstance(part.value, str) and type(part.value) is not int:
                raise OutsideSubset(part.line, "a reference by true, false or null")
            if inside not in {ANY, ("string",), ("number",)}:
                raise OutsideSubset(part.line, f"a reference by something of type {inside[0]}")
        if base != ANY:
            raise OutsideSubset(term.line, f"a reference into {term.base.name}, which is no part of the input")
        return ANY

    def _call(self, term: Call) -> Type:
        given = [self._term(argument) for argument in term.arguments]
        definitions = self._package.rules.get(term.name)
        if definitions is not None:
            if definitions[0].kind != "function" or len(definitions[0].parameters) != len(given):
                raise OutsideSubset(term.line, f"{term.name} with {len(given)} arguments")
            gives = self._package.type_of(term.name, term.line)
            self._pass(term, given, self._package.parameters[term.name])
            return gives
        function = FUNCTIONS.get(term.name)
        if function is None:
            raise OutsideSubset(term.line, f"the function {term.name}")
        if len(given) != len(function.takes):
            raise OutsideSubset(term.line, f"{term.name} with {len(given)} arguments")
        self._pass(term, given, [_TAKEN.get(taken, frozenset({taken})) for taken in function.takes])
        for argument, kind, taken in zip(term.arguments, given, function.takes, strict=True):
            named = isinstance(argument, Name) and argument.name in self._known
            if not _fits(kind, taken) or (taken == "strings" and kind == ANY and named):
                raise OutsideSubset(term.line, f"{term.name} of something of type {kind[0]}")
        if term.name == "sprintf":
            check_format(term)
        return (function.gives,)

    def _pass(self, call: Call, given: Sequence[Type], taken: Sequence[frozenset[str]]) -> None:
        """Note what variables are taken for by being given to a function."""
        for argument, kind, kinds in zip(call.arguments, given, taken, strict=True):
            self._want(argument, kinds, call.line)
            if kinds != _EVERYTHING and not _own_kinds(kind) & kinds:
                raise OutsideSubset(call.line, f"{call.name} of something of type {kind[0]}")


def _own_kinds(kind: Type) -> frozenset[str]:
    return _EVERYTHING if kind == ANY else frozenset(kind[:1])


def _fits(kind: Type, taken: str) -> bool:
    if kind == ANY or taken == "any":
        return True
    if taken == "counted":
        return kind[0] in _COUNTED
    if taken == "strings":  # an array or a set of them
        return kind[0] in {"array", "set"} and kind[1:] in {("string",), ANY}
    if taken == "values":
        return kind[0] == "array"
    return kind == (taken,)


def _joined(kinds: Iterable[Type]) -> Type:
    """The type of what is one of these."""
    found = set(kinds)
    if len(found) == 1:
        return found.pop()
    return _MIXED if found else _NOTHING


def _holding(kind: str, inside: Type) -> Type:
    """An array or a set of these; what is in what is in it is told no further."""
    return (kind, inside[0] if len(inside) == 1 else "mixed")


def _member(source: Type, line: int) -> Type:
    if source == ANY:
        return ANY
    if source[0] in {"array", "set"} and source[1] != "nothing":
        return (source[1],)
    raise OutsideSubset(line, f"members of something of type {source[0]}, of which none is known")


def _key(source: Type, line: int) -> Type:
    if source == ANY:
        return ANY
    if source[0] == "array":
        return ("number",)
    raise OutsideSubset(line, f"the keys of something of type {source[0]}")
