"""Several layers at once: the same results, and the same refusal, however fast each of them is."""

from threading import Event

import pytest

from tests.support.archives.layers import gunzippable, packed, paths, sha256
from tests.support.archives.tars import END, A, B, codes, header, member
from verifier.archives.layers.limits import ImageLimits
from verifier.archives.layers.packing import PackedLayer
from verifier.archives.layers.side_by_side import hash_layers, read_layers
from verifier.core.errors import Refused, refuse

GOOD = [packed(gunzippable(member(b"file%d" % number, b"x" * number) + END), "gzip") for number in range(9)]
BAD = header(b"a", 100, kind=b"S")


def after(wait, content, *, subject, then=None):
    """A layer whose bytes come once something else has happened, and after which `then` has."""

    def pieces():
        yield content[:512]
        wait.wait(60)
        yield content[512:]

    def told():
        try:
            yield from pieces()
        finally:
            if then is not None:
                then.set()

    return PackedLayer(open=told, media_type="application/vnd.oci.image.layer.v1.tar", subject=subject)


@pytest.fixture
def now():
    event = Event()
    event.set()
    return event


@pytest.mark.parametrize("threads", [1, 2, 4, 100])
def test_results_are_in_the_order_of_the_layers(threads):
    tables = read_layers(GOOD, threads=threads)
    assert [paths(table) for table in tables] == [[f"file{number}"] for number in range(9)]
    hashed = hash_layers(GOOD, threads=threads)
    assert [(each.diff_id, each.unpacked) for each in hashed] == [(each.diff_id, each.unpacked) for each in tables]


@pytest.mark.parametrize("threads", [1, 2])
def test_no_layers_have_no_tables(threads):
    assert (read_layers([], threads=threads), hash_layers([], threads=threads)) == ((), ())


def test_each_layer_has_its_own_visitor():
    seen = {}

    def visits(number):
        return lambda entry: seen.setdefault(number, entry.path) and None

    read_layers(GOOD, threads=3, visits=visits)
    assert seen == {number: f"file{number}" for number in range(9)}


def test_files_are_hashed_where_somebody_asks():
    tables = read_layers(GOOD[:2], threads=2, digests="sha256")
    assert [table.entries[0].sha256.hex() for table in tables] == [sha256(b"").value, sha256(b"x").value]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_lowest_refused_layer_is_told_however_slow_it_is(threads, now):
    high_is_over = Event()
    if threads == 1:
        high_is_over.set()
    low = after(high_is_over, A + BAD, subject="low")
    high = after(now, B + BAD, subject="high", then=high_is_over)
    with pytest.raises(Refused) as refused:
        read_layers([low, high, *GOOD], threads=threads)
    assert refused.value.reasons[0].subject == "low"


def test_a_layer_above_a_refused_one_is_not_read_to_its_end(now):
    read = []
    low_is_over = Event()
    low = after(now, A + BAD, subject="low", then=low_is_over)

    def long():
        low_is_over.wait(60)
        for _ in range(200_000):
            read.append(True)
            yield bytes(512)

    high = PackedLayer(open=long, media_type="application/vnd.oci.image.layer.v1.tar", subject="high")
    with pytest.raises(Refused) as refused:
        read_layers([low, high], threads=2)
    assert (refused.value.reasons[0].subject, refused.value.reasons[0].code) == ("low", "archive.special-member")
    assert len(read) < 200_000


def test_what_a_source_raises_is_what_is_told():
    def gone():
        yield A[:100]
        raise refuse("image.digest-mismatch", "layer 1", "another")

    broken = PackedLayer(open=gone, media_type=GOOD[0].media_type.removesuffix("+gzip"), subject="layer 1")
    for read in (read_layers, hash_layers):
        assert codes(read, [GOOD[0], broken, GOOD[1]], threads=2) == ["image.digest-mismatch"]


@pytest.mark.parametrize("threads", [1, 2, 8])
class TestBoundsOfAnImage:
    def test_bytes_are_bounded_for_all_layers_together(self, threads):
        size = len(member(b"a", b"x") + END)
        layers = [packed(member(b"%d" % number, b"x") + END) for number in range(8)]
        for read in (read_layers, hash_layers):
            assert codes(read, layers, threads=threads, limits=ImageLimits(image_bytes=8 * size)) == []
            assert codes(read, layers, threads=threads, limits=ImageLimits(image_bytes=8 * size - 1)) == [
                "archive.too-large"
            ]

    def test_entries_are_bounded_for_all_layers_together(self, threads):
        layers = [packed(member(b"d/%d" % number) + END) for number in range(8)]
        assert codes(read_layers, layers, threads=threads, limits=ImageLimits(entries=16)) == []
        assert codes(read_layers, layers, threads=threads, limits=ImageLimits(entries=15)) == [
            "archive.too-many-members"
        ]

    def test_names_are_bounded_for_all_layers_together(self, threads):
        layers = [packed(member(b"%d" % number) + END) for number in range(8)]
        assert codes(read_layers, layers, threads=threads, limits=ImageLimits(all_name_bytes=8)) == []
        assert codes(read_layers, layers, threads=threads, limits=ImageLimits(all_name_bytes=7)) == [
            "archive.too-large"
        ]

    def test_which_layer_is_too_much_does_not_depend_on_threads(self, threads):
        layers = [
            PackedLayer(open=lambda: iter([A + END]), media_type=GOOD[0].media_type[:-5], subject=f"layer {number}")
            for number in range(8)
        ]
        for bound in range(1, 8):
            with pytest.raises(Refused) as refused:
                read_layers(layers, threads=threads, limits=ImageLimits(image_bytes=len(A + END) * bound))
            assert refused.value.reasons[0].subject == f"layer {bound}"
