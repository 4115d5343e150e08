"""What a layer's headers say of its members, links and devices among them."""

import pytest

from tests.support.archives.layers import device, directory, entry, hardlink, layer, noted, paths, read_packed, symlink
from tests.support.archives.tars import END, A, B, blocks, codes, header, member, pax, record
from verifier.archives.layers.limits import ImageLimits


class TestEntries:
    def test_a_layer_is_a_table_of_its_members(self):
        table = layer(
            directory(b"bin/"),
            member(b"bin/busybox", b"\x7fELF", mode=b"0104755\0", uid=b"0001750\0", gid=b"0000012\0"),
            symlink(b"bin/sh", b"/bin/busybox"),
            hardlink(b"bin/ash", b"./bin/busybox"),
            device(b"dev-null", 1, 3),
            device(b"disk", 8, 0, kind=b"4"),
            member(b"pipe", kind=b"6"),
        )
        plain = {"mode": 0o600}
        assert table.entries == (
            entry("bin", "directory", mode=0o755),
            entry("bin/busybox", mode=0o4755, uid=1000, gid=10, size=4),
            entry("bin/sh", "symlink", target="/bin/busybox", **plain),
            entry("bin/ash", "hardlink", target="bin/busybox", **plain),
            entry("dev-null", "character", **plain),
            entry("disk", "block", **plain),
            entry("pipe", "fifo", **plain),
        )
        assert table.notes == ()

    def test_a_header_of_the_old_regular_type_is_a_file(self):
        assert layer(member(b"a", b"x", kind=b"\0")).entries == (entry("a", mode=0o600, size=1),)

    def test_gnu_headers_are_read_like_those_of_posix(self):
        assert paths(layer(member(b"a", b"x", magic=b"ustar  \0"))) == ["a"]

    def test_the_prefix_belongs_to_the_name(self):
        assert paths(layer(member(b"b", prefix=b"a"), symlink(b"d", b"x", prefix=b"c"))) == ["a/b", "c/d"]

    def test_an_empty_layer_has_no_entries(self):
        assert (layer().entries, layer().notes) == ((), ())

    @pytest.mark.parametrize("kind", [b"S", b"7", b"A", b"V", b"D", b"M", b"\xff"])
    def test_sparse_files_and_unknown_types_are_refused(self, kind):
        assert codes(layer, member(b"s", kind=kind), A) == ["archive.special-member"]

    @pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"5", b"6"])
    def test_a_size_where_there_is_no_content_is_refused(self, kind):
        inner = header(b"a", 1024, kind=kind, link=b"" if kind > b"2" else b"b", minor=b"0000001\0")
        assert codes(layer, inner, A) == ["archive.malformed"]
        assert codes(
            layer, pax(record(b"size", b"1024")), header(b"a", kind=kind, link=b"b" if kind < b"3" else b""), A
        )

    @pytest.mark.parametrize("kind", [b"0", b"3", b"5", b"6"])
    def test_a_link_target_where_there_is_no_link_is_refused(self, kind):
        name = member(b"a", kind=kind, minor=b"0000001\0")
        assert codes(layer, member(b"L", b"b\0", kind=b"K"), name) == ["archive.malformed"]

    def test_an_overlay_whiteout_is_refused(self):
        assert codes(layer, device(b"gone", 0, 0)) == ["archive.special-member"]
        assert codes(layer, device(b"kept", 0, 1)) == []
        assert codes(layer, member(b"blank", kind=b"3", major=b"", minor=b"")) == ["archive.special-member"]


class TestNumbers:
    @pytest.mark.parametrize(
        "size", [b"\x80" + bytes(10) + b"\3", b"          3\0", b"3", b"000000000003", b"00000000003 "]
    )
    def test_sizes_are_read_however_they_are_written(self, size):
        assert layer(header(b"a", size_field=size) + blocks(b"abc"), B).entries[0].size == 3

    @pytest.mark.parametrize(
        "size",
        [
            b"\xff" * 12,
            b"\xc0" + bytes(11),
            b"0000000000x\0",
            bytes(12),
            b" " * 12,
            b"-0000000001\0",
            b"00000000008\0",
            b"0x000000001\0",
        ],
    )
    def test_a_size_that_is_no_number_is_refused(self, size):
        assert codes(layer, header(b"a", size_field=size), B) == ["archive.malformed"]

    def test_a_size_beyond_all_bounds_is_only_a_layer_that_ends_too_early(self):
        assert codes(layer, header(b"a", size_field=b"\xbf" + b"\xff" * 11), B) == ["archive.truncated"]

    def test_owners_may_be_base_256_numbers_of_32_bits(self):
        assert layer(member(b"a", uid=b"\x80\0\0\0\xff\xff\xff\xfe")).entries[0].uid == 2**32 - 2
        assert codes(layer, member(b"a", uid=b"\x80\0\0\1\0\0\0\0")) == ["archive.malformed"]
        assert codes(layer, member(b"a", gid=b"\xff" * 8)) == ["archive.malformed"]

    def test_times_before_1970_are_times(self):
        assert codes(layer, member(b"a", mtime=b"\xff" * 12)) == []
        assert codes(layer, member(b"a", mtime=b"yesterday")) == ["archive.malformed"]

    @pytest.mark.parametrize(
        "fields",
        [{"mode": b"rw-r--r-"}, {"magic": b""}, {"pad": b"x"}, {"link": b"x"}, {"major": b"x"}, {"prefix": b"p\0q"}],
    )
    def test_fields_that_are_not_what_the_format_says_are_refused(self, fields):
        assert codes(layer, member(b"a", **fields)) == ["archive.malformed"]

    def test_a_wrong_checksum_is_refused(self):
        assert codes(layer, member(b"a", checksum=b"0000000\0")) == ["archive.bad-checksum"]

    @pytest.mark.parametrize("link", [b"a\0b", b""])
    def test_a_link_has_one_target(self, link):
        assert codes(layer, symlink(b"l", link)) in (["archive.malformed"], ["archive.unsafe-name"])


class TestExtensions:
    def test_pax_records_say_path_target_size_and_owner(self):
        records = [
            record(b"path", "ä/b".encode()),
            record(b"size", b"3"),
            record(b"uid", b"70000"),
            record(b"gid", b"7"),
        ]
        table = layer(pax(*records), header(b"cut", 0) + blocks(b"abc"), B)
        assert table.entries[0] == entry("ä/b", mode=0o600, uid=70000, gid=7, size=3)
        linked = layer(pax(record(b"linkpath", b"x" * 300)), symlink(b"l", b"cut"))
        assert linked.entries[0].target == "x" * 300

    def test_gnu_headers_say_long_names_and_long_targets_in_either_order(self):
        name, link = member(b"L", b"n" * 300 + b"\0", kind=b"L"), member(b"L", b"t" * 300 + b"\0", kind=b"K")
        for extensions in (name + link, link + name):
            assert layer(extensions, symlink(b"n", b"t")).entries[0] == entry(
                "n" * 300, "symlink", mode=0o600, target="t" * 300
            )

    def test_a_file_capability_is_told(self):
        capability = b"\1\0\0\2\0\4\0\0" + bytes(12)
        for keyword in (
            b"SCHILY.xattr.security.capability",
            b"LIBARCHIVE.xattr.security.capability",
            b"LIBARCHIVE.xattr.security%2Ecapabilit%79",
        ):
            table = layer(pax(record(keyword, capability)), A, B)
            assert [each.capability for each in table.entries] == [True, False]

    def test_other_attributes_and_vendors_keywords_are_read_past(self):
        known = [
            b"SCHILY.xattr.user.x",
            b"LIBARCHIVE.creationtime",
            b"RHT.security.selinux",
            b"MSWINDOWS.rawsd",
            b"comment",
        ]
        assert layer(pax(*(record(each, b"1") for each in known)), A).notes == ()

    def test_a_keyword_that_nobody_knows_is_noted(self):
        assert noted(layer(pax(record(b"future", b"1")), A)) == ["archive.malformed"]

    @pytest.mark.parametrize(
        "name",
        [
            b"trusted.overlay.opaque",
            b"user.overlay.opaque",
            b"trusted.overlay.overlay.whiteout",
            b"trusted.overlay.redirect",
        ],
    )
    def test_attributes_that_mean_something_to_overlay_are_refused(self, name):
        assert codes(layer, pax(record(b"SCHILY.xattr." + name, b"y")), directory(b"d")) == ["archive.special-member"]

    @pytest.mark.parametrize(
        "records",
        [
            [record(b"GNU.sparse.major", b"1")],
            [record(b"GNU.sparse.map", b"0,1")],
            [record(b"SCHILY.realsize", b"1")],
            [record(b"hdrcharset", b"BINARY")],
            [record(b"size", b"-1")],
            [record(b"size", b"9" * 21)],
            [record(b"uid", b"4294967296")],
            [record(b"path", b"a"), record(b"path", b"b")],
            [b"9 a=b\n"],
        ],
    )
    def test_records_that_make_readers_part_are_refused(self, records):
        assert codes(layer, pax(*records), A) == ["archive.malformed"]

    def test_two_sizes_for_one_member_are_refused(self):
        assert codes(layer, pax(record(b"size", b"1024")), A, A) == ["archive.malformed"]
        assert codes(layer, pax(record(b"size", b"10")), A) == []

    def test_extended_headers_that_may_contradict_each_other_are_refused(self):
        path, name = pax(record(b"path", b"a")), member(b"L", b"b\0", kind=b"L")
        for pair in (
            (path, path),
            (path, name),
            (name, path),
            (name, name),
            (path, pax(record(b"comment", b"c"), kind=b"g")),
        ):
            assert codes(layer, *pair, A) == ["archive.malformed"]

    def test_an_extended_header_without_a_member_is_refused(self):
        path = pax(record(b"path", b"a"))
        assert codes(layer, path) == ["archive.malformed"]
        assert codes(layer, path, end=b"") == ["archive.truncated"]

    def test_a_global_header_may_hold_a_comment_and_no_more(self):
        assert paths(layer(pax(record(b"comment", b"commit"), kind=b"g"), A)) == ["a.rego"]
        assert codes(layer, pax(record(b"path", b"evil"), kind=b"g"), A) == ["archive.special-member"]

    def test_a_giant_extended_header_is_refused_before_it_is_read(self):
        assert codes(layer, header(b"x", 1 << 30, kind=b"x"), A) == ["archive.too-large"]

    @pytest.mark.parametrize("piece", [1, 100, 5000])
    def test_a_large_extended_header_is_read_in_any_pieces(self, piece):
        table = read_packed(
            pax(record(b"path", b"p"), record(b"SCHILY.xattr.user.a", b"v" * 70_000)) + A + END, piece=piece
        )
        assert paths(table) == ["p"]

    def test_records_by_the_thousand_count_like_members(self):
        many = pax(*(record(b"SCHILY.xattr.user.%d" % each, b"") for each in range(4000)))
        assert codes(layer, many, A) == []
        assert codes(layer, many, A, limits=ImageLimits(entries=100)) == ["archive.too-many-members"]


class TestEnd:
    @pytest.mark.parametrize("zeros", [1024, 1536, 10240, 1 << 20])
    def test_zeros_follow_the_last_member(self, zeros):
        assert layer(A, end=bytes(zeros)).notes == ()

    @pytest.mark.parametrize("zeros", [0, 512])
    def test_missing_end_blocks_are_noted(self, zeros):
        assert noted(layer(A, end=bytes(zeros))) == ["archive.truncated"]

    def test_what_follows_the_end_is_refused(self):
        assert codes(layer, A, END, B) == ["archive.trailing-data"]
        assert codes(read_packed, A + END + B, piece=512) == ["archive.trailing-data"]

    def test_a_block_of_zeros_between_members_is_refused(self):
        assert codes(layer, A, bytes(512), B) == ["archive.malformed"]

    def test_a_layer_that_is_cut_off_within_a_member_is_refused(self):
        whole = next(at for at in range(512, len(A)) if not any(A[at:]))
        for cut in range(1, whole):
            assert codes(layer, A[:cut], end=b"") == ["archive.truncated"], cut

    def test_one_that_lacks_nothing_but_what_fills_its_last_block_is_read_and_noted(self):
        whole = next(at for at in range(512, len(A)) if not any(A[at:]))
        read = layer(A[:whole], end=b"")
        assert ([entry.path for entry in read.entries], noted(read)) == (["a.rego"], ["archive.truncated"])

    def test_bytes_hidden_behind_a_content_are_noted(self):
        assert noted(layer(member(b"a", b"x", padding=b"\1"))) == ["archive.malformed"]


class TestBounds:
    def test_entries_are_bounded_with_the_directories_that_names_imply(self):
        members = [member(b"%d/a" % each) for each in range(10)]
        assert codes(layer, *members, limits=ImageLimits(entries=19)) == ["archive.too-many-members"]
        assert codes(layer, *members, limits=ImageLimits(entries=20)) == []

    def test_names_are_bounded_one_by_one_and_together(self):
        longest = pax(record(b"path", b"d/" * 2047 + b"ab")) + member(b"x")
        assert codes(layer, longest) == []
        assert codes(layer, pax(record(b"path", b"d/" * 2048 + b"a")), member(b"x")) == ["archive.unsafe-name"]
        assert codes(layer, longest, limits=ImageLimits(all_name_bytes=100_000)) == ["archive.too-large"]

    def test_targets_of_links_are_bounded(self):
        for link in (symlink, hardlink):
            assert codes(layer, pax(record(b"linkpath", b"t" * 4097)), link(b"l", b"t")) == ["archive.unsafe-name"]
