"""Ledgers whose file is damaged, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.support.ledgers.samples import COUNTING, at, counted
from verifier.core.errors import Refused
from verifier.ledger.advance import Circumstances, record
from verifier.ledger.history import versions_of
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.versions.candidate import Candidate

SCOPES = [f"bundle:{number:03}" for number in range(0, 240, 4)]
"""Names between which there is room: one that is changed may still stand in its order."""
SCOPE = SCOPES[31]
FIRST, LAST = 8, 12
"""Versions of each scope: where one gets a digit more, its row does not fit where it stood."""
PAGE = 4096
LEAF_OF_INDEX = 10


def content(scope: str, number: int) -> Candidate:
    return counted(number, digest=f"{scope} {number}")


QUESTIONS: dict[str, Candidate] = {
    "an older version": content(SCOPE, LAST - 1),
    "what stands": content(SCOPE, LAST),
    "a newer version": content(SCOPE, LAST + 1),
    "known content under another version": counted(LAST + 1, digest=f"{SCOPE} {LAST - 2}"),
}
ACCEPTED = {"what stands", "a newer version"}


def filled(path: Path, numbers: Iterable[int], scopes: Sequence[str] = SCOPES) -> bytes:
    create_ledger(path)
    with open_ledger(path) as ledger:
        for number in numbers:
            for scope in scopes:
                assert record(ledger, scope, content(scope, number), COUNTING, at()).accepted
    return path.read_bytes()


def decided(path: Path, asked: Candidate, circumstances: Circumstances) -> bool | None:
    """What a hook decides that opens the ledger for it, and asks what the content was called before; None where the
    ledger is refused."""
    try:
        with open_ledger(path) as ledger:
            known = versions_of(ledger, SCOPE, asked.digest)
            if any(version != asked.version for version, _ in known):
                return False
            return record(ledger, SCOPE, asked, COUNTING, circumstances).accepted
    except Refused as refusal:
        if not refusal.reasons[0].code.startswith("ledger."):
            raise
        return False if refusal.reasons[0].code == "ledger.unsound" else None
