"""Carrying a ledger elsewhere: the same bytes for the same ledger, upward only, all or nothing."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledgers.busy import Busy
from tests.support.ledgers.files import refused
from tests.support.ledgers.memory import MemoryLedger
from tests.support.ledgers.samples import COUNTING, HOUR, NOW, RULES, SCOPE, at, candidate, content, counted, event
from verifier.core.errors import Refused
from verifier.ledger.advance import append, record, record_denial
from verifier.ledger.history import check, history, max_time_seen
from verifier.ledger.interface import EventKind, Ledger
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.ledger.transfer import export_ledger, import_ledger
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, VersionRange


def lived_in(ledger: Ledger) -> Ledger:
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        record(ledger, SCOPE, candidate(version), RULES, at())
    record(ledger, SCOPE, candidate("1.1.0"), RULES, at())
    record(ledger, "bundle:b", counted(7, signed_time=NOW), COUNTING, at(NOW + HOUR, verdict=content("v")))
    record_denial(ledger, "bundle:c", ["signature.invalid"], at(), candidate("\x1b[2J\ud800"))
    set_floor(ledger, SCOPE, Floor(version="1.1.0", scheme=Scheme.SEMVER), at(actor="ada"))
    withdraw_digest(ledger, "bundle:d", content("bad"), at())
    withdraw_versions(ledger, SCOPE, VersionRange(lowest="1.1.0", highest="1.1.9", scheme=Scheme.SEMVER), at())
    return ledger


def exported(ledger: Ledger) -> bytes:
    return "".join(export_ledger(ledger)).encode("ascii")


def imported(ledger: Ledger, document: bytes, now=NOW + HOUR):
    return import_ledger(ledger, io.BytesIO(document), at(now, actor="ada"), expect_head=None)


def seen(ledger: Ledger):
    """All that decides, without the counters."""
    moment = ledger.scopes()
    return [(name, replace(state, revision=1)) for name, state in moment.states], moment.max_time_seen


DOCUMENT = exported(lived_in(MemoryLedger()))


@pytest.fixture
def sqlite(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as ledger:
        yield ledger


def test_the_same_ledger_gives_the_same_document_whatever_the_back_end(sqlite):
    assert exported(lived_in(sqlite)) == DOCUMENT == exported(sqlite)


def test_an_export_is_one_moment_though_others_write_meanwhile(sqlite):
    busy = Busy(sqlite, lambda: record(sqlite, SCOPE, counted(sqlite.head().sequence + 1), COUNTING, at()))
    document = exported(busy)
    assert (document.count(b'"kind":"accepted"'), sqlite.head().sequence) == (1, 2)
    imported(MemoryLedger(), document)


def test_an_import_restores_all_that_decides(sqlite):
    result = imported(sqlite, DOCUMENT)
    assert result.scopes == ("bundle:authz", "bundle:b", "bundle:d")
    assert seen(sqlite) == seen(lived_in(MemoryLedger()))
    assert check(sqlite).head.sequence == 6  # the time, two older contents, and three scopes
    assert {event.detail for event in history(sqlite)} == {f"from {result.head}"}
    assert not record(sqlite, SCOPE, candidate("1.1.5"), RULES, at(NOW + HOUR)).accepted


def test_importing_again_changes_nothing(sqlite):
    imported(sqlite, DOCUMENT)
    head = sqlite.head()
    assert imported(sqlite, DOCUMENT).scopes == ()
    assert sqlite.head() == head


def test_importing_ones_own_export_changes_nothing():
    ledger = lived_in(MemoryLedger())
    head = ledger.head()
    assert imported(ledger, DOCUMENT).scopes == ()
    assert ledger.head() == head


def test_an_import_never_lowers_a_mark(sqlite):
    record(sqlite, SCOPE, candidate("3.0.0"), RULES, at(NOW + 2 * HOUR))
    imported(sqlite, DOCUMENT, NOW + 2 * HOUR)
    state = sqlite.fetch(SCOPE).state
    assert (state.mark.version, state.floor.version) == ("3.0.0", "1.1.0")
    assert max_time_seen(sqlite) == NOW + 2 * HOUR


def test_an_import_moves_the_newest_time_seen_though_no_scope_changes():
    ledger = lived_in(MemoryLedger())
    other = lived_in(MemoryLedger())
    append(other, event(scope="bundle:unordered", time=NOW + 6 * HOUR))
    assert imported(ledger, exported(other), NOW + 6 * HOUR).scopes == ()
    assert max_time_seen(ledger) == NOW + 6 * HOUR


def test_two_digests_for_one_version_are_equivocation_and_import_nothing(sqlite):
    record(sqlite, SCOPE, candidate("1.2.0", "another"), RULES, at())
    _require_nothing_imported(sqlite, DOCUMENT, "version.equivocation")


def test_two_digests_for_one_version_below_the_marks_are_equivocation_too(sqlite):
    record(sqlite, SCOPE, candidate("1.0.0", "another"), RULES, at())
    record(sqlite, SCOPE, candidate("9.0.0"), RULES, at())
    _require_nothing_imported(sqlite, DOCUMENT, "version.equivocation")


def test_a_conflict_in_one_scope_imports_none_of_the_others(sqlite):
    record(sqlite, "bundle:b", counted(7, digest="another"), COUNTING, at())
    _require_nothing_imported(sqlite, DOCUMENT, "version.equivocation")
    assert [name for name, _ in sqlite.scopes().states] == ["bundle:b"]


def test_a_document_from_the_future_is_refused(sqlite):
    _require_nothing_imported(sqlite, DOCUMENT, "clock.skew", now=NOW)
    imported(sqlite, DOCUMENT, NOW + HOUR - timedelta(minutes=5))


def test_whoever_overtakes_an_import_is_merged_too(sqlite):
    class Overtaken:
        def __init__(self):
            self.overtake = True

        def __getattr__(self, name):
            return getattr(sqlite, name)

        def swap(self, changes):
            if self.overtake:
                self.overtake = False
                record(sqlite, SCOPE, candidate("5.0.0"), RULES, at())
            return sqlite.swap(changes)

    imported(Overtaken(), DOCUMENT)
    assert sqlite.fetch(SCOPE).state.mark.version == "5.0.0"
    assert sqlite.fetch(SCOPE).state.floor.version == "1.1.0"


def test_what_is_accepted_while_an_import_reads_is_compared_too(sqlite):
    """The history was read when another writer accepts a version of the document with another content."""

    class Overtaken:
        def __getattr__(self, name):
            return getattr(sqlite, name)

        def events(self):
            yield from sqlite.events()
            record(sqlite, SCOPE, candidate("1.0.0", "another"), RULES, at())

    with refused("version.equivocation"):
        imported(Overtaken(), DOCUMENT)
    assert [name for name, _ in sqlite.scopes().states] == [SCOPE]


def test_an_acceptance_without_a_version_can_be_carried(sqlite):
    ledger = MemoryLedger()
    append(ledger, event(EventKind.ACCEPTED))
    imported(sqlite, exported(ledger))
    assert max_time_seen(sqlite) == NOW


LINES = DOCUMENT.splitlines(keepends=True)
TAMPERED = {
    "empty": b"",
    "no events": b"".join(LINES[:5]),
    "cut in the middle of a line": DOCUMENT[:-10],
    "without the last newline": DOCUMENT[:-1],
    "without the last event": b"".join(LINES[:-1]),
    "without the first event": b"".join(LINES[:4] + LINES[5:]),
    "two events exchanged": b"".join([*LINES[:4], LINES[5], LINES[4], *LINES[6:]]),
    "a lowered mark": DOCUMENT.replace(b'"version":"1.2.0"},"q', b'"version":"1.0.0"},"q', 1),
    "a lowered mark in the events too": DOCUMENT.replace(b"1.2.0", b"1.0.5"),
    "a scope less": b"".join([LINES[0].replace(b'"scopes":3', b'"scopes":2'), *LINES[2:]]),
    "a scope twice": b"".join([LINES[0].replace(b'"scopes":3', b'"scopes":4'), LINES[1], *LINES[1:]]),
    "scopes in another order": b"".join([LINES[0], LINES[2], LINES[1], *LINES[3:]]),
    "too many scopes": DOCUMENT.replace(b'"scopes":3', b'"scopes":100001'),
    "true scopes": DOCUMENT.replace(b'"scopes":3', b'"scopes":true'),
    "another schema": DOCUMENT.replace(b"ledger/v1", b"ledger/v2"),
    "another head": DOCUMENT.replace(b"@sha256:", b"@sha512:", 1),
    "the head of another history": re.sub(rb"@sha256:[0-9a-f]{64}", b"@sha256:" + b"0" * 64, DOCUMENT, count=1),
    "another actor": DOCUMENT.replace(b'"actor":"ada"', b'"actor":"eve"'),
    "an unknown member": DOCUMENT.replace(b'{"head"', b'{"extra":1,"head"', 1),
    "a space": DOCUMENT.replace(b'{"head"', b'{ "head"', 1),
    "carriage returns": DOCUMENT.replace(b"\n", b"\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + DOCUMENT,
    "bytes that are no text": b"\xff\xfe" + DOCUMENT,
    "a line without end": b"[" * 3_000_000,
    "an empty line": DOCUMENT + b"\n",
    "null": b"null\n",
    "members of other types": b'{"head":1,"maxTimeSeen":2,"schema":"verifier/ledger/v1","scopes":0}\n',
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_document_that_was_touched_is_refused_whole(sqlite, name):
    assert TAMPERED[name] != DOCUMENT
    _require_nothing_imported(sqlite, TAMPERED[name], "ledger.corrupt")


@given(place=st.integers(0, len(DOCUMENT) - 1), value=st.integers(0, 255))
def test_no_changed_byte_is_imported_but_in_the_time_that_the_header_states(place, value):
    changed = bytearray(DOCUMENT)
    changed[place] = value
    ledger = MemoryLedger()
    code = ""
    try:
        imported(ledger, bytes(changed))
    except Refused as refusal:
        code = refusal.reasons[0].code
    if code:
        assert code in {"ledger.corrupt", "clock.skew"}
        assert ledger.head().sequence == 0
    else:
        assert seen(ledger)[0] == seen(lived_in(MemoryLedger()))[0]


@given(st.binary(max_size=300))
def test_hostile_bytes_are_refused_and_nothing_else_happens(content_):
    with pytest.raises(Refused, match=r"ledger\.corrupt"):
        imported(MemoryLedger(), content_)


def _require_nothing_imported(ledger, document, code, now=NOW + HOUR):
    before = (seen(ledger), ledger.head())
    with pytest.raises(Refused) as caught:
        imported(ledger, document, now)
    assert [reason.code for reason in caught.value.reasons] == [code]
    assert (seen(ledger), ledger.head()) == before
