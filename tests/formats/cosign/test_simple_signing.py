"""cosign's old payload: one reading, and only of its own type."""

import json

import pytest

from tests.support.images.cosign.layers import payload_of
from tests.support.material import codes
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.cosign.simple_signing import parse_simple_signing

DIGEST = Digest.of(b"manifest")
PAYLOAD = json.loads(payload_of(DIGEST))


def parse(value):
    return parse_simple_signing(value if isinstance(value, bytes) else json.dumps(value).encode(), subject="payload")


def test_a_payload_says_of_what_it_is_and_where_that_is():
    said = parse(payload_of(DIGEST, claims={"version": "1.4.0"}))
    assert (said.digest, said.docker_reference) == (DIGEST, "registry.acme.example/acme/app")
    assert said.claims == (("version", "1.4.0"),)


@pytest.mark.parametrize("claims", [None, {}, {"creator": 1, "timestamp": 1657296609}])
def test_what_is_no_text_claims_nothing(claims):
    assert parse(payload_of(DIGEST, claims=claims)).claims == ()


def test_a_payload_without_optional_claims_nothing():
    assert parse({"critical": PAYLOAD["critical"]}).claims == ()


@pytest.mark.parametrize("kind", ["", "atomic container signature", "Cosign container image signature", "cosign"])
def test_a_payload_of_another_type_is_refused_and_the_type_named(kind):
    with pytest.raises(Refused) as refused:
        parse(payload_of(DIGEST, kind=kind))
    assert codes(refused) == ["attestation.invalid"]
    assert repr(kind) in refused.value.reasons[0].message


@pytest.mark.parametrize("name", ["type", "image", "identity"])
def test_a_payload_without_a_critical_part_is_refused(name):
    critical = {key: value for key, value in PAYLOAD["critical"].items() if key != name}
    with pytest.raises(Refused) as refused:
        parse({"critical": critical, "optional": None})
    assert codes(refused) == ["attestation.invalid"]


@pytest.mark.parametrize("where", ["", "critical"])
def test_a_part_that_is_not_known_is_refused(where):
    value = json.loads(payload_of(DIGEST))
    (value[where] if where else value)["more"] = 1
    with pytest.raises(Refused) as refused:
        parse(value)
    assert codes(refused) == ["attestation.invalid"]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b'"critical":', b'"critical":{},"critical":', "json.duplicate-key"),
        (b'"type":', b'"type":"x","type":', "json.duplicate-key"),
        (b'"type":', b'"Type":', "json.case-variant-key"),
        (b'"docker-manifest-digest"', b'"Docker-Manifest-Digest"', "json.case-variant-key"),
        (b'"critical"', b'"Critical"', "json.case-variant-key"),
    ],
)
def test_keys_that_readers_take_differently_are_refused(before, after, code):
    with pytest.raises(Refused) as refused:
        parse(payload_of(DIGEST).replace(before, after, 1))
    assert codes(refused) == [code]


@pytest.mark.parametrize("digest", ["", "sha256:", f"sha256:{DIGEST.value.upper()}", f"sha1:{'a' * 40}", DIGEST.value])
def test_what_is_no_digest_is_refused(digest):
    with pytest.raises(Refused) as refused:
        parse(payload_of(digest))
    assert codes(refused) == ["attestation.invalid"]


def test_a_payload_that_is_too_large_is_refused():
    with pytest.raises(Refused) as refused:
        parse(payload_of(DIGEST, claims={"a": "b" * 300_000}))
    assert codes(refused) == ["input.too-large"]


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{}", payload_of(DIGEST)[:-1], payload_of(DIGEST) * 2])
def test_what_is_no_payload_is_refused(content):
    with pytest.raises(Refused):
        parse(content)
