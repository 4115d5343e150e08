"""What can be saved of a ledger that is corrupt: its history, up to where it is sound.

* the events alone are read, and judged from the first one (`ledger.checker`); head, scopes and time are made from them
* what follows the first event that is not sound, or cannot be read, is left behind, and it is said why
* the outcome is an export: whoever wants it imports it into a new ledger, by the head that is returned
"""

from __future__ import annotations

import tempfile
from typing import IO

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.value import Value
from verifier.ledger.checker import Checker
from verifier.ledger.document import header_line
from verifier.ledger.interface import Head
from verifier.ledger.open import history_texts
from verifier.ledger.record import canonical, read_event


class Salvaged(Value):
    """The head of what was saved, and why nothing that follows was; None where nothing follows."""

    head: Head
    why: str | None


def salvage(url: str, stream: IO[str]) -> Salvaged:
    """Write what is sound of the ledger at `url` to `stream`; `Refused` where its history cannot be read at all."""
    checker, why = Checker(), None
    with tempfile.TemporaryFile("w+", encoding="ascii", newline="") as kept:
        texts = history_texts(url)
        try:
            for text in texts:
                read_event(text)
                checker.add(text)
                kept.write(text + "\n")
        except ValueError as error:
            why = f"the event after {checker.last[0]}: {error}"
        except Refused as refusal:
            if not checker.count:
                raise
            why = refusal.reasons[0].message
        sequence, digest = checker.head
        head = Head(sequence=sequence, digest=Digest(algorithm="sha256", value=digest))
        stream.write(header_line(head, checker.newest, len(checker.scopes)) + "\n")
        for name, state in sorted(checker.scopes.items()):
            stream.write(canonical({"scope": name, "state": state}) + "\n")
        kept.seek(0)
        for line in kept:
            stream.write(line)
    return Salvaged(head=head, why=why)
