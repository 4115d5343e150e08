"""A bundle of more and more files: the command, OPA that loads and verifies it, and unpacking and hashing alone.

Files of 256 bytes under names that OPA neither parses nor compiles: what is compared is reading and verifying.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import samples
from benchmarks.curves.curve import LIMIT, OURS, PEER, Curve, series
from benchmarks.curves.sizes import upto
from benchmarks.harness import Side, peer, process
from benchmarks.samples import ALGORITHM, Sample
from benchmarks.verify_bundle import opa_load, verify_command
from verifier.archives.pack import pack_members
from verifier.core.limits import MAX_MEMBERS
from verifier.publish.keygen import generate_key_pair
from verifier.publish.sign import sign_bundle
from verifier.signatures.keys import load_private_key

_BYTES = 256
_SIZES = (*upto(10_000), MAX_MEMBERS - 2)
"""The last is the most that a bundle may hold, beside its manifest and its signatures."""


def curve(room: Path) -> Curve:
    """Whole processes."""
    made: dict[int, Sample] = {}

    def sample(size: int) -> Sample:
        if size not in made:
            made[size] = _signed(size, room)
        return made[size]

    def least(size: int) -> Side:
        command = f"gunzip -c {sample(size).bundle_path} | openssl dgst -sha256"
        return process(["sh", "-c", command], room)

    lines = [series("verify bundle", OURS, _SIZES, lambda size: process(verify_command(sample(size)), room))]
    if opa := peer("opa"):
        lines.append(series("opa run", PEER, _SIZES, lambda size: opa_load(opa, sample(size), room)))
    lines.append(series("gunzip | openssl dgst -sha256", LIMIT, _SIZES, least))
    return Curve(title="A bundle by its files, whole process", counted="files of 256 bytes", series=tuple(lines))


def _signed(size: int, room: Path) -> Sample:
    pair = generate_key_pair(passphrase=None)
    key = load_private_key(pair.private_pem, passphrase=None, where="benchmark")
    now = datetime.now(UTC)
    content = sign_bundle(pack_members(_members(size)), key=key, algorithm=ALGORITHM, keyid=None, scope=None, now=now)
    bundle, public = room / f"{size}.tar.gz", room / f"{size}.pem"
    bundle.write_bytes(content)
    public.write_bytes(pair.public_pem)
    return samples.Sample(content=content, public_key=pair.public_pem, bundle_path=bundle, key_path=public)


def _members(size: int) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(size)  # noqa: S311 - the same bundle every time
    yield ".manifest", json.dumps({"revision": "1.0.0", "roots": ["files"]}).encode()
    for number in range(size):
        yield f"files/f{number // 100}/f{number}.txt", chance.randbytes(_BYTES // 2).hex().encode()
