"""Identities by expressions with a real cosign: whom we believe, it believes; what is narrower here is said."""

import subprocess

import pytest

from tests.support.command import ask
from tests.support.peers.local_sigstore import ISSUER, local_sigstore
from tests.support.peers.peers import executable, run
from verifier.publish.keyless import sign_artifact_keyless

pytestmark = pytest.mark.interop
CONTENT = b"a release"
IDENTITIES = {
    "^https://github\\.com/acme/policies/.*$": (True, True),
    "https://github.com/acme/.*": (True, True),
    "^https://github\\.com/(acme|beta)/[^/]+/\\.github/workflows/\\w+\\.yml@refs/tags/v\\d+(\\.\\d+)*$": (True, True),
    "^https://github\\.com/acme/policies/.*@refs/heads/main$": (False, False),
    "^https://github\\.com/beta/.*$": (False, False),
    # cosign looks for it anywhere in the identity: we take it for the whole.
    "^https://github\\.com/acme/policies/": (False, True),
    "https://github.com/acme/polic": (False, True),
    # Everybody, and what does not mean the same to everybody: not taken here.
    ".*": (False, True),
    "https://github.com/.*": (False, True),
    "(?i)^https://github\\.com/ACME/.*$": (False, True),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sigstore")
    with local_sigstore(folder) as sigstore:
        (folder / "artifact").write_bytes(CONTENT)
        (folder / "bundle.json").write_bytes(sign_artifact_keyless(CONTENT, signer=sigstore.signer("rekor1")))
        yield folder


@pytest.mark.parametrize("expression", IDENTITIES)
def test_whom_we_believe_cosign_believes_too(place, expression, monkeypatch):
    monkeypatch.chdir(place)
    whom = ("--certificate-identity-regexp", expression, "--certificate-oidc-issuer", ISSUER)
    what = ("--trusted-root", "trusted_root.json", "--bundle", "bundle.json", *whom, "artifact")
    try:
        theirs = "Verified OK" in run(executable("cosign", "COSIGN"), "verify-blob", *what, cwd=place)
    except subprocess.CalledProcessError:
        theirs = False
    answer = ask("artifact", *what)
    assert (answer.status == 0, theirs) == IDENTITIES[expression]
    if not answer.status and not expression.startswith("^"):
        assert "cosign looks for it anywhere" in answer.err
