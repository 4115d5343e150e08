"""Reading the files of a folder that somebody else may have filled."""

import os

import pytest

from tests.support.material import codes
from verifier.core.errors import Absent, Refused
from verifier.files.inside import Inside


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder" / "a" / "b").mkdir(parents=True)
    (tmp_path / "folder" / "a" / "b" / "file").write_bytes(b"content")
    (tmp_path / "outside").write_bytes(b"outside")
    return tmp_path / "folder"


@pytest.fixture
def inside(folder):
    opened = Inside(folder)
    yield opened
    opened.close()


def refusal(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    assert codes(refused) == ["input.unreadable"]
    return refused.value.reasons[0].message


def read(inside, name):
    with inside.open(name) as opened:
        return opened.read(opened.size)


def test_a_file_is_read_in_pieces(inside):
    with inside.open("a/b/file") as opened:
        assert (opened.size, opened.read(4), opened.read(100), opened.read(1)) == (7, b"cont", b"ent", b"")


@pytest.mark.parametrize("name", ["nothing", "a/nothing", "nothing/a", "a/b/nothing/file"])
def test_there_may_be_none(inside, name):
    assert inside.open(name) is None


@pytest.mark.parametrize("name", ["a", "a/b", "a/b/file/below"])
def test_what_is_no_regular_file_is_refused(inside, name):
    refusal(inside.open, name)


def test_no_link_is_followed_wherever_it_leads(inside, folder):
    (folder / "out").symlink_to(folder.parent / "outside")
    (folder / "in").symlink_to("a/b/file")
    (folder / "folder").symlink_to("a")
    (folder / "nowhere").symlink_to("nothing")
    for name in ("out", "in", "folder/b/file", "nowhere"):
        assert "a symbolic link" in refusal(inside.open, name)


def test_a_fifo_is_not_waited_for(inside, folder):
    os.mkfifo(folder / "fifo")
    assert "a FIFO" in refusal(inside.open, "fifo")


def test_the_folder_that_was_opened_is_read_though_another_takes_its_place(inside, folder):
    folder.rename(folder.parent / "moved")
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_bytes(b"other")
    assert read(inside, "a/b/file") == b"content"


def test_a_file_that_becomes_shorter_ends_early(inside, folder):
    with inside.open("a/b/file") as opened:
        os.truncate(folder / "a/b/file", 3)
        assert (opened.read(100), opened.read(100)) == (b"con", b"")


def test_a_file_that_grows_is_read_as_far_as_it_was(inside, folder):
    with inside.open("a/b/file") as opened:
        with (folder / "a/b/file").open("ab") as file:
            file.write(b" and more")
        assert opened.read(100) == b"content"


def test_a_folder_may_be_a_link_itself(folder):
    (folder.parent / "link").symlink_to(folder)
    inside = Inside(folder.parent / "link")
    assert read(inside, "a/b/file") == b"content"
    inside.close()


def test_a_folder_that_was_closed_is_closed_once_and_read_no_more(folder):
    inside = Inside(folder)
    inside.close()
    other = os.open(folder, os.O_RDONLY)  # takes the number that is free again
    inside.close()
    os.close(other)
    refusal(inside.open, "a/b/file")
    refusal(inside.open, "file")


def test_without_a_folder_there_is_nothing_to_read(folder):
    with pytest.raises(Absent):
        Inside(folder / "nothing")
    assert "a directory was expected" in refusal(Inside, folder / "a/b/file")
    with pytest.raises(Refused) as refused:
        Inside(folder / "a/b/file", hint="Do this instead.")
    assert refused.value.reasons[0].hint == "Do this instead."
