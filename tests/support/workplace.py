"""A folder to run the command in, with keys, a bundle's source, a trust policy and an own ledger."""

import json

import pytest

from tests.support.material import private_pem, public_pem
from tests.support.stories import MODULE
from verifier.cli import settings

REGISTRIES = ("VERIFY_REGISTRIES", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR")
NETWORK = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE")
POLICY = """\
version = 1
id = "https://example.org/policy/authz"
[signers.release]
key = "release.pub"
[signers.ci]
key = "ci.pub"
[artifacts."bundle:authz"]
signatures = { threshold = 1, from = ["release"] }
version = { from = "manifest.revision", scheme = "semver" }
[verifiers.ci]
signer = "ci"
id = "https://policy-verifier.dev/verifier"
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The working directory; the per-user ledger would be its ledger.db."""
    for name, key in (("release", "p256"), ("ci", "p384"), ("stranger", "ed25519")):
        (tmp_path / name).write_bytes(private_pem(key))
        (tmp_path / name).chmod(0o600)
        (tmp_path / f"{name}.pub").write_bytes(public_pem(key))
    (tmp_path / "trust.toml").write_text(POLICY)
    (tmp_path / "src" / "authz").mkdir(parents=True)
    (tmp_path / "src" / "authz" / "policy.rego").write_bytes(MODULE)
    (tmp_path / "src" / ".manifest").write_text(json.dumps({"revision": "1.0.0", "roots": ["authz"]}))
    alone(tmp_path, monkeypatch)
    return tmp_path


def alone(place, monkeypatch):
    """Work in `place`, with its own ledger, and nothing of whose machine this is."""
    monkeypatch.chdir(place)
    monkeypatch.setattr(settings, "default_ledger_path", lambda: place / "ledger.db")
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    for name in (
        "NO_COLOR",
        "FORCE_COLOR",
        "GITHUB_STEP_SUMMARY",
        "VERIFY_DEBUG",
        "VERIFY_SIGSTORE",
        "TERM",
        *NETWORK,
        *REGISTRIES,
    ):
        monkeypatch.delenv(name, raising=False)
    # Whose machine this is has logged in somewhere, perhaps.
    monkeypatch.setenv("DOCKER_CONFIG", str(place / "no-logins"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "no-settings"))
