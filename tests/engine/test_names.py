"""What says that an artifact is the one it is given out as: billing, served as authz, and signed by the same key."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.material import envelope
from tests.support.stories import archive, codes, detached, policy, signed, verify, warnings
from verifier.archives.pack import pack_members
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.severity import Severity
from verifier.core.uris import STATEMENT_V1
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.trust.sections.name import NameRule
from verifier.trust.sections.signatures import SignatureRule

TYPE = "https://example.org/attested"
CYRILLIC = "\N{CYRILLIC SMALL LETTER A}uthz"


def bundle(**metadata) -> bytes:
    """An unsigned bundle with this metadata in its manifest."""
    manifest = {"revision": "7.0.0", "roots": metadata.pop("roots", ["authz"]), "metadata": metadata}
    files = [(f"{root or 'x'}/data.json", b"{}") for root in manifest["roots"][:1]]
    return pack_members([(".manifest", json.dumps(manifest).encode()), *files])


def told(source, trust, **changes):
    """Whether it passed, and what is said of its name."""
    verdict = verify(source, trust, **changes).verdict
    said = [reason for reason in verdict.reasons if reason.code.startswith("name.")]
    return verdict.passed, [(reason.code, reason.severity.value) for reason in said]


def stating(called, *subjects) -> Document:
    """A statement of a type that counts as a signature, which calls the bundle so."""
    subject = {"name": called, "digest": {"sha256": Digest.of(bundle()).value}}
    said = {"_type": STATEMENT_V1, "subject": [subject, *subjects], "predicateType": TYPE, "predicate": {}}
    return Document(name="statement.json", content=envelope(json.dumps(said).encode(), "p256"))


def listening(pattern="bundle:authz", **signatures):
    """A policy whose rule for `pattern` has these signatures."""
    made = policy()
    rule = made.artifacts[0].having(SignatureRule(threshold=1, from_=("p256",), **signatures))
    return replace(made, artifacts=(replace(rule, pattern=pattern),))


COUNTING = listening(attestations=(TYPE,))


def bound(source, equals=None):
    return policy(name=NameRule(source=source, equals=equals))


UNBOUND = (True, [("name.unbound", "warning")])
MISMATCH = (False, [("name.mismatch", "error")])
FINE = (True, [])


class TestWhereTheRuleBindsNothing:
    @pytest.mark.parametrize("scope", [None, "", "billing", "Authz", "authz ", CYRILLIC, "bundle:authz", "authz@x"])
    def test_what_does_not_say_the_name_passes_and_is_warned_of(self, scope):
        assert told(signed(bundle(), scope=scope), policy()) == UNBOUND

    def test_the_scope_that_is_the_name_says_it(self):
        assert told(signed(bundle()), policy()) == FINE

    def test_a_release_says_it(self):
        assert told(bundle(), policy(), attestations=(detached(bundle(), "p256"),)) == FINE

    def test_one_signer_of_two_says_nothing(self):
        trust = policy("p256", "ed25519", threshold=2)
        content = signed(bundle(), scope="billing")
        verdict = verify(content, trust, attestations=(detached(content),)).verdict
        assert verdict.passed
        (reason,) = [each for each in verdict.reasons if each.code == "name.unbound"]
        seen = "the signature's scope claim is 'billing', statements name 'authz'"
        assert reason.message == f"ed25519 alone says that it is 'authz': {seen}"

    def test_the_mark_moves_all_the_same(self, tmp_path):
        create_ledger(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as ledger:
            verdict = verify(signed(bundle(), scope="billing"), ledger=ledger, record=True).verdict
        assert (verdict.passed, verdict.ledger.after, warnings(verdict)[0]) == (True, "0:7.0.0", "name.unbound")

    def test_without_a_name_it_is_said_aloud(self):
        passed, said = told(signed(bundle(), scope="billing"), policy(name=NameRule()))
        assert (passed, said) == (True, [("name.unbound", Severity.NOTE.value)])

    @pytest.mark.parametrize(
        ("called", "expected"),
        [
            ("authz", FINE),
            ("bundle:authz", FINE),  # where it is fetched, since nobody says otherwise
            ("billing", UNBOUND),
            ("authz.tar.gz", UNBOUND),
            ("AUTHZ", UNBOUND),
            (CYRILLIC, UNBOUND),
        ],
    )
    def test_a_statement_says_what_it_calls_its_subject(self, called, expected):
        assert told(bundle(), COUNTING, attestations=(stating(called),)) == expected

    def test_a_statement_about_other_bytes_of_the_name_says_nothing_of_these(self):
        others = {"name": "authz", "digest": {"sha256": "0" * 64}}
        assert told(bundle(), COUNTING, attestations=(stating("billing", others),)) == UNBOUND

    def test_nobody_is_told_of_names_where_nobody_has_signed(self):
        assert told(bundle(), policy()) == (False, [])


class TestAScope:
    def test_of_one_name_binds_it(self):
        assert told(signed(bundle(), scope="prod"), policy(scope="prod")) == FINE

    def test_is_not_evaded_by_a_signature_beside_that_names_something_else(self):
        trust = listening(scope="authz", attestations=(TYPE,))
        assert told(bundle(), trust, attestations=(stating("billing"),)) == MISMATCH
        assert told(bundle(), trust, attestations=(stating("authz"),)) == FINE

    def test_that_all_names_of_a_pattern_share_binds_none_of_them(self):
        assert told(signed(bundle(), scope="team"), listening("bundle:*", scope="team")) == UNBOUND


class TestInTheSignature:
    @pytest.mark.parametrize("scope", [None, "billing", CYRILLIC])
    def test_another_scope_is_denied(self, scope):
        assert told(signed(bundle(), scope=scope), bound("signature.scope")) == MISMATCH

    def test_its_own_passes_also_under_a_pattern(self):
        trust = bound("signature.scope")
        pattern = replace(trust, artifacts=(replace(trust.artifacts[0], pattern="bundle:*"),))
        for each in (trust, pattern):
            assert told(signed(bundle()), each) == FINE
        assert told(signed(bundle(), scope="billing"), pattern) == MISMATCH
        assert told(signed(bundle(), scope="billing"), pattern, name="billing") == FINE

    def test_what_must_stand_there_may_be_another_text(self):
        assert told(signed(bundle(), scope="acme/authz"), bound("signature.scope", "acme/authz")) == FINE
        assert told(signed(bundle()), bound("signature.scope", "acme/authz")) == MISMATCH


class TestInTheMetadata:
    @pytest.mark.parametrize(
        "said",
        [
            {},
            {"app": None},
            {"app": {"name": None}},
            {"app": {"name": "billing"}},
            {"app": {"name": ["authz"]}},
            {"app": {"name": True}},
            {"app": {"name": {"authz": "authz"}}},
            {"app": "authz"},
            {"app": {"Name": "authz"}},
            {"App": {"name": "authz"}},
            {"app": {"name": "Authz"}},
            {"app": {"name": "authz\n"}},
            {"app": {"name": CYRILLIC}},
            {"app.name": "authz"},
        ],
        ids=str,
    )
    def test_whatever_is_not_the_name_is_denied(self, said):
        assert told(signed(bundle(**said)), bound("manifest.metadata.app.name")) == MISMATCH

    def test_the_name_passes(self):
        assert told(signed(bundle(app={"name": "authz"}), scope=None), bound("manifest.metadata.app.name")) == FINE
        assert told(signed(bundle(app={"name": "x"})), bound("manifest.metadata.app.name", "x")) == FINE

    def test_a_number_is_no_text(self):
        assert told(signed(bundle(app=7)), bound("manifest.metadata.app", "7")) == MISMATCH


class TestInTheRoots:
    @pytest.mark.parametrize("roots", [["billing"], ["authz", "billing"], ["authz2"], [""], ["Authz"], ["auth"]])
    def test_roots_elsewhere_are_denied(self, roots):
        assert told(signed(bundle(roots=roots)), bound("manifest.roots")) == MISMATCH

    @pytest.mark.parametrize("roots", [["authz"], ["authz/a", "authz/b"]])
    def test_roots_within_pass(self, roots):
        assert told(signed(bundle(roots=roots), scope=None), bound("manifest.roots")) == FINE

    def test_a_bundle_without_a_manifest_claims_everything(self):
        alone = pack_members([("authz/data.json", b"{}")])
        assert told(signed(alone), bound("manifest.roots"))[1] == [("name.mismatch", "error")]


class TestInAnAttestation:
    def test_a_release_that_names_it_passes_and_a_scope_does_not_do(self):
        trust = bound("attestation")
        assert told(bundle(), trust, attestations=(detached(bundle(), "p256"),)) == FINE
        assert told(signed(bundle()), trust) == MISMATCH


def test_a_denial_says_what_was_seen_and_what_was_expected():
    verdict = verify(signed(archive("7.0.0"), scope="billing"), bound("signature.scope")).verdict
    assert codes(verdict) == ["name.mismatch"]
    assert verdict.reasons[0].message == "no signer says that it is 'authz': the signature's scope claim is 'billing'"


def test_a_signature_without_a_scope_is_said_in_words():
    verdict = verify(signed(archive("7.0.0"), scope=None), bound("signature.scope")).verdict
    assert verdict.reasons[0].message == "no signer says that it is 'authz': the signature has no scope claim"
