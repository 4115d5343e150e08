"""SQLite files: how they are made, where they may lie, what happens when they cannot be written."""

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

from tests.support.ledgers.files import exported, nine_acceptances, refused
from tests.support.ledgers.samples import COUNTING, NOW, SCOPE, at, candidate, counted, event
from tests.support.peers.peers import missing
from tests.support.peers.privileges import AS_ROOT
from verifier.core.errors import ConfigurationError
from verifier.ledger.advance import consult, record
from verifier.ledger.history import check
from verifier.ledger.interface import Change, EventKind
from verifier.ledger.open import create_ledger_url, open_ledger_url
from verifier.ledger.sqlite.place import place_findings
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.ledger.sqlite.url import ledger_path
from verifier.ledger.view import View

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return nine_acceptances(tmp_path)


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

    @AS_ROOT
    @pytest.mark.parametrize(("owner", "group", "mode"), [(54_321, 0, 0o700), (0, 54_321, 0o770), (0, 54_321, 0o3770)])
    def test_a_way_that_somebody_else_may_change_is_refused(self, tmp_path, owner, group, mode):
        """Whoever may write there puts a fresh ledger there, or an older one."""
        folder = tmp_path / "above"
        path = nine_acceptances(folder)
        os.chown(folder, owner, group)
        folder.chmod(mode)
        for use in (open_ledger, lambda path: create_ledger(path.with_name("new.db"))):
            with refused("ledger.unavailable"):
                use(path)

    @AS_ROOT
    @pytest.mark.parametrize(("owner", "group", "mode"), [(54_321, 0, 0o700), (0, 54_321, 0o770), (54_321, 0, 0o1700)])
    def test_so_is_one_above_its_folder(self, tmp_path, owner, group, mode):
        path = nine_acceptances(tmp_path / "above" / "below")
        os.chown(tmp_path / "above", owner, group)
        (tmp_path / "above").chmod(mode)
        with refused("ledger.unavailable"):
            open_ledger(path)

    @AS_ROOT
    @pytest.mark.parametrize(("owner", "group", "mode"), [(54_321, 0, 0o600), (0, 54_321, 0o660)])
    def test_a_file_that_somebody_else_may_write_to_is_refused(self, path, owner, group, mode):
        os.chown(path, owner, group)
        path.chmod(mode)
        with refused("ledger.unavailable"):
            open_ledger(path)

    @AS_ROOT
    def test_the_volume_of_a_group_without_a_name_is_ours(self, path, monkeypatch):
        """As Kubernetes mounts one with `fsGroup`."""
        os.chown(path.parent, 0, 54_321)
        path.parent.chmod(0o2775)
        monkeypatch.setattr(os, "getgroups", lambda: [54_321])
        exported(path)

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

    def test_a_writer_holds_the_lock_before_it_reads_the_head(self, path):
        """Else two writers chain to one head, and the second fails after the first has committed."""
        with open_ledger(path) as ledger, closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:

            def judge(view: View) -> tuple[int, Change]:
                with pytest.raises(sqlite3.OperationalError, match="locked"):
                    other.execute("BEGIN IMMEDIATE")
                return view.revision, Change(event=event(EventKind.DENIED))

            assert ledger.decide(SCOPE, judge) == 9

    def test_a_file_that_is_exchanged_while_its_lock_is_waited_for_is_not_written(self, path, tmp_path):
        """What is written into a file that is not there any more, nobody else would see."""

        def exchange(statement: str) -> None:
            if statement.startswith("BEGIN"):
                shutil.copy(path, tmp_path / "copy")
                (tmp_path / "copy").replace(path)

        with open_ledger(path) as ledger:
            before = ledger.fetch(SCOPE)
            ledger._connection.set_trace_callback(exchange)
            with refused("ledger.corrupt"):
                record(ledger, SCOPE, counted(1_000), COUNTING, at())
        with open_ledger(path) as ledger:
            assert ledger.fetch(SCOPE) == before

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

    @AS_ROOT
    def test_a_full_file_system_denies_and_leaves_the_last_state(self, tmp_path):
        folder = tmp_path / "small"
        folder.mkdir(mode=0o700)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k,mode=0700", "tmpfs", folder], check=False)
        if mounted.returncode:
            missing("mounting a small file system")
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
        check(ledger)
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
