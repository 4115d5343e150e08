"""Reading what may be anything: one table, held for every reader."""

import os
import stat
from pathlib import Path

import pytest

from verifier.core.errors import ConfigurationError, Refused
from verifier.files.read import Obstacle, UnreadError, read_bounded, read_named_file, read_regular_file

LIMIT = 8


def directory(path):
    path.mkdir()


def pipe(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def too_large(path):
    path.write_bytes(b"x" * (LIMIT + 1))


def missing(_):
    pass


def circle(path):
    path.symlink_to(path)


OBSTACLES = [
    (directory, Obstacle.IRREGULAR, "a directory"),
    (pipe, Obstacle.IRREGULAR, "a FIFO"),
    (device, Obstacle.IRREGULAR, "a character device"),
    (too_large, Obstacle.TOO_LARGE, f"{LIMIT + 1} bytes"),
    (missing, Obstacle.MISSING, "No such file or directory"),
    (circle, Obstacle.UNREADABLE, "Too many levels of symbolic links"),
]
every_obstacle = pytest.mark.parametrize(
    ("make", "obstacle", "seen"), OBSTACLES, ids=lambda row: getattr(row, "__name__", "")
)


def lowest_free_descriptor():
    with Path(os.devnull).open("rb") as file:
        return file.fileno()


@every_obstacle
def test_what_is_in_the_way_is_said_and_nothing_stays_open(tmp_path, make, obstacle, seen):
    make(tmp_path / "file")
    before = lowest_free_descriptor()
    with pytest.raises(UnreadError) as caught:
        read_bounded(tmp_path / "file", max_bytes=LIMIT)
    assert (caught.value.obstacle, caught.value.seen) == (obstacle, seen)
    assert lowest_free_descriptor() == before


@every_obstacle
def test_what_is_to_be_judged_is_refused_with_a_code(tmp_path, make, obstacle, seen):
    make(tmp_path / "file")
    with pytest.raises(Refused) as caught:
        read_regular_file(tmp_path / "file", max_bytes=LIMIT)
    (reason,) = caught.value.reasons
    assert reason.code == ("input.too-large" if obstacle is Obstacle.TOO_LARGE else "input.unreadable")
    assert seen in reason.message


@every_obstacle
def test_what_an_option_names_is_a_configuration_error(tmp_path, make, obstacle, seen):
    make(tmp_path / "file")
    with pytest.raises(ConfigurationError) as caught:
        read_named_file(tmp_path / "file", max_bytes=LIMIT)
    assert (f"larger than {LIMIT} bytes" if obstacle is Obstacle.TOO_LARGE else seen) in caught.value.message


def test_a_path_that_is_none_is_unreadable(tmp_path):
    with pytest.raises(UnreadError) as caught:
        read_bounded(tmp_path / "a\0b", max_bytes=LIMIT)
    assert caught.value.obstacle is Obstacle.UNREADABLE


def test_as_many_bytes_as_are_allowed_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * LIMIT)
    assert read_bounded(tmp_path / "file", max_bytes=LIMIT) == b"x" * LIMIT


def test_a_link_is_followed_only_where_that_is_allowed(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read_bounded(tmp_path / "link", max_bytes=LIMIT) == b"x"
    with pytest.raises(UnreadError) as caught:
        read_bounded(tmp_path / "link", max_bytes=LIMIT, follow=False)
    assert caught.value.obstacle is Obstacle.UNREADABLE


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_what_others_may_touch_is_not_ours_alone(tmp_path, mode):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "file").chmod(0o600)
    assert read_bounded(tmp_path / "file", max_bytes=LIMIT, ours_alone=True) == b"x"
    (tmp_path / "file").chmod(mode)
    with pytest.raises(UnreadError) as caught:
        read_bounded(tmp_path / "file", max_bytes=LIMIT, ours_alone=True)
    assert (caught.value.obstacle, stat.S_IMODE((tmp_path / "file").stat().st_mode)) == (Obstacle.NOT_OURS, mode)


def test_a_file_that_grows_while_it_is_read_is_too_large(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"x")
    real = os.fstat

    def fstat(descriptor):
        found = real(descriptor)
        (tmp_path / "file").write_bytes(b"x" * (LIMIT + 100))
        return found

    monkeypatch.setattr(os, "fstat", fstat)
    with pytest.raises(UnreadError) as caught:
        read_bounded(tmp_path / "file", max_bytes=LIMIT)
    assert caught.value.obstacle is Obstacle.TOO_LARGE
