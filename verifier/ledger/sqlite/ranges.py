"""Ranges of a SQLite ledger's history as SQL: all, of one scope, or what names some content, tag or layers. Pure."""

from __future__ import annotations

from typing import Final

from verifier.core.value import Value
from verifier.formats.json.write import compact
from verifier.ledger.interface import Layers, Naming, TagName

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
