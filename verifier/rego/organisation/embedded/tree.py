"""What the embedded subset of Rego consists of: terms, statements, rules. What has no place here is outside.

A term's `line` is where it begins. Names stand as they are written: `checks` says what each of them is.
"""

from __future__ import annotations

from typing import TypeAlias

from verifier.core.value import Value


class Scalar(Value):
    """A string, an integer, true, false or null."""

    value: str | int | bool | None
    line: int


class Name(Value):
    """A local variable, a rule of the package, or `input`."""

    name: str
    line: int


class Reference(Value):
    """`base.path[0]`: what lies inside of a name's value."""

    base: Name
    path: tuple[Term, ...]
    line: int


class Call(Value):
    """A function of the package or a builtin, by its dotted name."""

    name: str
    arguments: tuple[Term, ...]
    line: int


class Collection(Value):
    """`[…]` or `{…}`: an array or a set."""

    kind: str
    members: tuple[Term, ...]
    line: int


class ObjectOf(Value):
    """`{"key": value}`, with names that are written out."""

    members: tuple[tuple[str, Term], ...]
    line: int


class Comprehension(Value):
    """`[head | body]` or `{head | body}`: an array or a set."""

    kind: str
    head: Term
    body: tuple[Statement, ...]
    line: int


class Some(Value):
    """`some key, value in source`; the key is "" where none is named."""

    key: str
    value: str
    source: Term
    line: int


class Every(Value):
    """`every key, value in source { body }`."""

    key: str
    value: str
    source: Term
    body: tuple[Statement, ...]
    line: int


class Assign(Value):
    """`name := term`."""

    name: str
    term: Term
    line: int


class Test(Value):
    """A term that must be defined and not false, or with `negated` must not be."""

    term: Term
    negated: bool
    line: int


class Compare(Value):
    """`left operator right`, where the operator is `==`, `!=`, `<`, `<=`, `>`, `>=` or `in`."""

    operator: str
    left: Term
    right: Term
    negated: bool
    line: int


Term: TypeAlias = "Scalar | Name | Reference | Call | Collection | ObjectOf | Comprehension"
Statement: TypeAlias = "Some | Every | Assign | Test | Compare"


class Rule(Value):
    """One definition, in the file `path`.

    `kind` is "set" (`name contains head`), "value" (`name := head`) or "function".
    """

    name: str
    kind: str
    parameters: tuple[str, ...]
    head: Term
    body: tuple[Statement, ...]
    line: int
    path: str


class Module(Value):
    """A file: its path as the policy names it, its package, its rules in their order."""

    path: str
    package: tuple[str, ...]
    rules: tuple[Rule, ...]
