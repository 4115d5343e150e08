"""Most headers of an archive are like the one before, and are read quickly: to the same effect as one by one."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.archives.tars import COMPAT, END, codes, contents, gz, header, member, pax, read, record
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.reading import ReadingMode

ONE_BY_ONE = Limits(path_bytes=99)
"""Where names are bounded below what a header holds, no header is read quickly; no name here is as long."""
FIRST = member(b"first", b"1")
SECOND = 1024
"""Where the header of the second member begins."""


def reading(content, *, mode, limits):
    """Everything that a reader of the archive learns, or the whole refusal."""
    try:
        archive = read(content, mode=mode, limits=limits)
    except Refused as refused:
        return refused.reasons
    return archive.spans, contents(archive), archive.body_end, archive.ascii, archive.findings


def agrees(content):
    """What is read quickly, once that is known to be what is read one by one."""
    for mode in ReadingMode:
        quickly = reading(content, mode=mode, limits=DEFAULT_LIMITS)
        assert quickly == reading(content, mode=mode, limits=ONE_BY_ONE)
    return quickly


NAMES = [
    b"a/b.rego",
    b"/a",
    b".manifest",
    b"a/./b",
    b"../a",
    b"a//b",
    b"a/",
    b"/",
    b"",
    b"a b",
    b"a\\b",
    b"\xc3\xa9",
    b"\xff",
]
FIELDS = {
    "name": NAMES,
    "size_field": [b"00000000001 ", b"          1\0", b"1", b"00000000008\0", b"0_000000001\0", b"\x80" * 12],
    "mode": [b"0000644\0", b"rw-r--r-"],
    "mtime": [b"14000000000\0", b"14000000000 ", b"9", b"", b"yesterday", b"\xff" * 12],
    "kind": [b"\0", b"1", b"5", b"7", b"L", b"S", b"g", b"x", b"\xff"],
    "magic": [b"ustar  \0", b"", b"USTAR\x0000"],
    "prefix": [b"p", b"..", b"p\0q"],
    "uname": [b"root"],
    "pad": [b"x"],
    "checksum": [b"0000000\0", b" " * 8, b"\xff" * 8],
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in FIELDS.items() for value in values])
def test_a_member_that_differs_in_one_field_is_read_as_it_would_be_alone(field, value):
    fields = {"name": b"second"} | {field: value}
    odd = header(size=1, **fields) + b"2".ljust(512, b"\0")
    agrees(gz(FIRST, odd, member(b"third", b"3")))


@settings(max_examples=500)
@given(
    st.integers(0, 2047),
    st.integers(1, 255),
    st.sampled_from([b"second", b"a/b/c.rego", b".manifest", b"x" * 98]),
    st.booleans(),
)
@example(at=7, change=1, name=b"second", mended=False)  # behind the end of the name, which the checksum covers too
def test_a_changed_byte_is_seen_wherever_it_is(at, change, name, mended):
    tar = bytearray(FIRST + member(name, b"2") + member(b"third", b"3"))
    tar[SECOND + at] ^= change
    for start in (SECOND, 2 * SECOND) if mended else ():
        tar[start + 148 : start + 156] = b" " * 8
        tar[start + 148 : start + 156] = b"%06o\0 " % sum(tar[start : start + 512])
    agrees(gz(bytes(tar)))


PARTS = [
    *(member(name, b"c") for name in NAMES),
    member(b"d/", kind=b"5"),
    member(b"big", b"x" * 2000),
    member(b"empty"),
    member(b"hidden", b"x", padding=b"\1"),
    member(b"timed", b"x", mtime=b"14000000000\0"),
    member(b"owned", b"x", uid=b"0001750\0"),
    pax(record(b"path", b"p")),
    bytes(512),
]


@given(st.lists(st.sampled_from(PARTS), max_size=8))
def test_any_sequence_of_members_is_read_alike(parts):
    agrees(gz(*parts, end=b""))
    agrees(gz(*parts, end=END))


def test_limits_hold_for_similar_members():
    content = gz(*(member(b"f%d" % number, b"x" * number) for number in range(10)))
    assert codes(read, content, limits=Limits(members=9)) == ["archive.too-many-members"]
    assert codes(read, content, limits=Limits(member_bytes=8)) == ["archive.too-large"]
    assert codes(read, content, limits=Limits(total_bytes=9 * 1024)) == ["archive.too-large"]
    assert codes(read, content, limits=Limits(members=10, member_bytes=9, total_bytes=10 * 1024)) == []


def test_names_are_bounded_by_the_policy_also_where_headers_are_similar():
    content = gz(FIRST, member(b"a/b/c/d"), member(b"n" * 90))
    assert codes(read, content, limits=Limits(path_depth=3)) == ["archive.unsafe-name"]
    assert codes(read, content, limits=Limits(path_bytes=80)) == ["archive.unsafe-name"]


def test_archives_say_whether_they_are_ascii():
    assert read(gz(FIRST, member(b"b", b"\x7f"))).ascii
    assert not read(gz(FIRST, member(b"b", b"\x80")), mode=COMPAT).ascii
