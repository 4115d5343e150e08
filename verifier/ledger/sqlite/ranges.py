"""Ranges of a SQLite ledger's history as SQL: all, of one scope, or what names some content, tag or layers.

* what is looked for by a name is found in two trees of the file, which have to find the same: one that has lost
  something says so to nobody, and may answer one question rightly and the next one not. The answers are compared
* what is found so is proven by the history: each event leads from the one before it to its own digest

Raises `ValueError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verifier.core.value import Value
from verifier.formats.json.write import compact
from verifier.ledger.interface import Entry, Layers, LedgerEvent, Naming, TagName
from verifier.ledger.record import read_event
from verifier.ledger.rows import entry_of, require_linked
from verifier.ledger.sqlite.whole import Execute

_WITHIN: Final = "sequence > ?1 AND sequence <= ?2"
_OF_SCOPE: Final = f"FROM history WHERE {_WITHIN} AND scope = ?4"
_PAGE: Final = "SELECT sequence, scope, content, head, event {found} ORDER BY sequence LIMIT ?3"
_NEWEST: Final = (
    "SELECT min(sequence) - 1, max(sequence) FROM (SELECT sequence {found} ORDER BY sequence DESC LIMIT ?3)"
)
_TWICE: Final = """SELECT 0, sequence FROM (SELECT sequence {found} ORDER BY sequence {order} LIMIT ?3)
    UNION ALL SELECT 1, sequence FROM (SELECT sequence {again} ORDER BY sequence {order} LIMIT ?3)"""


class Range(Value):
    """Events as they are found, and found `again` by another tree of the file; "" where there is none that has them.

    The statements have ?1 and ?2 for the sequence after which they begin and the one with which they end, ?3 for how
    many rows, and from ?4 on the `names` that it takes.
    """

    found: str
    again: str = ""
    names: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The rows of the oldest."""
        return _PAGE.format(found=self.found)

    @property
    def newest(self) -> str:
        """After which sequence the newest ones begin, and with which they end."""
        return _NEWEST.format(found=self.found)

    def twice(self, order: str = "") -> str:
        """The sequences that each of two trees finds, 0 or 1 before each; the newest first where `order` is DESC."""
        return _TWICE.format(found=self.found, again=self.again, order=order)


# `+content`: what is known to equal a constant is put in its place, and then no tree has that expression.
_CONTENT: Final = f"FROM history INDEXED BY history_of_content WHERE content = ?5 AND scope = ?4 AND {_WITHIN}"
_CONTENT_AGAIN: Final = f"""FROM history INDEXED BY history_of_content_again
    WHERE scope = ?4 AND substr(content, 8, 16) = substr(?5, 8, 16) AND content IS NOT NULL AND +content = ?5
        AND {_WITHIN}"""
_TAG: Final = f"FROM history INDEXED BY history_of_tag WHERE tag = ?5 AND scope = ?4 AND {_WITHIN}"
_TAG_AGAIN: Final = f"FROM history INDEXED BY history_of_tag_again WHERE scope = ?4 AND tag = ?5 AND {_WITHIN}"
_LAYERS: Final = f"""FROM history
    WHERE {_WITHIN} AND sequence IN (SELECT sequence FROM layer WHERE chain IN (SELECT value FROM json_each(?4)))"""  # noqa: S608 - constants of ours
_LAYERS_AGAIN: Final = f"""FROM (SELECT DISTINCT sequence FROM json_each(?4) AS asked
    CROSS JOIN layer INDEXED BY layer_again ON substr(chain, 8, 16) = substr(asked.value, 8, 16) AND chain = asked.value
    WHERE {_WITHIN})"""  # noqa: S608 - as above

FIRST_KNOWN: Final = """SELECT
    (SELECT min(sequence) FROM history INDEXED BY history_of_content WHERE content = ?1 AND scope = ?2),
    (SELECT min(sequence) FROM history INDEXED BY history_of_content_again
        WHERE scope = ?2 AND substr(content, 8, 16) = substr(?1, 8, 16) AND content IS NOT NULL AND +content = ?1)"""
"""The event by which a scope knows content, as each of two trees has it; NULL where it does not know it."""
LAST_TOLD: Final = """SELECT
    (SELECT max(sequence) FROM history INDEXED BY history_of_tag WHERE tag = ?1 AND scope = ?2),
    (SELECT max(sequence) FROM history INDEXED BY history_of_tag_again WHERE scope = ?2 AND tag = ?1)"""
"""The event that told a scope last of a tag, likewise."""
ROWS: Final = """SELECT sequence, scope, content, head, event,
    (SELECT before.head FROM history AS before WHERE before.sequence = history.sequence - 1)
    FROM history WHERE sequence IN (SELECT value FROM json_each(?1)) ORDER BY sequence"""
"""Events by their sequences, each with the digest of the one before it."""


def range_of(scope: str | None, naming: Naming | None) -> Range:
    """Which events are asked for."""
    if isinstance(naming, Layers):
        return Range(found=_LAYERS, again=_LAYERS_AGAIN, names=(compact([str(each) for each in naming.chains]),))
    if scope is None:
        return Range(found=f"FROM history WHERE {_WITHIN}")
    if naming is None:
        return Range(found=_OF_SCOPE, names=(scope,))
    if isinstance(naming, TagName):
        return Range(found=_TAG, again=_TAG_AGAIN, names=(scope, naming.name))
    return Range(found=_CONTENT, again=_CONTENT_AGAIN, names=(scope, str(naming)))


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
