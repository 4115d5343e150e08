"""The embedded subset of Rego, read strictly: text in, `Module` out.

* what is not in the subset is an `OutsideSubset` that names it with its line; nothing is passed over
* one reading: where OPA's layout rules would have to be known (a call apart from its name, an operator on the next
  line), it is outside
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

T = TypeVar("T")
MAX_DEPTH = 24
"""Terms and bodies inside of each other."""
MAX_STATEMENTS = 64
"""In one body."""
_KEYWORDS = frozenset(
    [
        "and",
        "as",
        "contains",
        "data",
        "default",
        "else",
        "every",
        "false",
        "if",
        "import",
        "in",
        "input",
        "not",
        "null",
        "or",
        "package",
        "some",
        "true",
        "with",
    ]
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def read_module(module: RegoModule) -> Module:
    """The module; raises `OutsideSubset`."""
    try:
        return _Reader(list(tokens_of(module.source)), module.path).module()
    except OutsideSubset as outside:
        raise outside.in_file(module.path) from None


class _Reader:
    """A place in the words of one module."""

    def __init__(self, tokens: Sequence[Token], path: str) -> None:
        self._tokens, self._path, self._place, self._depth = tokens, path, 0, 0

    def module(self) -> Module:
        self._skip_lines()
        self._expect("package")
        package = [self._plain_name("a package")]
        while self._takes(".", joined=True):
            package.append(self._plain_name("a package", joined=True))
        self._end_of_line()
        self._imports()
        rules = []
        while self._next.kind != "end":
            rules.append(self._rule())
            self._end_of_line()
        return Module(path=self._path, package=tuple(package), rules=tuple(rules))

    def _imports(self) -> None:
        while self._next.text == "import":
            line = self._take().line
            words = [self._take().text for _ in range(3)]
            if words != ["rego", ".", "v1"]:
                raise OutsideSubset(line, "imports (but for rego.v1)")
            self._end_of_line()

    # Rules

    def _rule(self) -> Rule:
        if self._next.text in {"default", "import"}:
            raise OutsideSubset(self._next.line, f"`{self._next.text}` here")
        start = self._next
        name = self._plain_name("a rule")
        kind = "value"
        parameters: tuple[str, ...] = ()
        if self._next.text == "(" and not self._next.apart:
            kind, parameters = "function", self._within("(", lambda: self._variable("a parameter"))
        head: Term = Scalar(value=True, line=start.line)
        if kind == "value" and self._takes("contains"):
            kind, head = "set", self._term()
        elif self._takes(":="):
            head = self._term()
        elif self._next.text != "if":
            raise self._outside()
        body: tuple[Statement, ...] = ()
        if self._takes("if"):
            self._skip_lines()
            body = self._braced() if self._next.text == "{" else (self._statement(),)
        if self._next.text == "else":
            raise self._outside()
        return Rule(name=name, kind=kind, parameters=parameters, head=head, body=body, line=start.line, path=self._path)

    def _braced(self) -> tuple[Statement, ...]:
        self._expect("{")
        return self._body("}")

    def _body(self, closing: str) -> tuple[Statement, ...]:
        """Statements up to `closing`, at least one, each on its line or behind a semicolon."""
        self._deeper()
        statements: list[Statement] = []
        self._skip_lines()
        while True:
            statements.append(self._statement())
            if len(statements) > MAX_STATEMENTS:
                raise OutsideSubset(self._next.line, f"more than {MAX_STATEMENTS} statements in one body")
            parted = self._next.kind == "newline" or self._takes(";")
            self._skip_lines()
            if self._takes(closing):
                self._depth -= 1
                return tuple(statements)
            if not parted:
                raise self._outside()

    # Statements

    def _statement(self) -> Statement:
        token = self._next
        if token.kind not in {"name", "string", "number"}:
            raise self._outside()
        if token.text == "some":
            return self._some()
        if token.text == "every":
            return self._every()
        if self._tokens[self._place + 1].text == ":=":
            name = self._variable("a variable")
            self._take()
            return Assign(name=name, term=self._term(), line=token.line)
        negated = self._takes("not")
        if negated and self._next.kind not in {"name", "string", "number"}:
            raise self._outside()
        return self._expression(token.line, negated=negated)

    def _expression(self, line: int, *, negated: bool) -> Statement:
        left = self._term()
        if self._next.text in _OPERATORS or self._next.text == "in":
            operator = self._take().text
            return Compare(operator=operator, left=left, right=self._term(), negated=negated, line=line)
        return Test(term=left, negated=negated, line=line)

    def _some(self) -> Some:
        line = self._take().line
        key, value = self._bound()
        return Some(key=key, value=value, source=self._term(), line=line)

    def _every(self) -> Every:
        line = self._take().line
        key, value = self._bound()
        source = self._term()
        return Every(key=key, value=value, source=source, body=self._braced(), line=line)

    def _bound(self) -> tuple[str, str]:
        """`value in` or `key, value in`."""
        first = self._variable("a variable", wildcard=True)
        second = self._variable("a variable", wildcard=True) if self._takes(",") else ""
        self._expect("in")
        return (first, second) if second else ("", first)

    # Terms

    def _term(self) -> Term:
        self._deeper()
        token = self._next
        if token.kind in {"string", "number"}:
            term: Term = Scalar(value=self._take().value, line=token.line)
            self._refuse_inside()
        elif token.text in _CONSTANTS:
            term = Scalar(value=_CONSTANTS[self._take().text], line=token.line)
            self._refuse_inside()
        elif token.kind == "name":
            term = self._named()
        elif token.text in {"[", "{"}:
            term = self._collected(self._take())
            self._refuse_inside()
        else:
            raise self._outside()
        self._depth -= 1
        return term

    def _named(self) -> Term:
        """A name, what lies inside of it, or a call."""
        token = self._take()
        if token.text in _KEYWORDS - {"input", "contains"} or token.text == "_":
            raise OutsideSubset(token.line, f"`{token.text}` here")
        if token.text in HEADS:
            return self._call(token)
        if self._next.text == "(" and not self._next.apart:
            return self._call(token)
        base = Name(name=token.text, line=token.line)
        path: list[Term] = []
        while not self._next.apart and self._next.text in {".", "["}:
            if self._take().text == ".":
                word = self._take()
                if word.kind != "name" or word.apart:
                    raise OutsideSubset(word.line, f"`{word.text}` behind a dot")
                path.append(Scalar(value=word.text, line=word.line))
            else:
                path.append(self._term())
                self._expect("]")
        if self._next.text == "(" and not self._next.apart:
            raise OutsideSubset(token.line, "a call of a function of another package, or of an unknown one")
        if not path:
            return base
        return Reference(base=base, path=tuple(path), line=token.line)

    def _call(self, token: Token) -> Call:
        name = token.text
        while self._takes(".", joined=True):
            name += f".{self._take().text}"
        if self._next.text != "(" or self._next.apart:
            raise OutsideSubset(token.line, f"{name} where it is not called")
        return Call(name=name, arguments=self._within("(", self._term), line=token.line)

    def _collected(self, opening: Token) -> Term:
        """What stands in brackets or braces."""
        closing, kind = _CLOSING[opening.text], "array" if opening.text == "[" else "set"
        self._skip_lines()
        if self._takes(closing):
            empty = Collection(kind=kind, members=(), line=opening.line)
            return ObjectOf(members=(), line=opening.line) if kind == "set" else empty
        first = self._term()
        self._skip_lines()
        if self._takes("|"):
            return Comprehension(kind=kind, head=first, body=self._body(closing), line=opening.line)
        if kind == "set" and self._next.text == ":":
            return self._object(first, opening)
        return Collection(kind=kind, members=(first, *self._more(closing, self._term)), line=opening.line)

    def _object(self, key: Term, opening: Token) -> ObjectOf:
        def member(key: Term) -> tuple[str, Term]:
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                raise OutsideSubset(key.line, "an object with a name that is not written out")
            self._expect(":")
            return key.value, self._term()

        members = [member(key), *self._more("}", lambda: member(self._term()))]
        if self._next.text == "|":
            raise OutsideSubset(self._next.line, "comprehensions of objects")
        if len(dict(members)) < len(members):
            raise OutsideSubset(opening.line, "an object with a name that stands there twice")
        return ObjectOf(members=tuple(members), line=opening.line)

    def _within(self, opening: str, read: Callable[[], T]) -> tuple[T, ...]:
        self._expect(opening)
        self._skip_lines()
        closing = _CLOSING[opening]
        if self._takes(closing):
            return ()
        return (read(), *self._more(closing, read))

    def _more(self, closing: str, read: Callable[[], T]) -> list[T]:
        """What follows a first member, up to `closing`; a comma may stand before that."""
        found = []
        self._skip_lines()
        while not self._takes(closing):
            if not self._takes(","):
                raise self._outside()
            self._skip_lines()
            if self._next.text != closing:
                found.append(read())
                self._skip_lines()
        return found

    # Words

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        if token.kind != "end":
            self._place += 1
        return token

    def _takes(self, text: str, *, joined: bool = False) -> bool:
        found = self._next.text == text and self._next.kind != "string" and not (joined and self._next.apart)
        if found:
            self._take()
        return found

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise self._outside(f", where `{text}` was expected")

    def _plain_name(self, what: str, *, joined: bool = False) -> str:
        token = self._take()
        if token.kind != "name" or token.text in _KEYWORDS or token.text == "_" or (joined and token.apart):
            raise OutsideSubset(token.line, f"{token.text!a} as the name of {what}")
        if token.text in HEADS and what != "a package":
            raise OutsideSubset(token.line, f"{token.text}, which builtins begin with, as the name of {what}")
        return token.text

    def _variable(self, what: str, *, wildcard: bool = False) -> str:
        if wildcard and self._takes("_"):
            return "_"
        return self._plain_name(what)

    def _refuse_inside(self) -> None:
        if self._next.text in {".", "[", "("} and not self._next.apart:
            raise self._outside()

    def _outside(self, more: str = "") -> OutsideSubset:
        return OutsideSubset(self._next.line, f"{_shown(self._next)} here{more}")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise OutsideSubset(self._next.line, f"terms nested more than {MAX_DEPTH} deep")

    def _skip_lines(self) -> None:
        while self._next.kind == "newline":
            self._take()

    def _end_of_line(self) -> None:
        if self._next.kind not in {"newline", "end"}:
            raise self._outside()
        self._skip_lines()


def _shown(token: Token) -> str:
    return token.text if token.kind in {"newline", "end"} else f"`{token.text[:64]}`"
