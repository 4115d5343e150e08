"""What a history says of tags and layers: judged from outside, carried elsewhere, and read from ledgers of before."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledgers.files import refused, written_before
from tests.support.ledgers.images_contract import APP, BASE, building, tagged
from tests.support.ledgers.memory import MemoryLedger, forge
from tests.support.ledgers.samples import HOUR, NOW, RULES, SCOPE, at, candidate, content, event
from verifier.core.digest import Digest
from verifier.core.value import replace
from verifier.ledger.advance import record
from verifier.ledger.checker import Checker
from verifier.ledger.history import check, history, known_layers, tag_seen
from verifier.ledger.interface import Change, Layers, Ledger, TagName
from verifier.ledger.record import canonical
from verifier.ledger.salvage import salvage
from verifier.ledger.sqlite import schema
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.ledger.transfer import export_ledger, import_ledger
from verifier.versions.memory import MAX_TAG, Tag, chain_ids

STABLE = f"{APP}:stable"


def exported(ledger: Ledger) -> bytes:
    return "".join(export_ledger(ledger)).encode("ascii")


def imported(ledger: Ledger, document: bytes):
    import_ledger(ledger, io.BytesIO(document), at(NOW + HOUR), expect_head=None)


def moved() -> MemoryLedger:
    """A tag that moved once, and an image with layers."""
    ledger = MemoryLedger()
    assert ledger.swap((tagged("1.0.0", layers=BASE[:1]),))
    assert ledger.swap((tagged("1.1.0", after=1, revision=2),))
    return ledger


class TestTheChecker:
    def test_a_move_that_overlooks_another_is_found(self):
        ledger = MemoryLedger()
        assert ledger.swap((tagged("1.0.0"),))
        change = tagged("1.1.0", after=0, revision=2)
        forge(ledger, change.event, change.state)
        with refused("ledger.corrupt"):
            check(ledger)

    @pytest.mark.parametrize(
        "changes",
        [
            {"tag": None},
            {"tag": {}},
            {"tag": {"after": 0, "digest": str(content("x"))}},
            {"tag": {"after": 0, "digest": str(content("x")), "name": "a b"}},
            {"tag": {"after": 0, "digest": str(content("x")), "name": ""}},
            {"tag": {"after": 0, "digest": str(content("x")), "name": "a" * (MAX_TAG + 1)}},
            {"tag": {"after": 0, "digest": str(content("x")), "name": 7}},
            {"tag": {"after": 0, "digest": "sha512:00", "name": STABLE}},
            {"tag": {"after": False, "digest": str(content("x")), "name": STABLE}},
            {"tag": {"after": -1, "digest": str(content("x")), "name": STABLE}},
            {"tag": {"after": 0, "digest": str(content("x")), "more": 1, "name": STABLE}},
            {"layers": None},
            {"layers": []},
            {"layers": str(content("x"))},
            {"layers": ["x"]},
            {"layers": [str(content("x"))] * 2},
            {"layers": [str(content(str(number))) for number in range(65)]},
            {"layers": [["sha256:00"]]},
            {"kind": "denied", "layers": [str(content("x"))]},
            {"digest": None, "layers": [str(content("x"))]},
            {"tags": []},
        ],
    )
    def test_what_no_store_writes_is_unsound(self, changes):
        ledger = MemoryLedger()
        assert ledger.swap((Change(event=event(digest=content("x"))),))
        members = json.loads(ledger.entries[0].text) | changes
        with pytest.raises(ValueError, match=r"."):
            Checker().add(canonical(members))

    def test_what_stores_write_is_sound(self):
        checker = Checker()
        for entry in moved().events():
            checker.add(entry.text)
        assert checker.head[0] == 2


class TestCarriedElsewhere:
    def test_an_empty_ledger_knows_tags_and_layers_from_then_on(self):
        ledger = MemoryLedger()
        imported(ledger, exported(moved()))
        assert tag_seen(ledger, SCOPE, STABLE).digest == content("1.1.0")
        assert [each.version for each in known_layers(ledger, BASE)] == ["1.0.0"]
        check(ledger)

    def test_importing_again_changes_nothing(self):
        ledger, document = MemoryLedger(), exported(moved())
        imported(ledger, document)
        head = ledger.head()
        imported(ledger, document)
        assert ledger.head() == head
        imported(ledger, exported(ledger))
        assert ledger.head() == head

    def test_what_a_tag_stands_for_here_stays(self):
        ledger = MemoryLedger()
        assert ledger.swap((tagged("1.2.0"),))
        imported(ledger, exported(moved()))
        assert tag_seen(ledger, SCOPE, STABLE).digest == content("1.2.0")
        check(ledger)

    def test_what_nothing_orders_is_carried_too(self):
        ledger = MemoryLedger()
        unordered = event(digest=content("x"), tag=Tag(name=STABLE, digest=content("x")), layers=BASE)
        assert ledger.swap((Change(event=unordered),))
        other = MemoryLedger()
        imported(other, exported(ledger))
        assert tag_seen(other, SCOPE, STABLE).version is None
        assert {each.chain for each in known_layers(other, BASE)} == set(BASE)
        check(other)

    def test_an_export_of_what_was_salvaged_has_them(self, tmp_path):
        create_ledger(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as ledger:
            assert ledger.swap((tagged("1.0.0", layers=BASE[:1]),))
        saved = tmp_path / "saved.jsonl"
        with saved.open("w", newline="") as stream:
            assert salvage(f"sqlite:{tmp_path / 'ledger.db'}", stream).why is None
        restored = MemoryLedger()
        imported(restored, saved.read_bytes())
        assert tag_seen(restored, SCOPE, STABLE).digest == content("1.0.0")


class TestLedgersOfBefore:
    @pytest.fixture
    def older(self, tmp_path, monkeypatch):
        """A ledger of the first schema with two acceptances."""
        with monkeypatch.context() as before:
            before.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
            create_ledger(tmp_path / "ledger.db")
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        return tmp_path / "ledger.db"

    def test_it_is_brought_to_the_newest_schema_and_nothing_is_lost(self, tmp_path):
        create_ledger(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as ledger:
            assert record(ledger, SCOPE, candidate("1.0.0"), RULES, at()).accepted
            head = ledger.head()
        with open_ledger(written_before(tmp_path / "ledger.db", tmp_path / "older.db", 1)) as ledger:
            assert (ledger.head(), ledger.fetch(SCOPE).state.mark.version) == (head, "1.0.0")
            assert ledger.swap((tagged("1.1.0", revision=2, layers=BASE[:1]),))
            assert (tag_seen(ledger, SCOPE, STABLE).place, len(known_layers(ledger, BASE))) == (2, 1)
            check(ledger)

    def test_one_that_may_only_be_read_knows_of_no_tags(self, older):
        before = older.read_bytes()
        with open_ledger(older, read_only=True) as ledger:
            assert list(ledger.events(SCOPE, naming=TagName(name=STABLE))) == []
            assert list(ledger.events(naming=Layers(chains=BASE))) == []
            assert check(ledger).head.sequence == 0
        assert older.read_bytes() == before

    @pytest.mark.parametrize(
        "statement",
        [
            "DROP INDEX history_of_tag",
            "DROP TRIGGER layer_not_deleted",
            "DROP TRIGGER layer_of_its_event",
            "ALTER TABLE layer ADD COLUMN more TEXT",
        ],
    )
    def test_a_changed_schema_is_corrupt(self, tmp_path, statement):
        create_ledger(tmp_path / "ledger.db")
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
            connection.execute(statement)
        with refused("ledger.corrupt"):
            open_ledger(tmp_path / "ledger.db")

    @pytest.mark.parametrize(
        "statement",
        ["DELETE FROM layer", "UPDATE layer SET chain = 'x'", "INSERT INTO layer VALUES ('sha256:other', 1)"],
    )
    def test_layers_are_those_that_events_name(self, tmp_path, statement):
        create_ledger(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as ledger:
            assert ledger.swap((building("1.0.0", BASE[0]),))
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection, pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)


@given(st.lists(st.binary(max_size=4), max_size=12))
def test_a_chain_id_names_all_layers_up_to_its_own(layers):
    diff_ids = [Digest.of(each) for each in layers]
    chains = list(chain_ids(diff_ids))
    assert len(chains) == len(diff_ids)
    for length in range(1, len(diff_ids) + 1):
        assert list(chain_ids(diff_ids[:length])) == chains[:length]
    if len(diff_ids) > 1 and diff_ids[0] != diff_ids[1]:
        assert list(chain_ids([diff_ids[1], diff_ids[0], *diff_ids[2:]]))[1] != chains[1]


def test_the_chain_id_is_that_of_the_specification():
    first, second = Digest.of(b"1"), Digest.of(b"2")
    assert list(chain_ids([first])) == [first]
    assert list(chain_ids([first, second]))[1] == Digest.of(f"{first} {second}".encode())


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "a\nb", "ä/b:c", "a" * (MAX_TAG + 1)])
def test_what_is_no_tag_is_none(name):
    with pytest.raises(ValueError, match="a tag is"):
        Tag(name=name, digest=content("x"))
    with pytest.raises(ValueError, match="sha256"):
        Tag(name="a/b:c", digest=Digest(algorithm="sha512", value="0" * 128))
    with pytest.raises(ValueError, match="from 0 on"):
        replace(Tag(name="a/b:c", digest=content("x")), after=-1)


def test_events_without_tag_and_layers_are_written_as_they_always_were():
    ledger = MemoryLedger()
    assert record(ledger, SCOPE, candidate("1.0.0"), RULES, at()).accepted
    (found,) = history(ledger)
    assert (found.tag, found.layers) == (None, ())
    assert not {"tag", "layers"} & json.loads(ledger.entries[0].text).keys()
