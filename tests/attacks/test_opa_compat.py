"""`mode = "opa-compat"`: what OPA accepts is accepted with a warning of the same code, and nothing else is."""

import pytest

import verifier
from fixtures.attacks.build import build
from fixtures.attacks.catalogue import catalogue
from fixtures.attacks.opa import recorded
from fixtures.attacks.registry import BUNDLE, POLICIES
from tests.support.attack_scene import stage

POLICY = verifier.load_policy(POLICIES / "opa-compat.toml")
OPA = recorded()[1]
READING = [attack for attack in catalogue() if attack.policy == "default" and attack.is_for_opa]
LENIENT = [attack for attack in READING if attack.area != "version" and OPA[attack.id].loaded]

STAYS_DENIED = {
    # Headers that no two readers place alike: which bytes are the file's is not a matter of leniency.
    *("gzip-reserved-flags", "header-size-in-base-256", "header-size-with-a-tail", "header-of-seventh-edition"),
    *("header-with-a-hidden-name", "header-with-a-link-target", "sparse-file", "pax-path-twice", "pax-size-override"),
    *("pax-sparse-name", "pax-header-without-a-member", "gnu-and-pax-name-one-member", "gnu-name-with-a-nul"),
    # Limits hold in every mode.
    *("extended-header-bomb", "name-too-long", "name-too-deep", "json-integer-of-5000-digits", "json-too-deep"),
    "manifest-root-of-many-segments",
    # What one release of OPA loads and another one loads as something else, or as nothing.
    *("manifest-root-with-an-escape", "manifest-root-with-an-escaped-slash", "data-that-opa-keeps-itself"),
    # What YAML readers dispute has no digest that could be computed for all of them.
    *("yaml-anchor-and-alias", "yaml-merge-key", "yaml-norway", "yaml-duplicate-key", "yaml-two-documents"),
    *("yaml-tag", "yaml-octal", "yaml-base-60", "yaml-key-that-is-no-string"),
    "manifest-rego-version-by-ambiguous-pattern",
    # Signatures: who signed, what, and until when is never a matter of leniency.
    *("header-critical-extension", "header-unencoded-payload", "header-and-claim-name-two-keys"),
    *("header-algorithm-twice", "header-algorithm-in-another-case-beside", "token-with-unused-bits"),
    *("claims-files-twice", "claims-exclude-files", "claims-expired", "claims-not-valid-yet"),
    *("claims-signed-in-the-future", "claims-expiry-beyond-time", "claims-expiry-as-text"),
    "digest-entry-with-an-unknown-field",
}
# OPA reads no algorithm from the header, so that an unknown one is only one that differs.
OTHER_CODE = {"algorithm-in-another-case": {"signature.algorithm-mismatch"}}
# OPA 1.22 refuses the tail of a manifest, and older ones, with which this mode is compatible, do not.
OLDER_OPA_LOADS = {"manifest-with-a-tail"}

by_id = {"ids": lambda attack: attack.id}


def judge(attack):
    return verifier.verify(build(attack.id)[BUNDLE], name="authz", policy=POLICY, now=attack.now).verdict


def codes(verdict, *, errors):
    return {reason.code for reason in verdict.reasons if reason.is_error == errors}


@pytest.mark.parametrize("attack", [a for a in LENIENT if a.id not in STAYS_DENIED], **by_id)
def test_what_opa_accepts_is_accepted_and_said_aloud(attack):
    verdict = judge(attack)
    assert verdict.passed
    assert OTHER_CODE.get(attack.id, set(attack.codes)) | {"policy.opa-compat"} <= codes(verdict, errors=False)


@pytest.mark.parametrize("attack", [a for a in LENIENT if a.id in STAYS_DENIED], **by_id)
def test_what_no_leniency_covers_stays_denied_with_its_code(attack):
    verdict = judge(attack)
    assert not verdict.passed
    assert set(attack.codes) & codes(verdict, errors=True)


@pytest.mark.parametrize(
    "attack", [a for a in READING if not OPA[a.id].loaded and a.id not in OLDER_OPA_LOADS], **by_id
)
def test_what_opa_refuses_is_never_accepted(attack):
    assert not judge(attack).passed


@pytest.mark.parametrize("attack", [a for a in READING if a.id in OLDER_OPA_LOADS], **by_id)
def test_what_only_older_opa_accepts_is_said_aloud(attack):
    verdict = judge(attack)
    assert set(attack.codes) <= codes(verdict, errors=False)


@pytest.mark.parametrize("attack", [a for a in READING if a.area == "version"], **by_id)
def test_the_ledger_knows_no_leniency(attack, tmp_path):
    scene = stage(attack, tmp_path)
    with verifier.open_ledger(scene.url) as ledger:
        request = {"name": "authz", "policy": POLICY, "ledger": ledger, "record": True, "now": attack.now}
        verdict = verifier.verify(scene.bundle, **request).verdict
    assert set(attack.codes) == codes(verdict, errors=True)


def test_every_exception_is_an_attack_that_opa_loads():
    assert {attack.id for attack in LENIENT} >= STAYS_DENIED | set(OTHER_CODE)
