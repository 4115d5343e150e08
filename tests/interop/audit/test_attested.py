"""Signed scans in both directions with a real cosign: it accepts what we sign, we read what it signs of others."""

import base64
import json

import pytest

from tests.support.audit.scans import audited, finding, foreign, result
from tests.support.peers.local_sigstore import IDENTITY, ISSUER, identity_token, local_sigstore
from tests.support.peers.peers import executable, run
from verifier.audit.attested.reading import read_scan
from verifier.audit.attested.writing import scan_predicate
from verifier.core.digest import Digest
from verifier.core.uris import STATEMENT_V1, VULNERABILITY_SCAN
from verifier.publish.keyless import attest_keyless

pytestmark = pytest.mark.interop
CONTENT = b"jinja2==2.10\n"


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory):
    with local_sigstore(tmp_path_factory.mktemp("sigstore")) as running:
        yield running


@pytest.fixture
def cosign(tmp_path):
    """Runs cosign where there is a lock file and a token."""
    program = executable("cosign", "COSIGN")
    environment = {"COSIGN_PASSWORD": "correct horse", "TUF_ROOT": str(tmp_path / "tuf")}
    (tmp_path / "requirements.txt").write_bytes(CONTENT)
    (tmp_path / "token").write_text(identity_token())
    return lambda *arguments: run(program, *arguments, cwd=tmp_path, environment=environment)


def statement(predicate):
    return {
        "_type": STATEMENT_V1,
        "subject": [{"name": "requirements.txt", "digest": {"sha256": Digest.of(CONTENT).value}}],
        "predicateType": VULNERABILITY_SCAN,
        "predicate": predicate,
    }


def test_cosign_accepts_a_scan_that_we_sign(cosign, sigstore, tmp_path):
    packages = [audited(), audited("acme-core", "1.0", status="unknown", why="from git")]
    predicate = scan_predicate(result(finding(), packages=packages))
    (tmp_path / "scan.json").write_bytes(attest_keyless(statement(predicate), signer=sigstore.signer("rekor1")))
    whom = ("--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER)
    where = ("--trusted-root", str(sigstore.trusted_root), "--bundle", "scan.json")
    said = cosign("verify-blob-attestation", "--type", VULNERABILITY_SCAN, *whom, *where, "requirements.txt")
    assert "Verified OK" in said


def test_what_cosign_attests_of_another_scanner_is_read(cosign, sigstore, tmp_path):
    (tmp_path / "predicate.json").write_text(json.dumps(foreign(("CVE-2019-10906", [("nvd", "high")]))))
    where = ("--signing-config", str(sigstore.signing_config("rekor1")), "--trusted-root", str(sigstore.trusted_root))
    what = ("attest-blob", "--predicate", "predicate.json", "--type", VULNERABILITY_SCAN, "--yes")
    cosign(*what, "--identity-token", "token", *where, "--bundle", "scan.json", "requirements.txt")
    envelope = json.loads((tmp_path / "scan.json").read_text())["dsseEnvelope"]
    said = json.loads(base64.b64decode(envelope["payload"]))
    assert said["predicateType"] == VULNERABILITY_SCAN
    (item,) = read_scan(said["predicate"]).items
    assert (item.id, item.rating.severity) == ("CVE-2019-10906", "high")
