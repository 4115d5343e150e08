"""The real `cosign verify`, and the rows of what it does where we do something else."""

import subprocess
import tomllib

from tests.support.material import public_pem
from tests.support.peers.peers import executable
from tests.support.places import ROOT

ROWS = tomllib.loads((ROOT / "fixtures/images/cosign-differences.toml").read_text())
KEY = "p256"


def cosign(folder, reference, *more):
    """Whether `cosign verify` fails with the key (0 or 1), and what it says."""
    (folder / "key.pub").write_bytes(public_pem(KEY))
    command = [executable("cosign", "COSIGN"), "verify", "--key", "key.pub", "--insecure-ignore-tlog"]
    done = subprocess.run(
        [*command, "--allow-http-registry", *more, reference],
        cwd=folder,
        env={"HOME": str(folder), "TUF_ROOT": str(folder / "tuf")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    return (0 if done.returncode == 0 else 1), done.stdout, done.stderr
