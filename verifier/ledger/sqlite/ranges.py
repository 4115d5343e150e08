"""Ranges of a SQLite ledger's history as SQL: all, of one scope, or what names some content, tag or layers. Pure."""

from __future__ import annotations

from verifier.formats.json.write import compact
from verifier.ledger.interface import Layers, Naming, TagName

PAGE_OF = "SELECT sequence, scope, content, head, event {range} ORDER BY sequence LIMIT ?3"
NEWEST_OF = "SELECT min(sequence) - 1, max(sequence) FROM (SELECT sequence {range} ORDER BY sequence DESC LIMIT ?3)"
_ALL = "FROM history WHERE sequence > ?1 AND sequence <= ?2"
_OF_SCOPE = f"{_ALL} AND scope = ?4"
_OF_CONTENT = f"{_OF_SCOPE} AND content = ?5"
_OF_TAG = f"{_OF_SCOPE} AND tag = ?5"
_OF_LAYERS = f"{_ALL} AND sequence IN (SELECT sequence FROM layer WHERE chain IN (SELECT value FROM json_each(?4)))"  # noqa: S608 - constants of ours


def range_of(scope: str | None, naming: Naming | None) -> tuple[str, tuple[str, ...]]:
    """Which events are asked for, after ?1 and until ?2, and the names that it takes to say so, from ?4 on."""
    if isinstance(naming, Layers):
        return _OF_LAYERS, (compact([str(each) for each in naming.chains]),)
    if scope is None:
        return _ALL, ()
    if naming is None:
        return _OF_SCOPE, (scope,)
    return (_OF_TAG, (scope, naming.name)) if isinstance(naming, TagName) else (_OF_CONTENT, (scope, str(naming)))
