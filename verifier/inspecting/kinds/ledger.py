"""An exported ledger, or a ledger's SQLite file: its head, its scopes, and where each stands.

* a document is read whole and replayed, as an import reads it; the file is opened to be read only
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from verifier.core.clock import format_rfc3339
from verifier.core.errors import Refused
from verifier.inspecting import checks
from verifier.inspecting.inspected import Check, Described, Given, facts, listing
from verifier.ledger.document import Export, read_document

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue
    from verifier.ledger.interface import Moment
    from verifier.versions.state import ScopeState

HEAD: Final = ("SEQUENCE@sha256:HEX", "the head that you have kept of this ledger elsewhere")
_COLUMNS: Final = ("scope", "version", "digest", "accepted", "floor", "quarantined")


def describe_export(given: Given) -> Described:
    """What an exported ledger says; never raises for what it reads."""
    what = "an exported ledger (JSON Lines), which nobody signed"
    try:
        read = read_document(BytesIO(given.content))
    except Refused as refusal:
        return Described(what=what, check=_check("--file", given.reference), faults=refusal.reasons)
    return _described(what, _check("--file", given.reference), read)


def describe_file(given: Given) -> Described:
    """What a ledger's file says; never raises for what it reads."""
    from verifier.ledger.open import open_ledger_url  # noqa: PLC0415 - few ledgers are inspected as files

    what = "a ledger (SQLite)"
    if given.path is None:
        return Described(what=what, check=_check("--ledger", "sqlite:LEDGER.db"))
    check = _check("--ledger", f"sqlite:{given.reference}")
    try:
        with open_ledger_url(f"sqlite:{given.path}", read_only=True) as ledger:
            moment = ledger.scopes()
    except Refused as refusal:
        return Described(what=what, check=check, faults=refusal.reasons)
    return _described(what, check, moment)


def _check(flag: str, reference: str) -> Check:
    return checks.check(
        "ledger", "check", flag, checks.reference_word(reference), "--expect-head", HEAD[0], unknown=(HEAD,)
    )


def _described(what: str, check: Check, found: Export | Moment) -> Described:
    newest, states = found.max_time_seen, found.states
    return Described(
        what=what,
        check=check,
        facts=facts(
            head=str(found.head),
            # The file's one chain has no gaps.
            events=found.events if isinstance(found, Export) else found.head.sequence,
            newest_time_seen=None if newest is None else format_rfc3339(newest),
            scopes=len(states),
        ),
        listings=(listing("scopes", _COLUMNS, [_row(name, state) for name, state in states]),),
    )


def _row(name: str, state: ScopeState) -> tuple[JsonValue, ...]:
    mark, floor = state.mark, state.floor
    return (
        name,
        None if mark is None else str(mark),
        None if mark is None else str(mark.digest),
        None if mark is None else format_rfc3339(mark.seen_at),
        None if floor is None else str(floor),
        len(state.quarantined_digests) + len(state.quarantined_versions),
    )
