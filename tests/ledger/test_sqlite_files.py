"""SQLite files that are missing, damaged, foreign, put back or changed behind our back: a code each, no traceback."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.ledger.samples import COUNTING, NOW, SCOPE, at, candidate, counted
from verifier.core.errors import ConfigurationError, Refused
from verifier.ledger.advance import consult, record
from verifier.ledger.open import create_ledger_url, ledger_path, open_ledger_url
from verifier.ledger.record import GENESIS
from verifier.ledger.sqlite import create_ledger, open_ledger
from verifier.ledger.sqlite_place import place_findings
from verifier.ledger.transfer import export_ledger

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with nine acceptances, closed."""
    file = tmp_path / "ledger.db"
    create_ledger(file)
    with open_ledger(file) as ledger:
        for number in range(1, 10):
            assert record(ledger, SCOPE, counted(number), COUNTING, at()).accepted
    return file


@contextmanager
def refused(code: str):
    with pytest.raises(Refused) as caught:
        yield
    assert [reason.code for reason in caught.value.reasons] == [code]


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def exported(path: Path) -> str:
    with open_ledger(path) as ledger:
        ledger.check()
        return "".join(export_ledger(ledger))


class TestMaking:
    def test_a_ledger_is_its_owners_alone(self, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with open_ledger(path) as ledger:
            record(ledger, SCOPE, counted(10), COUNTING, at())
            assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}

    def test_making_leaves_nothing_else_behind(self, tmp_path):
        create_ledger(tmp_path / "new" / "ledger.db")
        assert [file.name for file in (tmp_path / "new").iterdir()] == ["ledger.db"]
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700

    def test_an_existing_ledger_is_never_replaced(self, path):
        before = path.read_bytes()
        with pytest.raises(ConfigurationError, match="never replaced"):
            create_ledger(path)
        assert path.read_bytes() == before

    def test_an_existing_file_of_any_kind_is_never_replaced(self, tmp_path):
        (tmp_path / "notes.txt").write_text("mine")
        with pytest.raises(ConfigurationError):
            create_ledger(tmp_path / "notes.txt")
        assert (tmp_path / "notes.txt").read_text() == "mine"

    def test_a_folder_that_cannot_be_made_is_unavailable(self, path):
        with refused("ledger.unavailable"):
            create_ledger(path / "below" / "ledger.db")


class TestPlace:
    def test_a_missing_ledger_is_unavailable_and_is_not_made(self, tmp_path):
        with refused("ledger.unavailable"):
            open_ledger(tmp_path / "ledger.db")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("mode", [0o777, 0o1777, 0o703])
    def test_a_folder_that_everyone_may_write_to_is_refused(self, path, mode):
        path.parent.chmod(mode)
        with refused("ledger.unavailable"):
            open_ledger(path)
        with refused("ledger.unavailable"):
            create_ledger(path.parent / "other.db")

    def test_a_file_that_everyone_may_write_to_is_refused(self, path):
        path.chmod(0o666)
        with refused("ledger.unavailable"):
            open_ledger(path)

    def test_a_link_out_of_a_safe_folder_is_judged_where_it_leads(self, path, tmp_path):
        (tmp_path / "open").mkdir(mode=0o700)
        link = tmp_path / "open" / "link.db"
        link.symlink_to(path)
        exported(link)
        path.parent.chmod(0o777)
        (tmp_path / "open").chmod(0o700)
        with refused("ledger.unavailable"):
            open_ledger(link)
        path.parent.chmod(0o700)

    def test_a_folder_or_pipe_is_no_ledger(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        for name in (tmp_path, tmp_path / "pipe"):
            with refused("ledger.unavailable"):
                open_ledger(name)

    def test_a_network_file_system_is_warned_of(self):
        share = "/data/my\\040share"
        mounts = f"/dev/vda / ext4 rw 0 0\nsrv:/x {share} nfs4 rw 0 0\ntmpfs {share}/fast tmpfs rw 0 0\n"
        (finding,) = place_findings(Path("/data/my share/ledger.db"), mounts)
        assert (finding.code, finding.is_error) == ("ledger.network-filesystem", False)
        for local in ("/data/ledger.db", "/data/my share/fast/ledger.db", "/data/my sharepoint/ledger.db"):
            assert place_findings(Path(local), mounts) == ()

    def test_a_read_only_file_can_be_read_and_not_advanced(self, path):
        with _unprivileged(path):
            path.chmod(0o400)
            with open_ledger(path) as ledger:
                assert consult(ledger, SCOPE, counted(10), COUNTING, now=NOW).accepted
                with refused("ledger.unavailable"):
                    record(ledger, SCOPE, counted(10), COUNTING, at())

    def test_a_read_only_folder_without_a_write_ahead_log_is_unavailable(self, path):
        with _unprivileged(path):
            path.parent.chmod(0o500)
            with refused("ledger.unavailable"):
                open_ledger(path)

    def test_a_file_that_may_not_be_read_is_unavailable(self, path):
        with _unprivileged(path):
            path.chmod(0o000)
            with refused("ledger.unavailable"):
                open_ledger(path)


class TestDamage:
    @pytest.mark.parametrize("size", [0, 1, 15, 16, 99, 100, 511, 512, 4095, 4096, 4097, 8192, 16384, -4096, -512, -1])
    def test_a_truncated_ledger_is_corrupt(self, path, size):
        os.truncate(path, size if size >= 0 else path.stat().st_size + size)
        with refused("ledger.corrupt"):
            open_ledger(path)

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
            "INSERT OR REPLACE INTO history VALUES (9, 'bundle:authz', 'x', 'x')",
            "INSERT INTO history VALUES (11, 'bundle:authz', 'x', 'x')",
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
            ledger.check()

    def test_a_forgotten_scope_is_corrupt(self, path):
        self.dropped(path, "DELETE FROM scope")
        with open_ledger(path) as ledger, refused("ledger.corrupt"):
            ledger.check()

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
            ledger.check()

    def test_an_older_copy_that_was_put_back_is_corrupt_against_a_kept_head(self, path, tmp_path):
        shutil.copy(path, tmp_path / "backup")
        with open_ledger(path) as ledger:
            record(ledger, SCOPE, counted(10), COUNTING, at())
            kept = ledger.head()
        shutil.copy(tmp_path / "backup", path)
        with refused("ledger.corrupt"):
            open_ledger(path, expect_head=kept)

    def test_a_new_ledger_in_place_of_a_lost_one_is_corrupt_against_a_kept_head(self, path):
        with open_ledger(path) as ledger:
            kept = ledger.head()
        path.unlink()
        create_ledger(path)
        with refused("ledger.corrupt"):
            open_ledger(path, expect_head=kept)
        open_ledger(path, expect_head=GENESIS).close()


class TestLimits:
    def test_a_ledger_that_another_writer_holds_is_locked(self, path):
        with open_ledger(path, lock_seconds=0) as ledger, closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with refused("ledger.locked"):
                record(ledger, SCOPE, counted(10), COUNTING, at())
            other.execute("ROLLBACK")
            assert record(ledger, SCOPE, counted(10), COUNTING, at()).accepted

    def test_a_ledger_that_is_written_can_be_read(self, path):
        with open_ledger(path, lock_seconds=0) as ledger, closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert consult(ledger, SCOPE, counted(10), COUNTING, now=NOW).accepted

    def test_a_closed_ledger_is_unavailable(self, path):
        ledger = open_ledger(path)
        ledger.close()
        with refused("ledger.unavailable"):
            ledger.fetch(SCOPE)

    def test_a_full_disk_denies_and_leaves_the_last_state(self, path):
        """The file size limit makes writes fail where a full disk does: in the middle of a transaction."""
        with open_ledger(path) as ledger:
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (400 * 1024, before[1]))
            try:
                last = _advance_until_refused(ledger, "ledger.unavailable")
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
        _require_usable_after(path, last)

    @pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
    def test_a_full_file_system_denies_and_leaves_the_last_state(self, tmp_path):
        folder = tmp_path / "small"
        folder.mkdir(mode=0o700)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k,mode=0700", "tmpfs", folder], check=False)
        if mounted.returncode:
            pytest.skip("mounting is not allowed here")
        try:
            create_ledger(folder / "ledger.db")
            with open_ledger(folder / "ledger.db") as ledger:
                last = _advance_until_refused(ledger, "ledger.unavailable")
            subprocess.run(["mount", "-o", "remount,size=8m", folder], check=True)
            _require_usable_after(folder / "ledger.db", last)
        finally:
            subprocess.run(["umount", folder], check=True)


class TestUrls:
    def test_a_url_names_the_file(self, tmp_path):
        url = f"sqlite://{tmp_path}/with%20space%3F.db"
        create_ledger_url(url)
        with open_ledger_url(url) as ledger:
            assert ledger_path(ledger.url) == tmp_path / "with space?.db"
            assert not record(ledger, SCOPE, candidate("1"), COUNTING, at()).accepted

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "ledger.db",
            "/absolute/x.db",
            "sqlite:",
            "sqlite://host/x.db",
            "sqlite:///x?mode=ro",
            "http://[",
            "sqlite:///%00",
        ],
    )
    def test_any_other_url_is_a_configuration_error(self, url):
        with pytest.raises(ConfigurationError):
            open_ledger_url(url)


def _advance_until_refused(ledger, code: str) -> int:
    number = 100
    with refused(code):
        while number < 20_000:
            assert record(ledger, SCOPE, counted(number), COUNTING, at(comment="x" * 900)).accepted
            number += 1
    assert ledger.fetch(SCOPE).state.mark.version == str(number - 1)
    return number - 1


def _require_usable_after(path: Path, last: int) -> None:
    with open_ledger(path) as ledger:
        ledger.check()
        assert ledger.fetch(SCOPE).state.mark.version == str(last)
        assert not record(ledger, SCOPE, counted(last - 1), COUNTING, at()).accepted
        assert record(ledger, SCOPE, counted(last + 1), COUNTING, at()).accepted


@contextmanager
def _unprivileged(path: Path):
    """File modes mean nothing to root: act as nobody, in a folder that nobody owns and can reach."""
    if os.geteuid() != 0:
        yield
        return
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in path.parents}
    for folder, mode in modes.items():
        folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)
    os.chown(path.parent, NOBODY, NOBODY)
    os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        for folder, mode in modes.items():
            folder.chmod(mode)
