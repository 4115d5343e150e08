"""Regular expressions of identities: the part of RE2 that means the same to everybody, read strictly.

* literals, escaped punctuation, `.`, classes, `\\d` and `\\w`, groups, `|`, and `*`, `+`, `?`, `{n,m}` after one thing;
  whatever else is refused, with where it stands: nothing is guessed
* an expression is about the whole text; whether it says so itself (`^` and `$`) is told (`anchored`)
* a bare dot in the name of a host is that dot: it means less than RE2 has it mean, never more
* only printable ASCII without blanks is matched by anything: an identity has no other characters

Source: https://github.com/google/re2/wiki/Syntax, and Go's package regexp, by which cosign matches.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verifier.core.value import Value

MAX_EXPRESSION_LENGTH: Final = 1024
"""Characters of an expression."""
MAX_NESTING: Final = 20
"""Groups within groups."""
MAX_REPEATS: Final = 256
"""What `{n,m}` may count to; RE2 allows 1,000."""

ALPHABET: Final = frozenset(map(chr, range(0x21, 0x7F)))
_DIGITS: Final = frozenset("0123456789")
_WORD: Final = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_ESCAPED: Final = {"d": _DIGITS, "D": ALPHABET - _DIGITS, "w": _WORD, "W": ALPHABET - _WORD}
_PUNCTUATION: Final = frozenset(r"!\"#$%&'()*+,-./:;<=>?@[\]^_`{|}~")
_REPEATS: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class Chars(NamedTuple):
    """One character of a set."""

    among: frozenset[str]


class Sequence(NamedTuple):
    """One after the other; none is the empty text."""

    items: tuple[Node, ...]


class Choice(NamedTuple):
    """One of them."""

    items: tuple[Node, ...]


class Repeat(NamedTuple):
    """It, from `least` to `most` times; None is without end."""

    item: Node
    least: int
    most: int | None


Node = Chars | Sequence | Choice | Repeat


class Expression(Value):
    """An expression that was read. `anchored` says that it is about the whole text by itself; `dots` that a bare dot in
    a host was read as one."""

    text: str
    node: Node
    anchored: bool
    dots: bool


def parse(text: str) -> Expression:
    """Read an expression; raises `ValueError` saying what is not taken, and where it stands."""
    if not text:
        raise ValueError("is empty")
    if len(text) > MAX_EXPRESSION_LENGTH:
        raise ValueError(f"has {len(text)} characters, at most {MAX_EXPRESSION_LENGTH} are allowed")
    odd = next((each for each in text if each not in ALPHABET), None)
    if odd is not None:
        raise ValueError(f"has the character U+{ord(odd):04X}, expected printable ASCII without blanks")
    return _Reader(text).expression()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0
        self._host = self._uri = self._dots = False

    def expression(self) -> Expression:
        """The whole of it: what may be anchored is an alternative that is in no group."""
        alternatives, ends = [], []
        while True:
            start = self._take("^")
            alternatives.append(self._sequence())
            ends.append((start, self._take("$")))
            if not self._take("|"):
                break
        if self._at < len(self._text):
            raise self._error("is not taken here")
        if len(ends) > 1 and len({*ends, (True, True)}) > 1 and any(map(any, ends)):
            raise ValueError(f"anchors some of its alternatives: write ^(...|...)$ around them, not {self._text!r}")
        node = alternatives[0] if len(alternatives) == 1 else Choice(tuple(alternatives))
        return Expression(text=self._text, node=node, anchored=all(map(all, ends)), dots=self._dots)

    def _sequence(self) -> Node:
        items: list[Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)$":
            items.append(self._repeated(self._atom()))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _atom(self) -> Node:
        seen = self._text[self._at]
        if seen == "(":
            return self._group()
        if seen == "[":
            return Chars(self._class())
        if seen == ".":
            return Chars(self._dot())
        if seen in "*+?{":
            raise self._error("repeats nothing")
        if seen in "]}^":
            raise self._error(f"is not taken here: write \\{seen} for the character")
        among = self._escape() if seen == "\\" else self._plain()
        if len(among) == 1:
            self._see(min(among))
        return Chars(among)

    def _group(self) -> Node:
        self._at += 1
        if self._take("?") and not self._take(":"):
            self._at -= 1
            raise self._error(
                "begins a flag, a name or a look-around, which are not taken: a group is (...) or (?:...)"
            )
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise ValueError(f"has more than {MAX_NESTING} groups within each other")
        items = [self._sequence()]
        while self._take("|"):
            items.append(self._sequence())
        if not self._take(")"):
            ended = self._at == len(self._text)
            raise self._error(
                "ends a group that is open" if ended else "is not taken in a group: ^ and $ stand around all"
            )
        self._depth -= 1
        return items[0] if len(items) == 1 else Choice(tuple(items))

    def _dot(self) -> frozenset[str]:
        self._at += 1
        if not self._host or self._text[self._at : self._at + 1] in {"*", "+", "?", "{"}:
            return ALPHABET
        self._dots = True
        return frozenset(".")

    def _escape(self) -> frozenset[str]:
        self._at += 1
        seen = self._text[self._at : self._at + 1]
        if seen in _ESCAPED:
            self._at += 1
            return _ESCAPED[seen]
        if seen not in _PUNCTUATION or not seen:
            self._at -= 1
            raise self._error("is not taken: only \\d, \\D, \\w, \\W and punctuation stand behind a \\")
        return self._plain()

    def _plain(self) -> frozenset[str]:
        self._at += 1
        return frozenset(self._text[self._at - 1])

    def _class(self) -> frozenset[str]:
        self._at += 1
        negated, members, first = self._take("^"), set[str](), True
        while first or not self._take("]"):
            first = False
            if self._text.startswith("[:", self._at):
                raise self._error("begins a named class, which is not taken: write its characters")
            low = self._member()
            if len(low) == 1 and self._text[self._at : self._at + 1] == "-" and self._text[self._at + 1 :][:1] != "]":
                self._at += 1
                low = self._range(low, self._member())
            members |= low
        among = ALPHABET - members if negated else frozenset(members)
        if not among:
            raise ValueError(f"has a class without a character: {self._text!r}")
        return among

    def _member(self) -> frozenset[str]:
        seen = self._text[self._at : self._at + 1]
        if not seen or seen == "]":
            raise self._error("is not taken in a class: write \\] for the character, and ] at its end")
        return self._escape() if seen == "\\" else self._plain()

    def _range(self, low: frozenset[str], high: frozenset[str]) -> frozenset[str]:
        first, last = min(low), min(high)
        if len(high) != 1 or last < first:
            raise ValueError(f"has a range that is none, at {first}-: {self._text!r}")
        return frozenset(map(chr, range(ord(first), ord(last) + 1)))

    def _repeated(self, item: Node) -> Node:
        seen = self._text[self._at : self._at + 1]
        if seen in _REPEATS and seen:
            self._at += 1
            least, most = _REPEATS[seen]
        elif seen == "{":
            least, most = self._counts()
        else:
            return item
        self._take("?")  # as few as can be: of a whole text that says the same
        if self._text[self._at : self._at + 1] in {"*", "+", "?", "{"}:
            raise self._error("repeats a repetition, which is not taken: put what is repeated in a group")
        return Repeat(item, least, most)

    def _counts(self) -> tuple[int, int | None]:
        inside, closed, _ = self._text[self._at + 1 :].partition("}")
        least, comma, most = inside.partition(",")
        plain = all(each.isdigit() for each in (least, most or "0")) and len(inside) <= len("256,256")
        if not (closed and plain):
            raise self._error("is not taken here: {n}, {n,} or {n,m}, or \\{ for the character")
        counts = int(least), int(most) if most else None if comma else int(least)
        if max(counts[0], counts[1] or 0) > MAX_REPEATS or (counts[1] is not None and counts[1] < counts[0]):
            raise self._error(f"counts further than {MAX_REPEATS}, or backwards")
        self._at += len(inside) + 2
        return counts

    def _see(self, seen: str) -> None:
        """Where hosts begin and end: behind `://`, and behind the `@` of an address."""
        if seen == "/":
            begins = self._text[: self._at].replace("\\", "").endswith("://")
            self._host, self._uri = begins, self._uri or begins
        elif seen in "@!" and not self._uri:
            self._host = True

    def _take(self, wanted: str) -> bool:
        found = self._text.startswith(wanted, self._at)
        self._at += len(wanted) if found else 0
        return found

    def _error(self, what: str) -> ValueError:
        seen = repr(self._text[self._at : self._at + 10]) if self._at < len(self._text) else "the end"
        return ValueError(f"{seen} at character {self._at + 1} {what} (in {self._text!r})")
