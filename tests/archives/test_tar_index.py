"""Where the members of a tar file lie."""

import os
from contextlib import contextmanager

import pytest

from tests.support.archives.tars import END, header, member, pax, record
from tests.support.material import codes
from verifier.archives import tar_index
from verifier.archives.tar_index import TarIndex, is_plain
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.value import replace


@contextmanager
def indexed(path, content, limits=DEFAULT_LIMITS):
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield TarIndex(descriptor, size=len(content), limits=limits, subject="s")
    finally:
        os.close(descriptor)


@pytest.fixture
def members(tmp_path):
    """The contents of the files of a tar, by name."""

    def read(*parts, end=END):
        with indexed(tmp_path / "x.tar", b"".join(parts) + end) as index:
            files = [name for name, each in index.members.items() if each.kind == "file"]
            return {name: index.open(name).read(1 << 20) for name in files}

    return read


@pytest.fixture
def refused(tmp_path):
    """The code that a tar is refused with."""

    def code(*parts, end=END, limits=DEFAULT_LIMITS):
        with pytest.raises(Refused) as refused, indexed(tmp_path / "x.tar", b"".join(parts) + end, limits):
            pass
        return codes(refused)[0]

    return code


LONG = b"blobs/sha512/" + b"a" * 128


def test_members_are_read_where_they_lie(members):
    assert members(member(b"a", b"1"), member(b"b/c", b"2" * 1_000), member(b"d", b"")) == {
        "a": b"1",
        "b/c": b"2" * 1_000,
        "d": b"",
    }


@pytest.mark.parametrize(
    "parts",
    [
        (pax(record(b"path", LONG)), member(LONG[:100], b"1")),
        (member(b"././@LongLink", LONG + b"\0", kind=b"L"), member(LONG[:100], b"1")),
        (member(LONG[13:113], b"1", prefix=LONG[:12]),),
    ],
)
def test_long_names_are_read(members, parts):
    (name,) = members(*parts)
    assert name.startswith("blobs/sha512/aaa")


def test_a_global_header_with_a_comment_is_passed_over(members):
    assert members(pax(record(b"comment", b"x"), kind=b"g"), member(b"a", b"1")) == {"a": b"1"}


def test_padding_up_to_what_tar_writes_is_allowed(members):
    assert members(member(b"a", b"1"), end=bytes(10_240)) == {"a": b"1"}


def test_directories_may_stand_twice(members):
    assert members(header(b"./", kind=b"5"), header(b"a/", kind=b"5"), header(b"a/", kind=b"5"), member(b"a/b")) == {
        "a/b": b""
    }


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((pax(record(b"size", b"1")), member(b"a", b"1")), "archive.malformed"),
        ((pax(record(b"GNU.sparse.major", b"1")), member(b"a")), "archive.malformed"),
        ((pax(record(b"linkpath", b"x")), member(b"a")), "archive.malformed"),
        ((pax(record(b"path", b"x"), kind=b"g"), member(b"a")), "archive.malformed"),
        ((pax(record(b"comment", b"x")), pax(record(b"comment", b"x")), member(b"a")), "archive.malformed"),
        ((pax(record(b"path", b"a")),), "archive.malformed"),
        ((header(b"x", 1 << 20, kind=b"x"),), "archive.too-large"),
        ((header(b"a", size_field=b"\x80" + bytes(10) + b"\x01"),), "archive.malformed"),
        ((header(b"a", size_field=b"-0000000001\0"),), "archive.malformed"),
        ((header(b"a", checksum=b"000000\0 "),), "archive.bad-checksum"),
        ((header(b"a", magic=b"v7tar\0\0\0"),), "archive.malformed"),
        ((member(b"a", b"1", padding=b"x"),), "archive.malformed"),
        ((header(b"a/", 5, kind=b"5"),), "archive.malformed"),
        ((member(b"a"), member(b"a")), "archive.duplicate-member"),
        ((member(b"a"), header(b"a", kind=b"5")), "archive.duplicate-member"),
        ((header(b"a", kind=b"2", link=b"b"), header(b"a", kind=b"2", link=b"b")), "archive.duplicate-member"),
        ((member(b"index.json"), member(b"INDEX.json")), "archive.duplicate-member"),
        ((member("é".encode()), member("É".encode())), "archive.duplicate-member"),
        ((member("é".encode()), member("e\u0301".encode())), "archive.duplicate-member"),
        ((member(b"a"), member(b"a/b")), "archive.special-member"),
        ((member(b"a/b/c/d"), header(b"a/b", kind=b"1", link=b"x")), "archive.special-member"),
        ((bytes(512), member(b"a")), "archive.malformed"),
        ((b"x" * 100,), "archive.bad-checksum"),
    ],
)
def test_what_readers_would_read_differently_is_refused(refused, parts, code):
    assert refused(*parts) == code


def test_a_name_is_bounded(refused):
    deep = b"/".join([b"a"] * 65)
    assert refused(pax(record(b"path", deep)), member(b"a")) == "archive.unsafe-name"
    assert refused(pax(record(b"path", b"a" * 1_025)), member(b"a")) == "archive.unsafe-name"


def test_so_are_members_and_headers(refused, monkeypatch):
    three = [member(name) for name in (b"a", b"b", b"c")]
    assert refused(*three, limits=replace(DEFAULT_LIMITS, members=2)) == "archive.too-many-members"
    monkeypatch.setattr(tar_index, "MAX_MEMBERS", 2)
    assert refused(*three) == "archive.too-many-members"
    assert refused(*[pax(record(b"comment", b"x"), kind=b"g")] * 5) == "archive.too-many-members"


class TestLinks:
    PARTS = (
        member(b"blobs/a", b"1"),
        header(b"x/layer.tar", kind=b"2", link=b"../blobs/a"),
        header(b"y/layer.tar", kind=b"2", link=b"../x/layer.tar"),
        header(b"hard", kind=b"1", link=b"blobs/a"),
        header(b"out", kind=b"2", link=b"../../etc/passwd"),
        header(b"absolute", kind=b"2", link=b"/blobs/a"),
        header(b"folder", kind=b"5"),
        header(b"to-folder", kind=b"2", link=b"folder"),
    )

    @pytest.fixture
    def index(self, tmp_path):
        with indexed(tmp_path / "x.tar", b"".join(self.PARTS) + END) as index:
            yield index

    @pytest.mark.parametrize("name", ["x/layer.tar", "y/layer.tar", "hard"])
    def test_they_are_followed_on_request(self, index, name):
        assert index.open(name, links=True).read(10) == b"1"
        with pytest.raises(Refused) as refused:
            index.open(name)
        assert codes(refused) == ["archive.special-member"]

    @pytest.mark.parametrize("name", ["out", "absolute", "nothing"])
    def test_they_lead_nowhere_else(self, index, name):
        assert index.open(name, links=True) is None

    def test_a_folder_is_no_file(self, index):
        with pytest.raises(Refused, match="seen: a folder"):
            index.open("to-folder", links=True)


@pytest.mark.parametrize(
    ("path", "plain"), [("a/b", True), ("a", True), ("", False), ("a/../b", False), ("/a", False), ("a\x7f", False)]
)
def test_a_plain_path_leads_where_it_seems_to(path, plain):
    assert is_plain(path) is plain


def test_what_was_opened_is_what_is_read(tmp_path):
    """Also where another file takes its place, or it becomes shorter."""
    with indexed(tmp_path / "x.tar", member(b"a", b"first") + END) as index:
        (tmp_path / "y.tar").write_bytes(member(b"a", b"other") + END)
        (tmp_path / "y.tar").rename(tmp_path / "x.tar")
        assert index.open("a").read(10) == b"first"
    with indexed(tmp_path / "x.tar", member(b"a", b"first") + END) as index:
        os.truncate(tmp_path / "x.tar", 514)
        opened = index.open("a")
        assert (opened.read(10), opened.read(10)) == (b"fi", b"")
