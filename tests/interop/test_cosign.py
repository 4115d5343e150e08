"""Sigstore bundles in both directions with a real cosign: it verifies what we sign, we verify what it signs."""

import base64
import json
import subprocess
from datetime import UTC, datetime

import pytest

from tests.support.material import private_pem, public_pem
from tests.support.peers.local_sigstore import IDENTITY, ISSUER, RELEASE_CI, identity_token, local_sigstore
from tests.support.peers.peers import executable, run
from verifier.core.digest import Digest, Digests
from verifier.core.errors import Refused
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.core.uris import STATEMENT_V1
from verifier.formats.intoto.statement import matching_subject, parse_statement
from verifier.publish.keyless import attest_keyless, sign_artifact_keyless
from verifier.signatures.attestation import verify_attestation
from verifier.signatures.sigstore.keyless import SigstoreVerifier
from verifier.signatures.sigstore.root import load_root

pytestmark = pytest.mark.interop
LOGGED = ["rekor1", "rekor1_tsa", "rekor2"]
UNLOGGED = ["tsa_only", "nothing"]
CONTENT = b"a policy bundle"
DIGEST = Digest.of(CONTENT)
TYPE = "https://example.org/t/v1"
STATEMENT = {
    "_type": STATEMENT_V1,
    "subject": [{"name": "artifact", "digest": {"sha256": DIGEST.value}}],
    "predicateType": TYPE,
    "predicate": {"count": 1},
}


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory):
    with local_sigstore(tmp_path_factory.mktemp("sigstore")) as running:
        yield running


@pytest.fixture
def cosign(sigstore, tmp_path):
    """Runs cosign where there is an artifact, a predicate, a token, and a key pair."""
    program = executable("cosign", "COSIGN")
    environment = {"COSIGN_PASSWORD": "correct horse", "TUF_ROOT": str(tmp_path / "tuf")}

    def cosign(*arguments):
        return run(program, *arguments, cwd=tmp_path, environment=environment)

    (tmp_path / "artifact").write_bytes(CONTENT)
    (tmp_path / "predicate.json").write_text(json.dumps(STATEMENT["predicate"]))
    (tmp_path / "token").write_text(identity_token())
    cosign("generate-key-pair")
    return cosign


def made_by_cosign(cosign, sigstore, tmp_path, config, *, keyless, attest):
    whom = ["--identity-token", "token"] if keyless else ["--key", "cosign.key"]
    where = ["--signing-config", str(sigstore.signing_config(config)), "--trusted-root", str(sigstore.trusted_root)]
    what = ["attest-blob", "--predicate", "predicate.json", "--type", TYPE] if attest else ["sign-blob"]
    cosign(*what, "--yes", *whom, *where, "--bundle", "bundle.json", "artifact")
    return (tmp_path / "bundle.json").read_bytes()


def accepted_by_cosign(cosign, sigstore, tmp_path, bundle, *, attest):
    (tmp_path / "bundle.json").write_bytes(bundle)
    what = ["verify-blob-attestation", "--type", TYPE] if attest else ["verify-blob"]
    whom = ["--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER]
    stamped = b"rfc3161Timestamps" in bundle and b"signedTimestamp" in bundle
    how = ["--trusted-root", str(sigstore.trusted_root), *(["--use-signed-timestamps"] if stamped else [])]
    return "Verified OK" in cosign(*what, *whom, *how, "--bundle", "bundle.json", "artifact")


def verify(sigstore, bundle, signer, *, content=CONTENT):
    verifier = SigstoreVerifier(load_root(sigstore.trusted_root))
    now = datetime.now(UTC)
    return verifier.verify(bundle, signers=[signer], digest=None, content=content, now=now, subject="s")


def key_signer(tmp_path):
    pem = (tmp_path / "cosign.pub").read_bytes()
    return Signer(name="cosign", kid="cosign", public_key=pem, answers_any_kid=True)


@pytest.mark.parametrize("config", LOGGED)
def test_cosign_accepts_a_signature_that_we_make(cosign, sigstore, tmp_path, config):
    bundle = sign_artifact_keyless(CONTENT, signer=sigstore.signer(config))
    assert accepted_by_cosign(cosign, sigstore, tmp_path, bundle, attest=False)


@pytest.mark.parametrize("config", LOGGED)
def test_cosign_accepts_an_attestation_that_we_make(cosign, sigstore, tmp_path, config):
    bundle = attest_keyless(STATEMENT, signer=sigstore.signer(config))
    assert accepted_by_cosign(cosign, sigstore, tmp_path, bundle, attest=True)


@pytest.mark.parametrize("attest", [False, True])
def test_cosign_refuses_what_we_signed_for_another_artifact(cosign, sigstore, tmp_path, attest):
    signer = sigstore.signer("rekor2")
    other = STATEMENT | {"subject": [{"name": "artifact", "digest": {"sha256": "0" * 64}}]}
    bundle = attest_keyless(other, signer=signer) if attest else sign_artifact_keyless(b"another", signer=signer)
    with pytest.raises(subprocess.CalledProcessError):
        accepted_by_cosign(cosign, sigstore, tmp_path, bundle, attest=attest)


@pytest.mark.parametrize("config", LOGGED)
def test_a_keyless_signature_of_cosign_verifies_here(cosign, sigstore, tmp_path, config):
    bundle = made_by_cosign(cosign, sigstore, tmp_path, config, keyless=True, attest=False)
    verified = verify(sigstore, bundle, RELEASE_CI)
    assert verified.digest == DIGEST
    assert verified.signers[0].certificate.identity == IDENTITY


@pytest.mark.parametrize("config", LOGGED)
def test_a_keyless_attestation_of_cosign_verifies_here(cosign, sigstore, tmp_path, config):
    bundle = made_by_cosign(cosign, sigstore, tmp_path, config, keyless=True, attest=True)
    statement = parse_statement(verify(sigstore, bundle, RELEASE_CI).payload, subject="s")
    assert statement.predicate_type == TYPE
    assert matching_subject(statement, Digests(DIGEST))


@pytest.mark.parametrize("config", LOGGED + UNLOGGED)
def test_a_key_s_signature_of_cosign_verifies_here(cosign, sigstore, tmp_path, config):
    bundle = made_by_cosign(cosign, sigstore, tmp_path, config, keyless=False, attest=False)
    verified = verify(sigstore, bundle, key_signer(tmp_path))
    assert (verified.digest, verified.signers[0].kind) == (DIGEST, "key")
    assert (verified.signers[0].signed_time is None) == (config == "nothing")


@pytest.mark.parametrize("config", LOGGED + UNLOGGED)
def test_a_key_s_attestation_of_cosign_verifies_here(cosign, sigstore, tmp_path, config):
    bundle = made_by_cosign(cosign, sigstore, tmp_path, config, keyless=False, attest=True)
    statement = parse_statement(verify(sigstore, bundle, key_signer(tmp_path)).payload, subject="s")
    assert matching_subject(statement, Digests(DIGEST))


@pytest.mark.parametrize("keyless", [False, True])
def test_a_signature_of_cosign_over_another_artifact_is_denied(cosign, sigstore, tmp_path, keyless):
    bundle = made_by_cosign(cosign, sigstore, tmp_path, "rekor2", keyless=keyless, attest=False)
    signer = RELEASE_CI if keyless else key_signer(tmp_path)
    with pytest.raises(Refused) as refused:
        verify(sigstore, bundle, signer, content=b"another")
    assert refused.value.reasons[0].code == "attestation.subject-mismatch"


def older_of_cosign(cosign, sigstore, tmp_path, config, *, keyless, key="cosign.key", attest=False):
    """cosign's older bundle, and where a file was signed the signature in a file of its own."""
    whom = ["--identity-token", "token"] if keyless else ["--key", key]
    where = ["--signing-config", str(sigstore.signing_config(config)), "--trusted-root", str(sigstore.trusted_root)]
    what = ["attest-blob", "--predicate", "predicate.json", "--type", TYPE] if attest else ["sign-blob"]
    signature = [] if attest else ["--output-signature", "artifact.sig"]
    out = ["--new-bundle-format=false", "--bundle", "older.json", *signature]
    cosign(*what, "--yes", *whom, *where, *out, "artifact")
    return (tmp_path / "older.json").read_bytes(), b"" if attest else (tmp_path / "artifact.sig").read_bytes()


def verify_any(sigstore, document, signer, *, content=CONTENT):
    root = SigstoreInstance(name="local", document=sigstore.trusted_root.read_bytes())
    return verify_attestation(
        document,
        signers=[signer],
        sigstore=root,
        digest=Digest.of(content),
        content=content,
        now=datetime.now(UTC),
        subject="s",
    )


def refusal(*args, **changes):
    with pytest.raises(Refused) as refused:
        verify_any(*args, **changes)
    return refused.value.reasons[0].code


@pytest.mark.parametrize("config", ["rekor1", "nothing"])
def test_cosign_s_older_bundle_and_bare_signature_by_a_key_verify_here(cosign, sigstore, tmp_path, config):
    bundle, bare = older_of_cosign(cosign, sigstore, tmp_path, config, keyless=False)
    assert set(json.loads(bundle)) == {"base64Signature", *(["rekorBundle"] if config == "rekor1" else [])}
    signer = key_signer(tmp_path)
    for document in (bundle, bare, base64.b64decode(bare)):
        assert verify_any(sigstore, document, signer).digest == DIGEST
        assert refusal(sigstore, document, signer, content=b"another") in ("signature.invalid", "log.entry-invalid")
        other = Signer(name="other", kid="other", public_key=public_pem("p256"), answers_any_kid=True)
        assert refusal(sigstore, document, other) == "signature.invalid"
    accepted = cosign(
        "verify-blob", "--key", "cosign.pub", "--insecure-ignore-tlog", "--signature", "artifact.sig", "artifact"
    )
    assert "Verified OK" in accepted


def test_cosign_s_older_bundle_with_a_certificate_proves_its_identity_and_time(cosign, sigstore, tmp_path):
    bundle, bare = older_of_cosign(cosign, sigstore, tmp_path, "rekor1", keyless=True)
    assert set(json.loads(bundle)) == {"base64Signature", "cert", "rekorBundle"}
    (proven,) = verify_any(sigstore, bundle, RELEASE_CI).signers
    assert (proven.certificate.identity, proven.signed_time is not None) == (IDENTITY, True)
    assert refusal(sigstore, bundle, RELEASE_CI, content=b"another") == "signature.invalid"
    assert refusal(sigstore, bare, RELEASE_CI) == "signer.untrusted"


def test_cosign_s_older_bundle_of_a_log_that_promises_nothing_is_refused_by_its_entry(cosign, sigstore, tmp_path):
    bundle, _ = older_of_cosign(cosign, sigstore, tmp_path, "rekor2", keyless=True)
    assert refusal(sigstore, bundle, RELEASE_CI) == "log.entry-invalid"


def test_cosign_s_older_bundle_of_an_attestation_is_its_envelope(cosign, sigstore, tmp_path):
    for keyless, config in ((False, "nothing"), (False, "rekor1"), (True, "rekor1")):
        bundle, _ = older_of_cosign(cosign, sigstore, tmp_path, config, keyless=keyless, attest=True)
        verified = verify_any(sigstore, bundle, RELEASE_CI if keyless else key_signer(tmp_path))
        assert matching_subject(parse_statement(verified.payload, subject="s"), Digests(DIGEST))


@pytest.mark.parametrize("name", ["rsa", "ed25519", "p384", "p521"])
def test_a_bare_signature_of_cosign_by_a_key_of_another_kind_verifies_here(cosign, sigstore, tmp_path, name):
    (tmp_path / "own.pem").write_bytes(private_pem(name))
    cosign("import-key-pair", "--key", "own.pem", "--output-key-prefix", "own")
    unlogged = ["--use-signing-config=false", "--tlog-upload=false", "--new-bundle-format=false"]
    out = ["--bundle", "older.json", "--output-signature", "artifact.sig"]
    cosign("sign-blob", "--yes", "--key", "own.key", *unlogged, *out, "artifact")
    who = Signer(name="own", kid="own", public_key=(tmp_path / "own.pub").read_bytes(), answers_any_kid=True)
    for document in ((tmp_path / "older.json").read_bytes(), (tmp_path / "artifact.sig").read_bytes()):
        assert verify_any(sigstore, document, who).digest == DIGEST
        assert refusal(sigstore, document, who, content=b"another") == "signature.invalid"
