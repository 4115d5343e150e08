"""What services wrap attestations in: the attestations come out, whole, and nothing that stands beside them counts."""

import json

import pytest

from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.formats.intoto.attestation_files import split_attestations

BUNDLE = {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}
ATTESTATION = {"version": 1, "verification_material": {}, "envelope": {}}
PUBLISHER = {"kind": "GitHub", "repository": "acme/app", "workflow": "release.yml", "environment": None}


def split(value):
    return split_attestations(json.dumps(value, indent=1).encode(), subject="file")


def pieces(value):
    return [json.loads(piece) for piece in split(value).pieces]


def refusal(value):
    with pytest.raises(Refused) as refused:
        split(value)
    return codes(refused)


def pypi(*groups, **changes):
    listed = [{"publisher": PUBLISHER, "attestations": list(group)} for group in groups]
    return {"version": 1, "attestation_bundles": listed} | changes


def gh(**changes):
    said = {"attestation": {"bundle": BUNDLE, "bundle_url": "", "initiator": "user"}, "verificationResult": {"a": 1}}
    return said | changes


class TestPyPIsProvenance:
    def test_is_a_piece_for_each_attestation_of_each_publisher(self):
        other = ATTESTATION | {"version": 2}
        assert pieces(pypi([ATTESTATION, other], [ATTESTATION])) == [ATTESTATION, other, ATTESTATION]

    def test_says_aloud_that_its_publisher_is_not_believed(self):
        (told,) = split(pypi([ATTESTATION], [ATTESTATION])).unbelieved
        assert "'GitHub'" in told
        assert "only what the certificates say is believed" in told

    @pytest.mark.parametrize(
        "changes",
        [
            {"version": None},
            {"version": "1"},
            {"version": True},
            {"attestation_bundles": []},
            {"attestation_bundles": None},
            {"attestation_bundles": {}},
            {"attestation_bundles": [[]]},
            {"attestation_bundles": [{"publisher": PUBLISHER, "attestations": []}]},
            {"attestation_bundles": [{"publisher": PUBLISHER}]},
            {"attestation_bundles": [{"publisher": "acme", "attestations": [ATTESTATION]}]},
            {"attestation_bundles": [{"attestations": [ATTESTATION]}]},
            {"attestation_bundles": [{"publisher": PUBLISHER, "attestations": [1]}]},
            {"attestation_bundles": [{"publisher": PUBLISHER, "attestations": [[ATTESTATION]]}]},
            {"attestation_bundles": [{"publisher": PUBLISHER, "attestations": [ATTESTATION], "verified": True}]},
            {"more": 1},
        ],
    )
    def test_with_a_field_missing_or_of_another_type_is_refused(self, changes):
        assert refusal(pypi([ATTESTATION], **changes)) == ["attestation.invalid"]

    def test_of_another_version_is_refused_by_that_name(self):
        assert refusal(pypi([ATTESTATION], version=2)) == ["signature.unsupported"]

    def test_of_ten_thousand_attestations_is_refused(self):
        assert refusal(pypi(*[[ATTESTATION]] * 10_000)) == ["attestation.invalid"]
        assert refusal(pypi(*[[ATTESTATION] * 100] * 100)) == ["input.too-large"]


class TestWhatGhWrites:
    def test_is_the_bundle_of_each_result(self):
        assert pieces([gh(), gh()]) == [BUNDLE, BUNDLE]

    def test_is_read_a_result_a_line_too(self):
        content = b"\n".join(json.dumps(gh()).encode() for _ in range(2))
        assert [json.loads(each) for each in split_attestations(content, subject="f").pieces] == [BUNDLE, BUNDLE]

    def test_says_aloud_that_its_own_result_is_not_believed(self):
        (told,) = split([gh(), gh()]).unbelieved
        assert "verified anew" in told

    @pytest.mark.parametrize(
        "attestation", [None, {}, "text", [], {"bundle": None}, {"bundle": "text"}, {"bundle": []}]
    )
    def test_is_refused_by_its_number_where_it_has_no_bundle(self, attestation):
        first, second = split([gh(), gh(attestation=attestation)]).pieces
        assert json.loads(first) == BUNDLE
        assert [(each.code, each.subject) for each in second.reasons] == [("attestation.invalid", "file#2")]

    def test_is_not_what_has_more_fields(self):
        assert pieces([gh(payload="")]) == [gh(payload="")]
