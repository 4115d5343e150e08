"""Documents that were written to be imported, with a chain that holds."""

from __future__ import annotations

import io
import json

import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.memory import MemoryLedger, forge
from tests.support.ledgers.samples import (
    COUNTING,
    HOUR,
    NOW,
    RULES,
    SCOPE,
    at,
    candidate,
    counted,
    event,
    founding,
    mark,
)
from verifier.core.errors import Refused
from verifier.ledger.advance import record
from verifier.ledger.checker import Checker
from verifier.ledger.document import header_line, scope_line
from verifier.ledger.history import check
from verifier.ledger.interface import Head
from verifier.ledger.operate import set_floor
from verifier.ledger.record import chain
from verifier.ledger.transfer import export_ledger, import_ledger
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState

LATER = (
    ScopeState(revision=1, mark=mark("0.1.0", epoch=1)),
    ScopeState(revision=1, floor=Floor(version="0.1.0", epoch=1, scheme=Scheme.SEMVER)),
    ScopeState(revision=1, mark=mark("0.1.0", epoch=2**31 - 1)),
    ScopeState(revision=1, mark=mark("0", epoch=1, scheme=Scheme.INTEGER)),
)


@pytest.fixture(params=["mark", "floor", "both"])
def ledger(request):
    made = MemoryLedger()
    if request.param != "mark":
        set_floor(made, SCOPE, Floor(version="2.0.0", scheme=Scheme.SEMVER), at())
    if request.param != "floor":
        assert record(made, SCOPE, candidate("2.0.0"), RULES, at()).accepted
    return made


def exported(ledger):
    return io.BytesIO("".join(export_ledger(ledger)).encode("ascii"))


@pytest.mark.parametrize("later", LATER, ids=str)
@pytest.mark.parametrize("vouched", [True, False])
def test_no_document_opens_the_way_back_below_mark_or_floor(ledger, later, vouched):
    other = MemoryLedger()
    assert other.swap((founding(later),))
    before, head = ledger.scopes(), ledger.head()
    with refused("ledger.epoch-unapproved"):
        import_ledger(ledger, exported(other), at(NOW + HOUR), expect_head=other.head() if vouched else None)
    assert (ledger.scopes(), ledger.head()) == (before, head)
    assert not record(ledger, SCOPE, candidate("1.0.0"), RULES, at()).accepted


def test_a_mark_without_its_accepting_event_is_not_imported():
    """The scope's line says 999, and no event led there; nor does one that is of another kind."""
    other = MemoryLedger()
    record(other, SCOPE, counted(1), COUNTING, at())
    high = ScopeState(revision=2, mark=mark("999", scheme=Scheme.INTEGER))
    lines = exported(other).read().decode().splitlines(keepends=True)
    lines[1] = scope_line(SCOPE, high) + "\n"
    with refused("ledger.corrupt"):
        import_ledger(MemoryLedger(), io.BytesIO("".join(lines).encode()), at(NOW + HOUR), expect_head=None)
    forge(other, event(kind="denied"), high)
    with refused("ledger.corrupt"):
        import_ledger(MemoryLedger(), exported(other), at(NOW + HOUR), expect_head=other.head())


@pytest.mark.parametrize(
    "name",
    ["bundle:a\n", "bundle:\x07", "bundle:\x7f", "bundle:a\u202eb", "bundle:\u200b", "bundle:\ufeff", "nocolon", ":x"],
)
def test_no_scope_with_characters_that_do_not_show_is_imported(name):
    other, state = MemoryLedger(), ScopeState(revision=1, mark=mark("1.0.0"))
    with refused("ledger.unsound"):
        other.swap((founding(state, name),))
    made = founding(state, name)
    forge(other, made.event, state)
    with refused("ledger.corrupt"):
        check(other)
    with refused("ledger.corrupt"):
        import_ledger(MemoryLedger(), exported(other), at(NOW + HOUR), expect_head=other.head())


def test_a_document_whose_header_says_a_later_time_is_refused():
    other = MemoryLedger()
    record(other, SCOPE, counted(1), COUNTING, at())
    lines = exported(other).read().decode().splitlines(keepends=True)
    lines[0] = header_line(other.head(), NOW + HOUR, 1) + "\n"
    with refused("ledger.corrupt"):
        import_ledger(MemoryLedger(), io.BytesIO("".join(lines).encode()), at(NOW + HOUR), expect_head=None)


def test_what_content_is_known_by_is_carried_too():
    """The mark alone would let old content be accepted once more, under a higher version."""
    there, here = MemoryLedger(), MemoryLedger()
    for number in (1, 2):
        record(there, SCOPE, counted(number), COUNTING, at())
    import_ledger(here, exported(there), at(NOW + HOUR), expect_head=there.head())
    with pytest.raises(Refused, match=r"ledger\.unsound"):
        record(here, SCOPE, counted(9, digest="1"), COUNTING, at(NOW + HOUR))
    check(here)


def test_content_that_has_another_version_here_is_relabelled():
    there, here = MemoryLedger(), MemoryLedger()
    record(there, SCOPE, counted(1, digest="x"), COUNTING, at())
    record(here, SCOPE, counted(2, digest="x"), COUNTING, at())
    with refused("version.relabelled"):
        import_ledger(here, exported(there), at(NOW + HOUR), expect_head=there.head())


def test_the_tail_that_somebody_added_behind_a_kept_head_is_not_vouched_for():
    other = MemoryLedger()
    record(other, SCOPE, counted(1), COUNTING, at())
    kept = other.head()
    record(other, SCOPE, counted(999), COUNTING, at())
    with refused("ledger.unvouched"):
        import_ledger(MemoryLedger(), exported(other), at(NOW + HOUR), expect_head=kept)


def test_the_chain_is_the_one_that_it_always_was():
    """What the checker computes, and what the stores do, are two codes."""
    other, checker, head = MemoryLedger(), Checker(), Head(sequence=0, digest=MemoryLedger().head().digest)
    record(other, SCOPE, counted(1), COUNTING, at())
    (entry,) = other.events()
    checker.add(entry.text)
    assert checker.head == (1, chain(head, entry.text).digest.value)
    assert json.loads(entry.text)["effect"]["mark"]["version"] == "1"
