"""What benchmarks are held against: where each program is found, and by which name `.ci/peers` installs it.

A benchmark names the peers that it needs. What is missing is said aloud, and fails the run in CI: a table that
lacks the other side of its rows says nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from benchmarks.harness import peer
from tests.support.peers.debian_image import cached_image
from tests.support.peers.postgres_server import binaries
from tools.pages import looking


class Peer(NamedTuple):
    """How it is installed (`.ci/peers DIRECTORY NAME`; empty where that does not), and whether it is there."""

    installed_by: str
    found: Callable[[], bool]


def _on_path(installed_by: str, program: str) -> Peer:
    return Peer(installed_by, lambda: peer(program) is not None)


PEERS: dict[str, Peer] = {
    "opa": _on_path("opa", "opa"),
    "cosign": _on_path("cosign", "cosign"),
    "crane": _on_path("crane", "crane"),
    "oras": _on_path("oras", "oras"),
    "registry-ocimem": _on_path("registry-ocimem", "registry-ocimem"),
    "nginx": _on_path("load", "nginx"),
    "wrk": _on_path("load", "wrk"),
    "openssl": _on_path("", "openssl"),
    "osv-scanner": _on_path("osv-scanner", "osv-scanner"),
    "pip-audit": _on_path("audit-tools", "pip-audit-2.10"),
    "syft": _on_path("sbom-tools", "syft"),
    "syft-1.57": _on_path("syft-1.57", "syft-1.57"),
    "postgres": Peer("postgres", lambda: binaries() is not None),
    "chromium": Peer("browser", lambda: not looking.missing()),
    "a Sigstore for tests (SIGSTORE_MOCK)": Peer("sigstore", lambda: "SIGSTORE_MOCK" in os.environ),
    "an image of Debian (benchmarks.sboms.make_image)": Peer("", lambda: cached_image() is not None),
}


def absent(names: Iterable[str]) -> list[str]:
    """Those of the peers that are not installed."""
    return [name for name in names if not PEERS[name].found()]


def installers(names: Iterable[str]) -> list[str]:
    """What `.ci/peers` is asked for, each once."""
    return list(dict.fromkeys(PEERS[name].installed_by for name in names if PEERS[name].installed_by))
