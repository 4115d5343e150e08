"""What of a SQLite ledger's file is looked at before it is believed, and when. A finding is `ledger.corrupt`.

* what is found is proven by its digest: a state by its event, an event by the one before it, the head by the newest two
* what is *not* found has to be missing in two trees of the file (`proven`, `ranges`): one may have lost it
* on opening: whether a write would overwrite what is in use, and whether the newest events stand in every tree that
  they belong to, or the last writes never came to the disk
* SQLite looks at everything, once for an open ledger, where all of the file is asked for: to check, show or export it
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

from verifier.core.errors import refuse

Execute = Callable[..., sqlite3.Cursor]
"""`Connection.execute`."""


_SMALL: Final = 64
"""Pages up to which a file is looked at whole on opening: a millisecond, and nobody has to ask twice."""

_LOST: Final = """SELECT new.sequence
    FROM (SELECT sequence, scope, moved, content, tag FROM history ORDER BY sequence DESC LIMIT 16) AS new
    WHERE NOT EXISTS (SELECT 1 FROM history AS h INDEXED BY history_of_scope
            WHERE h.scope = new.scope AND h.sequence = new.sequence)
        OR (new.moved = 1 AND NOT EXISTS (SELECT 1 FROM history AS h INDEXED BY history_of_moves
            WHERE h.scope = new.scope AND h.moved = 1 AND h.sequence = new.sequence))
        OR (new.content IS NOT NULL AND NOT (
            EXISTS (SELECT 1 FROM history AS h INDEXED BY history_of_content
                WHERE h.content = new.content AND h.scope = new.scope AND h.sequence = new.sequence)
            AND EXISTS (SELECT 1 FROM history AS h INDEXED BY history_of_content_again
                WHERE h.scope = new.scope AND substr(h.content, 8, 16) = substr(new.content, 8, 16)
                    AND h.content = new.content AND h.sequence = new.sequence)))
        OR (new.tag IS NOT NULL AND NOT (
            EXISTS (SELECT 1 FROM history AS h INDEXED BY history_of_tag
                WHERE h.tag = new.tag AND h.scope = new.scope AND h.sequence = new.sequence)
            AND EXISTS (SELECT 1 FROM history AS h INDEXED BY history_of_tag_again
                WHERE h.scope = new.scope AND h.tag = new.tag AND h.sequence = new.sequence)))
    LIMIT 1"""


class Whole:
    """Whether the file was found whole since it was opened."""

    __slots__ = ("_known", "subject")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self._known = False

    def require_room(self, execute: Execute, size: int) -> None:
        """Look whether a write would overwrite what is in use; `size` is the bytes that the file had earlier.

        A ledger hardly ever frees a page, and never gets shorter: one that says so is looked at whole.
        """
        (free,) = execute("PRAGMA freelist_count").fetchone()
        (pages,) = execute("PRAGMA page_count").fetchone()
        (page_size,) = execute("PRAGMA page_size").fetchone()
        if free or pages * page_size < size or pages <= _SMALL:
            self.require(execute)

    def require_newest(self, execute: Execute) -> None:
        """Look whether the newest events stand in every tree that they belong to, unless everything was looked at."""
        if self._known:
            return
        self._look(execute, "PRAGMA integrity_check('store')")
        lost = execute(_LOST).fetchone()
        if lost is not None:
            raise refuse("ledger.corrupt", self.subject, f"event {lost[0]} is not found where it should be")

    def require(self, execute: Execute) -> None:
        """Look at everything, unless that was done."""
        if not self._known:
            self._look(execute, "PRAGMA integrity_check(1)")
            self._known = True

    def _look(self, execute: Execute, how: str) -> None:
        (problem,) = execute(how).fetchone()
        if problem != "ok":
            raise refuse("ledger.corrupt", self.subject, f"SQLite finds it damaged: {problem}")
