"""Verifying a large bundle from its bytes, against the least that any reader must do: unpack it, and hash it once.

The first row is the whole verification. The others inform: where its time goes.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import samples
from benchmarks.harness import Row, Side, compare
from verifier.archives.archive import read_archive
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.reading import ReadingMode
from verifier.engine.facade import verify
from verifier.kinds.bundle.artifact import read_bundle
from verifier.signatures.opa_jws import stated
from verifier.trust.adhoc import AdHocFlags, policy_from_flags

_ROUNDS = 9
_STRICT = ReadingMode.STRICT
_LEAST = "gunzip and one SHA-256 over the same bytes"


def rows(room: Path) -> Iterator[Row]:
    """The whole verification, reading alone, the files' digests alone."""
    sample = samples.large(room)
    content, least = sample.content, _least(sample.content)
    policy = policy_from_flags(AdHocFlags(keys=(("release.pem", sample.public_key),), algorithm=samples.ALGORITHM))
    bundle = read_bundle(content, name="large", resource_uri="")
    files, signatures = bundle.files, bundle.signatures or b""

    def whole() -> None:
        assert verify(content, name="large", policy=policy, now=datetime.now(UTC)).verdict.passed

    mebibytes = samples.unpacked_bytes(sample) / (1 << 20)
    parts: tuple[tuple[str, Side, float | None], ...] = (
        (f"verifying {samples.FILES:,} files of {mebibytes:.0f} MiB from bytes", whole, 1.7),
        ("of this: unpacking and walking strictly", lambda: _walk(content), None),
        (
            "of this: that, and giving every file its role",
            lambda: read_bundle(content, name="x", resource_uri=""),
            None,
        ),
        ("of this: the digest of every file", lambda: [file.digest() for file in files], None),
        ("of this: reading what the signature lists", lambda: stated(signatures, mode=_STRICT, subject="x"), None),
    )
    for title, ours, target in parts:
        yield compare(ours, least, title=title, against=_LEAST, rounds=_ROUNDS, target=target, cpu=True)


def _least(content: bytes) -> Side:
    return lambda: hashlib.sha256(gzip.decompress(content)).digest()


def _walk(content: bytes) -> None:
    read_archive(content, limits=DEFAULT_LIMITS, mode=_STRICT, subject="large")
