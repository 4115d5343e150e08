"""What of a SQLite ledger's file is looked at before it is believed, and when. A finding is `ledger.corrupt`.

* what is found is proven by its digest: a state by its event, the head by the newest events
* that something is not found (content, a tag, layers) proves nothing where a page may be lost: before an answer is made
  of it, SQLite looks at the whole file, once for an open ledger
* on opening it looks at the marks and the head alone: a page may hold older rows of a scope beside the newest one, as
  well proven
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from verifier.core.errors import refuse

Execute = Callable[..., sqlite3.Cursor]
"""`Connection.execute`."""


_SMALL = 64
"""Pages up to which a file is looked at whole on opening: a millisecond, and nobody has to ask twice."""


class Unproven(Exception):
    """Something was not found in a file that nobody has looked at as a whole yet: do that, and ask again."""


class Whole:
    """Whether the file was found whole since it was opened."""

    __slots__ = ("_known", "subject")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self._known = False

    def require_marks(self, execute: Execute, size: int) -> None:
        """Look at what every decision is made from, and whether a write would overwrite what is in use.

        `size` is the bytes that the file had earlier: it never gets shorter.
        """
        # A ledger hardly ever frees a page. One that says so, or is longer than it says, would be written into itself.
        (free,) = execute("PRAGMA freelist_count").fetchone()
        (pages,) = execute("PRAGMA page_count").fetchone()
        (page_size,) = execute("PRAGMA page_size").fetchone()
        if free or pages * page_size < size or pages <= _SMALL:
            self.require(execute)
            return
        self._look(execute, "PRAGMA integrity_check('store')")
        self._look(execute, "PRAGMA integrity_check('scope')")

    def require(self, execute: Execute) -> None:
        """Look at everything, unless that was done."""
        if not self._known:
            self._look(execute, "PRAGMA integrity_check(1)")
            self._known = True

    def needed(self) -> None:
        """Raise `Unproven` where it was not looked at: an index has said that something is not there."""
        if not self._known:
            raise Unproven

    def _look(self, execute: Execute, how: str) -> None:
        (problem,) = execute(how).fetchone()
        if problem != "ok":
            raise refuse("ledger.corrupt", self.subject, f"SQLite finds it damaged: {problem}")
