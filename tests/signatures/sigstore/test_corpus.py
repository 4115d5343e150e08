"""Every file of the corpus of Sigstore bundles, each with its outcome; a file that is not listed fails."""

import copy
import functools
import json
from datetime import datetime, timedelta

import pytest

from tests.support.corpora.sigstore_bundles import BAD, GITHUB, GOOD, keyless
from tests.support.material import NOW, codes, corpus
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.intoto.attestation_kind import looks_like_bundle
from verifier.signatures.sigstore.keyless import SigstoreVerifier
from verifier.signatures.sigstore.root import embedded_root, load_root, parse_root

pytestmark = pytest.mark.corpus


NOT_BUNDLES = {
    # Detached signatures and certificates, which no log entry goes with, and what they sign.
    "a.txt", "a.txt.crt", "a.txt.sig", "b.txt", "b.txt.crt", "b.txt.sig", "bad.txt", "bad.txt.crt", "bad.txt.sig",
    "bundle.txt.crt", "bundle.txt.sig", "bundle_no_checkpoint.txt.bundle", "bundle_no_checkpoint.txt.crt",
    "c.txt", "c.txt.crt", "c.txt.sig", "offline-rekor.txt", "offline-rekor.txt.crt", "offline-rekor.txt.sig",
    "a.dsse.staging-rekor-v2.txt", "integration/a.txt", "integration/b.txt", "integration/c.txt",
    # Predicates to be signed, and a timestamp that no bundle holds.
    "integration/attest/slsa_predicate_v0_2.json", "integration/attest/slsa_predicate_v1_0.json",
    "tsa/issue1482-message", "tsa/issue1482-timestamp-with-no-cert",
    # Trusted roots, which `test_sigstore_root` reads, and what else an instance publishes.
    "tsa/ca.json", "tsa/trust_config.json", "trust_config/config.badtype.json", "trust_config/config.v1.json",
    "trusted_root/certificate_authority.empty.json", "trusted_root/certificate_authority.json",
    "trusted_root/certificate_authority.missingroot.json", "trusted_root/trustedroot.badtype.json",
    "trusted_root/trustedroot.v1.json", "trusted_root/trustedroot.v1.local_tlog_ed25519_rekor-tiles.json",
    "signing_config/signingconfig-only-v1-rekor.v2.json", "signing_config/signingconfig.v2.json",
}  # fmt: skip


@functools.cache
def verifier_for(root):
    known = root in ("production", "staging")
    return SigstoreVerifier(embedded_root(root) if known else load_root(corpus("sigstore") / root))


def verify(document, artifact, signer, *, verifier, now=NOW):
    known = artifact if isinstance(artifact, Digest) else None
    content = (corpus("sigstore") / artifact).read_bytes() if isinstance(artifact, str) else None
    return verifier.verify(document, signers=[signer], digest=known, content=content, now=now, subject="corpus")


def read(path):
    return (corpus("sigstore") / path).read_bytes()


@pytest.mark.parametrize(
    ("root", "path", "artifact", "issuer", "identity", "at"), GOOD, ids=lambda value: str(value)[-40:]
)
def test_a_genuine_bundle_is_accepted_for_its_signer_only(root, path, artifact, issuer, identity, at):
    verifier = verifier_for(root)
    (who,) = verify(read(path), artifact, keyless(issuer, identity), verifier=verifier).signers
    assert (who.name, who.signed_time) == ("wanted", datetime.fromisoformat(at))
    assert (who.certificate.issuer, who.certificate.identity) == (issuer, identity)
    with pytest.raises(Refused) as refused:
        verify(read(path), artifact, keyless(issuer, f"{identity}x"), verifier=verifier)
    assert codes(refused) == ["signer.untrusted"]


@pytest.mark.parametrize(("root", "path", "artifact", "code"), BAD, ids=lambda value: str(value)[-40:])
def test_a_bad_bundle_is_refused_by_its_own_code(root, path, artifact, code):
    with pytest.raises(Refused) as refused:
        verify(read(path), artifact, keyless("https://any.example", "*"), verifier=verifier_for(root))
    assert codes(refused) == [code]


@pytest.mark.parametrize("row", [row for row in GOOD if row[0] in ("production", "staging")], ids=lambda row: row[1])
def test_a_bundle_of_one_instance_is_refused_by_the_other(row):
    root, path, artifact, issuer, identity, _ = row
    other = verifier_for({"production": "staging", "staging": "production"}[root])
    with pytest.raises(Refused) as refused:
        verify(read(path), artifact, keyless(issuer, identity), verifier=other)
    assert set(codes(refused)) <= {"log.entry-invalid", "time.untrusted"}


def test_every_file_of_the_corpus_is_listed():
    folder = corpus("sigstore")
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    bundles = {row[1] for row in (*GOOD, *BAD)}
    artifacts = {row[2] for row in (*GOOD, *BAD) if isinstance(row[2], str)}
    assert {path for path in present if not path.startswith("staging-tuf/")} == bundles | artifacts | NOT_BUNDLES
    assert {path for path in present if looks_like_bundle((folder / path).read_bytes())} == bundles


def staging(**changes):
    """The staging instance's root as a document, changed."""
    path = next((corpus("sigstore") / "staging-tuf/targets").glob("*.trusted_root.json"))
    return json.loads(path.read_bytes()) | changes


REKOR_V2 = ("staging-rekor-v2.txt.sigstore.json", "staging-rekor-v2.txt", keyless(GITHUB, "jku@goto.fi"))
STAMPED = datetime.fromisoformat("2025-06-09T11:57:38Z")


@pytest.mark.parametrize(("shift", "holds"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize("end", [True, False], ids=["end", "start"])
def test_a_timestamp_at_the_end_of_its_authoritys_window_counts(shift, holds, end):
    path, artifact, who = REKOR_V2
    root = staging()
    edge = (STAMPED + (1 if end else -1) * timedelta(seconds=shift)).isoformat()
    window = {"start": "2025-01-01T00:00:00Z", "end": edge} if end else {"start": edge}
    root["timestampAuthorities"][0]["validFor"] = window
    verifier = SigstoreVerifier(parse_root(json.dumps(root).encode(), name="changed"))
    if holds:
        assert verify(read(path), artifact, who, verifier=verifier).signers[0].signed_time == STAMPED
        return
    with pytest.raises(Refused) as refused:
        verify(read(path), artifact, who, verifier=verifier)
    assert codes(refused)[0] == "time.untrusted"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("tlogs", "log.entry-invalid"),
        ("certificateAuthorities", "certificate.invalid"),
        ("ctlogs", "certificate.invalid"),
    ],
)
def test_a_key_that_was_not_valid_at_the_time_of_signing_does_not_count(part, code):
    path, artifact, who = REKOR_V2
    root = staging()
    for each in root[part]:
        each.get("publicKey", each)["validFor"] = {"start": "2001-01-01T00:00:00Z", "end": "2001-12-31T00:00:00Z"}
    with pytest.raises(Refused) as refused:
        verify(read(path), artifact, who, verifier=SigstoreVerifier(parse_root(json.dumps(root).encode(), name="old")))
    assert codes(refused) == [code]


def test_a_certificate_that_its_log_did_not_promise_to_log_is_refused():
    path, artifact, who = REKOR_V2
    root = staging()
    for each, other in zip(root["ctlogs"], reversed(staging()["ctlogs"]), strict=True):
        each["publicKey"]["rawBytes"] = other["publicKey"]["rawBytes"]
        each["publicKey"]["keyDetails"] = other["publicKey"]["keyDetails"]
    verifier = SigstoreVerifier(parse_root(json.dumps(root).encode(), name="swapped"))
    with pytest.raises(Refused) as refused:
        verify(read(path), artifact, who, verifier=verifier)
    assert codes(refused) == ["certificate.invalid"]
    assert "SCT" in refused.value.reasons[0].message


def test_a_private_instance_without_logs_needs_a_timestamp_only():
    path, artifact, who = REKOR_V2
    document = json.loads(read(path))
    document["verificationMaterial"]["tlogEntries"] = []
    private = SigstoreVerifier(parse_root(json.dumps(staging(tlogs=[])).encode(), name="private"))
    raw = json.dumps(document).encode()
    assert verify(raw, artifact, who, verifier=private).signers[0].signed_time == STAMPED
    with pytest.raises(Refused) as refused:
        verify(raw, artifact, who, verifier=verifier_for("staging"))
    assert codes(refused) == ["log.missing"]


def test_a_timestamp_of_another_signature_does_not_count():
    first, second = (json.loads(read(row[1])) for row in GOOD if "rekor-v2" in row[1])
    mixed = copy.deepcopy(first)
    stamps = second["verificationMaterial"]["timestampVerificationData"]
    mixed["verificationMaterial"]["timestampVerificationData"] = stamps
    path, artifact, who = REKOR_V2
    assert json.loads(read(path)) == first
    with pytest.raises(Refused) as refused:
        verify(json.dumps(mixed).encode(), artifact, who, verifier=verifier_for("staging"))
    assert codes(refused)[0] == "time.untrusted"
