"""Canonical archives, and archives with one member replaced."""

import gzip
import io
import os
import socket
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.archives.tars import codes, contents, gz, member, read, tarball
from verifier.archives.pack import pack_directory, pack_members, replace_member
from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS, Limits

SEGMENTS = st.text("abé-_.X", min_size=1, max_size=60).filter(lambda each: each not in (".", ".."))
PATHS = st.lists(SEGMENTS, min_size=1, max_size=6).map("/".join)
TREES = st.dictionaries(PATHS, st.binary(max_size=1500), max_size=6)


def by_python(content):
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as opened:
        return [(each.name, opened.extractfile(each).read()) for each in opened]


class TestCanonicalForm:
    def test_its_bytes_never_change(self):
        content = pack_members([("b/data.json", b"{}"), ("a.rego", b"package a\n"), ("é" * 60, b"x" * 70_000)])
        assert str(Digest.of(content)) == "sha256:781f8cb59e5c4a577351daaf4f5b9c6013bb4d56186dece04142cd3fd3f9cce3"

    def test_the_order_of_members_and_a_leading_slash_do_not_matter(self):
        assert pack_members([("a", b"1"), ("b", b"2")]) == pack_members([("/b", b"2"), ("/a", b"1")])

    def test_the_same_name_twice_is_refused(self):
        assert codes(pack_members, [("a", b"1"), ("/a", b"2")]) == ["archive.duplicate-member"]

    def test_an_empty_tree_is_an_archive(self):
        assert read(pack_members([])).members == ()

    @pytest.mark.parametrize("length", [100, 101, 102, 150, 255, 256, 257, 500])
    @pytest.mark.parametrize("cut", [1, 50, 97])
    def test_names_of_every_length_come_back(self, length, cut):
        name = "/" + "n" * cut + "/" + "m" * (length - cut - 2)
        packed = pack_members([(name, b"x")])
        assert contents(read(packed)) == by_python(packed) == [(name, b"x")]

    @given(TREES)
    def test_what_is_packed_is_read_as_python_reads_it(self, tree):
        packed = pack_members(tree.items())
        expected = sorted(("/" + path, content) for path, content in tree.items())
        assert sorted(by_python(packed)) == expected
        if not codes(read, packed):
            assert sorted(contents(read(packed))) == expected

    @given(st.integers(65_530, 65_540))
    def test_stored_blocks_of_every_length_are_gzip(self, size):
        assert gzip.decompress(pack_members([("a", b"x" * size)])).startswith(b"/a\0")


class TestDirectories:
    def test_a_directory_is_packed_with_everything_in_it(self, tmp_path):
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "x.rego").write_bytes(b"package a")
        (tmp_path / ".manifest").write_bytes(b"{}")
        packed = pack_directory(tmp_path, limits=DEFAULT_LIMITS)
        assert packed == pack_members([("/a/x.rego", b"package a"), ("/.manifest", b"{}")])

    @pytest.mark.parametrize("make", ["link", "linked directory", "fifo", "socket"])
    def test_links_and_devices_are_refused_not_followed(self, tmp_path, make, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "real").mkdir()
        if make == "link":
            (tmp_path / "x").symlink_to("/etc/hostname")
        elif make == "linked directory":
            (tmp_path / "x").symlink_to("real")
        elif make == "fifo":
            os.mkfifo("x")
        else:
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind("x")
        assert codes(pack_directory, tmp_path, limits=DEFAULT_LIMITS) == ["archive.special-member"]

    def test_names_that_are_not_utf8_are_refused(self, tmp_path):
        (tmp_path / os.fsdecode(b"\xff")).write_bytes(b"")
        assert codes(pack_directory, tmp_path, limits=DEFAULT_LIMITS) == ["archive.unsafe-name"]

    @pytest.mark.parametrize(
        ("limits", "code"),
        [
            (Limits(members=1), "archive.too-many-members"),
            (Limits(member_bytes=2), "input.too-large"),
            (Limits(total_bytes=5), "archive.too-large"),
        ],
    )
    def test_limits_hold_for_directories(self, tmp_path, limits, code):
        (tmp_path / "a").write_bytes(b"abc")
        (tmp_path / "b").write_bytes(b"abc")
        assert codes(pack_directory, tmp_path, limits=limits) == [code]

    def test_a_missing_directory_is_unreadable(self, tmp_path):
        assert codes(pack_directory, tmp_path / "none", limits=DEFAULT_LIMITS) == ["input.unreadable"]


class TestReplacement:
    def test_a_member_is_replaced_and_every_other_byte_stays(self):
        before, after = member(b"/a", b"1", mtime=b"00000000007\0"), member(b"/z", b"2", uname=b"me")
        archive = read(gz(before, member(b"/.signatures.json", b"old"), after))
        replaced = read(replace_member(archive, ".signatures.json", b"new"))
        assert bytes(replaced.tar[:1024]) == before
        assert bytes(replaced.tar[-1024:]) == after
        assert contents(replaced) == [("/a", b"1"), ("/.signatures.json", b"new"), ("/z", b"2")]

    def test_a_new_member_stands_at_the_end_with_a_slash_where_the_others_have_one(self):
        assert contents(read(replace_member(read(tarball({"/a": b"1"})), "s", b"2")))[-1] == ("/s", b"2")
        assert contents(read(replace_member(read(tarball({"a": b"1"})), "/s", b"2")))[-1] == ("s", b"2")

    def test_replacing_is_deterministic_and_repeatable(self):
        archive = read(tarball({"/a": b"1"}))
        once = replace_member(archive, "s", b"2")
        assert once == replace_member(archive, "s", b"2") == replace_member(read(once), "s", b"2")

    @given(TREES, st.binary(max_size=600))
    def test_replacing_changes_one_content_only(self, tree, content):
        packed = pack_members(tree.items())
        if codes(read, packed):
            return
        archive = read(packed)
        expected = dict(contents(archive)) | {"/.signatures.json": content}
        assert dict(contents(read(replace_member(archive, "/.signatures.json", content)))) == expected
