"""Several at once, and what stops in the midst of it: whoever reads sees the old database or the new one."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from tests.support.audit.databases import about, code_of, database, document, folder_of, info, make, update
from tests.support.audit.made import NOW, package
from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import missing
from verifier.audit.database.importing import turn
from verifier.audit.database.opening import open_database

MANY = [about(f"name-{number}", f"A-{number}", details="x" * 2000) for number in range(300)]


def names(folder):
    return sorted(each.name for each in folder.iterdir())


class TestTwoImports:
    def test_they_take_turns(self, tmp_path):
        """The second waits until the first has ended, and then replaces what that has made."""
        path, folder = tmp_path / "db", folder_of(tmp_path / "records", document())
        done = []
        second = threading.Thread(target=lambda: done.append(make(path, folder)))
        with turn(path):
            second.start()
            assert done == []
            assert not path.exists()
        second.join(PATIENCE_S)
        assert [each.records for each in done] == [1]

    def test_an_update_is_of_what_the_one_before_it_has_made(self, tmp_path):
        path = database(tmp_path, about("jinja2", "A-1"))
        ecosystems = ("npm", "Go", "Hex", "Pub")
        folders = [folder_of(tmp_path / name, about("x", f"N-{name}", ecosystem=name)) for name in ecosystems]
        threads = [threading.Thread(target=update, args=(path, folder)) for folder in folders]
        for each in threads:
            each.start()
        for each in threads:
            each.join(PATIENCE_S)
        assert [name for name, _ in info(path).ecosystems] == ["Go", "Hex", "Pub", "PyPI", "npm"]

    def test_who_reads_meanwhile_sees_one_or_the_other(self, tmp_path):
        path = tmp_path / "db"
        folders = [folder_of(tmp_path / str(size), *MANY[:size]) for size in (100, 300)]
        make(path, folders[0])
        digests = {info(path).digest}
        make(path, folders[1])
        digests.add(info(path).digest)
        stop, seen = threading.Event(), set()

        def read():
            while not stop.is_set():
                with open_database(path) as opened:
                    seen.add(opened.info.digest)
                    assert opened.ask([package("name-1")], NOW).reasons == ()

        reader = threading.Thread(target=read)
        reader.start()
        for number in range(6):
            make(path, folders[number % 2])
        stop.set()
        reader.join(PATIENCE_S)
        assert seen <= digests
        assert seen


STOPPED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from verifier.audit.database import draft
from verifier.audit.database.importing import import_records
real, count = draft.Draft.{where}, 0
def stopping(self, *arguments):
    global count
    done = real(self, *arguments)
    count += 1
    if count == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
draft.Draft.{where} = stopping
import_records([Path(sys.argv[1])], Path(sys.argv[2]), now=datetime(2024, 10, 12, tzinfo=UTC))
"""


@pytest.mark.parametrize(("where", "after"), [("take", 1), ("take", 150), ("take", 300), ("finish", 1), ("close", 1)])
def test_an_import_that_is_killed_leaves_what_was_there(tmp_path, where, after):
    path = database(tmp_path, document())
    before = path.read_bytes()
    folder = folder_of(tmp_path / "many", *MANY)
    program = STOPPED.format(where=where, after=after)
    done = subprocess.run([sys.executable, "-c", program, folder, path], check=False, timeout=PATIENCE_S)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    assert make(path, folder).records == 300
    assert names(tmp_path) == [".osv.db.lock", "many", "osv.db", "records"]


class TestNoRoom:
    @contextmanager
    def limited(self, size):
        """Writes fail where a full disk's do: in the midst of a file."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    @pytest.mark.parametrize("size", [0, 1, 4096, 100_000, 600_000])
    def test_a_full_disk_leaves_what_was_there(self, tmp_path, size):
        path = database(tmp_path, document())
        before, folder = path.read_bytes(), folder_of(tmp_path / "many", *MANY)
        with self.limited(size):
            assert code_of(make, path, folder) == "usage"
            assert code_of(update, path, folder) == "usage"
        assert path.read_bytes() == before
        assert names(tmp_path) == [".osv.db.lock", "many", "osv.db", "records"]

    def test_a_full_file_system_leaves_what_was_there(self, tmp_path):
        small = tmp_path / "small"
        small.mkdir()
        if (
            os.geteuid() != 0
            or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", small], check=False, capture_output=True
            ).returncode
        ):
            missing("a small file system cannot be mounted here")
        try:
            make(small / "db", folder_of(tmp_path / "few", document()))
            before = (small / "db").read_bytes()
            assert code_of(make, small / "db", folder_of(tmp_path / "many", *MANY)) == "usage"
            assert (small / "db").read_bytes() == before
            assert names(small) == [".db.lock", "db"]
        finally:
            subprocess.run(["umount", small], check=True)

    def test_a_read_only_folder_is_read_from_and_not_written_to(self, tmp_path):
        place = tmp_path / "place"
        place.mkdir()
        folder = folder_of(tmp_path / "records", document())
        make(place / "db", folder)
        with read_only(place):
            assert code_of(make, place / "db", folder) == "usage"
            assert info(place / "db").ecosystems == (("PyPI", 1),)


@contextmanager
def read_only(folder):
    """Nobody may write to the folder: for root, too, a read-only mount is."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield
        folder.chmod(0o700)
        return
    for command in (["mount", "--bind", folder, folder], ["mount", "-o", "remount,ro,bind", folder]):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            missing("a folder cannot be made read-only here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_somebody_elses_lock_on_the_file_itself_does_not_matter(tmp_path):
    """Readers take none: a file that is never changed where it lies needs none."""
    path = database(tmp_path, document())
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        assert info(path).ecosystems == (("PyPI", 1),)
    finally:
        connection.close()
