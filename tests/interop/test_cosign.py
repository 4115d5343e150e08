"""Sigstore bundles in both directions with a real cosign: it verifies what we sign, we verify what it signs."""

import json
import subprocess
from datetime import UTC, datetime

import pytest

from tests.support.peers.local_sigstore import IDENTITY, ISSUER, RELEASE_CI, identity_token, local_sigstore
from tests.support.peers.peers import executable, run
from verifier.core.digest import Digest, Digests
from verifier.core.errors import Refused
from verifier.core.signers.signer import Signer
from verifier.core.uris import STATEMENT_V1
from verifier.formats.intoto.statement import matching_subject, parse_statement
from verifier.publish.keyless import attest_keyless, sign_artifact_keyless
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
