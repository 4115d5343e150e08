"""Attacks that a review has found, each kept: those that once succeeded, and those that never did."""

import base64
import gzip
import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from tests.support import material
from tests.support.material import NOW, private_key, public_pem, signer
from tests.support.rules import artifact_rule
from tests.support.sigstore_instance import (
    V03,
    Instance,
    body,
    bundle,
    envelope_of,
    identity,
    key_material,
    pem_of,
    signature_of,
)  # fmt: skip
from tests.support.stories import (
    NAME,
    SCOPE,
    URI,
    VERIFIER,
    StubbornEngine,
    archive,
    codes,
    detached,
    policy,
    signed,
    verify,
)  # fmt: skip
from tests.support.verdicts import dossier
from verifier.cli import stores
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.core.limits import MAX_SIGNATURES
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.engine.by_verdict import VerdictRequest, verify_verdict
from verifier.files.write import replace_file
from verifier.formats.intoto.dsse import pae
from verifier.formats.intoto.release import Release, build_release
from verifier.formats.opa.yaml import parse as parse_yaml
from verifier.ledger.absent import Unopened, ledger_of
from verifier.ledger.advance import Circumstances
from verifier.ledger.open import create_ledger_url, open_ledger_url
from verifier.ledger.operate import withdraw_digest, withdraw_versions
from verifier.publish.attest import sign_vsa
from verifier.reports import json as json_report
from verifier.reports import terminal
from verifier.signatures.budget import MAX_OPERATIONS
from verifier.trust.sections.capabilities import CapabilityRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionFrom, VersionUnchecked
from verifier.trust.tables.verifiers import VerifierRule
from verifier.versions.schemes import Scheme
from verifier.versions.state import VersionRange

INSTANCE = Instance(NOW)
OWN_ROOT = SigstoreInstance(name="own", document=json.dumps(INSTANCE.root_document()).encode())
LONG_AGO = NOW - timedelta(days=400)
WORKFLOW = "https://forge.example/acme/policies/.forge/release.yml"
ANY_REF = identity("ci", identity=f"{WORKFLOW}@*")
OPERATOR = Circumstances(now=NOW, actor="operator")
SIGNED_TIME = VersionFrom(source="signed-time", scheme="signed-time")
FRESH = timedelta(days=30)


def trusting(*names, **given):
    """A policy that believes the instance of these tests."""
    return replace(policy(*names, **given), sigstore=OWN_ROOT)


def release(content, *, issued_at=NOW, kind="bundle", name=NAME, digests=(), **claims) -> bytes:
    made = Release(kind=kind, name=name, issued_at=issued_at, **claims)
    return json.dumps(build_release(made, digests=digests or [Digest.of(content)])).encode()


def beside(document) -> tuple[Document, ...]:
    return (Document(name="beside.json", content=json.dumps(document).encode()),)


def keyless_release(content, who, **claims) -> tuple[Document, ...]:
    certificate = INSTANCE.certificate(names=[x509.UniformResourceIdentifier(who)])
    envelope = envelope_of(payload=release(content, **claims))
    entry = INSTANCE.entry(body("intoto", "0.0.2", envelope, pem_of(certificate)))
    return beside(bundle(envelope, certificate, entry))


def logged_anew(envelope) -> tuple[Document, ...]:
    """What anybody can make of a signature by a key: a bundle whose log entry is of today."""
    return beside(bundle(envelope, key_material(), INSTANCE.entry(body("dsse", "0.0.1", envelope, public_pem("p256")))))


def artifact_policy(**rule):
    chosen = {"version": VersionFrom(source="attestation.version", scheme="semver")} | rule
    signatures = SignatureRule(threshold=1, from_=("p256",), attestations=chosen.pop("attestations", ()))
    only = artifact_rule("artifact:tool", signatures, **chosen)
    return replace(trusting("p256"), artifacts=(only,))


@pytest.fixture
def ledger(tmp_path):
    url = f"sqlite://{tmp_path}/state/ledger.db"
    create_ledger_url(url)
    with open_ledger_url(url) as store:
        yield store


class TestCountingSigners:
    def test_one_wildcard_signer_under_two_refs_counts_once(self):
        content = archive()
        both = (*keyless_release(content, f"{WORKFLOW}@refs/tags/v1"), *keyless_release(content, f"{WORKFLOW}@refs/x"))
        trust = trusting(threshold=2, signers=(ANY_REF, signer("ed25519")))
        assert codes(verify(content, trust, attestations=both).verdict) == ["signature.threshold-not-met"]
        assert verify(content, trust, attestations=(*both, detached(content))).verdict.passed

    def test_a_key_that_is_revoked_under_another_name_signs_no_verdict(self):
        accepted = verify().verdict
        current, revoked = signer("ci", "p256"), signer("old", "p256", revoked=True)
        trust = replace(
            policy(signers=(current,)),
            signers={"ci": current, "old": revoked},
            verifiers=(VerifierRule(name="ci", signer="ci", id=VERIFIER),),
        )
        summary = sign_vsa(accepted, key=private_key("p256"), keyid="ci")
        judged = judge(summary, accepted, trust)
        assert (judged.passed, set(codes(judged))) == (False, {"signer.revoked"})


class TestTheTimeOfSigning:
    def test_logging_an_old_signature_anew_does_not_make_it_fresh(self):
        content = archive()
        old = logged_anew(envelope_of(payload=release(content, issued_at=LONG_AGO)))
        trust = trusting("p256", freshness=FRESH)
        assert codes(verify(content, trust, attestations=old).verdict) == ["freshness.expired"]

    def test_logging_an_old_signature_anew_does_not_make_it_a_newer_version(self, ledger):
        trust = trusting("p256", version=SIGNED_TIME)
        newer = archive("2.0.0")
        last_week = detached(newer, "p256", issued_at=NOW - timedelta(days=7))
        assert verify(newer, trust, attestations=(last_week,), ledger=ledger, record=True).verdict.passed
        content = archive()
        replayed = logged_anew(envelope_of(payload=release(content, issued_at=LONG_AGO)))
        denied = verify(content, trust, attestations=replayed, ledger=ledger, record=True).verdict
        assert codes(denied) == ["version.rollback"]

    def test_a_signature_by_a_key_that_states_no_time_has_none_whatever_a_log_says(self):
        content = archive()
        claimless = json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"digest": {"sha256": Digest.of(content).value}}],
                "predicateType": "https://sigstore.dev/cosign/sign/v1",
                "predicate": {},
            }
        ).encode()
        trust = trusting("p256", freshness=FRESH)
        undated = verify(content, trust, attestations=logged_anew(envelope_of(payload=claimless))).verdict
        assert codes(undated) == ["freshness.no-signed-time"]

    def test_a_certificate_of_minutes_proves_the_time_of_a_signature(self):
        content = archive()
        trust = trusting(signers=(ANY_REF,), freshness=FRESH)
        assert verify(content, trust, attestations=keyless_release(content, f"{WORKFLOW}@v1")).verdict.passed
        stale = keyless_release(content, f"{WORKFLOW}@v1", issued_at=LONG_AGO)
        assert codes(verify(content, trust, attestations=stale).verdict) == ["freshness.expired"]


class TestWhatIsKnownByAnotherDigest:
    @pytest.mark.parametrize("other", [Digest(algorithm="sha512", value="ab" * 64), Digest.parse("gce_image_id:42")])
    def test_it_cannot_be_ordered_and_is_denied(self, other, ledger):
        beside_it = self.released(other, version="1.0.0")
        given = {"kind": "artifact", "name": "tool", "attestations": beside_it, "ledger": ledger}
        assert codes(verify(other, artifact_policy(), **given).verdict) == ["version.unorderable"]

    def test_it_does_not_evade_a_quarantine(self, ledger):
        other = Digest(algorithm="sha512", value="ab" * 64)
        trust = artifact_policy(version=VersionUnchecked())
        given = {"kind": "artifact", "name": "tool", "attestations": self.released(other), "ledger": ledger}
        assert verify(other, trust, **given).verdict.passed
        withdraw_digest(ledger, "artifact:tool", Digest.of(b"tool"), OPERATOR)
        assert codes(verify(other, trust, **given).verdict) == ["version.unorderable"]

    def test_a_verdict_about_it_does_not_evade_a_quarantine_either(self, ledger):
        passed = verify(ledger=ledger).verdict
        other = Digest(algorithm="sha512", value="ab" * 64)
        renamed = replace(passed, subject=replace(passed.subject, digest=other))
        summary = sign_vsa(renamed, key=private_key("p256"), keyid="p256")
        assert codes(judge(summary, renamed, policy(), ledger=ledger)) == ["ledger.scope-unknown"]
        withdraw_digest(ledger, SCOPE, passed.subject.digest, OPERATOR)
        assert codes(judge(summary, renamed, policy(), ledger=ledger)) == ["version.unorderable"]

    def test_a_subject_with_the_right_sha512_and_a_wrong_sha256_is_another_one(self):
        content = b"tool"
        sha512 = Digest(algorithm="sha512", value=hashlib.sha512(content).hexdigest())
        mixed = release(content, kind="artifact", name="tool", digests=[Digest.of(b"other"), sha512])
        document = Document(name="mixed.json", content=material.envelope(mixed, "p256"))
        trust = artifact_policy(version=VersionUnchecked())
        verdict = verify(content, trust, kind="artifact", name="tool", attestations=(document,)).verdict
        assert codes(verdict) == ["attestation.subject-mismatch", "attestation.undecided"]

    @staticmethod
    def released(digest, **claims) -> tuple[Document, ...]:
        statement = release(b"", kind="artifact", name="tool", digests=[digest], **claims)
        return (Document(name="release.json", content=material.envelope(statement, "p256")),)


class TestPackingAnew:
    """An embedded signature covers files, not the archive: whoever holds it can pack other bytes that verify."""

    def test_the_accepted_version_packed_anew_is_another_content(self, ledger):
        content = signed()
        assert verify(content, ledger=ledger, record=True).verdict.passed
        assert codes(verify(gzip.compress(gzip.decompress(content), mtime=0), ledger=ledger).verdict) == [
            "version.equivocation"
        ]

    def test_a_withdrawn_version_stays_withdrawn_however_it_is_packed(self, ledger):
        bad = signed(archive("1.1.0"))
        one = VersionRange(lowest="1.1.0", highest="1.1.0", scheme=Scheme.SEMVER)
        withdraw_versions(ledger, SCOPE, one, OPERATOR)
        for content in (bad, gzip.compress(gzip.decompress(bad), mtime=0)):
            assert codes(verify(content, ledger=ledger).verdict) == ["version.quarantined"]


class TestOneReading:
    @pytest.mark.parametrize(
        "scalar",
        ["-_1", "+_1", "-__4", "0_x1F", "0_o7", "0_b1", "+0_x1f", "1e_-3", "5E_+7", "-_.5", "0o+7", "0b-1", "-0_B1"],
    )
    def test_a_number_with_stray_underscores_is_a_text_to_some_readers_and_disputed(self, scalar):
        with pytest.raises(Refused) as refused:
            parse_yaml(f"limit: {scalar}\n".encode(), subject="data.yaml")
        assert refused.value.reasons[0].code == "yaml.unsupported"

    @pytest.mark.parametrize("scalar", ["_1", "a_1", "x-_1", "v1_0", "._5x", "-_a", "1_a"])
    def test_a_text_with_underscores_stays_one(self, scalar):
        assert parse_yaml(f"limit: {scalar}\n".encode(), subject="data.yaml").value == {"limit": scalar}


class TestBeforeASignatureIsProven:
    def test_a_name_as_long_as_the_input_does_not_fill_the_report(self):
        key = json.dumps("\x7f" * 1_000_000)
        verdict = verify(archive(data_json=f"{{{key}: 1, {key}: 2}}".encode())).verdict
        assert codes(verdict) == ["json.duplicate-key"]
        assert len(json_report.render(dossier(verdict))) < 50_000

    def test_a_version_as_long_as_the_input_does_not_fill_the_report(self):
        verdict = verify(archive("\x7f" * 1_000_000)).verdict
        assert codes(verdict) == ["signature.missing", "version.unorderable"]
        assert len(json_report.render(dossier(verdict))) < 50_000
        assert len(terminal.render(dossier(verdict))) < 50_000

    def test_thousands_of_signatures_beside_an_artifact_are_not_all_tried(self):
        often = material.envelope(b"{}", *["p256-2"] * MAX_SIGNATURES).replace(b'"p256-2"', b'""')
        flood = b"".join(often.replace(b"{", b'{"n":%d,' % number, 1) for number in range(200))
        verdict = verify(attestations=(Document(name="flood.jsonl", content=flood),)).verdict
        told = Counter(reason.code for reason in verdict.reasons if reason.subject.startswith("flood.jsonl#"))
        assert told["signature.invalid"] == MAX_OPERATIONS // MAX_SIGNATURES == 200 - told["attestation.undecided"]

    def test_a_stranger_s_module_is_given_to_no_compiler(self):
        engine = StubbornEngine(builtins=("http.send",))
        compiled = []
        engine.analyse = lambda modules: compiled.extend(modules) or ()
        trust = policy(capabilities=CapabilityRule(deny=("http.send",)))
        assert codes(verify(archive(), trust, rego=engine).verdict) == ["signature.missing"]
        stranger = codes(verify(signed(key="p256-2", keyid="p256"), trust, rego=engine).verdict)
        assert (stranger, compiled) == (["signature.invalid"], [])
        assert codes(verify(trust=trust, rego=engine).verdict) == ["capability.unanalysed"]
        assert len(compiled) == 1


class TestSignaturesOfOtherThings:
    def test_the_signature_of_an_envelope_is_not_one_of_a_file_that_is_its_encoding(self):
        # A shell runs what stands in $( ), wherever in its "script" the signer of a statement was made to write it.
        statement = material.statement("ab" * 32, "https://example.org/t/v1", note="$(touch /tmp/mark)")
        script = pae(material.IN_TOTO, statement)
        stolen = envelope_of(payload=statement)["signatures"][0]["sig"]
        trust = artifact_policy(version=VersionUnchecked())
        given = {"kind": "artifact", "name": "tool", "attestations": beside(file_signature(script, stolen))}
        assert codes(verify(script, trust, **given).verdict) == ["signature.unsupported", "attestation.undecided"]
        own = file_signature(b"tool", b64(signature_of("p256", b"tool")))
        assert verify(b"tool", trust, kind="artifact", name="tool", attestations=beside(own)).verdict.passed


class TestPlaces:
    def test_a_link_that_somebody_planted_where_everyone_may_write_leads_to_no_ledger(self, tmp_path):
        theirs, everyones = tmp_path / "theirs", tmp_path / "everyones"
        everyones.mkdir()
        create_ledger_url(f"sqlite://{theirs}/ledger.db")
        (everyones / "ledger.db").symlink_to(theirs / "ledger.db")
        (everyones / "state").symlink_to(theirs)
        everyones.chmod(0o777)
        for name in ("ledger.db", "state/ledger.db"):
            with pytest.raises(Refused) as refused:
                open_ledger_url(f"sqlite://{everyones}/{name}")
            assert refused.value.reasons[0].code == "ledger.unavailable"
            assert "may exchange" in refused.value.reasons[0].message

    def test_a_ledger_behind_a_link_that_leads_nowhere_is_a_lost_one(self, tmp_path, monkeypatch):
        (tmp_path / "policy-verifier").mkdir()
        (tmp_path / "policy-verifier" / "ledger.db").symlink_to(tmp_path / "unmounted" / "ledger.db")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        with stores.opened(None, create_missing=False, record=False) as store:
            assert isinstance(store, Unopened)
            assert [reason.code for reason in store.reasons] == ["ledger.unavailable"]

    def test_a_verdict_is_written_in_the_place_of_a_link_never_through_it(self, tmp_path):
        target, link = tmp_path / "authorized_keys", tmp_path / "verdict.json"
        target.write_text("mine")
        link.symlink_to(target)
        replace_file(link, b"verdict")
        assert (target.read_text(), link.read_bytes(), link.is_symlink()) == ("mine", b"verdict", False)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["authorized_keys", "verdict.json"]


def judge(summary, accepted, trust, *, ledger=None):
    request = VerdictRequest(
        document=Document(name="verdict.json", content=summary),
        digest=accepted.subject.digest,
        resource_uri=accepted.subject.resource_uri or URI,
        scope=f"{accepted.subject.kind}:{accepted.subject.name}",
        policy=trust,
        now=NOW,
        correlation_id="x",
        ledger=ledger_of(ledger),
    )
    return verify_verdict(request)


def file_signature(content: bytes, signature: str) -> dict:
    digest = b64(bytes.fromhex(Digest.of(content).value))
    signed_file = {"messageDigest": {"algorithm": "SHA2_256", "digest": digest}, "signature": signature}
    logged = body("hashedrekord", "0.0.1", signed_file, public_pem("p256"))
    return bundle(signed_file, key_material(), INSTANCE.entry(logged), media_type=V03)


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
