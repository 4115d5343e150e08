"""One gzip stream, and nothing around it."""

import gzip
import struct

import pytest

from tests.support.archives.tars import COMPAT, END, GOOD, A, B, codes, read, warned
from verifier.archives.archive import read_archive
from verifier.core.costs.budget import Budget
from verifier.core.limits import DEFAULT_LIMITS, MAX_FINDINGS


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

    def test_streams_beside_each_other_are_paid_for_and_fill_no_report(self):
        content = gzip.compress(b"") * 1_000 + GOOD
        budget = Budget(packed=len(content))
        archive = read_archive(content, limits=DEFAULT_LIMITS, mode=COMPAT, subject="x", budget=budget)
        assert (budget.counts["gzip streams"], len(archive.findings)) == (1_001, MAX_FINDINGS)

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
