"""A ledger that is corrupt is mended by its owner: what is sound of it, into a new one, by its head."""

from __future__ import annotations

import io

import pytest

from tests.support.ledgers.files import edit, nine_acceptances, refused
from tests.support.ledgers.samples import COUNTING, HOUR, NOW, SCOPE, at, counted
from verifier.ledger.advance import record
from verifier.ledger.history import check
from verifier.ledger.salvage import salvage
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.ledger.transfer import import_ledger

DROP = ["DROP TRIGGER history_not_updated", "DROP TRIGGER history_not_deleted", "DROP TRIGGER scope_step"]
DAMAGES = {
    "an event that was changed": (
        ["UPDATE history SET event = replace(event, '\"4\"', '\"9\"') WHERE sequence = 4"],
        3,
    ),
    "an event that is gone": (["DELETE FROM history WHERE sequence = 6"], 5),
    "an event that is no text of ours": (["UPDATE history SET event = 'é' WHERE sequence = 8"], 7),
    "a state that no event led to": (["UPDATE scope SET state = '{}', revision = 10, sequence = 99"], 9),
    "a table too many": (["CREATE TABLE more (a)"], 9),
    "a head that is another": (["DROP TRIGGER store_step", "UPDATE store SET head = 'x'"], 9),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_sound_is_saved_and_imported_by_its_head(tmp_path, name):
    statements, sound = DAMAGES[name]
    broken = nine_acceptances(tmp_path)
    edit(broken, *DROP, *statements)
    with refused("ledger.corrupt"):
        open_ledger(broken)
    document = io.StringIO()
    saved = salvage(f"sqlite://{broken}", document)
    assert (saved.head.sequence, saved.why is None) == (sound, sound == 9)
    create_ledger(tmp_path / "new.db")
    with open_ledger(tmp_path / "new.db") as mended:
        import_ledger(mended, io.BytesIO(document.getvalue().encode()), at(NOW + HOUR), expect_head=saved.head)
        assert mended.fetch(SCOPE).state.mark.version == str(sound)
        assert record(mended, SCOPE, counted(10), COUNTING, at(NOW + HOUR)).accepted
        assert not record(mended, SCOPE, counted(sound - 1), COUNTING, at(NOW + HOUR)).accepted
        check(mended)


def test_where_nothing_can_be_read_nothing_is_saved(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"not a database")
    with refused("ledger.corrupt"):
        salvage(f"sqlite://{tmp_path / 'ledger.db'}", io.StringIO())
    with refused("ledger.unavailable"):
        salvage(f"sqlite://{tmp_path / 'missing.db'}", io.StringIO())
