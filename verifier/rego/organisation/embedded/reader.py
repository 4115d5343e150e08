"""The embedded subset of Rego, read strictly: text in, `Module` out.

* what is not in the subset is an `OutsideSubset` that names it with its line; nothing is passed over
* one reading: where OPA's layout rules would have to be known (a call apart from its name, an operator on the next
  line), it is outside
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from verifier.core.rego import RegoModule
from verifier.rego.builtins import HEADS
from verifier.rego.organisation.embedded.tokens import OutsideSubset, Token, tokens_of
from verifier.rego.organisation.embedded.tree import (
    Assign,
    Call,
    Collection,
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
from verifier.rego.organisation.embedded.words import KEYWORDS, Words

T = TypeVar("T")
MAX_STATEMENTS = 64
"""In one body."""
_CONSTANTS = {"true": True, "false": False, "null": None}
_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def read_module(module: RegoModule) -> Module:
    """The module; raises `OutsideSubset`."""
    try:
        return _Reader(list(tokens_of(module.source)), module.path).module()
    except OutsideSubset as outside:
        raise outside.in_file(module.path) from None


class _Reader(Words):
    """A place in the words of one module."""

    def module(self) -> Module:
        self.skip_lines()
        self.expect("package")
        package = [self.plain_name("a package")]
        while self.takes(".", joined=True):
            package.append(self.plain_name("a package", joined=True))
        self.end_of_line()
        self._imports()
        rules = []
        while self.next.kind != "end":
            rules.append(self._rule())
            self.end_of_line()
        return Module(path=self.path, package=tuple(package), rules=tuple(rules))

    def _imports(self) -> None:
        while self.next.text == "import":
            line = self.take().line
            words = [self.take().text for _ in range(3)]
            if words != ["rego", ".", "v1"]:
                raise OutsideSubset(line, "imports (but for rego.v1)")
            self.end_of_line()

    # Rules

    def _rule(self) -> Rule:
        if self.next.text in {"default", "import"}:
            raise OutsideSubset(self.next.line, f"`{self.next.text}` here")
        start = self.next
        name = self.plain_name("a rule")
        kind = "value"
        parameters: tuple[str, ...] = ()
        if self.next.text == "(" and not self.next.apart:
            kind, parameters = "function", self._within("(", lambda: self.variable("a parameter"))
        head: Term = Scalar(value=True, line=start.line)
        if kind == "value" and self.takes("contains"):
            kind, head = "set", self._term()
        elif self.takes(":="):
            head = self._term()
        elif self.next.text != "if":
            raise self.outside()
        body: tuple[Statement, ...] = ()
        if self.takes("if"):
            self.skip_lines()
            body = self._braced() if self.next.text == "{" else (self._statement(),)
        if self.next.text == "else":
            raise self.outside()
        return Rule(name=name, kind=kind, parameters=parameters, head=head, body=body, line=start.line, path=self.path)

    def _braced(self) -> tuple[Statement, ...]:
        self.expect("{")
        return self._body("}")

    def _body(self, closing: str) -> tuple[Statement, ...]:
        """Statements up to `closing`, at least one, each on its line or behind a semicolon."""
        self.deeper()
        statements: list[Statement] = []
        self.skip_lines()
        while True:
            statements.append(self._statement())
            if len(statements) > MAX_STATEMENTS:
                raise OutsideSubset(self.next.line, f"more than {MAX_STATEMENTS} statements in one body")
            parted = self.next.kind == "newline" or self.takes(";")
            self.skip_lines()
            if self.takes(closing):
                self.depth -= 1
                return tuple(statements)
            if not parted:
                raise self.outside()

    # Statements

    def _statement(self) -> Statement:
        token = self.next
        if token.kind not in {"name", "string", "number"}:
            raise self.outside()
        if token.text == "some":
            return self._some()
        if token.text == "every":
            return self._every()
        if self.tokens[self.place + 1].text == ":=":
            name = self.variable("a variable")
            self.take()
            return Assign(name=name, term=self._term(), line=token.line)
        negated = self.takes("not")
        if negated and self.next.kind not in {"name", "string", "number"}:
            raise self.outside()
        return self._expression(token.line, negated=negated)

    def _expression(self, line: int, *, negated: bool) -> Statement:
        left = self._term()
        if self.next.text in _OPERATORS or self.next.text == "in":
            operator = self.take().text
            return Compare(operator=operator, left=left, right=self._term(), negated=negated, line=line)
        return Test(term=left, negated=negated, line=line)

    def _some(self) -> Some:
        line = self.take().line
        key, value = self._bound()
        return Some(key=key, value=value, source=self._term(), line=line)

    def _every(self) -> Every:
        line = self.take().line
        key, value = self._bound()
        source = self._term()
        return Every(key=key, value=value, source=source, body=self._braced(), line=line)

    def _bound(self) -> tuple[str, str]:
        """`value in` or `key, value in`."""
        first = self.variable("a variable", wildcard=True)
        second = self.variable("a variable", wildcard=True) if self.takes(",") else ""
        self.expect("in")
        return (first, second) if second else ("", first)

    # Terms

    def _term(self) -> Term:
        self.deeper()
        token = self.next
        if token.kind in {"string", "number"}:
            term: Term = Scalar(value=self.take().value, line=token.line)
            self.refuse_inside()
        elif token.text in _CONSTANTS:
            term = Scalar(value=_CONSTANTS[self.take().text], line=token.line)
            self.refuse_inside()
        elif token.kind == "name":
            term = self._named()
        elif token.text in {"[", "{"}:
            term = self._collected(self.take())
            self.refuse_inside()
        else:
            raise self.outside()
        self.depth -= 1
        return term

    def _named(self) -> Term:
        """A name, what lies inside of it, or a call."""
        token = self.take()
        if token.text in KEYWORDS - {"input", "contains"} or token.text == "_":
            raise OutsideSubset(token.line, f"`{token.text}` here")
        if token.text in HEADS:
            return self._call(token)
        if self.next.text == "(" and not self.next.apart:
            return self._call(token)
        base = Name(name=token.text, line=token.line)
        path: list[Term] = []
        while not self.next.apart and self.next.text in {".", "["}:
            if self.take().text == ".":
                word = self.take()
                if word.kind != "name" or word.apart:
                    raise OutsideSubset(word.line, f"`{word.text}` behind a dot")
                path.append(Scalar(value=word.text, line=word.line))
            else:
                path.append(self._term())
                self.expect("]")
        if self.next.text == "(" and not self.next.apart:
            raise OutsideSubset(token.line, "a call of a function of another package, or of an unknown one")
        if not path:
            return base
        return Reference(base=base, path=tuple(path), line=token.line)

    def _call(self, token: Token) -> Call:
        name = token.text
        while self.takes(".", joined=True):
            name += f".{self.take().text}"
        if self.next.text != "(" or self.next.apart:
            raise OutsideSubset(token.line, f"{name} where it is not called")
        return Call(name=name, arguments=self._within("(", self._term), line=token.line)

    def _collected(self, opening: Token) -> Term:
        """What stands in brackets or braces."""
        closing, kind = _CLOSING[opening.text], "array" if opening.text == "[" else "set"
        self.skip_lines()
        if self.takes(closing):
            empty = Collection(kind=kind, members=(), line=opening.line)
            return ObjectOf(members=(), line=opening.line) if kind == "set" else empty
        first = self._term()
        self.skip_lines()
        if self.takes("|"):
            return Comprehension(kind=kind, head=first, body=self._body(closing), line=opening.line)
        if kind == "set" and self.next.text == ":":
            return self._object(first, opening)
        return Collection(kind=kind, members=(first, *self._more(closing, self._term)), line=opening.line)

    def _object(self, key: Term, opening: Token) -> ObjectOf:
        def member(key: Term) -> tuple[str, Term]:
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                raise OutsideSubset(key.line, "an object with a name that is not written out")
            self.expect(":")
            return key.value, self._term()

        members = [member(key), *self._more("}", lambda: member(self._term()))]
        if self.next.text == "|":
            raise OutsideSubset(self.next.line, "comprehensions of objects")
        if len(dict(members)) < len(members):
            raise OutsideSubset(opening.line, "an object with a name that stands there twice")
        return ObjectOf(members=tuple(members), line=opening.line)

    def _within(self, opening: str, read: Callable[[], T]) -> tuple[T, ...]:
        self.expect(opening)
        self.skip_lines()
        closing = _CLOSING[opening]
        if self.takes(closing):
            return ()
        return (read(), *self._more(closing, read))

    def _more(self, closing: str, read: Callable[[], T]) -> list[T]:
        """What follows a first member, up to `closing`; a comma may stand before that."""
        found = []
        self.skip_lines()
        while not self.takes(closing):
            if not self.takes(","):
                raise self.outside()
            self.skip_lines()
            if self.next.text != closing:
                found.append(read())
                self.skip_lines()
        return found
