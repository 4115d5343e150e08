"""A Sigstore of our own on loopback (`sigstore/server.js`), and identities that it certifies."""

import base64
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.peers.peers import executable, missing
from tests.support.places import ROOT
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.publish.identity_token import read_identity
from verifier.publish.keyless import KeylessSigner
from verifier.publish.sigstore_instance import SigningInstance, load_instance

SERVER = ROOT / "tests/interop/sigstore/server.js"
ISSUER = "https://issuer.example"
WORKFLOW = "acme/policies/.github/workflows/release.yml@refs/tags/v1.2.3"
IDENTITY = f"https://github.com/{WORKFLOW}"
CLAIMS = {
    "iss": ISSUER,
    "sub": IDENTITY,
    "aud": "sigstore",
    "repository": "acme/policies",
    "ref": "refs/tags/v1.2.3",
    "sha": "0" * 40,
    "event_name": "push",
    "workflow_ref": WORKFLOW,
    "runner_environment": "github-hosted",
}
RELEASE_CI = Signer(
    name="release-ci",
    kid="release-ci",
    keyless=KeylessIdentity(
        issuer=ISSUER,
        identity="https://github.com/acme/policies/.github/workflows/release.yml@refs/tags/*",
        claims=(("repository", "https://github.com/acme/policies"), ("trigger", "push"), ("runner", "github-hosted")),
    ),
)


@dataclass(frozen=True, kw_only=True)
class LocalSigstore:
    """An instance that runs, with its configuration in files."""

    folder: Path

    @property
    def trusted_root(self) -> Path:
        return self.folder / "trusted_root.json"

    def signing_config(self, name: str) -> Path:
        """Where and what to sign: "rekor1", "rekor1_tsa", "rekor2", "rekor2_without_time", "tsa_only", "nothing"."""
        return self.folder / f"{name}.json"

    def instance(self, config: str) -> SigningInstance:
        return load_instance(trusted_root=self.trusted_root, signing_config=self.signing_config(config))

    def signer(self, config: str) -> KeylessSigner:
        return KeylessSigner(self.instance(config), read_identity(identity_token()))


@contextmanager
def local_sigstore(folder: Path) -> Iterator[LocalSigstore]:
    """Run one, its configuration in `folder`; it ends with this, or with this process."""
    modules = Path(os.environ.get("SIGSTORE_MOCK", ROOT / "tests" / "interop" / "sigstore" / "node_modules"))
    if not (modules / "@sigstore" / "mock").is_dir():
        missing(f"no @sigstore/mock in {modules}: set SIGSTORE_MOCK to a node_modules (`make interop` installs one)")
    command = [executable("node", "NODE"), str(SERVER)]
    environment = os.environ | {"NODE_PATH": str(modules)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            ready, _, _ = select.select([process.stdout], [], [], 30)
            line = process.stdout.readline() if ready else b""
            assert line, f"the server did not start within 30 seconds, status {process.poll()}"
            _write(folder, json.loads(line))
            yield LocalSigstore(folder=folder)
        finally:
            process.kill()


def identity_token(**changes: object) -> str:
    """A token for `CLAIMS`, signed by nobody: the mock's certificate authority takes any."""
    now = int(time.time())
    claims = CLAIMS | {"iat": now, "exp": now + 600} | changes
    parts = [json.dumps(part).encode() for part in ({"alg": "ES256", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in [*parts, b"unsigned"])


def _write(folder: Path, printed: dict[str, dict[str, dict[str, object]]]) -> None:
    (folder / "trusted_root.json").write_text(json.dumps(printed["trustedRoot"]))
    for name, config in printed["signingConfigs"].items():
        (folder / f"{name}.json").write_text(json.dumps(config))
        both = {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": printed["trustedRoot"],
            "signingConfig": config,
        }
        (folder / f"client_{name}.json").write_text(json.dumps(both))
