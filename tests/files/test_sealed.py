"""A sealed memory file cannot be changed by anybody, and nothing else is taken for one."""

import fcntl
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.files.sealed import (
    SEALS,
    UnsealedError,
    append_copy,
    can_seal,
    content_of,
    part_of,
    require_sealed,
    seal,
    sealed,
    unsealed,
)

pytestmark = pytest.mark.skipif(not can_seal(), reason="Linux has sealed memory files")


@pytest.fixture
def opened():
    """Descriptors that are closed after the test."""
    kept = []
    yield lambda each: kept.append(each) or each
    for each in kept:
        os.close(each)


@given(st.binary(max_size=4096))
def test_what_was_sealed_is_what_is_read(content):
    made = sealed(content)
    try:
        assert content_of(made, most=len(content)) == content
        assert require_sealed(made) == len(content)
    finally:
        os.close(made)


def test_its_maker_cannot_change_it_either(opened):
    made = opened(sealed(b"verified"))
    for change in (
        lambda: os.pwrite(made, b"x", 0),
        lambda: os.ftruncate(made, 3),
        lambda: os.ftruncate(made, 100),
        lambda: os.pwrite(opened(os.open(f"/proc/self/fd/{made}", os.O_RDWR)), b"x", 0),
    ):
        with pytest.raises(PermissionError):
            change()
    assert content_of(made, most=100) == b"verified"


def test_it_is_closed_on_exec(opened):
    assert not os.get_inheritable(opened(sealed(b"")))


def test_a_copy_holds_all_of_each_file_one_after_the_other(opened, tmp_path):
    (tmp_path / "file").write_bytes(content := bytes(range(256)) * 9000)
    (tmp_path / "other").write_bytes(b"other")
    made = opened(unsealed())
    sizes = [
        append_copy(made, opened(os.open(tmp_path / name, os.O_RDONLY)), most=len(content))
        for name in ("file", "other")
    ]
    seal(made)
    assert sizes == [len(content), 5]
    assert content_of(made, most=len(content) + 5) == content + b"other"
    assert part_of(made, len(content), 5) == b"other"


def test_no_part_is_read_beyond_the_end(opened):
    with pytest.raises(UnsealedError):
        part_of(opened(sealed(b"four")), 2, 3)


def test_a_file_that_is_longer_than_it_may_be_is_not_copied(opened, tmp_path):
    (tmp_path / "file").write_bytes(b"four")
    with pytest.raises(UnsealedError):
        append_copy(opened(unsealed()), opened(os.open(tmp_path / "file", os.O_RDONLY)), most=3)


def test_nothing_else_is_one(opened, tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    os.mkfifo(tmp_path / "fifo")
    not_sealed = opened(os.memfd_create("x", os.MFD_ALLOW_SEALING))
    others = (
        os.open(tmp_path / "file", os.O_RDONLY),
        os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK),
        os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY),
        os.open(os.devnull, os.O_RDONLY),
        *os.pipe(),
        os.memfd_create("x"),
    )
    for each in (not_sealed, *map(opened, others)):
        with pytest.raises(UnsealedError):
            require_sealed(each)


def test_one_that_was_opened_for_writing_alone_is_not_read(opened):
    made = opened(os.memfd_create("x", os.MFD_ALLOW_SEALING))
    os.write(made, b"content")
    writing = opened(os.open(f"/proc/self/fd/{made}", os.O_WRONLY))
    fcntl.fcntl(made, fcntl.F_ADD_SEALS, SEALS)
    with pytest.raises(UnsealedError, match="cannot be read"):
        content_of(writing, most=100)
