"""Ways that somebody else can change."""

import os

import pytest

from verifier.files.place import is_ours_alone, unsafe_steps


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "open"
    made.mkdir()
    return made


@pytest.mark.parametrize(("mode", "unsafe"), [(0o755, False), (0o770, False), (0o777, True), (0o703, True)])
def test_a_step_in_a_folder_that_everyone_may_write_to_is_unsafe(folder, mode, unsafe):
    (folder / "ours").mkdir()
    folder.chmod(mode)
    assert list(unsafe_steps(folder / "ours" / "file")) == ([folder / "ours"] if unsafe else [])


def test_with_the_sticky_bit_only_what_is_not_ours_can_be_exchanged(folder, monkeypatch):
    (folder / "step").mkdir()
    folder.chmod(0o1777)
    assert list(unsafe_steps(folder / "step" / "file")) == []
    owner = (folder / "step").stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    found = list(unsafe_steps(folder / "step" / "file"))
    assert found == ([] if owner == 0 else [folder / "step"])


def test_the_file_itself_is_unsafe_in_such_a_folder_whoever_has_it(folder):
    (folder / "file").write_bytes(b"")
    folder.chmod(0o1777)
    assert list(unsafe_steps(folder / "file")) == [folder / "file"]


def test_a_link_on_the_way_counts_as_it_is_written_and_where_it_leads(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    (folder / "file").write_bytes(b"")
    folder.chmod(0o777)
    way = tmp_path / "link" / "file"
    assert list(unsafe_steps(way, way.resolve())) == [way, folder / "file"]


def test_ours_alone_is_ours_and_nobody_elses(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "file").chmod(0o600)
    found = (tmp_path / "file").stat()
    assert is_ours_alone(found)
    monkeypatch.setattr(os, "geteuid", lambda: found.st_uid + 1)
    assert not is_ours_alone(found)
