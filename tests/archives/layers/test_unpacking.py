"""A layer is unpacked while it comes in: by its type, to its end, and nothing beside it."""

import gzip
import struct
import zlib

import pytest
from backports import zstd

from tests.support.archives.layers import (
    DOCKER,
    OCI,
    SKIPPABLE,
    gunzippable,
    hash_packed,
    packed,
    paths,
    read_packed,
    sha256,
    zstd_frames,
)
from tests.support.archives.tars import END, A, B, codes, member
from verifier.archives.layers.limits import ImageLimits
from verifier.archives.layers.read import read_layer

TAR = A + B + END
GZIP = gunzippable(TAR)
ZSTD = zstd_frames(TAR)
KINDS = {"": TAR, "gzip": GZIP, "zstd": ZSTD}
INNER = ["a.rego", "b.rego"]


class TestTypes:
    @pytest.mark.parametrize(
        ("media_type", "content"),
        [
            (OCI, TAR),
            (f"{OCI}+gzip", GZIP),
            (f"{OCI}+zstd", ZSTD),
            (DOCKER, TAR),
            (f"{DOCKER}.gzip", GZIP),
            (f"{DOCKER}.zstd", ZSTD),
            ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", GZIP),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", GZIP),
        ],
    )
    def test_every_type_of_layer_is_unpacked_by_its_compression(self, media_type, content):
        table = read_packed(content, media_type=media_type)
        assert (paths(table), table.diff_id, table.unpacked) == (INNER, sha256(TAR), len(TAR))

    @pytest.mark.parametrize(
        "media_type",
        ["", f"{OCI}+bzip2", f"{OCI}+gzip+encrypted", f"{OCI}+GZIP", "application/vnd.in-toto+json", "text/plain"],
    )
    def test_a_type_of_no_layer_that_can_be_read_is_undecided(self, media_type):
        assert codes(read_packed, GZIP, media_type=media_type or " ") == ["image.unsupported"]
        assert codes(hash_packed, GZIP, media_type=media_type or " ") == ["image.unsupported"]

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("other", [TAR, GZIP, ZSTD, b"BZh91AY", b"\xfd7zXZ\0", b"PK\x03\x04"])
    def test_bytes_of_another_compression_than_the_type_says_are_refused(self, kind, other):
        if KINDS[kind] == other:
            assert codes(hash_packed, other, kind) == []
        else:
            assert codes(read_packed, other, kind) == codes(hash_packed, other, kind) == ["image.layer-malformed"]

    def test_a_layer_of_nothing_is_no_gzip_and_no_zstd(self):
        assert codes(read_packed, b"", "gzip") == codes(read_packed, b"", "zstd") == ["archive.truncated"]


class TestPieces:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("piece", [1, 2, 7, 511, 513])
    def test_it_does_not_matter_in_which_pieces_a_layer_comes(self, kind, piece):
        assert read_packed(KINDS[kind], kind, piece=piece) == read_packed(KINDS[kind], kind)
        assert hash_packed(KINDS[kind], kind, piece=piece) == hash_packed(KINDS[kind], kind)

    @pytest.mark.parametrize("kind", KINDS)
    def test_empty_pieces_are_no_end(self, kind):
        content = KINDS[kind]
        layer = packed(content, kind)
        pieces = [b"", content[:3], b"", b"", content[3:], b""]
        assert (
            paths(read_layer(type(layer)(open=lambda: iter(pieces), media_type=layer.media_type, subject="x"))) == INNER
        )

    def test_what_hands_out_the_pieces_is_closed_also_when_the_layer_is_refused(self):
        closed = []

        def pieces():
            try:
                yield b"\x1f\x8b\x08 and then no gzip"
                yield b"more"
            finally:
                closed.append(True)

        layer = packed(GZIP, "gzip")
        assert codes(read_layer, type(layer)(open=pieces, media_type=layer.media_type, subject="x"))
        assert closed == [True]


class TestStreams:
    @pytest.mark.parametrize("members", [2, 7, 300])
    def test_several_gzip_members_are_one_layer(self, members):
        content = gunzippable(TAR, members)
        assert paths(read_packed(content, "gzip")) == INNER
        assert read_packed(content, "gzip", piece=9).diff_id == sha256(TAR)

    def test_an_empty_gzip_member_at_the_end_is_accepted_as_estargz_writes_it(self):
        extra = struct.pack("<BB", 0x53, 0x47) + struct.pack("<H", 22) + b"%016xSTARGZ" % 1234
        footer = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff" + struct.pack("<H", len(extra)) + extra
        footer += zlib.compress(b"", wbits=-15) + bytes(8)
        assert paths(read_packed(gunzippable(TAR, 3) + footer, "gzip")) == INNER

    @pytest.mark.parametrize("frames", [2, 7, 300])
    def test_several_zstd_frames_with_skippable_ones_between_are_one_layer(self, frames):
        content = zstd_frames(TAR, frames, between=b"the table of contents of zstd:chunked" * 99)
        assert paths(read_packed(content, "zstd")) == INNER
        assert read_packed(content, "zstd", piece=9).diff_id == sha256(TAR)

    def test_a_skippable_frame_may_come_first(self):
        assert paths(read_packed(SKIPPABLE + bytes(4) + ZSTD, "zstd")) == INNER

    @pytest.mark.parametrize(
        ("kind", "tail"), [(kind, tail) for kind in ("gzip", "zstd") for tail in (b"x", bytes(512), TAR)]
    )
    def test_bytes_after_the_last_stream_are_refused(self, kind, tail):
        for content in (KINDS[kind] + tail, KINDS[kind] * 1 + tail):
            assert codes(read_packed, content, kind) == codes(hash_packed, content, kind) == ["image.layer-malformed"]

    @pytest.mark.parametrize("kind", ["gzip", "zstd"])
    def test_a_stream_that_is_cut_off_is_refused_at_every_place(self, kind):
        for end in range(len(KINDS[kind])):
            assert codes(hash_packed, KINDS[kind][:end], kind) == ["archive.truncated"], end

    @pytest.mark.parametrize("kind", ["gzip", "zstd"])
    def test_a_second_stream_that_is_cut_off_is_refused(self, kind):
        content = KINDS[kind] + KINDS[kind]
        for end in (len(content) - 1, len(content) - 9, len(KINDS[kind]) + 7):
            assert codes(hash_packed, content[:end], kind) == ["archive.truncated"]

    def test_a_damaged_gzip_stream_is_refused(self):
        for at in (12, 20, len(GZIP) - 8, len(GZIP) - 4):
            content = GZIP[:at] + bytes([GZIP[at] ^ 0x41]) + GZIP[at + 1 :]
            assert codes(hash_packed, content, "gzip") in (["archive.bad-checksum"], ["archive.truncated"])

    def test_a_damaged_zstd_frame_is_refused(self):
        content = zstd.compress(TAR, options={zstd.CompressionParameter.checksum_flag: 1})
        assert codes(hash_packed, content[:-1] + bytes([content[-1] ^ 1]), "zstd") == ["archive.bad-checksum"]

    def test_a_frame_that_needs_a_dictionary_or_much_memory_is_refused(self):
        far_back = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
        content = far_back.compress(TAR) + far_back.flush()
        assert codes(hash_packed, content, "zstd") == ["image.unsupported"]
        words = zstd.train_dict([b"package a, the %dth of %d" % (each, 7 * each) for each in range(2000)], 4096)
        assert codes(read_packed, zstd.compress(TAR, zstd_dict=words), "zstd") == ["archive.bad-checksum"]


class TestBounds:
    def test_more_than_a_layer_may_unpack_to_is_refused(self):
        limits = ImageLimits(layer_bytes=len(TAR) - 1)
        for kind, content in KINDS.items():
            assert codes(hash_packed, content, kind, limits=limits) == ["archive.too-large"]
            assert codes(hash_packed, content, kind, limits=ImageLimits(layer_bytes=len(TAR))) == []

    @pytest.mark.parametrize("known_size", [True, False])
    def test_a_zstd_bomb_is_refused_by_its_ratio(self, known_size):
        content = zstd.compress(bytes(80 << 20))
        assert codes(hash_packed, content, "zstd", known_size=known_size) == ["archive.bomb"]

    def test_zeros_in_a_layer_that_is_large_otherwise_are_no_bomb(self):
        limits = ImageLimits(free_bytes=1 << 16)
        zeros, rest = zstd.compress(bytes(1 << 20)), zstd.compress(b"".join(b"%x" % (n * n) for n in range(10_000)))
        assert codes(hash_packed, zeros, "zstd", limits=limits) == ["archive.bomb"]
        assert codes(hash_packed, zeros + rest, "zstd", limits=limits) == []

    def test_gzip_cannot_unpack_to_more_than_its_ratio(self):
        limits = ImageLimits(free_bytes=1 << 16)
        content = gzip.compress(bytes(8 << 20))
        assert codes(hash_packed, content, "gzip", limits=limits) == []
        assert codes(hash_packed, content, "gzip", limits=ImageLimits(free_bytes=1 << 16, gzip_ratio=900)) == [
            "archive.bomb"
        ]

    @pytest.mark.parametrize("kind", ["gzip", "zstd"])
    def test_streams_of_nothing_are_bounded(self, kind):
        nothing = gzip.compress(b"") if kind == "gzip" else SKIPPABLE + bytes(4)
        assert codes(hash_packed, nothing * 12, kind, limits=ImageLimits(streams=10)) == ["archive.bomb"]

    def test_a_bound_is_positive(self):
        with pytest.raises(ValueError, match="entries"):
            ImageLimits(entries=0)


class TestHashing:
    def test_only_what_was_checked_is_believed_and_only_of_a_plain_layer(self):
        other = sha256(b"what whoever hands it out has checked")
        assert hash_packed(TAR, checked=other).diff_id == other
        assert hash_packed(GZIP, "gzip", checked=other).diff_id == sha256(TAR)

    def test_a_layer_that_is_only_hashed_may_hold_anything(self):
        assert hash_packed(b"no tar at all").diff_id == sha256(b"no tar at all")
        assert codes(read_packed, b"no tar at all") == ["archive.truncated"]
        assert codes(read_packed, b"no tar at all" * 100) != []

    def test_files_are_hashed_where_somebody_asks(self):
        content = bytes(range(256)) * 5000
        table = read_packed(member(b"a", content) + member(b"b") + END, digests="sha256", piece=10_000)
        assert [entry.sha256.hex() for entry in table.entries] == [sha256(content).value, sha256(b"").value]
        assert [entry.sha256 for entry in read_packed(A + END).entries] == [None]
