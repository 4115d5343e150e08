"""Files that are written whole or not at all."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from verifier.core.errors import ConfigurationError
from verifier.files import write
from verifier.files.write import appearing, replace_file, replacing, sweep_unfinished, write_new_file, write_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def unsynced(monkeypatch):
    """A disk that takes what is written and cannot say that it keeps it."""

    def fsync(_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.fixture
def unsynced_folder(monkeypatch):
    """A disk that keeps files, and cannot say that it keeps their names."""
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


class TestReplacing:
    def test_what_stood_there_is_replaced_whole(self, tmp_path):
        path = tmp_path / "out"
        write_whole(path, b"old and long", mode=0o600)
        write_whole(path, b"new", mode=0o400)
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode), names(tmp_path)) == (b"new", 0o400, ["out"])

    def test_a_link_is_replaced_and_what_it_leads_to_stays(self, tmp_path):
        (tmp_path / "elsewhere").write_bytes(b"precious")
        (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
        replace_file(tmp_path / "out", b"new")
        assert (tmp_path / "elsewhere").read_bytes() == b"precious"
        assert not (tmp_path / "out").is_symlink()

    @pytest.mark.usefixtures("unsynced")
    def test_what_cannot_be_kept_leaves_the_old_one_and_nothing_else(self, tmp_path):
        (tmp_path / "out").write_bytes(b"old")
        with pytest.raises(ConfigurationError, match="cannot be written: Input/output error"):
            replace_file(tmp_path / "out", b"new")
        assert ((tmp_path / "out").read_bytes(), names(tmp_path)) == (b"old", ["out"])

    @pytest.mark.parametrize("name", ["no/out", "x" * 300, "a\0b", "."])
    def test_what_no_file_can_be_called_is_a_configuration_error(self, tmp_path, name, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ConfigurationError, match="cannot be written"):
            replace_file(Path(name), b"x")
        assert names(tmp_path) == []


class TestANewFile:
    def test_it_has_its_content_and_its_mode(self, tmp_path):
        write_new_file(tmp_path / "k.pem", b"secret", mode=0o600)
        assert (tmp_path / "k.pem").read_bytes() == b"secret"
        assert stat.S_IMODE((tmp_path / "k.pem").stat().st_mode) == 0o600
        assert names(tmp_path) == ["k.pem"]

    def test_it_is_never_open_to_others_while_it_is_written(self, tmp_path, monkeypatch):
        seen = []
        real = os.fsync

        def fsync(descriptor):
            seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
            real(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)
        write_new_file(tmp_path / "k.pem", b"secret", mode=0o600)
        assert seen[0] == 0o600

    def test_an_existing_file_is_not_overwritten(self, tmp_path):
        path = tmp_path / "k.pem"
        path.write_bytes(b"precious")
        with pytest.raises(ConfigurationError, match="not overwritten"):
            write_new_file(path, b"new", mode=0o600)
        assert path.read_bytes() == b"precious"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_link_is_not_followed(self, tmp_path):
        (tmp_path / "k.pem").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ConfigurationError, match="not overwritten"):
            write_new_file(tmp_path / "k.pem", b"new", mode=0o600)
        assert not (tmp_path / "elsewhere").exists()

    def test_a_missing_folder_is_a_configuration_error(self, tmp_path):
        with pytest.raises(ConfigurationError, match="cannot be written"):
            write_new_file(tmp_path / "no" / "k.pem", b"x", mode=0o600)

    @pytest.mark.usefixtures("unsynced_folder")
    def test_a_name_that_would_not_last_is_taken_back(self, tmp_path):
        with pytest.raises(ConfigurationError, match="cannot be written"):
            write_new_file(tmp_path / "k.pem", b"secret", mode=0o600)
        assert names(tmp_path) == []


class TestADraft:
    def test_it_takes_the_name_where_all_went_well(self, tmp_path):
        with appearing(tmp_path / "export", mode=0o600) as draft:
            draft.write_bytes(b"all of it")
            assert not (tmp_path / "export").exists()
        assert ((tmp_path / "export").read_bytes(), names(tmp_path)) == (b"all of it", ["export"])

    def test_nothing_is_left_of_one_that_failed(self, tmp_path):
        with suppress(KeyboardInterrupt), appearing(tmp_path / "export", mode=0o600) as draft:
            draft.write_bytes(b"half of it")
            raise KeyboardInterrupt
        assert names(tmp_path) == []

    def test_who_was_first_keeps_the_name(self, tmp_path):
        waiting = appearing(tmp_path / "export", mode=0o600)
        waiting.__enter__().write_bytes(b"second")
        (tmp_path / "export").write_bytes(b"first")
        with pytest.raises(FileExistsError):
            waiting.__exit__(None, None, None)
        assert ((tmp_path / "export").read_bytes(), names(tmp_path)) == (b"first", ["export"])

    @pytest.mark.parametrize("name", [".", "/"])
    def test_a_folder_has_its_name_already(self, name):
        with pytest.raises(FileExistsError), appearing(Path(name), mode=0o600):
            pass


def test_drafts_of_a_killed_writer_are_swept_and_nothing_else_is(tmp_path):
    others = [".out.lock", ".out.0123", ".out.0123456789abcdeg", ".other.0123456789abcdef", "out"]
    for name in (*others, ".out.0123456789abcdef"):
        (tmp_path / name).write_bytes(b"")
    sweep_unfinished(tmp_path / "out")
    assert names(tmp_path) == sorted(others)


def test_a_draft_is_what_is_swept(tmp_path):
    """Whoever is killed between the two leaves what the next one knows."""
    with write._draft(tmp_path / "out") as draft:
        draft.write_bytes(b"half")
        sweep_unfinished(tmp_path / "out")
        assert names(tmp_path) == []


class TestReplacingByADraft:
    """What is too large for memory is written to a draft, which then takes the place of what stands there."""

    def test_what_stood_there_stays_until_the_draft_is_whole(self, tmp_path):
        path = tmp_path / "out"
        path.write_bytes(b"old")
        with replacing(path, mode=0o640) as draft:
            draft.write_bytes(b"new")
            assert path.read_bytes() == b"old"
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode), names(tmp_path)) == (b"new", 0o640, ["out"])

    def test_what_fails_leaves_the_old_one_and_nothing_else(self, tmp_path):
        path = tmp_path / "out"
        path.write_bytes(b"old")
        with suppress(RuntimeError), replacing(path, mode=0o600) as draft:
            draft.write_bytes(b"new")
            raise RuntimeError
        assert (path.read_bytes(), names(tmp_path)) == (b"old", ["out"])

    @pytest.mark.usefixtures("unsynced")
    def test_what_cannot_be_kept_leaves_the_old_one(self, tmp_path):
        path = tmp_path / "out"
        path.write_bytes(b"old")
        with pytest.raises(OSError, match="Input/output error"), replacing(path, mode=0o600) as draft:
            draft.write_bytes(b"new")
        assert (path.read_bytes(), names(tmp_path)) == (b"old", ["out"])
