"""The independent checker: it takes what the rules did, and nothing that they could not have done."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledgers.files import refused
from tests.support.ledgers.memory import MemoryLedger, forge
from tests.support.ledgers.samples import (
    COUNTING,
    HOUR,
    NOW,
    SCOPE,
    acceptance,
    at,
    content,
    counted,
    event,
    mark,
)
from verifier.core.value import replace
from verifier.ledger.advance import append, record, record_denial
from verifier.ledger.causes import effect_of, stands
from verifier.ledger.checker import Checker
from verifier.ledger.document import read_document
from verifier.ledger.history import check
from verifier.ledger.interface import Change, EventKind
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.ledger.record import canonical, state_text
from verifier.ledger.transfer import export_ledger, import_ledger
from verifier.versions.schemes import Scheme
from verifier.versions.state import Effect, Floor, ScopeState, VersionRange

FLOOR = Floor(version="2", scheme=Scheme.INTEGER)
RANGE = VersionRange(lowest="7", highest="8", scheme=Scheme.INTEGER)


def numbered(number, **fields):
    return mark(str(number), scheme=Scheme.INTEGER, **fields)


@pytest.fixture
def ledger():
    """A scope at 3 with a floor, content and versions withdrawn; a denial, and another scope that nothing orders."""
    made = MemoryLedger()
    for number in (1, 2, 3, 3, 1):
        record(made, SCOPE, counted(number, signed_time=NOW), COUNTING, at())
    set_floor(made, SCOPE, FLOOR, at())
    withdraw_digest(made, SCOPE, content("bad"), at())
    withdraw_versions(made, SCOPE, RANGE, at())
    record_denial(made, "bundle:c", ["signature.invalid"], at(), counted(4))
    append(made, event(scope="bundle:free", digest=content("free")))
    return made


def moved(ledger, **parts):
    held = ledger.fetch(SCOPE).state
    return replace(held, revision=held.revision + 1, **parts)


FOUR = numbered(4, signed_time=NOW)
FORGERIES = {
    "a denial that moves the mark": (replace(acceptance(FOUR), kind=EventKind.DENIED), {"mark": FOUR}),
    "a floor that moves the mark": (replace(event(EventKind.FLOOR)), {"mark": FOUR}),
    "a quarantine that moves the floor": (event(EventKind.QUARANTINE), {"floor": replace(FLOOR, version="5")}),
    "an acceptance that moves the floor": (acceptance(FOUR), {"floor": replace(FLOOR, version="5")}),
    "an import in a later epoch": (
        replace(acceptance(numbered(1, epoch=1)), kind=EventKind.IMPORT),
        {"mark": numbered(1, epoch=1, signed_time=NOW)},
    ),
    "an acceptance in a later epoch": (
        acceptance(numbered(1, epoch=1)),
        {"mark": numbered(1, epoch=1, signed_time=NOW)},
    ),
    "a floor in a later epoch": (event(EventKind.FLOOR), {"floor": replace(FLOOR, epoch=1)}),
    "an import of another mark than it says": (replace(acceptance(FOUR), kind=EventKind.IMPORT), {"mark": numbered(9)}),
    "an import of a mark that it does not name": (event(EventKind.IMPORT), {"mark": FOUR}),
    "a mark that nobody accepted then": (replace(acceptance(FOUR), time=NOW + HOUR), {"mark": FOUR}),
    "a lower mark": (acceptance(numbered(2)), {"mark": numbered(2, signed_time=NOW)}),
    "the same version with other content": (
        acceptance(numbered(3, digest="x")),
        {"mark": numbered(3, digest="x", signed_time=NOW)},
    ),
    "withdrawn content": (
        acceptance(numbered(4, digest="bad")),
        {"mark": numbered(4, digest="bad", signed_time=NOW)},
    ),
    "a withdrawn version": (acceptance(numbered(7)), {"mark": numbered(7, signed_time=NOW)}),
    "known content as another version": (
        acceptance(numbered(4, digest="1")),
        {"mark": numbered(4, digest="1", signed_time=NOW)},
    ),
    "a signed time that goes back": (acceptance(FOUR), {"mark": replace(FOUR, signed_time=NOW - HOUR)}),
    "another scheme": (acceptance(mark("4.0.0")), {"mark": mark("4.0.0", signed_time=NOW)}),
    "a floor of another scheme": (event(EventKind.FLOOR), {"floor": Floor(version="9.0.0", scheme=Scheme.SEMVER)}),
    "a lower floor": (event(EventKind.FLOOR), {"floor": replace(FLOOR, version="1")}),
    "an acceptance with reasons against it": (replace(acceptance(FOUR), reasons=("version.rollback",)), {"mark": FOUR}),
    "a floor that names a version": (
        replace(acceptance(FOUR), kind=EventKind.FLOOR),
        {"floor": replace(FLOOR, version="3")},
    ),
    "an acceptance of what does not stand": (acceptance(numbered(2)), None),
    "an acceptance without a version where there is an order": (event(digest=content("x")), None),
    "an acceptance that moves another time": (replace(acceptance(numbered(3)), time_seen=NOW), None),
    "a denial that moves time": (event(EventKind.DENIED, time_seen=NOW + HOUR), None),
    "a name with a control": (event(scope="bundle:a\x07", digest=content("x")), None),
    "a name with a direction": (event(scope="bundle:a\u202eb", digest=content("x")), None),
    "no name": (event(scope="", digest=content("x")), None),
    "imported content without an order": (
        event(EventKind.IMPORT, version="one", scheme="integer", epoch=0, digest=content("x")),
        None,
    ),
    "imported content that is known as another version": (
        event(EventKind.IMPORT, version="9", scheme="integer", epoch=0, digest=content("1")),
        None,
    ),
}  # fmt: skip


def test_what_the_rules_did_is_sound(ledger):
    checker = Checker()
    for entry in ledger.events():
        checker.add(entry.text)
        assert checker.head == (entry.head.sequence, entry.head.digest.value)
    assert {name: canonical(state) for name, state in checker.scopes.items()} == {
        name: state_text(state) for name, state in ledger.scopes().states
    }
    assert checker.newest == ledger.fetch(SCOPE).max_time_seen
    assert check(ledger).head == ledger.head()


@pytest.mark.parametrize("name", FORGERIES)
def test_what_no_rule_could_have_done_is_found_by_the_checker_and_refused_by_the_store(ledger, name):
    said, parts = FORGERIES[name]
    after = None if parts is None else moved(ledger, **parts)
    before, head = ledger.fetch(said.scope).state, ledger.head()
    if after is None and said.kind is EventKind.ACCEPTED and not stands(before, said):
        assert not ledger.swap((Change(event=said),))
    else:
        with refused("ledger.unsound"):
            ledger.swap((Change(event=said, state=after, expected_revision=before and before.revision),))
    assert ledger.head() == head
    effect = None if parts is None else Effect(**parts)
    forge(ledger, said, after, effect)
    with refused("ledger.corrupt"):
        check(ledger)
    # Nor is a document that says so taken, whose chain was computed anew.
    with refused("ledger.corrupt"):
        import_ledger(MemoryLedger(), exported(ledger), at(NOW + HOUR), expect_head=None)


def exported(ledger):
    return io.BytesIO("".join(export_ledger(ledger)).encode("ascii"))


def test_an_effect_that_does_not_lead_to_its_state_is_found(ledger):
    forge(ledger, acceptance(FOUR), moved(ledger, mark=numbered(5)), Effect(mark=FOUR))
    with refused("ledger.corrupt"):
        check(ledger)


def test_a_history_that_was_sound_up_to_an_event_is_what_the_checker_holds(ledger):
    checker = Checker()
    texts = [entry.text for entry in ledger.events()]
    for text in texts[:5]:
        checker.add(text)
    held = (checker.head, json.dumps(checker.scopes), checker.newest)
    with pytest.raises(ValueError, match="event 7"):
        checker.add(texts[6])
    assert (checker.head, json.dumps(checker.scopes), checker.newest) == held


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.data())
def test_no_member_of_another_shape_goes_through_or_raises_anything_else(data):
    made = MemoryLedger()
    record(made, SCOPE, counted(1), COUNTING, at())
    said = json.loads(next(made.events()).text)
    where = data.draw(st.sampled_from(["", "effect", "mark"]))
    target = {"": said, "effect": said["effect"], "mark": said["effect"]["mark"]}[where]
    name = data.draw(st.sampled_from(sorted(target)))
    value = data.draw(_JSON)
    if value == target[name] or (where == "" and name in {"actor", "comment", "correlationId", "detail"}):
        return
    target[name] = value
    checker = Checker()
    try:
        checker.add(canonical(said))
    except ValueError:
        assert checker.head[0] == 0


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "1", "[" * 100_000, '{"a":NaN}', "\ud800"])
def test_what_is_no_event_is_no_event(text):
    with pytest.raises(ValueError, match=r"."):
        Checker().add(text)


def test_what_a_store_writes_the_checker_reads_also_at_the_end_of_time(ledger):
    late = event(EventKind.DENIED, time=NOW.replace(year=9999), comment="\x00\ud800\u202e", version="\x00")
    append(ledger, late)
    assert check(ledger).head == ledger.head()
    assert read_document(exported(ledger)).head == ledger.head()


@pytest.mark.parametrize("said", [{"comment": "a" * 1_025}, {"scope": "bundle:" + "a" * 1_024}, {"scope": "no-colon"}])
def test_what_could_not_be_read_again_is_not_written(ledger, said):
    head = ledger.head()
    with refused("ledger.unsound"):
        append(ledger, replace(event(EventKind.DENIED), **said))
    assert ledger.head() == head


def test_nothing_new_is_no_change(ledger):
    with refused("ledger.unsound"):
        effect_of(ledger.fetch(SCOPE).state, event(EventKind.FLOOR), moved(ledger), None)
    with refused("ledger.unsound"):
        effect_of(None, event(EventKind.QUARANTINE), ScopeState(revision=1), None)
