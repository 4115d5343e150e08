"""Policies from flags: as strict as a file."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.material import public_pem
from verifier.core.errors import ConfigurationError
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.uris import AD_HOC_POLICY
from verifier.trust.adhoc import AdHocFlags, policy_from_flags
from verifier.trust.evaluate import freshness_of, provenance_of, rule_for, signers_for, verdict_signers
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionFrom, VersionRule, VersionUnchecked

A = ("a.pub", public_pem("p256"))
A_AGAIN = ("again.pub", public_pem("p256").rstrip())
B = ("b.pub", public_pem("p256-2"))
B_ID = "https://ci.example/builder"
SECRET = ("hmac", b"0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize("kind", ["bundle", "image", "artifact"])
def test_key_given_as_a_flag_speaks_for_every_artifact_and_answers_any_kid(kind):
    policy = policy_from_flags(AdHocFlags(keys=(A,)))
    rule = rule_for(policy, kind, "anything")
    assert [signer.answers_any_kid for signer in signers_for(policy, rule)] == [True]
    assert policy.id == AD_HOC_POLICY


def test_without_a_version_source_nothing_is_ordered():
    rule = rule_for(policy_from_flags(AdHocFlags(keys=(A,))), "bundle", "x")
    assert VersionRule.of(rule).order == VersionUnchecked()


def test_flags_reach_the_rule():
    flags = AdHocFlags(
        keys=(A, B),
        algorithm="ES256",
        threshold=2,
        scope="authz",
        version_from="manifest.revision",
        version_scheme="semver",
        freshness=timedelta(days=1),
        verifier_ids=("https://example.org/v",),
    )
    policy = policy_from_flags(flags)
    rule = rule_for(policy, "bundle", "x")
    signatures = SignatureRule.of(rule)
    assert (signatures.threshold, signatures.scope) == (2, "authz")
    assert VersionRule.of(rule).order == VersionFrom(source="manifest.revision", scheme="semver")
    assert freshness_of(rule) == timedelta(days=1)
    assert {signer.algorithms for signer in policy.signers.values()} == {("ES256",)}
    assert [(v.signer, v.id) for v in policy.verifiers] == [
        ("a.pub", "https://example.org/v"),
        ("b.pub", "https://example.org/v"),
    ]
    assert len(verdict_signers(policy)) == 2


def test_secret_is_one_only_where_the_algorithm_is_an_hmac():
    signer = policy_from_flags(AdHocFlags(keys=(SECRET,), algorithm="HS256")).signers["hmac"]
    assert signer.secret == SECRET[1]
    assert signer.public_key is None


def test_keyless_identity_is_a_signer():
    identity = KeylessIdentity(issuer="https://token.example", identity="release@example.org")
    policy = policy_from_flags(AdHocFlags(keyless=identity))
    assert policy.signers["release@example.org"].keyless == identity


@pytest.mark.parametrize(
    ("flags", "where"),
    [
        (AdHocFlags(), "--key"),
        (AdHocFlags(keys=(A, A)), "--key"),
        (AdHocFlags(keys=(SECRET,)), "--key"),
        (AdHocFlags(keys=(("short", b"secret"),), algorithm="HS256"), "--key"),
        (AdHocFlags(keys=(("p", b"-----BEGIN PRIVATE KEY-----"),)), "--key"),
        (AdHocFlags(keys=(A,), algorithm="none"), "--algorithm"),
        (AdHocFlags(keys=(A,), threshold=2), "--threshold"),
        (AdHocFlags(keys=(A,), threshold=0), "--threshold"),
        (AdHocFlags(keys=(A, A_AGAIN), threshold=2), "--threshold"),
        (AdHocFlags(keys=(A,), version_from="manifest.revision"), "--version-scheme"),
        (AdHocFlags(keys=(A,), version_prefix="v"), "--version-prefix"),
        *(
            (
                AdHocFlags(keys=(A,), version_from="manifest.revision", version_scheme="semver", version_prefix=each),
                "--version-from",
            )
            for each in ("", "1", "v1", "v ", "é", "-v", "v" * 64)
        ),
        (AdHocFlags(keys=(A,), version_from="signed-time", version_prefix="v"), "--version-from"),
        (AdHocFlags(keys=(A,), version_from="nowhere", version_scheme="semver"), "--version-from"),
        (AdHocFlags(keys=(A,), version_scheme="semver"), "--version-scheme"),
        (AdHocFlags(keyless=KeylessIdentity(issuer="https://token.example", identity="*")), "--cert-identity"),
        (AdHocFlags(keyless=KeylessIdentity(issuer="https://token.example", identity="")), "--cert-identity"),
        (AdHocFlags(keyless=KeylessIdentity(issuer="https://*", identity="a@b.example")), "--cert-oidc-issuer"),
        (AdHocFlags(keys=(A,), verifier_ids=("ci",)), "--verifier-id"),
        (AdHocFlags(keys=(A,), attestations=("provenance",)), "--attestation-type"),
        (AdHocFlags(keys=(A,), builder_id="**"), "--builder-id"),
        (AdHocFlags(keys=(A,), builder_id=B_ID, source_uri="https://example.org/a@main"), "--source-uri"),
        (AdHocFlags(keys=(A,), builder_id=B_ID, source_ref="*"), "--source-ref"),
        (AdHocFlags(keys=(A,), builder_id=B_ID, ignore_parameters=("a b",)), "--ignore-parameter"),
        (AdHocFlags(keys=(A,), source_uri="https://example.org/a"), "--source-uri"),
        (AdHocFlags(keys=(A,), source_uri="https://example.org/a", source_ref="main"), "--source-uri, --source-ref"),
        (AdHocFlags(keys=(A,), ignore_parameters=("inputs",)), "--ignore-parameter"),
        (AdHocFlags(keys=(A,), build_level=2), "--build-level"),
    ],
)
def test_unusable_flag_is_named(flags, where):
    with pytest.raises(ConfigurationError) as refused:
        policy_from_flags(flags)
    assert refused.value.where == where


def test_digest_is_that_of_the_meaning():
    one = policy_from_flags(AdHocFlags(keys=(A, B))).digest
    assert policy_from_flags(AdHocFlags(keys=(("renamed", B[1]), A))).digest == one
    assert policy_from_flags(AdHocFlags(keys=(A,))).digest != one
    assert policy_from_flags(AdHocFlags(keys=(A, B), threshold=2)).digest != one
    assert policy_from_flags(AdHocFlags(keys=(A, B), scope="x")).digest != one


def test_a_builder_is_believed_of_each_signer_up_to_the_level_that_is_asked_for():
    flags = AdHocFlags(keys=(A, B), builder_id=B_ID, build_level=2, source_uri="https://example.org/a")
    policy = policy_from_flags(flags)
    rule = provenance_of(rule_for(policy, "artifact", "x"))
    assert (rule.level, rule.source, len(rule.builders)) == (2, "https://example.org/a", 2)
    assert [(each.signer, each.id, each.level) for each in policy.builders] == [("a.pub", B_ID, 2), ("b.pub", B_ID, 2)]


def test_what_is_asked_of_the_build_is_in_the_digest():
    one = AdHocFlags(keys=(A,), builder_id=B_ID)
    others = [
        replace(one, builder_id=f"{B_ID}/2"),
        replace(one, build_level=2),
        replace(one, source_uri="https://example.org/a"),
        replace(one, source_ref="refs/tags/*"),
        replace(one, ignore_parameters=("inputs",)),
        replace(one, attestations=("https://example.org/t",)),
    ]
    assert len({policy_from_flags(flags).digest for flags in (one, *others)}) == 7
