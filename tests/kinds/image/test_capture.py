"""What is kept of an image while its layers go by: what readers of packages read, and no more than that."""

import struct

import pytest

from tests.support.archives.layers import read_packed
from tests.support.sboms.layers import Hard, Program, contents_in, tar_of
from verifier.archives.layers.packing import PackedLayer
from verifier.archives.layers.side_by_side import read_layers
from verifier.core.errors import Refused
from verifier.kinds.image.capture import Capture
from verifier.sbom.catalog.wanted import GO_BUILD_INFO, MAX_GO_BUILD_INFO, MAX_GO_PLACES

STATUS = "var/lib/dpkg/status"
ELF = b"\x7fELF".ljust(64, b"\0")


def build_info(version=b"go1.22.1", modules=b"path\tacme/app\n", flags=2):
    """What Go 1.18 and later leave: the header, and two texts with their lengths."""
    return (GO_BUILD_INFO + bytes([8, flags])).ljust(32, b"\0") + b"".join(map(_counted, (version, modules)))


def _counted(text):
    length, out = len(text), b""
    while length > 127:
        out, length = out + bytes([length & 127 | 128]), length >> 7
    return out + bytes([length]) + text


def captured(*layers, piece=None, **how):
    """A capture that these layers have gone by."""
    capture = Capture(subject="image", **how)
    for number, entries in enumerate(layers):
        read_packed(tar_of(entries), visit=capture.of_layer(number), digests="all", piece=piece)
    return capture


def refusal(*layers, **how):
    with pytest.raises(Refused) as error:
        captured(*layers, **how)
    return error.value.reasons[0]


def excerpts(content, piece=None):
    found = captured({"app": content}, piece=piece).programs
    return next(iter(found.values())) if found else ()


def test_of_a_program_what_go_left_is_kept_and_nothing_else():
    info = build_info()
    found = captured({"usr/bin/app": Program(ELF + info + b"x" * 100_000)})
    assert found.contents == {}
    assert list(found.programs.values()) == [(info,)]


@pytest.mark.parametrize("piece", [1, 13, 14, 512, 1000, 4096])
def test_build_information_is_found_however_the_stream_is_cut(piece):
    info = build_info(modules=b"dep\tacme/lib\tv1.2.3\n" * 200)
    content = ELF + b"x" * 2000 + GO_BUILD_INFO + b"y" * 2 + info + b"z" * 3000
    assert len(ELF + b"x" * 2000) % 16 == 0
    assert excerpts(content, piece=piece)[-1] == info


def test_a_mark_that_does_not_stand_where_a_compiler_puts_it_is_passed_over():
    assert excerpts(ELF + b"x" + build_info() + b"x" * 100) == ()


def test_a_file_that_is_no_program_is_not_looked_through():
    assert excerpts(b"text".ljust(64) + build_info()) == ()


def test_of_many_marks_the_first_are_kept():
    info = build_info(modules=b"").ljust(48, b"\0")
    assert len(excerpts(ELF + info * 100)) == MAX_GO_PLACES


@pytest.mark.parametrize("length", [b"\xff" * 9 + b"\x01", b"\xff\xff\xff\xff\x0f", b"\xff" * 40])
def test_a_length_that_lies_keeps_no_more_than_a_megabyte(length):
    lying = (GO_BUILD_INFO + bytes([8, 2])).ljust(32, b"\0") + length + b"x" * 3_000_000
    (found,) = excerpts(ELF + lying)
    assert len(found) <= MAX_GO_BUILD_INFO


def test_build_information_of_old_compilers_is_known_by_its_header():
    old = (GO_BUILD_INFO + bytes([8, 0])).ljust(16, b"\0") + struct.pack("<QQ", 1, 2)
    (found,) = excerpts(ELF + old + b"x" * 100_000)
    assert found == old


def test_build_information_that_is_cut_off_is_kept_as_far_as_it_goes():
    cut = build_info()[:-4]
    assert excerpts(ELF + cut) == (cut,)


def test_more_than_the_bound_is_refused_with_its_name():
    reason = refusal({STATUS: b"x" * 100}, {STATUS: b"y" * 100}, most=199)
    assert reason.code == "input.too-large"
    assert "`kept-bytes`" in reason.message
    assert captured({STATUS: b"x" * 100}, {STATUS: b"y" * 100}, most=200).contents


def test_excerpts_of_programs_count_too():
    program = ELF + build_info(modules=b"m" * 5000)
    assert refusal({f"bin/{number}": program for number in range(10)}, most=20_000).code == "input.too-large"


def test_layers_that_are_read_at_once_have_one_bound_together():
    tars = [tar_of({STATUS: bytes([number]) * 400_000}) for number in range(8)]
    layers = [
        PackedLayer(open=lambda tar=tar: iter([tar]), media_type="application/vnd.oci.image.layer.v1.tar", subject="x")
        for tar in tars
    ]
    for _ in range(5):
        capture = Capture(subject="image", all_layers=True, most=1_500_000)
        with pytest.raises(Refused) as error:
            read_layers(layers, threads=4, visits=capture.of_layer, digests="all")
        assert error.value.reasons[0].code == "input.too-large"


def test_of_large_databases_the_newest_is_kept():
    layers = [{STATUS: bytes([65 + number]) * 300_000, "etc/a": bytes([number])} for number in range(5)]
    assert [each[:1] for each in captured(*layers).contents.values()] == [b"E"]
    assert len(captured(*layers, all_layers=True).contents) == 5


def test_a_large_file_that_is_replaced_by_the_same_stays():
    same = {STATUS: b"x" * 300_000}
    assert len(captured(same, same, same).contents) == 1
    other = {STATUS: b"y" * 300_000}
    assert [each[:1] for each in captured(same, other, same).contents.values()] == [b"x"]


def test_a_large_file_is_kept_as_long_as_another_has_its_content():
    content = b"x" * 300_000
    base = {STATUS: content, "var/lib/dpkg/status.d/copy": content}
    assert set(captured(base, {STATUS: b"y" * 300_000}).contents.values()) == {content, b"y" * 300_000}


def test_a_hard_link_to_a_large_file_that_was_replaced_is_refused_and_not_taken_for_another(tmp_path):
    link = {"lib/apk/db/installed": Hard(STATUS)}
    found = contents_in(tmp_path, {STATUS: b"x" * 300_000}, link, {STATUS: b"y" * 300_000})
    with pytest.raises(Refused) as error:
        found.files.read("lib/apk/db/installed", max_bytes=10**6)
    assert error.value.reasons[0].code == "input.unreadable"


def test_the_build_information_of_a_program_is_found_in_an_image(tmp_path):
    found = contents_in(tmp_path, {"usr/bin/app": Program(ELF + build_info())})
    assert found.files.excerpts("usr/bin/app") == (build_info(),)
    assert found.files.excerpts("usr/bin/other") == ()
