"""Releases made by the command itself."""

import json
from pathlib import Path

from tests.support.command import Answer, run

VERIFY = ("--policy", "trust.toml", "--name", "authz")


def release(revision: str = "1.0.0", *options: object, key: str = "release", out: str = "authz.tar.gz") -> Path:
    """Sign the source in the working directory as `revision`."""
    manifest = {"revision": revision, "roots": ["authz"]}
    Path("src/.manifest").write_text(json.dumps(manifest))
    answer = run("sign", "bundle", "src", "--key", key, "--keyid", key, "--out", out, *options)
    assert answer.status == 0, answer.err
    return Path(out)


def recorded(bundle: Path, *options: object) -> Answer:
    """Verify and record, in a ledger that is made where there is none."""
    return run("bundle", bundle, *VERIFY, "--record", "--ledger-init", *options)
