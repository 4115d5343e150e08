"""What is looked for by a name in a SQLite ledger, in two trees of the file that have to find the same.

* a tree that has lost something says so to nobody, and may answer one question rightly and the next one not: it is the
  answers themselves that are compared
* what is found is proven by the history: each event leads from the one before it to its own digest

Raises `ValueError`.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.formats.json.write import compact
from verifier.ledger.interface import Entry, LedgerEvent
from verifier.ledger.record import read_event
from verifier.ledger.rows import entry_of, require_linked
from verifier.ledger.sqlite.ranges import FIRST_KNOWN, LAST_TOLD, ROWS, Range
from verifier.ledger.sqlite.whole import Execute


def newest_of(execute: Execute, asked: Range, after: int, until: int, most: int) -> tuple[int, int]:
    """After which sequence the newest `most` begin, and with which they end."""
    found = _in_both(execute, asked, (after, until, most), "DESC")
    return (found[-1] - 1, found[0]) if found else (until, until)


def page_of(execute: Execute, asked: Range, after: int, until: int, most: int) -> list[Entry]:
    """The oldest `most` of them."""
    found = _in_both(execute, asked, (after, until, most))
    return [entry_of(*row) for row in _rows(execute, found)] if found else []


def first_known(execute: Execute, content: str, scope: str) -> LedgerEvent | None:
    """The event by which the scope knows content, None where it does not know it."""
    found, again = execute(FIRST_KNOWN, (content, scope)).fetchone()
    _require_same(found, again, (scope, content))
    return None if found is None else read_event(_rows(execute, [found])[0][4])


def last_told(execute: Execute, tag: str, scope: str) -> int:
    """The sequence of the event that told the scope last of a tag, 0 where none did."""
    found, again = execute(LAST_TOLD, (tag, scope)).fetchone()
    _require_same(found, again, (scope, tag))
    return found or 0


def _in_both(execute: Execute, asked: Range, bounds: tuple[int, int, int], order: str = "") -> list[int]:
    trees: tuple[list[int], list[int]] = ([], [])
    for tree, sequence in execute(asked.twice(order), (*bounds, *asked.names)):
        trees[tree].append(sequence)
    _require_same(*trees, asked.names)
    return trees[0]


def _require_same(found: object, again: object, names: Sequence[str]) -> None:
    if found != again:
        raise ValueError(f"of {', '.join(names)[:200]}, one tree finds what another does not")


def _rows(execute: Execute, sequences: Sequence[int]) -> list[tuple[int, str, str | None, str, str]]:
    """The rows at these sequences, each proven by the one before it."""
    rows = execute(ROWS, (compact(list(sequences)),)).fetchall()
    if [row[0] for row in rows] != sorted(sequences):
        raise ValueError("events that are named are not there")
    for sequence, _, _, digest, text, before in rows:
        require_linked(sequence, before, digest, text)
    return [row[:5] for row in rows]
