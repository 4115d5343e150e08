"""Signatures in and beside a bundle, as stories: whose counts, and what is said of those that do not."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.material import NOW, signer
from tests.support.stories import (
    archive,
    codes,
    detached,
    policy,
    signed,
    statement,
    verify,
    warnings,
)
from verifier.core.document import Document
from verifier.core.errors import refuse
from verifier.core.severity import Severity


def test_an_embedded_and_a_detached_signature_meet_a_threshold_of_two():
    content = signed()
    trust = policy("p256", "ed25519", threshold=2)
    verdict = verify(content, trust, attestations=(detached(content),)).verdict
    assert verdict.passed
    assert [(item.kind, item.signer) for item in verdict.evidence] == [
        ("opa-signature", "p256"),
        ("attestation", "ed25519"),
    ]


def test_one_key_inside_and_beside_the_bundle_counts_once():
    content = signed()
    verdict = verify(content, policy("p256", "ed25519", threshold=2), attestations=(detached(content, "p256"),))
    assert codes(verdict.verdict) == ["signature.threshold-not-met"]


def test_the_same_attestation_twice_is_one_signer_and_one_piece_of_evidence():
    content = archive()
    twice = (detached(content), detached(content, file="copy.json"))
    twice = (twice[0], replace(twice[1], content=twice[0].content))
    verdict = verify(content, policy("ed25519", "p256", threshold=2), attestations=twice).verdict
    assert (codes(verdict), len(verdict.evidence)) == (["signature.threshold-not-met"], 1)


def test_an_unsigned_bundle_is_denied():
    assert codes(verify(archive()).verdict) == ["signature.missing"]


def test_an_attestation_about_other_bytes_is_refused():
    verdict = verify(archive(), policy("ed25519"), attestations=(detached(archive("2.0.0")),)).verdict
    assert codes(verdict) == ["attestation.subject-mismatch"]


@pytest.mark.parametrize("other", [{"name": "other"}, {"kind": "image"}])
def test_an_attestation_about_another_name_or_kind_is_refused(other):
    content = archive()
    verdict = verify(content, policy("ed25519"), attestations=(detached(content, **other),)).verdict
    assert codes(verdict) == ["attestation.subject-mismatch"]


def test_an_attestation_that_has_expired_is_refused():
    content = archive()
    expired = detached(content, issued_at=NOW - timedelta(days=2), expires_at=NOW - timedelta(days=1))
    assert codes(verify(content, policy("ed25519"), attestations=(expired,)).verdict) == ["freshness.expired"]


def test_an_untrusted_extra_attestation_is_reported_and_does_not_deny():
    content = signed()
    verdict = verify(content, attestations=(detached(content, "ed25519"),)).verdict
    assert verdict.passed
    assert warnings(verdict) == ["signer.untrusted", "version.unchecked"]
    assert [item.verified for item in verdict.evidence] == [True, False]


def test_an_attestation_that_cannot_be_read_is_undecided_whoever_has_signed():
    unreadable = refuse("input.unreadable", "release.json", "cannot be read")
    alone = verify(archive(), policy("ed25519"), attestations=(unreadable,)).verdict
    beside = verify(signed(), attestations=(unreadable,)).verdict
    assert (codes(alone), alone.undecided) == (["input.unreadable", "attestation.undecided"], True)
    assert (codes(beside), beside.undecided) == (["attestation.undecided"], True)
    assert warnings(beside) == ["input.unreadable", "version.unchecked"]


def test_a_revoked_cosigner_in_an_envelope_that_counts_is_reported():
    content = archive()
    release = detached(content, "ed25519")
    both = Document(name="both.json", content=_cosigned(release.content, detached(content, "p256").content))
    trust = policy(signers=(signer("ed25519"), signer("p256", revoked=True)))
    verdict = verify(content, trust, attestations=(both,)).verdict
    assert (verdict.passed, warnings(verdict)) == (True, ["signer.revoked", "version.unchecked"])


def test_an_attestation_of_another_kind_counts_neither_for_nor_against():
    content = archive()
    review = statement(content, "ed25519", "https://example.org/review/v1", score=10)
    alone = verify(content, policy("ed25519"), attestations=(review,)).verdict
    beside = verify(content, policy("ed25519"), attestations=(review, detached(content))).verdict
    assert codes(alone) == ["signature.missing"]
    assert (beside.passed, codes(beside, Severity.NOTE)) == (True, ["attestation.ignored"])


def test_cosigns_signing_statement_counts_as_a_signature():
    content = archive()
    cosign = statement(content, "ed25519", "https://sigstore.dev/cosign/sign/v1")
    assert verify(content, policy("ed25519"), attestations=(cosign,)).verdict.passed


def test_a_scope_that_the_policy_demands_must_be_the_signatures():
    assert verify(signed(scope="prod"), policy(scope="prod")).verdict.passed
    assert codes(verify(signed(scope="dev"), policy(scope="prod")).verdict) == ["signature.scope-mismatch"]
    assert codes(verify(signed(), policy(scope="prod")).verdict) == ["signature.scope-mismatch"]


def test_a_wrong_embedded_signature_denies_though_detached_ones_would_do():
    content = signed(archive(), expires=NOW + timedelta(days=1))
    trust = policy("ed25519", "p256")
    verdict = verify(content, trust, attestations=(detached(content),), now=NOW + timedelta(days=2)).verdict
    assert codes(verdict) == ["freshness.expired"]


def _cosigned(first: bytes, second: bytes) -> bytes:
    """The first envelope with the second's signature beside its own: both are over one payload."""
    one, other = json.loads(first), json.loads(second)
    assert one["payload"] == other["payload"]
    one["signatures"] += other["signatures"]
    return json.dumps(one).encode()
