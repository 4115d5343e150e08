"""`verify publish --keyless` at a Sigstore of our own: cosign finds the signature and believes it."""

import subprocess

import pytest

from tests.support.command import run as verify
from tests.support.peers.local_sigstore import IDENTITY, ISSUER, identity_token, local_sigstore
from tests.support.peers.peers import executable, run
from tests.support.workplace import place as workplace

pytestmark = pytest.mark.interop
place = workplace


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory):
    with local_sigstore(tmp_path_factory.mktemp("sigstore")) as running:
        yield running


@pytest.mark.parametrize("config", ["rekor1", "rekor2"])
def test_cosign_believes_what_was_published_keyless(any_registry, sigstore, place, config):
    (place / "token").write_text(identity_token())
    (place / "token").chmod(0o600)
    where, root = f"{any_registry.host}/acme/keyless-{config}:1", str(sigstore.trusted_root)
    signing = ("--keyless", "--identity-token", "token", "--trusted-root", root)
    answer = verify(
        "publish",
        "src",
        f"oci://{where}",
        *signing,
        "--signing-config",
        sigstore.signing_config(config),
        "--format",
        "json",
    )
    assert answer.status == 0, answer.err
    cosign = (executable("cosign", "COSIGN"), "verify", "--allow-http-registry", "--trusted-root", root)
    whom = ("--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER)
    said = run(*cosign, *whom, where, cwd=place)
    assert answer.report["digest"] in said
    with pytest.raises(subprocess.CalledProcessError):
        run(*cosign, *whom[:1], f"{IDENTITY}-beta", *whom[2:], where, cwd=place)


def test_the_old_scheme_needs_a_key(any_registry, sigstore, place):
    (place / "token").write_text(identity_token())
    (place / "token").chmod(0o600)
    signing = ("--keyless", "--identity-token", "token", "--trusted-root", str(sigstore.trusted_root))
    config = ("--signing-config", sigstore.signing_config("rekor1"))
    where = f"oci://{any_registry.host}/acme/keyless-old:1"
    answer = verify("publish", "src", where, *signing, *config, "--attach-as", "legacy")
    assert (answer.status, "need a key" in answer.err) == (2, True)
