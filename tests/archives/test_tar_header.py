"""Headers and extended headers: every field wrong, one at a time."""

import pytest

from tests.support.archives.tars import COMPAT, A, codes, gz, header, member, pax, read, record, warned


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
