"""SQLite files that are damaged, foreign, put back or changed behind our back: `ledger.corrupt`, no traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.ledgers.files import edit, exported, nine_acceptances, refused, written_before
from tests.support.ledgers.samples import COUNTING, SCOPE, at, counted
from verifier.core.errors import Refused
from verifier.ledger.advance import record
from verifier.ledger.history import check, history, require_head, versions_of
from verifier.ledger.record import GENESIS
from verifier.ledger.sqlite import schema
from verifier.ledger.sqlite.store import create_ledger, open_ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return nine_acceptances(tmp_path)


class TestDamage:
    @pytest.mark.parametrize("size", [0, 1, 15, 16, 99, 100, 511, 512, 4095, 4096, 4097, 8192, 16384, -4096, -512, -1])
    def test_a_truncated_ledger_is_corrupt(self, path, size):
        os.truncate(path, size if size >= 0 else path.stat().st_size + size)
        # Opening looks at the newest events; what an older one has lost is found by who walks the history.
        with refused("ledger.corrupt"), open_ledger(path) as ledger:
            check(ledger)

    @pytest.mark.parametrize(
        "content", [b"not a database", b"SQLite format 3\0" + b"\0" * 4096, os.urandom(8192), b"{}"]
    )
    def test_a_foreign_file_is_corrupt_and_stays_as_it_is(self, path, content):
        path.write_bytes(content)
        with refused("ledger.corrupt"):
            open_ledger(path)
        assert path.read_bytes() == content

    def test_an_overwritten_header_is_corrupt(self, path):
        with path.open("r+b") as stream:
            stream.write(b"\0" * 100)
        with refused("ledger.corrupt"):
            open_ledger(path)

    def test_another_programs_database_is_corrupt_and_stays_as_it_is(self, tmp_path):
        edit(tmp_path / "other.db", "CREATE TABLE bookmarks (url)")
        before = (tmp_path / "other.db").read_bytes()
        with refused("ledger.corrupt"):
            open_ledger(tmp_path / "other.db")
        assert (tmp_path / "other.db").read_bytes() == before

    def test_no_flipped_byte_goes_unnoticed_where_it_matters(self, path):
        """Each byte in turn, of a sample: the ledger is refused, or says exactly what it said."""
        whole, said, refusals = path.read_bytes(), exported(path), 0
        for place in [*range(0, 100, 3), *range(100, len(whole), 97)]:
            damaged = bytearray(whole)
            damaged[place] ^= 0x55
            path.write_bytes(damaged)
            try:
                assert exported(path) == said
            except Refused as refusal:
                refusals += refusal.reasons[0].code.startswith("ledger.")
        assert refusals > 20

    def test_a_garbled_write_ahead_log_loses_nothing_that_was_checkpointed(self, path):
        said = exported(path)
        path.with_name("ledger.db-wal").write_bytes(os.urandom(4096))
        assert exported(path) == said


class TestBetweenStatements:
    """Another writer commits before every statement: what an answer needs must be read by one."""

    @pytest.fixture
    def ledger(self, path):
        with open_ledger(path) as writer, open_ledger(path) as ledger:

            def write(statement: str) -> None:
                record(writer, SCOPE, counted(writer.head().sequence + 1), COUNTING, at())

            ledger._connection.set_trace_callback(write)
            yield ledger
            assert writer.head().sequence > 9

    @pytest.mark.parametrize("ask", ["fetch", "scopes", "events", "head", "check", "require_head"])
    def test_nothing_is_taken_for_damage(self, ledger, ask):
        questions = {
            "fetch": lambda: ledger.fetch(SCOPE),
            "scopes": ledger.scopes,
            "events": lambda: list(ledger.events()),
            "head": ledger.head,
            "check": lambda: check(ledger),
            "require_head": lambda: require_head(ledger, ledger.head()),
        }
        questions[ask]()

    def test_the_newest_events_are_as_many_as_were_asked_for(self, ledger):
        assert [found.version for found in history(ledger, limit=2)] == ["9", "10"]

    def test_scopes_and_their_head_are_of_one_moment(self, ledger):
        moment = ledger.scopes()
        assert moment.head.sequence == moment.states[0][1].revision > 9


class TestChangedBehindOurBack:
    def dropped(self, path, *statements):
        """Run statements with our triggers out of the way, and put the triggers back: a careful intruder."""
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
            for _, sql in triggers:
                connection.execute(sql)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE history SET event = '{}'",
            "DELETE FROM history WHERE sequence = 9",
            "DELETE FROM scope",
            "UPDATE scope SET state = '{}'",
            "UPDATE scope SET revision = 1, sequence = 1",
            "UPDATE store SET max_time_seen = 0",
            "UPDATE store SET sequence = 3",
            "DELETE FROM store",
            "INSERT OR REPLACE INTO history VALUES (9, 'bundle:authz', NULL, 'x', 'x')",
            "INSERT INTO history VALUES (11, 'bundle:authz', NULL, 'x', 'x')",
        ],
    )
    def test_triggers_hold_the_history_and_the_marks(self, path, statement):
        said = exported(path)
        with pytest.raises(sqlite3.IntegrityError):
            edit(path, "PRAGMA recursive_triggers = ON", statement)
        assert exported(path) == said

    @pytest.mark.parametrize(
        "statement",
        [
            "DROP TRIGGER history_not_updated",
            "DROP INDEX history_of_scope",
            "CREATE TABLE extra (a)",
            "CREATE TRIGGER t AFTER INSERT ON history BEGIN SELECT 1; END",
            "UPDATE migration SET digest = 'x'",
            "PRAGMA user_version = 99",
            "PRAGMA user_version = 0",
            "PRAGMA application_id = 1",
        ],
    )
    def test_another_schema_is_corrupt(self, path, statement):
        edit(path, statement)
        with refused("ledger.corrupt"):
            open_ledger(path)

    @pytest.mark.parametrize("version", [1, 2])
    def test_a_mark_that_is_lost_or_went_back_is_corrupt_in_a_ledger_of_before(self, path, tmp_path, version):
        """One that may only be read is brought to no newer schema, and its history is asked."""
        with closing(sqlite3.connect(path)) as connection:
            (old,) = connection.execute("SELECT state FROM scope").fetchone()
        with open_ledger(path) as ledger:
            record(ledger, SCOPE, counted(10), COUNTING, at())
            record(ledger, SCOPE, counted(1), COUNTING, at())
        older = written_before(path, tmp_path / "older.db", version)
        with open_ledger(older, read_only=True) as ledger:
            assert ledger.fetch(SCOPE).standing == "0:10"
            assert versions_of(ledger, SCOPE, counted(3).digest) == (("3", "integer"),)
            assert versions_of(ledger, SCOPE, counted(11).digest) == ()
        self.dropped(older, f"UPDATE scope SET sequence = 9, revision = 9, state = '{old}'")  # noqa: S608 - the intruder's
        for statement in ("", "DELETE FROM scope"):
            self.dropped(older, *filter(None, [statement]))
            with open_ledger(older, read_only=True) as ledger, refused("ledger.corrupt"):
                ledger.fetch(SCOPE)

    def test_the_shape_of_each_schema_is_what_its_scripts_make(self):
        for version, expected in enumerate(schema.SHAPES, start=1):
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
                schema.migrate(made, version)
                assert schema.shape(schema.objects_of(made)) == expected
        assert len(schema.SHAPES) == len(schema.MIGRATIONS)

    def test_a_schema_in_the_spelling_of_another_sqlite_is_compared_with_what_this_one_makes(self, path, monkeypatch):
        monkeypatch.setattr(schema, "SHAPES", ("", "", ""))
        said = exported(path)
        edit(path, "CREATE TABLE extra (a)")
        with refused("ledger.corrupt"):
            open_ledger(path)
        edit(path, "DROP TABLE extra")
        assert exported(path) == said

    def test_a_schema_that_holds_anything_is_corrupt(self, path):
        edit(path, "PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET sql = x'ff' WHERE name = 'store_step'")
        with refused("ledger.corrupt"):
            open_ledger(path)

    def test_a_lowered_mark_is_corrupt_before_it_is_used(self, path):
        self.dropped(path, """UPDATE scope SET state = replace(state, '"version":"9"', '"version":"1"')""")
        with open_ledger(path) as ledger, refused("ledger.corrupt"):
            record(ledger, SCOPE, counted(2), COUNTING, at())

    def test_a_state_that_points_to_its_older_event_is_corrupt(self, path):
        with closing(sqlite3.connect(path)) as connection:
            (old,) = connection.execute("SELECT state FROM scope").fetchone()
        with open_ledger(path) as ledger:
            record(ledger, SCOPE, counted(10), COUNTING, at())
        self.dropped(path, f"UPDATE scope SET sequence = 9, revision = 9, state = '{old}'")  # noqa: S608 - the intruder's
        with open_ledger(path) as ledger, refused("ledger.corrupt"):
            check(ledger)

    @pytest.mark.parametrize("name", ["bundle:other", ""])
    def test_a_state_of_another_scope_is_corrupt_also_where_it_was_just_read(self, path, name):
        with open_ledger(path) as ledger:
            assert ledger.fetch(SCOPE).state is not None
            self.dropped(path, f"INSERT INTO scope SELECT '{name}', revision, sequence, state FROM scope")  # noqa: S608
            with refused("ledger.corrupt"):
                ledger.fetch(name)
            assert ledger.fetch(SCOPE).state is not None

    @pytest.mark.parametrize("change", ["state = ''", "sequence = 8", "sequence = 99", "state = '', sequence = 99"])
    def test_a_change_behind_an_open_ledger_is_corrupt(self, path, change):
        with open_ledger(path) as ledger:
            record(ledger, SCOPE, counted(10), COUNTING, at())
            self.dropped(path, f"UPDATE scope SET {change}")  # noqa: S608 - the intruder's
            with refused("ledger.corrupt"):
                record(ledger, SCOPE, counted(11), COUNTING, at())

    def test_a_forgotten_scope_is_corrupt(self, path):
        self.dropped(path, "DELETE FROM scope")
        with open_ledger(path) as ledger, refused("ledger.corrupt"):
            check(ledger)

    def test_a_cut_history_is_corrupt_on_opening(self, path):
        self.dropped(path, "DELETE FROM history WHERE sequence > 5")
        with refused("ledger.corrupt"):
            open_ledger(path)

    @pytest.mark.parametrize(
        "statement",
        [
            """UPDATE history SET event = replace(event, '"version":"3"', '"version":"4"') WHERE sequence = 3""",
            "DELETE FROM history WHERE sequence = 3",
            "UPDATE history SET head = (SELECT head FROM history WHERE sequence = 4) WHERE sequence = 3",
            "UPDATE history SET scope = 'bundle:other' WHERE sequence = 3",
            "UPDATE store SET max_time_seen = 0",
            "UPDATE store SET max_time_seen = NULL",
        ],
    )
    def test_a_rewritten_history_is_corrupt_when_it_is_walked(self, path, statement):
        self.dropped(path, statement)
        with open_ledger(path) as ledger, refused("ledger.corrupt"):
            check(ledger)

    def test_an_older_copy_that_was_put_back_is_corrupt_against_a_kept_head(self, path, tmp_path):
        shutil.copy(path, tmp_path / "backup")
        with open_ledger(path) as ledger:
            record(ledger, SCOPE, counted(10), COUNTING, at())
            kept = ledger.head()
        shutil.copy(tmp_path / "backup", path)
        with open_ledger(path) as ledger, refused("ledger.corrupt"):
            require_head(ledger, kept)

    def test_a_new_ledger_in_place_of_a_lost_one_is_corrupt_against_a_kept_head(self, path):
        with open_ledger(path) as ledger:
            kept = ledger.head()
        path.unlink()
        create_ledger(path)
        with open_ledger(path) as ledger, refused("ledger.corrupt"):
            require_head(ledger, kept)
        with open_ledger(path) as ledger:
            require_head(ledger, GENESIS)
