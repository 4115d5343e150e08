"""What was named as evidence and could not be judged to its end denies; what a stranger has signed does not."""

import itertools
import json
from dataclasses import replace

import pytest

from tests.support import material
from tests.support.material import signer
from tests.support.stories import VERIFIER, codes, detached, signed, warnings
from tests.support.stories import policy as rule_of
from tests.support.stories import verify as judge
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import refuse
from verifier.core.limits import MAX_SIGNATURES
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.trust.sections.signatures import SignatureRule

SAID = {
    "verifier": {"id": VERIFIER},
    "timeVerified": "2026-11-20T12:00:00Z",
    "resourceUri": "https://example.org/app",
    "policy": {"uri": "https://example.org/policy"},
    "verificationResult": "FAILED",
    "verifiedLevels": ["FAILED"],
}
BUNDLE = signed()
UNDECIDED = (["attestation.undecided"], True)


def veto(kind=VERIFICATION_SUMMARY, *, digest=None, payload_type=material.IN_TOTO, **changes):
    """A denial of the bundle by the verifier whom the policy trusts."""
    named = {"sha256": Digest.of(BUNDLE).value} if digest is None else digest
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": named}],
        "predicateType": kind,
        "predicate": {key: value for key, value in (SAID | changes).items() if value is not None},
    }
    return material.envelope(json.dumps(statement).encode(), "p256", payload_type=payload_type)


def stranger(number=0):
    return detached(BUNDLE, "p384", version=f"1.0.{number}").content


def verify(*contents, stray="deny", **changes):
    trust = rule_of(**changes)
    (rule,) = trust.artifacts
    trust = replace(trust, artifacts=(rule.having(replace(SignatureRule.of(rule), stray_attestations=stray)),))
    named = enumerate(contents)
    documents = tuple(
        Document(name=f"{number}.json", content=each) if isinstance(each, bytes) else each for number, each in named
    )
    return judge(BUNDLE, trust, attestations=documents).verdict


def decided(verdict):
    return codes(verdict), verdict.undecided


class TestAVeto:
    def test_denies_wherever_it_lies(self):
        for order in itertools.permutations([veto(), stranger(), detached(BUNDLE, "p256").content]):
            assert decided(verify(*order)) == (["verdict.failed"], False)
            assert decided(verify(b"\n".join(each.strip() for each in order))) == (["verdict.failed"], False)
            array = b"[" + b", ".join(each.strip() for each in order) + b"]\n"
            assert decided(verify(array)) == (["verdict.failed"], False)

    @pytest.mark.parametrize("stray", ["deny", "ignore"])
    def test_is_found_among_junk_on_other_lines(self, stray):
        found = verify(b"junk\n" * 3 + veto() + b"[1, 2\n\x00\xff", stray=stray)
        assert "verdict.failed" in codes(found)

    @pytest.mark.parametrize(
        "hidden",
        [
            veto()[:-9],
            b"\xef\xbb\xbf" + veto(),
            veto().decode().encode("utf-16"),
            veto().strip() + veto().strip(),
            b"[[" + veto().strip() + b"]]",
            b"[" + veto().strip() + b"] []",
            b"<html>" + veto(),
            veto().replace(b'"payloadType"', b'"payloadtype"'),
            veto().replace(b'"sig"', b'"sig":"","sig"'),
            b'{"attestations": [{"bundle": ' + veto().strip() + b'}, {"bundle": 1}]}',
            veto(payload_type="application/vnd.in-toto+json; charset=utf-8"),
            veto(payload_type="text/plain"),
            b"",
        ],
    )
    def test_that_cannot_be_taken_apart_leaves_it_undecided(self, hidden):
        assert decided(verify(hidden)) == UNDECIDED

    @pytest.mark.parametrize(
        "kind",
        [
            "https://slsa.dev/verification_summary/v2",
            "https://slsa.dev/verification_summary/v0.2",
            "http://slsa.dev/verification_summary/v1",
            "https://SLSA.dev/verification_summary/v1",
            "https://slsa.dev/verification-summary/v1",
            "https://slsa.dev/verification%5Fsummary/v1",
            "https://slsa.dev/verification_summary/v1 ",
            "https://in-toto.io/attestation/vsa/v1",
            "https://policy-verifier.dev/attestations/release/v2",
        ],
    )
    def test_of_a_type_that_resembles_what_is_read_leaves_it_undecided(self, kind):
        assert decided(verify(veto(kind))) == UNDECIDED

    @pytest.mark.parametrize(
        "changes",
        [
            {"verificationResult": "DENIED"},
            {"verificationResult": None},
            {"verifiedLevels": ["SLSA_BUILD_LEVEL_99"]},
            {"timeVerified": "yesterday"},
            {"verifier": {}},
        ],
    )
    def test_that_is_malformed_leaves_it_undecided(self, changes):
        assert decided(verify(veto(**changes))) == UNDECIDED

    @pytest.mark.parametrize("algorithm", ["sha512", "sha1", "md5", "gitBlob", "SHA-512", "sha2-512", "blake2b"])
    def test_with_a_digest_of_other_bytes_leaves_it_undecided(self, algorithm):
        digest = {"sha256": Digest.of(BUNDLE).value, algorithm: "ab" * 20}
        assert decided(verify(veto(digest=digest))) == UNDECIDED

    def test_that_nobody_trusts_is_a_stranger_s(self):
        found = verify(veto(), signers=(signer("ed25519"), signer("p256")), threshold=1)
        assert codes(found) == []
        assert "verdict.verifier-untrusted" in warnings(found)


class TestWhatAStrangerHasSigned:
    def test_denies_nothing(self):
        assert verify(*(stranger(number) for number in range(5))).passed

    def test_under_another_type_of_payload_denies_nothing(self):
        assert verify(material.envelope(b"{}", "p384", payload_type="application/vnd.acme")).passed

    def test_without_any_signature_denies_nothing(self):
        assert verify(b'{"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": []}').passed

    def test_with_a_malformed_statement_denies_nothing(self):
        assert verify(material.envelope(b"not json", "p384")).passed


class TestWhereStraysAreIgnored:
    @pytest.mark.parametrize("stray", [b"junk", b"{}", veto()[:-9], refuse("input.unreadable", "gone.json", "gone")])
    def test_each_is_named_and_denies_nothing(self, stray):
        assert decided(verify(stray)) == UNDECIDED
        passed = verify(stray, stray="ignore")
        assert passed.passed
        assert "attestation.undecided" in warnings(passed)

    def test_what_is_beyond_the_budget_denies_all_the_same(self):
        many = json.loads(stranger())
        many["signatures"] = [{**many["signatures"][0], "keyid": ""}] * MAX_SIGNATURES
        flood = [json.dumps({**many, "n": number}).encode() for number in range(MAX_SIGNATURES + 1)]
        assert decided(verify(*flood, stray="ignore")) == UNDECIDED
        found = verify(*flood, veto(), stray="ignore")
        assert "verdict.failed" in codes(found)


def test_one_piece_under_many_names_is_tried_once():
    many = json.loads(stranger())
    many["signatures"] = [{**many["signatures"][0], "keyid": ""}] * MAX_SIGNATURES
    assert verify(*[json.dumps(many).encode()] * (MAX_SIGNATURES * 2)).passed
