"""What people have beside an artifact, as it comes: each is read, is worth what was signed, and no more."""

import base64
import json

import pytest

from tests.engine.test_attestations import CONTENT, message_bundle, policy, release, verdict, verify
from tests.support.cosign import older, older_keyless, older_logged
from tests.support.material import public_pem, statement
from tests.support.pypi import attestation
from tests.support.rules import artifact_rule
from tests.support.sigstore_instance import Instance, body, identity, keyless, message_of, pem_of, signature_of
from tests.support.stories import codes, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.core.value import replace
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionUnchecked

INSTANCE = Instance()
PUBLISHED = "https://docs.pypi.org/attestations/publish/v1"
PAYLOAD = statement(Digest.of(CONTENT).value, PUBLISHED)
PYPI = attestation(keyless(INSTANCE, payload=PAYLOAD))
BARE = signature_of("p256", CONTENT)


def by_identity(**changes):
    """A policy that believes whom the instance certifies, and counts what PyPI publishes."""
    who = identity("ci", **changes)
    rule = artifact_rule(
        "artifact:app", SignatureRule(threshold=1, from_=("ci",), attestations=(PUBLISHED,)), version=VersionUnchecked()
    )
    root = SigstoreInstance(name="instance.example", document=json.dumps(INSTANCE.root_document()).encode())
    return replace(policy(), signers={"ci": who}, artifacts=(rule,), builders=(), verifiers=(), sigstore=root)


def document(value, name="d"):
    return Document(name=name, content=value if isinstance(value, bytes) else json.dumps(value).encode())


def lines(*documents):
    return document(b"".join(each.content.strip() + b"\n" for each in documents), "d.jsonl")


def array(*documents):
    return document([json.loads(each.content) for each in documents], "d.json")


def provenance(*attestations, **publisher):
    group = {"publisher": {"kind": "GitHub"} | publisher, "attestations": list(attestations)}
    return document({"version": 1, "attestation_bundles": [group]}, "app.provenance")


def notes(judged):
    return [reason.message for reason in judged.reasons if reason.code == "attestation.ignored"]


class TestSeveralInOneFile:
    @pytest.mark.parametrize("together", [lines, array])
    def test_are_each_worth_what_they_are_alone(self, together):
        judged = verify(together(release(), message_bundle("p384")), trust=policy("p256", "p384", threshold=2))
        assert judged.passed
        assert {item.signer for item in judged.evidence} == {"p256", "p384"}

    @pytest.mark.parametrize("together", [lines, array])
    def test_count_a_signer_once(self, together):
        judged = verify(together(release(), release(), message_bundle()), trust=policy("p256", "p384", threshold=2))
        assert codes(judged) == ["signature.threshold-not-met"]

    @pytest.mark.parametrize("together", [lines, array])
    def test_deny_where_one_is_a_trusted_verifier_s_no(self, together):
        assert codes(verify(together(release(), verdict(verificationResult="FAILED")))) == ["verdict.failed"]

    def test_deny_where_one_cannot_be_read_and_say_which(self):
        good = json.loads(release().content)
        judged = verify(document([good, 7, good], "all.json"))
        assert codes(judged) == ["attestation.undecided"]
        assert [reason.subject for reason in judged.reasons if reason.is_error] == ["all.json#2"]

    def test_are_at_most_as_many_as_are_read(self):
        good = json.loads(release().content)
        assert codes(verify(document([good] * 10_000))) == ["input.too-large", "attestation.undecided"]


class TestPyPIsAttestation:
    def test_is_verified_as_the_bundle_that_it_is_made_of(self):
        judged = verify(document(PYPI), trust=by_identity())
        assert judged.passed
        assert [item.signer for item in judged.evidence] == ["ci"]

    def test_is_verified_out_of_pypis_answer_whose_publisher_counts_for_nothing(self):
        judged = verify(provenance(PYPI, repository="somebody/else"), trust=by_identity())
        assert judged.passed
        assert any("only what the certificates say is believed" in each for each in notes(judged))

    def test_says_nothing_of_another_file(self):
        judged = verify(document(PYPI), trust=by_identity(), source=b"another")
        assert codes(judged) == ["attestation.subject-mismatch"]

    def test_by_somebody_else_does_not_count_whatever_the_publisher_is_said_to_be(self):
        judged = verify(
            provenance(PYPI, repository="acme/policies"), trust=by_identity(identity="https://other.example")
        )
        assert codes(judged) == ["signer.untrusted"]

    def test_with_the_payload_of_another_does_not_verify(self):
        other = base64.b64encode(statement(Digest.of(CONTENT).value, PUBLISHED, more=1)).decode()
        judged = verify(document(PYPI | {"envelope": PYPI["envelope"] | {"statement": other}}), trust=by_identity())
        assert codes(judged) == ["signature.invalid"]

    def test_with_the_log_entry_of_another_does_not_count(self):
        entries = attestation(keyless(INSTANCE, payload=statement()))["verification_material"]["transparency_entries"]
        material = PYPI["verification_material"] | {"transparency_entries": entries}
        judged = verify(document(PYPI | {"verification_material": material}), trust=by_identity())
        assert codes(judged) == ["log.entry-invalid"]

    def test_is_verified_in_all_its_log_entries(self):
        material = PYPI["verification_material"]
        other = attestation(keyless(INSTANCE, payload=statement()))["verification_material"]["transparency_entries"]
        both = material | {"transparency_entries": material["transparency_entries"] + other}
        judged = verify(document(PYPI | {"verification_material": both}), trust=by_identity())
        assert codes(judged) == ["log.entry-invalid"]


class TestWhatGhWrites:
    def test_is_the_bundle_in_it_and_its_own_result_counts_for_nothing(self):
        bundle = json.loads(message_bundle().content)
        said = {"attestation": {"bundle": bundle}, "verificationResult": {"verifiedTimestamps": []}}
        judged = verify(document([said]))
        assert judged.passed
        assert any("verified anew" in each for each in notes(judged))
        assert codes(verify(document([said]), source=b"another")) == ["attestation.subject-mismatch"]


class TestABareSignature:
    @pytest.mark.parametrize("content", [BARE, base64.b64encode(BARE), base64.b64encode(BARE) + b"\n"])
    def test_is_a_signature_of_the_file(self, content):
        judged = verify(document(content, "app.sig"))
        assert (judged.passed, [item.kind for item in judged.evidence]) == (True, ["signature"])

    def test_is_none_of_another_file_and_accuses_nobody(self):
        judged = verify(document(BARE, "app.sig"), source=b"another")
        assert codes(judged) == ["signature.invalid"]
        assert not any("who changed" in reason.hint or "tampered" in reason.hint for reason in judged.reasons)

    def test_by_a_signer_whom_the_rule_does_not_list_is_none(self):
        judged = verify(document(signature_of("p384", CONTENT)), trust=policy("p256", counted=()))
        assert not judged.passed

    def test_counts_its_signer_once_however_it_is_written(self):
        several = [
            document(each, str(number)) for number, each in enumerate((BARE, base64.b64encode(BARE), older(BARE)))
        ]
        judged = verify(*several, trust=policy("p256", "p384", threshold=2))
        assert codes(judged) == ["signature.threshold-not-met"]

    def test_of_a_file_of_which_only_the_digest_is_known_is_undecided(self):
        judged = verify(document(BARE), source=Digest.of(CONTENT))
        assert codes(judged) == ["signature.unsupported", "attestation.undecided"]

    def test_of_an_envelope_s_encoding_is_no_signature_of_a_file_with_these_bytes(self):
        from verifier.formats.intoto.dsse import pae  # noqa: PLC0415 - here alone

        encoded = pae("application/vnd.in-toto+json", PAYLOAD)
        judged = verify(document(signature_of("p256", encoded)), source=encoded)
        assert codes(judged) == ["signature.unsupported", "attestation.undecided"]

    def test_beside_its_certificate_says_that_nothing_proves_the_time(self):
        judged = verify(document(BARE), document(pem_of(INSTANCE.certificate())), trust=by_identity())
        assert not judged.passed
        assert any("nothing proves when" in reason.message for reason in judged.reasons)

    def test_states_no_time_and_no_version(self):
        judged = verify(document(BARE))
        assert "version.unchecked" in warnings(judged)
        assert judged.evidence[0].time is None


class TestCosignsOlderBundle:
    def test_of_a_signature_is_one_by_a_key(self):
        assert verify(document(older(BARE))).passed
        assert codes(verify(document(older(BARE)), source=b"another")) == ["signature.invalid"]
        assert codes(verify(document(older(signature_of("p256-2", CONTENT))))) == ["signature.invalid"]

    def test_with_certificate_and_log_entry_proves_the_identity_and_the_time(self):
        judged = verify(document(older_keyless(INSTANCE, CONTENT)), trust=by_identity())
        assert (judged.passed, judged.evidence[0].signer, judged.evidence[0].time) == (True, "ci", INSTANCE.at)

    def test_of_another_file_or_identity_is_denied(self):
        made = document(older_keyless(INSTANCE, CONTENT))
        assert codes(verify(made, trust=by_identity(), source=b"another")) == ["signature.invalid"]
        assert codes(verify(made, trust=by_identity(identity="https://other.example"))) == ["signer.untrusted"]

    def test_without_its_log_entry_proves_no_identity(self):
        made = older_keyless(INSTANCE, CONTENT)
        del made["rekorBundle"]
        assert codes(verify(document(made), trust=by_identity())) == ["log.missing"]

    @pytest.mark.parametrize("field", ["integratedTime", "logIndex"])
    def test_whose_log_entry_was_changed_is_denied(self, field):
        made = older_keyless(INSTANCE, CONTENT)
        made["rekorBundle"]["Payload"][field] += 1
        assert codes(verify(document(made), trust=by_identity())) == ["log.entry-invalid"]

    def test_with_the_log_entry_of_another_signature_is_denied(self):
        made, other = older_keyless(INSTANCE, CONTENT), older_keyless(INSTANCE, b"another")
        judged = verify(document(made | {"rekorBundle": other["rekorBundle"]}), trust=by_identity())
        assert codes(judged) == ["log.entry-invalid"]

    def test_with_a_key_and_a_log_entry_is_held_against_the_log(self):
        content = message_of("p256", CONTENT)
        recorded = body("hashedrekord", "0.0.1", content, public_pem("p256"))
        made = older_logged(INSTANCE, base64.b64decode(content["signature"]), recorded)
        root = by_identity().sigstore
        judged = verify(document(made), trust=replace(policy(), sigstore=root))
        assert judged.passed
        made["rekorBundle"]["Payload"]["integratedTime"] -= 60
        assert codes(verify(document(made), trust=replace(policy(), sigstore=root))) == ["log.entry-invalid"]

    def test_of_an_attestation_is_its_envelope(self):
        judged = verify(document(older(release().content.strip())))
        assert (judged.passed, judged.evidence[0].kind) == (True, "attestation")
