"""`verify verdict`: a SLSA verification summary consumed by a key, as a process of its own.

Beside cosign, which verifies the signature alone, and beside a bound in CPU seconds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cold_start import cosign_verify
from benchmarks.harness import Process, Row, compare, peer, process, python
from benchmarks.preload import released
from verifier.core.uris import VERIFIER_ID

_ROUNDS = 25
_BOUND_S = 0.045
_TITLE = "`verify verdict --key`, whole process"


def rows(room: Path) -> Iterator[Row]:
    """The command beside cosign, and its CPU seconds beside their bound."""
    ours = cold_command(room)
    against = "`cosign verify-blob --key`, whole process, the signature of the artifact"
    least = process(python("-c", "import cryptography.hazmat.primitives.asymmetric.ec"), room)
    measured = compare(
        ours, least, title=_TITLE, against="Python that only imports `cryptography`'s ECDSA", rounds=_ROUNDS
    )
    cosign = peer("cosign")
    if cosign is None:
        yield Row(title=_TITLE, against=against, note="cosign is not on PATH")
    else:
        theirs = cosign_verify(cosign, room / "authz.tar.gz", room)
        yield compare(ours, theirs, title=_TITLE, against=against, rounds=_ROUNDS)
    yield measured
    yield Row(title=f"{_TITLE}, CPU seconds", against="its bound", ours=measured.cpu_ours, theirs=_BOUND_S, target=1.0)


def cold_command(room: Path) -> Process:
    """`verify verdict` by a key, of what is released into `room`."""
    released(room)
    asked = ["--subject", "authz.tar.gz", "--key", "release.pem"]
    words = [str(room / word) if (room / word).exists() else word for word in ("authz.vsa.json", *asked)]
    rule = tomllib.loads((room / "trust.toml").read_text())["artifacts"]["bundle:authz"]
    whose = ["--resource-uri", rule["resource_uri"], "--verifier-id", VERIFIER_ID]
    return process(python("-m", "verifier", "verdict", *words, *whose), room)
