"""The ways of fixtures/opa/ways.toml, and a folder to go them in."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path

from tests.support.material import private_pem, public_pem
from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable
from tests.support.places import ROOT

WAYS = tomllib.loads((ROOT / "fixtures" / "opa" / "ways.toml").read_text())["way"]
OLDER = ("1.0", "0.70")
"""Releases of OPA before the one that everything is tried with; `.ci/peers DIRECTORY older-opa` installs them."""
DATED = """version = 1
id = "urn:example:policy"
signers.release.key = "k.pub"

[artifacts."bundle:authz"]
signatures = { from = ["release"] }
name_binding = "none"
version = "none"
freshness = "90d"
"""
SECRET = "correct horse battery staple correct horse battery staple"


def program(release: str) -> str:
    """That OPA."""
    if not release:
        return executable("opa", "OPA")
    return executable(f"opa-{release}", f"OPA_{release.replace('.', '_')}")


def prepare(folder: Path, *, release: str, now: int) -> dict[str, str]:
    """Put sources, keys and claims into `folder`; the environment in which `opa` is the release."""
    (folder / "src" / "authz").mkdir(parents=True)
    (folder / "src" / ".manifest").write_text('{"revision": "1.3.0", "roots": ["authz"]}')
    module = "package authz\n\nimport rego.v1\n\ndefault allow := false\n\nallow if input.admin\n"
    (folder / "src" / "authz" / "policy.rego").write_text(module)
    (folder / "src" / "authz" / "data.json").write_text('{"limit": 3}')
    for name, key in (("k", "rsa"), ("e", "p256"), ("o", "rsa-other")):
        (folder / f"{name}.pem").write_bytes(private_pem(key))
        (folder / f"{name}.pub").write_bytes(public_pem(key))
    (folder / "dated.toml").write_text(DATED)
    (folder / "secret").write_text(SECRET)
    (folder / "claims.json").write_text(json.dumps({"iat": now, "exp": now + 86400, "scope": "authz"}))
    (folder / "bin").mkdir()
    (folder / "bin" / "opa").symlink_to(program(release))
    return os.environ | {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def go(way: dict, folder: Path, environment: dict[str, str]) -> None:
    """Run what the way has to run."""
    for line in way["run"]:
        shell(line, folder, environment)


def shell(block: str, folder: Path, environment: dict[str, str]) -> str:
    """What a block of shell commands prints, none of which may fail."""
    done = subprocess.run(
        ["/bin/sh", "-euc", block],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
    return done.stdout
