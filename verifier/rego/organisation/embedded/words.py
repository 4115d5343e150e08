"""A place in the words of one module, and the ways to go on from it.

* a way that is not there is `OutsideSubset` with the line
* nesting is counted, and bounded
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.rego.builtins import HEADS
from verifier.rego.organisation.embedded.tokens import OutsideSubset, Token

MAX_DEPTH = 24
"""Terms and bodies inside of each other."""
KEYWORDS = frozenset(
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


class Words:
    """The words of the file `path`."""

    def __init__(self, tokens: Sequence[Token], path: str) -> None:
        self.tokens, self.path, self.place, self.depth = tokens, path, 0, 0

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.next
        if token.kind != "end":
            self.place += 1
        return token

    def takes(self, text: str, *, joined: bool = False) -> bool:
        found = self.next.text == text and self.next.kind != "string" and not (joined and self.next.apart)
        if found:
            self.take()
        return found

    def expect(self, text: str) -> None:
        if not self.takes(text):
            raise self.outside(f", where `{text}` was expected")

    def plain_name(self, what: str, *, joined: bool = False) -> str:
        token = self.take()
        if token.kind != "name" or token.text in KEYWORDS or token.text == "_" or (joined and token.apart):
            raise OutsideSubset(token.line, f"{token.text!a} as the name of {what}")
        if token.text in HEADS and what != "a package":
            raise OutsideSubset(token.line, f"{token.text}, which builtins begin with, as the name of {what}")
        return token.text

    def variable(self, what: str, *, wildcard: bool = False) -> str:
        if wildcard and self.takes("_"):
            return "_"
        return self.plain_name(what)

    def refuse_inside(self) -> None:
        if self.next.text in {".", "[", "("} and not self.next.apart:
            raise self.outside()

    def outside(self, more: str = "") -> OutsideSubset:
        return OutsideSubset(self.next.line, f"{_shown(self.next)} here{more}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise OutsideSubset(self.next.line, f"terms nested more than {MAX_DEPTH} deep")

    def skip_lines(self) -> None:
        while self.next.kind == "newline":
            self.take()

    def end_of_line(self) -> None:
        if self.next.kind not in {"newline", "end"}:
            raise self.outside()
        self.skip_lines()


def _shown(token: Token) -> str:
    return token.text if token.kind in {"newline", "end"} else f"`{token.text[:64]}`"
