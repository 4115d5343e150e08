"""Who unpacks: zlib and zlib-ng read the same, byte by byte, and refuse the same."""

import gzip
import sys
import types
import zlib
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from zlib_ng import zlib_ng as zlib_ng_module

from fixtures.attacks.build import build
from fixtures.attacks.registry import BUILDERS, BUNDLE
from tests.support.archives.tars import COMPAT, GOOD, A, B, codes, gz, member
from verifier.archives import gzip_stream, inflating
from verifier.archives.gzip_stream import GzipStream
from verifier.archives.layers import unpack
from verifier.archives.layers.limits import ImageLimits
from verifier.archives.layers.packing import PackedLayer
from verifier.core.errors import Refused
from verifier.core.reading import ReadingMode
from verifier.kinds.bundle.artifact import read_bundle

ZLIB = (zlib.decompressobj, zlib.crc32, (zlib.error,))
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@pytest.fixture(scope="module")
def zlib_ng():
    return zlib_ng_module


@contextmanager
def by(library):
    """Unpacking by that library alone, wherever streams are unpacked."""
    make, crc32, errors = library
    with pytest.MonkeyPatch.context() as patch:
        for module in (gzip_stream, unpack):
            patch.setattr(module, "inflater", make)
            patch.setattr(module, "ERRORS", errors)
        patch.setattr(gzip_stream, "crc32", crc32)
        yield


def stream_of(content):
    """What is in a stream and where it ends, or the code that it is refused with."""
    stream = GzipStream(content, subject="x")
    try:
        return b"".join(stream.pieces()), stream.end
    except Refused as refused:
        return [reason.code for reason in refused.reasons]


def layer_of(content):
    """What is in a layer, or the code that it is refused with; members may follow each other."""
    layer = PackedLayer(open=lambda: iter([content]), media_type=LAYER, subject="x", size=len(content))
    try:
        return b"".join(unpack.unpacked(layer, layer.open(), limits=ImageLimits()))
    except Refused as refused:
        return [reason.code for reason in refused.reasons]


def seen(content):
    """What every reader of gzip makes of the content."""
    try:
        stream = stream_of(content)
    except Refused as refused:
        stream = [reason.code for reason in refused.reasons]
    bundle = [
        codes(read_bundle, content, name="x", resource_uri="", mode=mode) for mode in (ReadingMode.STRICT, COMPAT)
    ]
    return stream, layer_of(content), bundle


def require_the_same(content, zlib_ng):
    with by(ZLIB):
        expected = seen(content)
    with by((zlib_ng.decompressobj, zlib_ng.crc32, (zlib_ng.error,))):
        assert seen(content) == expected


@pytest.mark.parametrize("name", [name for name in BUILDERS if BUNDLE in build(name)])
def test_every_attack_is_read_or_refused_alike(name, zlib_ng):
    require_the_same(build(name)[BUNDLE], zlib_ng)


BROKEN = {
    "empty": b"",
    "cut in the header": GOOD[:9],
    "cut in the stream": GOOD[:40],
    "cut in the trailer": GOOD[:-3],
    "wrong CRC": GOOD[:-8] + bytes([GOOD[-8] ^ 1]) + GOOD[-7:],
    "wrong length": GOOD[:-4] + b"\x07\0\0\0",
    "garbage behind": GOOD + b"garbage",
    "zeros behind": GOOD + bytes(512),
    "two members": GOOD + GOOD,
    "an archive in two members": gzip.compress(A) + gzip.compress(B + bytes(1024)),
    "a block of a reserved type": GOOD[:10] + b"\x07" + GOOD[11:],
    "a stored block whose length is not its complement's": GOOD[:10] + b"\x01\x05\x00\x00\x00hello" + GOOD[-8:],
    "a distance before the beginning": GOOD[:10] + bytes.fromhex("63000200") + GOOD[-8:],
    "an incomplete code": GOOD[:10] + bytes.fromhex("04c1010100300cc230ad0c0af7afe029f74e02de") + GOOD[-8:],
    "codes without an end of block": GOOD[:10] + bytes.fromhex("0d2c280300") + GOOD[-8:],
    "too many codes": GOOD[:10] + bytes.fromhex("2caa00000000ffffab0000") + GOOD[-8:],
}
"""The last three are read otherwise by another library that was tried (docs/adr/0017-who-unpacks.md)."""


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_stream_is_refused_alike(content, zlib_ng):
    require_the_same(content, zlib_ng)


def packed(text, level, strategy):
    made = zlib.compressobj(level, zlib.DEFLATED, 31, 8, strategy)
    return made.compress(text) + made.flush()


STREAMS = st.builds(
    packed,
    st.binary(max_size=600) | st.text("abc \n", max_size=3_000).map(str.encode),
    st.sampled_from([0, 1, 6, 9]),
    st.sampled_from([zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED]),
)
CHANGES = st.lists(st.tuples(st.integers(0, 2_000), st.binary(max_size=3), st.integers(0, 4)), min_size=1, max_size=4)


@settings(max_examples=400)
@given(content=STREAMS, changes=CHANGES)
@example(content=GOOD, changes=[(10, b"\xff", 1)])
def test_a_changed_stream_is_read_or_refused_alike(zlib_ng, content, changes):
    for place, put, taken in changes:
        at = place % (len(content) + 1)
        content = content[:at] + put + content[at + taken :]
    require_the_same(content, zlib_ng)


@settings(max_examples=60)
@given(sizes=st.lists(st.integers(0, 300_000), min_size=1, max_size=3), seed=st.integers(0, 255))
def test_streams_of_many_pieces_are_read_alike(zlib_ng, sizes, seed):
    content = gz(*(member(b"f%d" % at, bytes([seed, at]) * (size // 2)) for at, size in enumerate(sizes)))
    require_the_same(content, zlib_ng)


class TestChoice:
    def test_zlib_unpacks_where_there_is_nothing_else(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "zlib_ng", None)
        assert inflating.chosen() == (*ZLIB, {})

    @pytest.mark.parametrize("named", [{}, {"__version__": "2.0.0", "zlib_ng": zlib}, {"__version__": "1.2"}])
    def test_what_is_not_the_tested_binding_is_left_alone(self, monkeypatch, named):
        other = types.ModuleType("zlib_ng")
        vars(other).update(named)
        monkeypatch.setitem(sys.modules, "zlib_ng", other)
        monkeypatch.delitem(sys.modules, "zlib_ng.zlib_ng", raising=False)
        assert inflating.chosen() == (*ZLIB, {})

    def test_what_was_chosen_is_what_is_said(self, zlib_ng):
        make, _, errors, versions = inflating.chosen()
        assert (make, errors) == (zlib_ng.decompressobj, (zlib_ng.error,))
        assert versions == {"zlib-ng": zlib_ng.ZLIBNG_RUNTIME_VERSION}
