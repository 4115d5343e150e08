"""Turns among processes."""

import fcntl
import stat

import pytest

from verifier.core.errors import ConfigurationError
from verifier.files.lock import locked, turn_to_write


def test_one_holds_it_and_the_next_one_is_told_that_it_does_not(tmp_path):
    with locked(tmp_path / "lock") as first, locked(tmp_path / "lock", wait_seconds=0) as second:
        assert (first, second) == (True, False)
    with locked(tmp_path / "lock", wait_seconds=0) as third:
        assert third


def test_readers_share_it_and_a_writer_waits(tmp_path):
    with locked(tmp_path / "lock", shared=True, wait_seconds=0) as first:
        with locked(tmp_path / "lock", shared=True, wait_seconds=0) as second:
            assert first
            assert second
        with locked(tmp_path / "lock", wait_seconds=0) as writer:
            assert not writer


def test_its_file_is_ours_alone_and_no_link_leads_to_another(tmp_path):
    with locked(tmp_path / "lock"):
        assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "lock")
    with pytest.raises(OSError, match="symbolic links"), locked(tmp_path / "link"):
        pass


def test_a_turn_to_write_is_held_by_a_file_beside_it_and_sweeps_drafts(tmp_path):
    (tmp_path / ".out.0123456789abcdef").write_bytes(b"half")
    with turn_to_write(tmp_path / "out"), (tmp_path / ".out.lock").open() as other:
        assert not (tmp_path / ".out.0123456789abcdef").exists()
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize(
    ("name", "problem"),
    [("", "is a folder"), ("no/out", "No such file"), ("x" * 300, "too long"), ("a\0b", "null byte")],
)
def test_a_turn_where_nothing_can_be_written_is_a_configuration_error(tmp_path, name, problem):
    with pytest.raises(ConfigurationError, match=problem), turn_to_write(tmp_path / name):
        pass


def test_what_goes_wrong_in_a_turn_is_not_taken_for_a_lock_that_cannot_be_had(tmp_path):
    with pytest.raises(OSError, match="mine"), turn_to_write(tmp_path / "out"):
        raise OSError("mine")
