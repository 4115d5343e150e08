"""Opening a database, which may be anything: it is true of what it says, or it is not used."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.support.audit.databases import about, code_of, database, document, edited, exchanged, info, make
from tests.support.audit.made import NOW, package
from verifier.audit.database.opening import open_database
from verifier.audit.database.schema import APPLICATION_ID
from verifier.core.errors import Refused
from verifier.formats.json.write import canonical

INVALID = "vulnerability.database-invalid"


@pytest.fixture
def path(tmp_path):
    """A database of thirty records."""
    many = [about(f"name-{number}", f"A-{number}", details="x" * 3000) for number in range(28)]
    return database(tmp_path, *many, about("jinja2", "B-1"), about("flask", "B-2"))


def asked(path):
    """What a database says of two packages: the codes of its errors, or the ids."""
    try:
        with open_database(path) as opened:
            answers = opened.ask([package(), package("flask")], NOW)
    except Refused as refused:
        return refused.reasons[0].code
    if answers.reasons:
        assert len(answers.unknown) == 2
        assert answers.records == {}
        return answers.reasons[0].code
    return [each.id for found in answers.records.values() for each in found]


GOOD = ["B-1", "B-2"]


class TestNoDatabase:
    def test_what_is_not_there(self, tmp_path):
        with pytest.raises(Refused) as refused:
            open_database(tmp_path / "nowhere.db")
        assert refused.value.reasons[0].code == INVALID
        assert refused.value.reasons[0].is_undecided
        assert "verify audit db import" in refused.value.reasons[0].hint

    @pytest.mark.parametrize(
        "content",
        [b"", b"\0", b"SQLite format 3", b"SQLite format 3\0", b"PK\3\4", b"{}", bytes(4096), os.urandom(9000)],
        ids=range(8),
    )
    def test_what_is_none(self, tmp_path, content):
        (tmp_path / "db").write_bytes(content)
        assert asked(tmp_path / "db") == INVALID

    def test_a_folder_and_a_pipe(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        assert asked(tmp_path) == asked(tmp_path / "pipe") == INVALID

    @pytest.mark.parametrize("name", ["a\0b", "x" * 300])
    def test_a_name_that_no_file_has(self, tmp_path, name):
        assert asked(tmp_path / name) == INVALID

    def test_another_sqlite_database(self, tmp_path):
        edited(tmp_path / "db", "CREATE TABLE about (digest TEXT)")
        assert asked(tmp_path / "db") == INVALID

    def test_one_that_only_says_that_it_is_ours(self, tmp_path):
        edited(
            tmp_path / "db",
            "CREATE TABLE t (x)",
            f"PRAGMA application_id = {APPLICATION_ID}",
            "PRAGMA user_version = 1",
        )
        assert asked(tmp_path / "db") == INVALID

    def test_a_later_version(self, path):
        edited(path, "PRAGMA user_version = 2")
        with pytest.raises(Refused, match="schema version is 2, expected 1"):
            open_database(path)

    def test_a_name_with_what_has_a_meaning_in_a_url(self, path, tmp_path):
        shutil.copy(path, tmp_path / "a?mode=rwc#%41.db")
        assert asked(tmp_path / "a?mode=rwc#%41.db") == GOOD


class TestDamaged:
    def test_cut_off_anywhere(self, path, tmp_path):
        whole = path.read_bytes()
        for number in range(20):
            (tmp_path / "cut.db").write_bytes(whole[: len(whole) * number // 20])
            assert asked(tmp_path / "cut.db") == INVALID, number

    def test_cut_off_at_a_page(self, path, tmp_path):
        whole = path.read_bytes()
        for length in range(4096, len(whole), 4096):
            (tmp_path / "cut.db").write_bytes(whole[:length])
            assert asked(tmp_path / "cut.db") == INVALID, length

    def test_with_something_behind_it(self, path):
        path.write_bytes(path.read_bytes() + bytes(4096))
        assert asked(path) == INVALID

    def test_wherever_a_byte_is_changed_it_is_refused_or_says_the_same(self, path, tmp_path):
        whole = path.read_bytes()
        seen = set()
        for at in [*range(0, 4096, 37), *range(4096, len(whole), 211)]:
            changed = bytearray(whole)
            changed[at] ^= 0x04
            (tmp_path / "changed.db").write_bytes(changed)
            found = asked(tmp_path / "changed.db")
            assert found in (INVALID, GOOD), at
            seen.add(str(found))
        assert len(seen) == 2

    def test_pages_that_are_gone(self, path, tmp_path):
        whole = path.read_bytes()
        for at in range(4096, len(whole), 4096):
            (tmp_path / "changed.db").write_bytes(whole[:at] + bytes(4096) + whole[at + 4096 :])
            assert asked(tmp_path / "changed.db") in (INVALID, GOOD), at


class TestChanged:
    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM record WHERE id = 'B-1'",
            "DELETE FROM name WHERE name = 'jinja2'",
            "UPDATE name SET name = 'jinja3' WHERE name = 'jinja2'",
            "UPDATE record SET digest = zeroblob(32) WHERE id = 'B-1'",
            "UPDATE content SET body = x'7b7d' WHERE number = (SELECT number FROM record WHERE id = 'B-1')",
            "UPDATE content SET body = CAST(replace(body, '2.10.1', '2.09.1') AS BLOB)",
            "DELETE FROM content",
            "UPDATE record SET number = number + 1 WHERE id = 'B-1'",
            "UPDATE ecosystem SET covered = 0",
            "INSERT INTO ecosystem VALUES ('npm', 1, '2024-10-10T00:00:00Z', 1)",
            "UPDATE about SET digest = 'sha256:00'",
            "UPDATE about SET data_date = '2034-10-10T00:00:00Z'",
            "UPDATE about SET imported_at = '2034-10-10T00:00:00Z'",
            "DELETE FROM about",
            "DELETE FROM ecosystem",
        ],
    )
    def test_by_hand(self, path, statement):
        assert asked(edited(path, statement)) == INVALID

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE VIEW more AS SELECT * FROM name",
            "CREATE TRIGGER t AFTER INSERT ON kev BEGIN SELECT 1; END",
            "CREATE INDEX more ON content (body)",
            "CREATE TABLE more (x)",
            "DROP TABLE epss",
            "ALTER TABLE epss ADD COLUMN more TEXT",
            "ALTER TABLE name RENAME COLUMN id TO id2",
            "ANALYZE",
        ],
    )
    def test_in_its_tables(self, path, statement):
        assert asked(edited(path, statement)) == INVALID

    def test_a_view_in_the_place_of_a_table(self, path):
        statements = ("DROP TABLE kev", "CREATE VIEW kev AS SELECT 'CVE-1' AS cve, load_extension('x') AS added")
        assert asked(edited(path, *statements)) == INVALID

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE about SET data_date = 'yesterday'",
            "UPDATE about SET imported_at = ''",
            "UPDATE about SET kev_date = 'x'",
            "UPDATE ecosystem SET date = 'x'",
            "DELETE FROM record",
            "UPDATE record SET number = 99999 WHERE id = 'B-1'",
            "UPDATE record SET digest = zeroblob(32) WHERE id = 'B-1'",
            "INSERT INTO name VALUES ('PyPI', 'jinja2', 'NOWHERE-1')",
            "UPDATE content SET body = zeroblob(300000000) WHERE number = (SELECT number FROM record WHERE id = 'B-1')",
        ],
    )
    def test_by_who_makes_the_digests_anew(self, path, statement):
        assert asked(edited(path, statement, digests=True)) == INVALID

    @pytest.mark.parametrize(
        "body",
        [
            *(b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"id": "B-1", "modified": 5}'),
            canonical(about("jinja2", "B-2")).encode(),
            canonical(about(5, "B-1")).encode(),
            canonical(document(id="B-1", affected=[{"versions": [1.1]}])).encode(),
            canonical(document(id="B-1", affected=[{"ranges": [{"type": "X", "events": [{}]}]}])).encode(),
            canonical(document(id="B-1", aliases=[[]])).encode(),
        ],
        ids=range(11),
    )
    def test_a_record_that_is_none_under_its_own_digest(self, path, body):
        assert asked(exchanged(path, "B-1", body)) == INVALID

    def test_a_write_ahead_log_beside_it_is_not_read(self, path, tmp_path):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("DELETE FROM name")
            for ending in ("", "-wal", "-shm"):
                shutil.copy(f"{path}{ending}", tmp_path / f"copy.db{ending}")
        assert asked(tmp_path / "copy.db") == GOOD

    def test_one_in_another_encoding(self, path, tmp_path):
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(tmp_path / "wide.db")) as new:
            new.execute("PRAGMA encoding = 'UTF-16'")
            for statement in old.iterdump():
                new.execute(statement)
            new.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            new.execute("PRAGMA user_version = 1")
        assert asked(tmp_path / "wide.db") in (INVALID, GOOD)

    def test_a_journal_beside_it_is_not_played_back(self, path):
        """In a journal, anybody who may write beside the file could say what stands in it."""
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = PERSIST")
            connection.execute("BEGIN")
            connection.execute("DELETE FROM name")
            connection.execute("ROLLBACK")
        journal = path.with_name(f"{path.name}-journal")
        journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(5000))
        before = path.read_bytes()
        assert asked(path) == GOOD
        assert path.read_bytes() == before


class TestChecked:
    """Who can write the file can make its digests anew: what follows from the records is then held to them."""

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM name WHERE name = 'jinja2'",
            "INSERT INTO name VALUES ('PyPI', 'requests', 'B-1')",
            "UPDATE about SET data_date = '2024-10-11T00:00:00Z'",
            "UPDATE ecosystem SET records = records + 1",
            "DELETE FROM content WHERE number = 1",
        ],
    )
    def test_what_does_not_follow_from_the_records_is_found(self, path, statement):
        edited(path, statement, digests=True)
        with open_database(path) as opened:
            assert code_of(opened.require_true) == INVALID

    def test_a_record_in_another_form_is_found(self, tmp_path):
        path = database(tmp_path, document())
        exchanged(path, "PYSEC-2099-1", canonical(document()).replace(",", ", ").encode())
        with open_database(path) as opened:
            assert code_of(opened.require_true) == INVALID

    def test_a_record_that_could_not_have_been_imported_is_found(self, tmp_path):
        path = database(tmp_path, document())
        body = canonical(document(schema_version="2.0")).encode()
        exchanged(path, "PYSEC-2099-1", body)
        with open_database(path) as opened:
            assert code_of(opened.require_true) in {INVALID, "vulnerability.record-invalid"}


class TestWhileItIsRead:
    def test_whoever_replaces_it_changes_nothing_of_what_is_read(self, path, tmp_path):
        with open_database(path) as opened:
            (tmp_path / "new").mkdir()
            new = database(tmp_path / "new", about("click", "C-1"))
            new.replace(path)
            assert [len(found) for found in opened.ask([package()], NOW).records.values()] == [1]
        assert asked(path) == []

    def test_a_closed_one_answers_for_nothing(self, path):
        opened = open_database(path)
        opened.close()
        answers = opened.ask([package()], NOW)
        assert [each.code for each in answers.reasons] == [INVALID]
        assert list(answers.unknown) == ["pkg:pypi/jinja2@2.10"]


def test_a_date_before_all_dates_is_kept(tmp_path):
    path = database(tmp_path, document(modified="0001-01-01T00:00:00Z"))
    assert info(path).data_date == datetime(1, 1, 1, tzinfo=UTC)
    assert make(path, tmp_path / "records").records == 1
