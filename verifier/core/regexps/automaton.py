"""Matching in time linear in the text, whatever the expression: the positions of its characters, and what follows what.

* an expression comes to at most `MAX_POSITIONS`, which is counted before anything is made; a text is walked once
* there is no way back: nothing is tried twice

Source: V. M. Glushkov, The abstract theory of automata (1961); the positions of a set are the bits of one number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from verifier.core.regexps.syntax import Chars, Choice, Node, Repeat, Sequence, parse

MAX_POSITIONS: Final = 512
"""Characters that an expression comes to, its repetitions written out."""
MAX_IDENTITY_LENGTH: Final = 2048
"""Characters of a text that is matched: a longer identity matches nothing."""


class Automaton:
    """One expression, ready to be asked; `reverse` walks the same texts from their ends."""

    def __init__(self, node: Node) -> None:
        if (size := _size(node)) > MAX_POSITIONS:
            message = (
                f"comes to {size} characters with its repetitions written out, at most {MAX_POSITIONS} are allowed"
            )
            raise ValueError(message)
        self._follow: list[int] = []
        self._at: dict[str, int] = {}
        self._empty, self._first, self._last = self._made(node)

    def matches(self, text: str) -> bool:
        """Whether the whole of `text` is one that the expression means."""
        if len(text) > MAX_IDENTITY_LENGTH:
            return False
        state: int | None = None
        for seen in text:
            state = self.step(state, seen)
            if not state:
                return False
        return self.accepts(state)

    def step(self, state: int | None, seen: str) -> int:
        """The positions that `seen` leads to from those of `state`, None at the beginning; 0 where it leads nowhere."""
        return self._behind(state) & self._at.get(seen, 0)

    def accepts(self, state: int | None) -> bool:
        """Whether a text may end at `state`."""
        return self._empty if state is None else bool(state & self._last)

    def onward(self, state: int | None) -> dict[str, int]:
        """The characters that lead on, and where to."""
        behind = self._behind(state)
        return {seen: behind & at for seen, at in self._at.items() if behind & at}

    def continued(self, text: str, state: int | None) -> str:
        """`text`, which leads to `state`, with all that can only follow."""
        while len(text) < MAX_IDENTITY_LENGTH and not self.accepts(state) and len(ways := self.onward(state)) == 1:
            ((seen, state),) = ways.items()
            text += seen
        return text

    def _behind(self, state: int | None) -> int:
        """The positions that may come next, whatever stands there."""
        if state is None:
            return self._first
        reached, rest = 0, state
        while rest:
            lowest = rest & -rest
            reached |= self._follow[lowest.bit_length() - 1]
            rest ^= lowest
        return reached

    def _made(self, node: Node) -> tuple[bool, int, int]:
        """Whether it may be empty, where it begins, where it ends."""
        match node:
            case Chars(among):
                bit = 1 << len(self._follow)
                self._follow.append(0)
                for each in among:
                    self._at[each] = self._at.get(each, 0) | bit
                return False, bit, bit
            case Sequence(items):
                return self._joined([self._made(each) for each in items])
            case Choice(items):
                parts = [self._made(each) for each in items]
                first = last = 0
                for _, begin, end in parts:
                    first, last = first | begin, last | end
                return any(empty for empty, _, _ in parts), first, last
            case Repeat(item, least, most):
                return self._repeated(item, least, most)

    def _joined(self, parts: list[tuple[bool, int, int]]) -> tuple[bool, int, int]:
        empty, first, last = True, 0, 0
        for optional, begin, end in parts:
            self._link(last, begin)
            first = first | begin if empty else first
            last = last | end if optional else end
            empty = empty and optional
        return empty, first, last

    def _repeated(self, item: Node, least: int, most: int | None) -> tuple[bool, int, int]:
        parts = [self._made(item) for _ in range(max(least, 1) if most is None else most)]
        if most is None:
            empty, first, last = parts[-1]
            self._link(last, first)
            parts[-1] = (empty or least == 0, first, last)
        else:
            parts[least:] = [(True, first, last) for _, first, last in parts[least:]]
        return self._joined(parts)

    def _link(self, last: int, first: int) -> None:
        while last:
            lowest = last & -last
            self._follow[lowest.bit_length() - 1] |= first
            last ^= lowest


@lru_cache(maxsize=64)
def automaton(text: str) -> Automaton:
    """The automaton of the expression `text`; raises `ValueError` for what is not taken."""
    return Automaton(parse(text).node)


@lru_cache(maxsize=64)
def backwards(text: str) -> Automaton:
    """The automaton of the same texts, each written backwards."""
    return Automaton(_reversed(parse(text).node))


def _size(node: Node) -> int:
    match node:
        case Chars():
            return 1
        case Sequence(items) | Choice(items):
            return sum(map(_size, items))
        case Repeat(item, least, most):
            return _size(item) * (max(least, 1) if most is None else most)


def _reversed(node: Node) -> Node:
    match node:
        case Chars():
            return node
        case Sequence(items):
            return Sequence(tuple(map(_reversed, reversed(items))))
        case Choice(items):
            return Choice(tuple(map(_reversed, items)))
        case Repeat(item, least, most):
            return Repeat(_reversed(item), least, most)
