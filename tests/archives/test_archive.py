"""Strict reading of tar.gz: one attack, one test, one code."""

import gzip
import io
import struct
import subprocess
import tarfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.archives.tars import (
    COMPAT,
    END,
    GOOD,
    A,
    B,
    blocks,
    codes,
    contents,
    gz,
    header,
    member,
    pax,
    read,
    record,
)
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.reading import ReadingMode

KINDS = [tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.CONTTYPE]


class TestWhatIsAccepted:
    def test_members_are_read_in_order_with_their_spans(self):
        archive = read(GOOD)
        assert contents(archive) == [("/a.rego", b"package a\n"), ("/b.rego", b"package b\n")]
        assert [(each.start, each.end) for each in archive.members] == [(0, 1024), (1024, 2048)]
        assert archive.body_end == 2048
        assert bytes(archive.tar) == A + B
        assert archive.findings == ()

    def test_a_span_begins_with_the_extended_header(self):
        extended = pax(record(b"path", b"/\xc3\xa9.rego"))
        archive = read(gz(A, extended, member(b"x", b"package e")))
        assert archive.members[1].path == "/é.rego"
        assert archive.members[1].start == 1024
        assert archive.members[1].end == archive.body_end

    @pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    @pytest.mark.parametrize("name", ["a.rego", "d/" * 30 + "n" * 90 + ".rego", "é/ü.rego", "n" * 99 + "/" + "m" * 60])
    def test_python_archives_of_clean_trees_are_read(self, form, name):
        if form == tarfile.USTAR_FORMAT and len(name) > 160:
            name = name[-160:].lstrip("/")
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w:gz", format=form) as tar:
            directory = tarfile.TarInfo("folder")
            directory.type = tarfile.DIRTYPE
            tar.addfile(directory)
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.uname = 3, 1_700_000_000, "someone"
            tar.addfile(info, io.BytesIO(b"abc"))
        assert contents(read(held.getvalue())) == [(name, b"abc")]

    @pytest.mark.parametrize("form", ["ustar", "gnu", "pax", "oldgnu"])
    def test_gnu_tar_archives_of_clean_trees_are_read(self, tmp_path, form):
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "a.rego").write_bytes(b"package a")
        if form != "ustar":
            (tmp_path / "folder" / ("n" * 120)).write_bytes(b"x")
        options = ["--sort=name", f"--format={form}", "-czf", "out.tgz", "folder"]
        subprocess.run(["tar", *options], cwd=tmp_path, check=True)
        assert read((tmp_path / "out.tgz").read_bytes()).members[0].path.startswith("folder/")

    def test_a_git_archive_with_its_global_comment_is_read(self):
        content = gz(pax(record(b"comment", b"0" * 40), kind=b"g"), A)
        assert contents(read(content)) == [("/a.rego", b"package a\n")]

    def test_a_gzip_header_with_a_name_is_read(self):
        held = io.BytesIO()
        with gzip.GzipFile("bundle.tar", "wb", fileobj=held) as file:
            file.write(A + END)
        assert len(read(held.getvalue()).members) == 1


class TestLimits:
    def test_an_archive_larger_than_the_limit_is_refused_unread(self):
        assert codes(read, GOOD, limits=Limits(archive_bytes=10)) == ["input.too-large"]

    def test_more_members_than_the_limit_are_refused(self):
        assert codes(read, GOOD, limits=Limits(members=2)) == []
        assert codes(read, GOOD, limits=Limits(members=1)) == ["archive.too-many-members"]

    def test_directories_count_as_members(self):
        content = gz(*(member(b"d%d/" % each, kind=b"5") for each in range(3)))
        assert codes(read, content, limits=Limits(members=2)) == ["archive.too-many-members"]

    def test_a_member_larger_than_the_limit_is_refused_by_its_header(self):
        content = gz(header(b"a", DEFAULT_LIMITS.member_bytes + 1), end=b"")
        assert codes(read, content) == ["archive.too-large"]

    def test_a_total_larger_than_the_limit_is_refused(self):
        assert codes(read, GOOD, limits=Limits(total_bytes=1024)) == ["archive.too-large"]

    def test_a_higher_ratio_than_the_limit_is_refused(self):
        content = gz(member(b"a", bytes(100_000)))
        assert codes(read, content, limits=Limits(ratio=10)) == ["archive.bomb"]

    def test_zeros_without_an_archive_are_refused_without_unpacking_them(self):
        zeros = zlib.compressobj(9, zlib.DEFLATED, 31)
        content = b"".join([*(zeros.compress(bytes(1 << 20)) for _ in range(64)), zeros.flush()])
        assert codes(read, content) == ["archive.trailing-data"]


class TestBombs:
    """Past what is kept freely, an archive is scouted in constant memory before any more of it is kept."""

    def packed(self, members, length=None):
        deflate = zlib.compressobj(1, zlib.DEFLATED, 31)
        zeros = bytes(1 << 20)
        parts = []
        for each in range(members):
            parts.append(deflate.compress(header(b"m%d" % each, 20 << 20)))
            parts.extend(deflate.compress(zeros) for _ in range(20))
        parts += [deflate.compress(END), deflate.flush()]
        content = b"".join(parts)
        return content if length is None else content[:-4] + struct.pack("<I", length)

    def test_a_large_and_compressible_archive_within_its_limits_is_read(self):
        archive = read(self.packed(3))
        assert [len(each.content) for each in archive.members] == [20 << 20] * 3

    @pytest.mark.parametrize("mode", ReadingMode)
    def test_one_beyond_its_limits_is_refused(self, mode):
        limits = Limits(total_bytes=50 << 20)
        assert codes(read, self.packed(3), limits=limits, mode=mode) == ["archive.too-large"]

    def test_one_that_understates_its_length_is_refused(self):
        assert codes(read, self.packed(3, length=5)) == ["archive.bad-checksum"]

    def test_one_that_overstates_its_length_is_refused(self):
        assert codes(read, self.packed(3, length=1 << 31)) == ["archive.too-large"]

    def test_what_scouting_finds_is_refused_with_its_own_code(self):
        content = self.packed(3)
        assert codes(read, content + b"x") != []
        assert codes(read, content[:-30])[-1] in ("archive.truncated", "archive.bad-checksum")


def outcome(content, mode=ReadingMode.STRICT):
    """Members, or the codes of the refusal; any other exception is a defect."""
    try:
        return contents(read(content, mode=mode))
    except Refused:  # its reasons are in the catalogue: none other can be made
        return None


class TestProperties:
    @given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
    def test_a_changed_byte_is_refused_or_changes_nothing(self, at, change):
        mutated = GOOD[:at] + bytes([GOOD[at] ^ change]) + GOOD[at + 1 :]
        assert outcome(mutated) in (None, contents(read(GOOD)))

    @given(st.integers(0, len(A + B) - 1), st.integers(1, 255))
    def test_a_changed_byte_of_the_tar_is_refused_or_is_a_name_or_content_that_python_reads_alike(self, at, change):
        tar = A + B + END
        mutated = tar[:at] + bytes([tar[at] ^ change]) + tar[at + 1 :]
        mine = outcome(gzip.compress(mutated))
        if mine is not None:
            assert mine == by_python(mutated)

    @given(st.lists(st.integers(0, 5), max_size=8), st.binary(max_size=600))
    def test_any_sequence_of_blocks_is_read_or_refused(self, order, noise):
        parts = [A, B, bytes(512), pax(record(b"path", b"p")), member(b"l", kind=b"2"), blocks(noise)]
        content = gz(*(parts[each] for each in order))
        outcome(content)
        outcome(content, mode=COMPAT)

    @given(st.binary(max_size=2000))
    def test_any_bytes_are_refused(self, content):
        assert outcome(content) is None
        assert outcome(b"\x1f\x8b\x08" + content) is None

    @settings(max_examples=200)
    @given(
        st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
        st.lists(
            st.tuples(
                st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40),
                st.sampled_from(
                    [tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.CONTTYPE]
                ),
                st.binary(max_size=700),
            ),
            max_size=5,
        ),
    )
    def test_what_python_writes_is_read_as_python_reads_it_or_refused(self, form, entries):
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w", format=form) as tar:
            for name, kind, content in entries:
                info = tarfile.TarInfo(name)
                info.type = kind
                info.size = len(content) if kind in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE) else 0
                tar.addfile(info, io.BytesIO(content))
        mine = outcome(gzip.compress(held.getvalue()))
        if mine is not None:
            assert mine == by_python(held.getvalue())


def by_python(tar):
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as opened:
        return [(each.name, opened.extractfile(each).read()) for each in opened if each.isreg()]
