"""Does a record affect a version? Pure. formats/audit.md section 2 to the letter."""

from __future__ import annotations

from typing import NamedTuple


class Affected(NamedTuple):
    """The version is affected; `by` is "versions" or "range"."""

    by: str


class NotAffected(NamedTuple):
    """The version is not affected: everything that the record says of the package was evaluated."""


class Undecided(NamedTuple):
    """Nobody can say, and why."""

    why: str


Judgement = Affected | NotAffected | Undecided
