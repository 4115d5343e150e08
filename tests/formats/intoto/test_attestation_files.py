"""Files with attestations, taken apart: nothing is lost, nothing is made up, and nothing is without bounds."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.material import codes
from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.value import replace
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
    assume(not content.lstrip().startswith(b"["))
    for piece in split(content):
        assert piece in content


def test_what_npm_answers_is_a_piece_for_each_bundle():
    second = BUNDLE | {"verificationMaterial": {}}
    assert [json.loads(piece) for piece in split(npm(BUNDLE, second))] == [BUNDLE, second]


@pytest.mark.parametrize("entry", [{}, {"bundle": None}, {"bundle": "text"}, "text", None, []])
def test_an_entry_of_npms_without_a_bundle_refuses_the_file(entry):
    content = json.dumps({"attestations": [{"bundle": BUNDLE}, entry]}).encode()
    assert refusal(content) == ["attestation.invalid"]


@pytest.mark.parametrize("value", [None, "text", {}, 1])
def test_a_document_with_other_attestations_than_npms_is_left_to_the_back_ends(value):
    content = json.dumps({"attestations": value}).encode()
    assert split(content) == (content,)


def test_an_answer_without_any_attestation_is_refused():
    assert refusal(b'{"attestations": []}') == ["attestation.invalid"]


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


def array(*elements):
    return json.dumps(elements, indent=1).encode()


@given(st.lists(objects, min_size=1, max_size=20))
def test_an_array_is_a_piece_for_each_element_in_their_order(elements):
    assert [json.loads(piece) for piece in split(array(*elements))] == elements


@pytest.mark.parametrize("laid_out", [array(BUNDLE, BUNDLE), json.dumps([BUNDLE]).encode(), b" \r\n[\n{}\n,\n{}\n]\n"])
def test_an_array_is_one_however_it_is_laid_out(laid_out):
    assert [json.loads(piece) for piece in split(laid_out)] == json.loads(laid_out)


@pytest.mark.parametrize("element", [None, 1, "text", True, [], [BUNDLE], [[BUNDLE]]])
def test_an_element_that_is_no_object_is_refused_by_its_number_and_the_others_are_pieces(element):
    first, second, third = split(array(BUNDLE, element, BUNDLE))
    assert (json.loads(first), json.loads(third)) == (BUNDLE, BUNDLE)
    assert [(each.code, each.subject) for each in second.reasons] == [("attestation.invalid", "file#2")]
    assert "element 2 of the array" in second.reasons[0].message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[]", "attestation.invalid"),
        (b"[{}", "json.invalid"),
        (b"[{}]]", "json.trailing-data"),
        (b"[{}][{}]", "json.trailing-data"),
        (b"[{},]", "json.invalid"),
        (b'[{"a":1,"a":1}]', "json.duplicate-key"),
        (b"[" * 600 + b"]" * 600, "json.too-deep"),
        (array(*[{}] * (MAX_PIECES + 1)), "input.too-large"),
        (array(*[{}] * 10_000), "input.too-large"),
    ],
)
def test_an_array_that_cannot_be_read_is_refused(content, code):
    assert refusal(content) == [code]


def test_as_many_elements_as_are_read_are_read():
    assert len(split(array(*[{}] * MAX_PIECES))) == MAX_PIECES


def test_what_a_service_answers_is_taken_apart_on_each_line_and_counted_with_all_others():
    line = json.dumps({"attestations": [{"bundle": {}}] * 1_000}).encode() + b"\n"
    assert len(split(line * 4)) == 4_000
    assert refusal(line * 5) == ["input.too-large"]


def test_an_answer_that_lacks_an_attestation_is_refused_on_its_line_alone():
    first, second = split(b'{"attestations":[{}]}\n{"a":1}\n')
    assert second == b'{"a":1}'
    assert [each.subject for each in first.reasons] == ["file#1"]


def test_reading_an_array_is_paid_for():
    budget = Budget(replace(DEFAULT_LIMITS, steps=1_000))
    with pytest.raises(Refused) as refused:
        split_attestations(array(*[{}] * 4_000), subject="file", budget=budget)
    assert codes(refused) == ["input.too-costly"]
