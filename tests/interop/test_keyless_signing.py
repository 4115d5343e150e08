"""Signing keyless at a Sigstore of our own: we verify it, and so does the `sigstore` command."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.attestations.summaries import verdict
from tests.support.attestations.unsigned import STATEMENT
from tests.support.peers.local_sigstore import IDENTITY, ISSUER, RELEASE_CI, identity_token, local_sigstore
from tests.support.peers.peers import run
from verifier.core.digest import Digest, Digests
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.formats.intoto.release import Release, build_release, parse_release
from verifier.formats.intoto.statement import matching_subject, parse_statement
from verifier.formats.intoto.vsa import build_vsa, parse_vsa
from verifier.formats.sigstore.bundle import parse_bundle
from verifier.publish.identity_token import read_identity
from verifier.publish.keyless import KeylessSigner, attest_keyless, sign_artifact_keyless
from verifier.publish.sigstore_instance import load_instance
from verifier.signatures.sigstore.keyless import SigstoreVerifier
from verifier.signatures.sigstore.root import load_root

pytestmark = pytest.mark.interop
CONFIGS = ["rekor1", "rekor1_tsa", "rekor2"]
CONTENT = b"a policy bundle"
DIGEST = Digest.of(CONTENT)
RELEASED = Release(kind="bundle", name="authz", version="1.2.3", issued_at=datetime(2026, 11, 21, tzinfo=UTC))


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory):
    with local_sigstore(tmp_path_factory.mktemp("sigstore")) as running:
        yield running


def verify(sigstore, bundle, *, content=None, digest=None, signer=RELEASE_CI):
    verifier = SigstoreVerifier(load_root(sigstore.trusted_root))
    now = datetime.now(UTC)
    return verifier.verify(bundle, signers=[signer], digest=digest, content=content, now=now, subject="s")


def sigstore_command(sigstore, config, tmp_path, bundle, content=CONTENT, identity=IDENTITY):
    """The library's own command, offline."""
    (tmp_path / "artifact").write_bytes(content)
    (tmp_path / "bundle.json").write_bytes(bundle)
    command = str(Path(sys.executable).with_name("sigstore"))
    trust = ["--trust-config", str(sigstore.folder / f"client_{config}.json")]
    whom = ["--cert-identity", identity, "--cert-oidc-issuer", ISSUER]
    what = ["--offline", "--bundle", "bundle.json"]
    return run(command, *trust, "verify", "identity", *what, *whom, "artifact", cwd=tmp_path)


@pytest.mark.parametrize("config", CONFIGS)
def test_an_artifact_that_we_sign_verifies_here_and_with_sigstore(sigstore, config, tmp_path):
    bundle = sign_artifact_keyless(CONTENT, signer=sigstore.signer(config))
    verified = verify(sigstore, bundle, content=CONTENT)
    (signer,) = verified.signers
    assert verified.digest == DIGEST
    assert (signer.name, signer.kind) == ("release-ci", "keyless")
    assert signer.certificate.source_ref == "refs/tags/v1.2.3"
    assert datetime.now(UTC) - timedelta(minutes=10) < signer.signed_time <= datetime.now(UTC)
    assert "OK" in sigstore_command(sigstore, config, tmp_path, bundle)


@pytest.mark.parametrize("config", CONFIGS)
def test_a_release_that_we_attest_verifies_here_and_with_sigstore(sigstore, config, tmp_path):
    statement = build_release(RELEASED, digests=[DIGEST])
    bundle = attest_keyless(statement, signer=sigstore.signer(config))
    payload = parse_statement(verify(sigstore, bundle).payload, subject="s")
    assert parse_release(payload, subject="s") == RELEASED
    assert matching_subject(payload, Digests(DIGEST))
    assert '"version": "1.2.3"' in sigstore_command(sigstore, config, tmp_path, bundle).replace('":"', '": "')


def test_a_verdict_can_be_signed_keyless(sigstore):
    signed = verdict()
    bundle = attest_keyless(build_vsa(signed), signer=sigstore.signer("rekor2"))
    summary = parse_vsa(parse_statement(verify(sigstore, bundle).payload, subject="s"))
    assert summary.resource_uri == signed.subject.resource_uri


def test_any_statement_keeps_its_bytes(sigstore):
    verified = verify(sigstore, attest_keyless(STATEMENT, signer=sigstore.signer("rekor1")))
    assert json.loads(verified.payload) == STATEMENT
    assert b'"count":1}' in verified.payload


def test_a_digest_stands_for_its_content(sigstore):
    bundle = sign_artifact_keyless(DIGEST, signer=sigstore.signer("rekor2"))
    assert verify(sigstore, bundle, digest=DIGEST).digest == DIGEST


def test_the_bundle_is_of_version_0_3_on_one_line(sigstore):
    bundle = sign_artifact_keyless(CONTENT, signer=sigstore.signer("rekor2"))
    assert parse_bundle(bundle, subject="s").version == "0.3"
    assert bundle.count(b"\n") == 1


def test_one_signer_asks_for_one_certificate(sigstore):
    signer = sigstore.signer("rekor2")
    bundles = [sign_artifact_keyless(CONTENT, signer=signer), attest_keyless(STATEMENT, signer=signer)]
    first, second = (parse_bundle(each, subject="s").material for each in bundles)
    assert first == second


def test_a_client_trust_configuration_is_enough_to_sign(sigstore):
    instance = load_instance(trusted_root=sigstore.folder / "client_rekor2.json", signing_config=None)
    signer = KeylessSigner(instance, read_identity(identity_token()))
    assert verify(sigstore, sign_artifact_keyless(CONTENT, signer=signer), content=CONTENT)


def test_another_artifact_is_denied_by_both(sigstore, tmp_path):
    bundle = sign_artifact_keyless(CONTENT, signer=sigstore.signer("rekor2"))
    with pytest.raises(Refused) as refused:
        verify(sigstore, bundle, content=b"another")
    assert refused.value.reasons[0].code == "attestation.subject-mismatch"
    with pytest.raises(subprocess.CalledProcessError):
        sigstore_command(sigstore, "rekor2", tmp_path, bundle, content=b"another")


def test_another_identity_is_denied_by_both(sigstore, tmp_path):
    bundle = sign_artifact_keyless(CONTENT, signer=sigstore.signer("rekor2"))
    other = Signer(name="o", kid="o", keyless=KeylessIdentity(issuer=ISSUER, identity=f"{IDENTITY}-beta"))
    with pytest.raises(Refused) as refused:
        verify(sigstore, bundle, content=CONTENT, signer=other)
    assert refused.value.reasons[0].code == "signer.untrusted"
    with pytest.raises(subprocess.CalledProcessError):
        sigstore_command(sigstore, "rekor2", tmp_path, bundle, identity=f"{IDENTITY}-beta")


def test_a_signature_that_no_trusted_time_vouches_for_is_not_handed_out(sigstore):
    with pytest.raises(ConfigurationError, match=r"does not verify: .* signed timestamp"):
        sign_artifact_keyless(CONTENT, signer=sigstore.signer("rekor2_without_time"))


@pytest.mark.parametrize("service", ["caUrls", "rekorTlogUrls", "tsaUrls"])
def test_a_service_of_another_instance_is_found_out_when_signing(sigstore, tmp_path, service):
    with local_sigstore(tmp_path) as other:
        config = json.loads(sigstore.signing_config("rekor2").read_text())
        config[service] = json.loads(other.signing_config("rekor2").read_text())[service]
        (tmp_path / "mixed.json").write_text(json.dumps(config))
        instance = load_instance(trusted_root=sigstore.trusted_root, signing_config=tmp_path / "mixed.json")
        signer = KeylessSigner(instance, read_identity(identity_token()))
        with pytest.raises(ConfigurationError, match="does not verify") as refused:
            sign_artifact_keyless(CONTENT, signer=signer)
        with pytest.raises(ConfigurationError, match="does not verify"):
            attest_keyless(STATEMENT, signer=signer)
    assert "same instance" in refused.value.hint


def test_a_timestamp_authority_that_does_not_answer_is_not_passed_over(sigstore, tmp_path):
    config = json.loads(sigstore.signing_config("rekor1_tsa").read_text())
    config["tsaUrls"][0]["url"] += "/nowhere"
    (tmp_path / "config.json").write_text(json.dumps(config))
    instance = load_instance(trusted_root=sigstore.trusted_root, signing_config=tmp_path / "config.json")
    with pytest.raises(Refused, match="0 timestamp authorities answered, expected 1"):
        sign_artifact_keyless(CONTENT, signer=KeylessSigner(instance, read_identity(identity_token())))
