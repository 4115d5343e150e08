"""The bundles that are measured: made here, from one seed, signed by our own signer."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import ROOT
from verifier.archives.archive import read_archive
from verifier.archives.pack import pack_directory, pack_members
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.reading import ReadingMode
from verifier.publish.keygen import generate_key_pair
from verifier.publish.sign import sign_bundle
from verifier.signatures.keys import load_private_key

ALGORITHM = "ES256"
FILES = 10_000
DATA_FILES = 200
REGO_BYTES = 2_400

_WORDS = ("action", "allow", "deny", "group", "owner", "policy", "region", "resource", "role", "team", "tenant", "user")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A signed bundle and the public key that it verifies with, in memory and as files."""

    content: bytes
    public_key: bytes
    bundle_path: Path
    key_path: Path


def large(room: Path) -> Sample:
    """10,000 files in 25 MiB, compressed as any archive is: modules of 2.5 KiB, and some data."""
    return _signed(gzip.compress(gzip.decompress(pack_members(_members(".rego"))), 6), room, "large")


def opaque(room: Path) -> Sample:
    """The same contents under names that OPA neither parses nor compiles."""
    return _signed(gzip.compress(gzip.decompress(pack_members(_members(".txt"))), 6), room, "opaque")


def modules(room: Path, suffix: str = ".rego") -> Sample:
    """The first 400 modules of the large bundle, with its data, under names that end so."""
    kept = [
        (name, content) for name, content in _members(suffix) if not name.startswith("modules/") or _number(name) < 400
    ]
    return _signed(pack_members(kept), room, f"modules{suffix}")


def small(room: Path) -> Sample:
    """The project's example bundle."""
    return _signed(pack_directory(ROOT / "policies" / "bundle", limits=DEFAULT_LIMITS), room, "small")


def unpacked_bytes(sample: Sample) -> int:
    """The bytes of all files."""
    archive = read_archive(sample.content, limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT, subject="sample")
    return sum(len(member.content) for member in archive.members)


def _signed(content: bytes, room: Path, name: str) -> Sample:
    pair = generate_key_pair(passphrase=None)
    key = load_private_key(pair.private_pem, passphrase=None, where=name)
    signed = sign_bundle(content, key=key, algorithm=ALGORITHM, keyid=None, scope=None, now=datetime.now(UTC))
    bundle_path, key_path = room / f"{name}.tar.gz", room / f"{name}.pem"
    bundle_path.write_bytes(signed)
    key_path.write_bytes(pair.public_pem)
    return Sample(content=signed, public_key=pair.public_pem, bundle_path=bundle_path, key_path=key_path)


def _number(name: str) -> int:
    return int(name.rpartition("/m")[2].partition(".")[0])


def _members(suffix: str) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(1)  # noqa: S311 - the same bundle every time
    yield ".manifest", json.dumps({"revision": "1.0.0", "roots": ["modules", "tables"]}).encode()
    for number in range(DATA_FILES):
        yield f"tables/t{number}/data.json", _table(chance)
    for number in range(FILES - DATA_FILES - 1):
        yield f"modules/p{number // 100}/m{number}{suffix}", _module(chance, number)


def _module(chance: random.Random, number: int) -> bytes:
    text = f"package modules.p{number // 100}.m{number}\n\ndefault allow := false\n"
    while len(text) < REGO_BYTES:
        text += (
            f"\n# {' '.join(chance.choices(_WORDS, k=8))}\n"
            f'allow if {{\n\tinput.{chance.choice(_WORDS)}.{chance.choice(_WORDS)} == "{chance.getrandbits(32):08x}"\n'
            f"\tsome row in data.tables.t{chance.randrange(DATA_FILES)}.rows\n"
            f"\trow.{chance.choice(_WORDS)} == input.{chance.choice(_WORDS)}\n}}\n"
        )
    return text.encode()


def _table(chance: random.Random) -> bytes:
    rows = [
        {"id": number, "user": f"{chance.getrandbits(32):08x}", "weight": chance.randrange(100) / 4, "team": team}
        for number, team in enumerate(chance.choices(_WORDS, k=40))
    ]
    return json.dumps({"rows": rows}).encode()
