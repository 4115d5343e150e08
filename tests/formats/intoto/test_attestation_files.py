"""Files with attestations, taken apart: nothing is lost, nothing is made up, and nothing is without bounds."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.formats.intoto.attestation_files import MAX_PIECES, split_attestations

ENVELOPE = b'{"payloadType":"t","payload":"","signatures":[]}'
BUNDLE = {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "messageSignature": {"signature": "AA=="}}
objects = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3)
ends = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\n \t\n"])


def split(content):
    return split_attestations(content, subject="file").pieces


def refusal(content):
    with pytest.raises(Refused) as refused:
        split(content)
    return codes(refused)


def npm(*bundles, **more):
    entries = [{"predicateType": "https://example.org/t/v1", "bundle": bundle} for bundle in bundles]
    return json.dumps({"attestations": entries} | more, indent=2).encode()


def test_one_document_is_one_piece_with_its_own_bytes():
    spread = json.dumps(json.loads(ENVELOPE), indent=2).encode() + b"\r\n"
    assert [split(content) for content in (ENVELOPE, spread)] == [(ENVELOPE,), (spread,)]


def test_json_lines_are_a_piece_each_in_their_order():
    assert split(ENVELOPE + b"\n" + b'{"second":1}\n') == (ENVELOPE, b'{"second":1}')


def test_blank_lines_mean_nothing():
    assert split(b"\n\n" + ENVELOPE + b"\r\n \t\n" + ENVELOPE + b"\n\n") == (ENVELOPE + b"\r", ENVELOPE)


@given(st.lists(st.tuples(objects, ends), min_size=2, max_size=20))
def test_as_many_pieces_come_out_as_were_written_and_each_says_the_same(lines):
    content = b"".join(json.dumps(value).encode() + end for value, end in lines)
    assert [json.loads(piece) for piece in split(content)] == [value for value, _ in lines]


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_no_byte_of_a_piece_is_made_up(content):
    for piece in split(content):
        assert piece in content


def test_what_npm_answers_is_a_piece_for_each_bundle():
    second = BUNDLE | {"verificationMaterial": {}}
    assert [json.loads(piece) for piece in split(npm(BUNDLE, second))] == [BUNDLE, second]


@pytest.mark.parametrize("entry", [{}, {"bundle": None}, {"bundle": "text"}, "text", None, []])
def test_an_entry_of_npms_without_a_bundle_refuses_the_file(entry):
    content = json.dumps({"attestations": [{"bundle": BUNDLE}, entry]}).encode()
    assert refusal(content) == ["attestation.invalid"]


@pytest.mark.parametrize("value", [[], None, "text", {}, 1])
def test_a_document_with_other_attestations_than_npms_is_left_to_the_back_ends(value):
    content = json.dumps({"attestations": value}).encode()
    assert split(content) == (content,)


def test_an_envelope_is_not_npms_for_having_a_field_of_that_name():
    content = npm(BUNDLE, payload="")
    assert split(content) == (content,)


def test_npms_answer_is_read_strictly():
    assert refusal(b'{"attestations":[],"attestations":[{"bundle":{}}]}') == ["json.duplicate-key"]


def test_as_many_attestations_as_are_read_are_read():
    assert len(split(b"{}\n" * MAX_PIECES)) == MAX_PIECES
    assert len(split(npm(*[{}] * MAX_PIECES))) == MAX_PIECES


@pytest.mark.parametrize("content", [b"{}\n" * (MAX_PIECES + 1), npm(*[{}] * (MAX_PIECES + 1))], ids=["lines", "npm"])
def test_one_attestation_more_refuses_the_file(content):
    assert refusal(content) == ["input.too-large"]


def test_a_file_of_nothing_but_line_breaks_is_not_taken_apart():
    content = b"\n" * 1_000_000
    assert split(content) == (content,)


def test_junk_among_lines_is_a_piece_and_hides_no_other():
    content = ENVELOPE + b"\nnot json\n" + ENVELOPE
    assert split(content) == (ENVELOPE, b"not json", ENVELOPE)


def test_one_document_that_is_written_over_several_lines_is_one():
    content = b'{\n"payload": "",\n"signatures": [\n{"sig": ""}\n]\n}\n'
    assert split(content) == (content,)
