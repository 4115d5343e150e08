"""A small bundle, whole process: what a person waits for, and a pipeline pays every time."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import samples
from benchmarks.asked_agent import bundle_by_agent
from benchmarks.harness import ROOT, Row, Side, compare, peer, process, python
from benchmarks.samples import Sample
from benchmarks.verify_bundle import opa_load, verify_command

_ROUNDS = 25
_SIGNING_CONFIG = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}
"""No log, no authority, no timestamps: a key alone, as on our side."""

_POLICY = """
version = 1
id = "https://example.org/policy/example"
[signers.release]
key = {key}
[artifacts."bundle:authz"]
signatures = {{ from = ["release"] }}
version = "none"
"""
_LIBRARY = """
import sys
from pathlib import Path
import verifier
from verifier.trust.adhoc import AdHocFlags, policy_from_flags
bundle, key = map(Path, sys.argv[1:])
policy = policy_from_flags(AdHocFlags(keys=(("key", key.read_bytes()),)))
sys.exit(not verifier.verify(bundle, name="small", policy=policy).verdict.passed)
"""


def rows(room: Path) -> Iterator[Row]:
    """The command and the library against each peer, and the share that is not ours."""
    small = samples.small(room)
    command = process(verify_command(small), room)
    library = process(python("-c", _LIBRARY, str(small.bundle_path), str(small.key_path)), room)
    yield from _against_cosign(command, library, small, room)
    yield from _by_agent(small, room)
    opa = peer("opa")
    if opa is not None:
        yield compare(
            command,
            opa_load(opa, small, room),
            title="`verify bundle`, whole process, the example bundle",
            against="`opa run --verification-key`, whole process, loading it",
            rounds=_ROUNDS,
            target=2.0,
        )
    yield compare(
        process(python("-m", "verifier", "--help"), room),
        process(python("-c", "import typer"), room),
        title="`verify --help`, whole process",
        against="Python that only imports `typer`",
        rounds=_ROUNDS,
        target=1.3,
    )
    yield compare(
        command,
        process(python("-c", _LIBRARIES), room),
        title="`verify bundle`, whole process, the example bundle",
        against="Python that only imports `typer` and `cryptography`",
        rounds=_ROUNDS,
    )


_LIBRARIES = """
import typer, typer.main
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
"""


def _against_cosign(command: Side, library: Side, sample: Sample, room: Path) -> Iterator[Row]:
    cosign = peer("cosign")
    title = "`verify bundle`, whole process, the example bundle"
    against = "`cosign verify-blob --key`, whole process, the same file"
    if cosign is None:
        yield Row(title=title, against=against, target=1.8, note="cosign is not on PATH")
        return
    theirs = cosign_verify(cosign, sample.bundle_path, room)
    yield compare(command, theirs, title=title, against=against, rounds=_ROUNDS, target=1.8)
    title = "the same through the library: `verifier.verify(path)` in a fresh interpreter"
    yield compare(library, theirs, title=title, against=against, rounds=_ROUNDS)


def _by_agent(sample: Sample, room: Path) -> Iterator[Row]:
    cosign = peer("cosign")
    theirs = None if cosign is None else cosign_verify(cosign, sample.bundle_path, room)
    own = Path(tempfile.mkdtemp(prefix="agent-", dir=room))
    policy = _POLICY.format(key=json.dumps(str(sample.key_path)))
    yield from bundle_by_agent(own, sample.bundle_path, policy, theirs, _ROUNDS)


def cosign_verify(cosign: str, file: Path, room: Path) -> Side:
    """Sign the file with a key of cosign's own, without any service, and verify that.

    In a folder of its own: cosign overwrites no key.
    """
    room = Path(tempfile.mkdtemp(prefix="cosign-", dir=room))
    (room / "signing-config.json").write_text(json.dumps(_SIGNING_CONFIG))
    environment = os.environ | {"COSIGN_PASSWORD": ""}
    prefix, signature = room / "cosign", room / "cosign.sigstore.json"
    offline = ["--signing-config", str(room / "signing-config.json")]
    for arguments in (
        ["generate-key-pair", "--output-key-prefix", str(prefix)],
        ["sign-blob", "--yes", "--key", f"{prefix}.key", *offline, "--bundle", str(signature), str(file)],
    ):
        subprocess.run([cosign, *arguments], cwd=ROOT, env=environment, capture_output=True, check=True)
    key = ["--key", f"{prefix}.pub", "--insecure-ignore-tlog"]
    return process([cosign, "verify-blob", *key, "--bundle", str(signature), str(file)], room)
