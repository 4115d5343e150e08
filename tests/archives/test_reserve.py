"""Memory that is reserved: small or in large pages, it behaves alike."""

import pytest

from tests.support.archives.tars import gz, member, read
from verifier.archives.reserve import reserve

SIZES = [0, 1, (4 << 20) - 1, 4 << 20, (4 << 20) + 1]


@pytest.mark.parametrize("size", SIZES)
def test_as_many_zeros_are_reserved_as_were_asked_for(size):
    buffer = reserve(size)
    assert len(buffer) == size
    assert buffer[:] == bytes(size)


@pytest.mark.parametrize("size", SIZES[1:])
def test_what_is_stored_is_read_back_also_through_a_view_that_outlives_the_buffer(size):
    buffer = reserve(size)
    buffer[size - 1 : size] = b"x"
    view = memoryview(buffer).toreadonly()
    del buffer
    assert bytes(view[-1:]) == b"x"


@pytest.mark.parametrize("size", [(4 << 20) - 4096, 4 << 20, 9 << 20])
def test_members_are_read_alike_from_either(size):
    content = bytes(range(256)) * (size // 256)
    archive = read(gz(member(b"a", content), member(b"b", b"2")))
    assert [(each.path, bytes(each.content)) for each in archive.members] == [("a", content), ("b", b"2")]
    assert bytes(archive.tar) == member(b"a", content) + member(b"b", b"2")
