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

from tests.artifacts.tars import END, blocks, codes, contents, gz, header, member, pax, read, record
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.reading import ReadingMode

COMPAT = ReadingMode.OPA_COMPAT
KINDS = [tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.CONTTYPE]
A = member(b"/a.rego", b"package a\n")
B = member(b"/b.rego", b"package b\n")
GOOD = gz(A, B)


def warned(content):
    return [finding.code for finding in read(content, mode=COMPAT).findings]


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


class TestGzip:
    @pytest.mark.parametrize("content", [b"", b"\x1f", b"PK\x03\x04zip", A + END, b"{}", b"\x1f\x8b\x07" + bytes(30)])
    def test_what_is_not_gzip_is_refused(self, content):
        assert codes(read, content) == ["archive.not-gzip"]

    def test_a_cut_gzip_stream_is_refused_at_every_place(self):
        for end in range(3, len(GOOD)):
            assert codes(read, GOOD[:end]) in (["archive.truncated"], ["archive.not-gzip"]), end

    def test_a_wrong_crc_is_refused(self):
        content = GOOD[:-8] + bytes([GOOD[-8] ^ 1]) + GOOD[-7:]
        assert codes(read, content) == ["archive.bad-checksum"]
        assert warned(content) == ["archive.bad-checksum"]

    def test_a_wrong_length_is_refused(self):
        assert codes(read, GOOD[:-4] + struct.pack("<I", 7)) == ["archive.bad-checksum"]

    def test_a_missing_trailer_is_refused(self):
        assert codes(read, GOOD[:-8]) == ["archive.truncated"]
        assert warned(GOOD[:-8]) == ["archive.truncated"]

    def test_bytes_after_the_gzip_stream_are_refused(self):
        assert codes(read, GOOD + b"x") == ["archive.trailing-data"]
        assert warned(GOOD + b"x") == ["archive.trailing-data"]

    def test_a_second_gzip_stream_after_the_end_is_refused(self):
        assert codes(read, GOOD + GOOD) == ["archive.trailing-data"]

    def test_an_archive_in_two_gzip_streams_is_refused(self):
        content = gzip.compress(A) + gzip.compress(B + END)
        assert codes(read, content) == ["archive.trailing-data"]
        archive = read(content, mode=COMPAT)
        assert len(archive.members) == 2
        assert [each.code for each in archive.findings] == ["archive.trailing-data"]

    def test_an_empty_gzip_stream_is_refused(self):
        assert codes(read, gzip.compress(b"")) == ["archive.truncated"]
        assert warned(gzip.compress(b"")) == ["archive.truncated"]

    def test_reserved_gzip_flags_are_refused(self):
        assert codes(read, GOOD[:3] + b"\x80" + GOOD[4:]) == ["archive.not-gzip"]

    def test_a_wrong_gzip_header_checksum_is_refused(self):
        content = GOOD[:3] + b"\x02" + GOOD[4:10] + b"\0\0" + GOOD[10:]
        assert codes(read, content) == ["archive.bad-checksum"]

    def test_damaged_deflate_is_refused(self):
        assert codes(read, GOOD[:10] + b"\xff" * 20) == ["archive.bad-checksum"]


class TestEnd:
    def test_missing_end_blocks_are_refused(self):
        assert codes(read, gz(A, end=b"")) == ["archive.truncated"]
        assert warned(gz(A, end=b"")) == ["archive.truncated"]

    def test_a_single_end_block_is_refused(self):
        assert codes(read, gz(A, end=bytes(512))) == ["archive.truncated"]
        assert read(gz(A, end=bytes(512)), mode=COMPAT).body_end == len(A)

    def test_a_zero_block_between_members_is_refused_in_both_modes(self):
        content = gz(A, bytes(512), B)
        assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.malformed"]

    def test_data_after_the_end_blocks_are_refused(self):
        content = gz(A, END, B)
        assert codes(read, content) == ["archive.trailing-data"]
        assert len(read(content, mode=COMPAT).members) == 1

    def test_a_broken_last_block_is_refused(self):
        assert codes(read, gz(A, end=bytes(1025))) == ["archive.truncated"]

    def test_padding_to_a_record_is_accepted_and_more_is_not(self):
        assert codes(read, gz(A, end=bytes(10240))) == []
        assert codes(read, gz(A, end=bytes(512 * 1024))) == ["archive.trailing-data"]

    def test_a_member_that_is_cut_off_is_refused_in_both_modes(self):
        for cut in (100, 512, 600, 1023):
            content = gz(A[:cut], end=b"")
            assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.truncated"]

    def test_bytes_hidden_in_padding_are_refused(self):
        content = gz(member(b"/a", b"x", padding=b"\1"))
        assert codes(read, content) == ["archive.malformed"]
        assert warned(content) == ["archive.malformed"]

    def test_bytes_hidden_in_the_padding_of_the_last_member_are_seen_without_end_blocks(self):
        assert "archive.malformed" in warned(gz(member(b"/a", b"x", padding=b"\1"), end=b""))


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [b"./a", b"../a", b"/../a", b"a/../b", b"a/./b", b"a//b", b"//a", b"a\\b", b"a\nb", b"a\x1b[31mb", b"a\x7f"]
        + [each.encode() for each in ("a\u202eb", "a\u0085b", "a\u2066b", "\ufeffa", "a\u2028b")],
    )
    def test_unsafe_names_are_refused(self, name):
        content = gz(pax(record(b"path", name)), member(b"x"))
        assert codes(read, content) == ["archive.unsafe-name"]
        assert warned(content) == ["archive.unsafe-name"]

    @pytest.mark.parametrize("name", [b"a/", b"/", b"", b"\xff"])
    def test_names_that_make_readers_part_are_refused_in_both_modes(self, name):
        content = gz(member(name))
        assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.unsafe-name"]

    def test_a_name_longer_than_the_limit_is_refused(self):
        content = gz(pax(record(b"path", b"a" * 1025)), member(b"x"))
        assert codes(read, content) == ["archive.unsafe-name"]

    def test_a_name_deeper_than_the_limit_is_refused(self):
        content = gz(pax(record(b"path", b"a/" * 64 + b"b")), member(b"x"))
        assert codes(read, content) == ["archive.unsafe-name"]

    def test_directories_need_safe_names_too(self):
        assert codes(read, gz(member(b"../", kind=b"5"))) == ["archive.unsafe-name"]
        assert codes(read, gz(member(b"a/", kind=b"5"), member(b"b", kind=b"5"))) == []

    def test_the_same_name_twice_is_refused_in_both_modes(self):
        assert codes(read, gz(A, A)) == codes(read, gz(A, A), mode=COMPAT) == ["archive.duplicate-member"]

    def test_a_leading_slash_does_not_make_another_name(self):
        assert codes(read, gz(member(b"a"), member(b"/a"))) == ["archive.duplicate-member"]

    @pytest.mark.parametrize(("one", "other"), [("a", "A"), ("é", "e\u0301"), ("ß", "ss"), ("\u212a", "k")])
    def test_names_equal_but_for_case_and_composition_are_refused(self, one, other):
        content = gz(member(one.encode()), member(other.encode()))
        assert codes(read, content) == ["archive.duplicate-member"]
        assert warned(content) == ["archive.duplicate-member"]

    def test_all_findings_are_listed_not_only_the_first(self):
        content = gz(member(b"../a"), member(b"b", kind=b"2"), A, A)
        expected = ["archive.unsafe-name", "archive.special-member", "archive.duplicate-member"]
        assert codes(read, content) == expected

    def test_findings_are_bounded(self):
        assert len(codes(read, gz(*(member(b"../%d" % each) for each in range(300))))) == 100


class TestMembers:
    @pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"6", b"7", b"A", b"V", b"\xff"])
    def test_special_members_are_refused_and_skipped_by_opa(self, kind):
        content = gz(member(b"link", kind=kind, link=b"/etc/passwd"), A)
        assert codes(read, content) == ["archive.special-member"]
        assert contents(read(content, mode=COMPAT)) == [("/a.rego", b"package a\n")]

    @pytest.mark.parametrize("kind", [b"S", b"K"])
    def test_sparse_files_and_long_links_are_refused_in_both_modes(self, kind):
        content = gz(member(b"s", kind=kind), A)
        assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.special-member"]

    def test_a_size_in_a_link_hides_nothing(self):
        inner = header(b"link", 1024, kind=b"2")
        assert contents(read(gz(inner, A), mode=COMPAT)) == [("/a.rego", b"package a\n")]

    def test_a_directory_with_a_size_is_refused(self):
        assert codes(read, gz(member(b"d", b"x", kind=b"5"))) == ["archive.malformed"]

    def test_a_global_header_that_renames_is_refused(self):
        content = gz(pax(record(b"path", b"evil"), kind=b"g"), A)
        assert codes(read, content) == ["archive.special-member"]
        assert contents(read(content, mode=COMPAT)) == [("/a.rego", b"package a\n")]


class TestHeaders:
    @pytest.mark.parametrize(
        "fields",
        [
            {"magic": b""},
            {"magic": b"ustar\x0001"},
            {"size_field": b"\x80" + bytes(10) + b"\1"},
            {"size_field": b"0000000000x\0"},
            {"size_field": bytes(12)},
            {"size_field": b"-0000000001\0"},
            {"size_field": b"0o000000000\0"},
            {"size_field": b"0_000000000\0"},
            {"size_field": b"00000 00000\0"},
            {"mode": b"rw-r--r-"},
            {"uid": b"\xff" * 8},
            {"mtime": b"yesterday\0"},
            {"major": b"x"},
            {"link": b"target"},
            {"pad": b"x"},
            {"prefix": b"p\0q"},
            {"magic": b"ustar  \0", "prefix": b"p"},
        ],
    )
    def test_fields_that_are_not_what_the_format_says_are_refused(self, fields):
        content = gz(member(b"a", **fields))
        assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.malformed"]

    def test_bytes_behind_the_name_are_refused(self):
        assert codes(read, gz(member(b"a\0b"))) == ["archive.malformed"]

    @pytest.mark.parametrize("checksum", [b"0000000\0", b"        ", b"xxxxxx\0 ", b"%06o\0 " % 1])
    def test_a_wrong_header_checksum_is_refused(self, checksum):
        assert codes(read, gz(member(b"a", checksum=checksum))) == ["archive.bad-checksum"]

    def test_a_checksum_off_by_the_modulus_of_the_fast_path_is_refused(self):
        true = sum(header(b"a", checksum=b" " * 8))
        content = gz(member(b"a", checksum=b"%07o\0" % (true + 65521)))
        assert codes(read, content) == ["archive.bad-checksum"]

    def test_a_header_full_of_high_bytes_is_summed_exactly(self):
        name = "\u7fff".encode() * 33
        prefix = "\u7fff".encode() * 51
        content = gz(member(name, prefix=prefix, uname=b"\xff" * 31, gname=b"\xff" * 31))
        assert len(read(content).members) == 1


class TestExtendedHeaders:
    @pytest.mark.parametrize(
        "records",
        [
            [b"9 a=b\n"],
            [b"x path=a\n"],
            [b"08 p=ab\n"],
            [b"6 a=b\n"[:-1] + b"x"],
            [b"5 ab\n"],
            [b"5 =b\n"],
            [b"99999999 a=b\n"],
            [record(b"path", b"a"), record(b"path", b"b")],
            [record(b"path", b"")],
            [record(b"path", b"a\0b")],
            [record(b"path", b"\xff")],
            [record(b"size", b"0")],
            [record(b"GNU.sparse.map", b"0,1")],
            [record(b"mtime", b"now")],
            [record(b"uid", b"-1")],
        ],
    )
    def test_broken_records_are_refused_in_both_modes(self, records):
        content = gz(pax(*records), A)
        assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.malformed"]

    def test_unknown_records_are_refused(self):
        content = gz(pax(record(b"hdrcharset", b"BINARY")), A)
        assert codes(read, content) == ["archive.malformed"]
        assert warned(content) == ["archive.malformed"]

    def test_records_about_owners_times_and_attributes_are_read_past(self):
        known = [record(b"mtime", b"1.5"), record(b"uid", b"9"), record(b"SCHILY.xattr.user.x", b"\xff\0")]
        assert codes(read, gz(pax(*known), A)) == []

    @pytest.mark.parametrize("second", [pax(record(b"comment", b"c")), member(b"L", b"long\0", kind=b"L")])
    def test_two_extended_headers_in_a_row_are_refused(self, second):
        content = gz(pax(record(b"path", b"one")), second, A)
        assert codes(read, content) == ["archive.malformed"]

    def test_an_extended_header_without_a_member_is_refused(self):
        assert codes(read, gz(pax(record(b"path", b"a")))) == ["archive.malformed"]

    def test_a_giant_extended_header_is_refused_before_it_is_read(self):
        content = gz(header(b"x", 1 << 30, kind=b"x"), end=bytes(4096))
        assert codes(read, content) == ["archive.too-large"]

    @pytest.mark.parametrize("name", [b"", b"\0", b"a\0b\0"])
    def test_a_broken_gnu_long_name_is_refused(self, name):
        assert codes(read, gz(member(b"././@LongLink", name, kind=b"L"), A)) == ["archive.malformed"]


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
