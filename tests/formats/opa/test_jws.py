"""Reading compact JWS: one meaning or none."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.material import b64, codes
from verifier.core.errors import Refused
from verifier.core.reading import ReadingMode
from verifier.formats.opa.jws import parse_compact, serialize, signing_input

HEADER = b'{"alg":"ES256","kid":"release","typ":"JWT"}'


def parse(token, mode=ReadingMode.STRICT):
    return parse_compact(token, subject="s", mode=mode)


def compact(header=HEADER, payload=b"{}", signature=b"\x01\x02"):
    return ".".join(map(b64, (header, payload, signature)))


def refusal(token, mode=ReadingMode.STRICT):
    with pytest.raises(Refused) as refused:
        parse(token, mode)
    return codes(refused)


def test_the_parts_are_what_was_encoded():
    jws = parse(compact(payload=b'{"a":1}'))
    assert (jws.algorithm, jws.kid, jws.payload, jws.signature) == ("ES256", "release", b'{"a":1}', b"\x01\x02")


def test_the_signing_input_is_the_received_text():
    spaced = b'{ "kid" : "release", "alg":"ES256" }'
    assert parse(compact(spaced)).signing_input == f"{b64(spaced)}.{b64(b'{}')}".encode()


@given(st.binary(max_size=200), st.binary(max_size=80))
def test_what_is_written_reads_back(payload, signature):
    jws = parse(serialize(signing_input({"typ": "JWT", "alg": "EdDSA"}, payload), signature))
    assert (jws.payload, jws.signature, jws.kid) == (payload, signature, None)


def test_the_header_is_written_as_opa_writes_it():
    first = signing_input({"typ": "JWT", "alg": "RS256", "kid": "K"}, b"").split(b".")[0]
    assert first.decode() == b64(b'{"alg":"RS256","kid":"K","typ":"JWT"}')


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c.d", compact() + ".", "." + compact(), compact().replace(".", "..", 1)]
)
def test_other_than_three_segments_is_refused(token):
    assert refusal(token) == ["signature.invalid"]


@pytest.mark.parametrize("spoil", [lambda s: s + "=", lambda s: s + "\n", lambda s: s + "+A", lambda s: s[:-1] + "é"])
@pytest.mark.parametrize("segment", [0, 1, 2])
def test_a_segment_that_is_not_unpadded_base64url_is_refused(segment, spoil):
    segments = compact().split(".")
    segments[segment] = spoil(segments[segment])
    assert refusal(".".join(segments)) == ["signature.invalid"]


def test_unused_bits_that_are_set_are_refused():
    assert refusal(f"{b64(HEADER)}.{b64(b'{}')}.AB") == ["signature.invalid"]  # AA and AB are both one zero byte


def test_a_segment_of_impossible_length_is_refused():
    assert refusal(f"{b64(HEADER)}.{b64(b'{}')}.AAAAA") == ["signature.invalid"]


def test_a_duplicate_header_key_is_refused():
    assert refusal(compact(b'{"alg":"RS256","alg":"ES256"}')) == ["json.duplicate-key"]


@pytest.mark.parametrize("key", ["Alg", "ALG", "\u212aid", "Typ", "Crit"])
def test_a_case_variant_header_key_is_refused(key):
    header = json.dumps({"alg": "ES256", key: "x"}).encode()
    assert refusal(compact(header)) == ["json.case-variant-key"]


@pytest.mark.parametrize("mode", list(ReadingMode))
def test_a_critical_header_is_refused_in_every_mode(mode):
    assert refusal(compact(b'{"alg":"ES256","crit":["b64"],"b64":false}'), mode) == ["signature.unsupported"]


@pytest.mark.parametrize("header", [{"alg": "ES256", "typ": "JOSE"}, {"alg": "ES256", "jwk": {}}, {"typ": "JWT"}])
def test_a_header_beyond_alg_kid_and_typ_is_refused_and_a_warning_in_opa_compat(header):
    token = compact(json.dumps(header).encode())
    assert refusal(token) == ["signature.unsupported"]
    (finding,) = parse(token, ReadingMode.OPA_COMPAT).findings
    assert (finding.code, finding.severity) == ("signature.unsupported", "warning")


@pytest.mark.parametrize("header", [b"[]", b'"ES256"', b'{"alg":5}', b'{"alg":"ES256","kid":["a"]}', b'{"alg":""}'])
def test_a_header_of_the_wrong_shape_is_refused(header):
    assert refusal(compact(header)) == ["signature.invalid"]


def test_a_header_that_is_not_json_is_refused():
    assert refusal(compact(b"\xff")) == ["json.invalid"]


def test_a_header_beyond_its_bound_is_refused():
    assert refusal(compact(json.dumps({"alg": "ES256", "kid": "k" * 9000}).encode())) == ["signature.invalid"]


def test_an_empty_kid_is_none():
    assert parse(compact(b'{"alg":"ES256","kid":""}')).kid is None


@given(st.text(alphabet="AQgw-_+/=.\n\u00e9", max_size=12))
def test_a_segment_is_read_if_and_only_if_it_is_written_that_way(segment):
    token = f"{b64(HEADER)}.{segment}.AA"
    try:
        payload = parse(token).payload
    except Refused:
        for content in (segment + "==", segment + "=", segment):
            with suppress(ValueError):
                assert b64(base64.b64decode(content.encode(), b"-_", validate=True)) != segment
    else:
        assert b64(payload) == segment


@given(st.text(max_size=120))
def test_any_text_parses_or_is_refused(text):
    with suppress(Refused):
        parse(text)
