"""Our HTTP client against `urllib3`, which comes with the project anyway: docs/adr/0006-http-client.md.

* both sides ask the same server on loopback, in turns, and hold the same bounds: bytes, patience, hops, checked
  addresses; what `urllib3` has not is written here as whoever used it would have to write it
* whole processes say what it costs to have each at all
"""

from __future__ import annotations

import http.server
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from benchmarks.harness import ROOT, Row, Side, compare, process, python
from verifier.net.access import Access
from verifier.net.address import Reach, parse_web_address
from verifier.net.http import Session

_ROUNDS = 25
_WARM = 400
_QUESTIONS = 4
_SMALL = b"x" * 4_096
_LARGE = b"x" * (32 * 1024 * 1024)
_MAX_BYTES = 64 * 1024 * 1024
_PIECE = 64 * 1024
_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEADLINE_S = 60.0
_AGAINST = "urllib3, with the same bounds and checks"

_OURS = "import verifier.net.http"
_THEIRS = "import urllib3"
_REQUESTS = "import requests"


def rows(room: Path) -> Iterator[Row]:
    """What importing costs, then what asking costs."""
    yield from _imports(room)
    with _server() as port:
        yield compare(
            _asking(port, "/small", 1),
            _their_asking(port, "/small", 1),
            title=f"{_QUESTIONS} warm requests for 4 KiB each over one connection, {_WARM // _QUESTIONS} times",
            against=_AGAINST,
            rounds=_ROUNDS,
            target=1.0,
        )
        yield compare(
            _asking(port, "/redirect", 4),
            _their_asking(port, "/redirect", 4),
            title=f"{_WARM // 4} requests with two redirects each, the address checked at every hop",
            against=_AGAINST,
            rounds=_ROUNDS,
        )
        yield compare(
            _asking(port, "/large", _WARM),
            _their_asking(port, "/large", _WARM),
            title="32 MiB read under a bound",
            against=_AGAINST,
            rounds=_ROUNDS,
        )


def _imports(room: Path) -> Iterator[Row]:
    ours = process(python("-c", _OURS), room)
    for code, name, target in ((_THEIRS, "urllib3", 1.0), (_REQUESTS, "requests", None)):
        yield compare(
            ours,
            process(python("-c", code), room),
            title="Python that only imports our HTTP client, whole process",
            against=f"Python that only imports `{name}`",
            rounds=_ROUNDS,
            target=target,
        )


def _asking(port: int, path: str, cost: int) -> Side:
    url = f"http://127.0.0.1:{port}{path}"
    session = Session(parse_web_address(url).origin, Access())

    def ask() -> None:
        for _ in range(_WARM // cost):
            assert session.get(url, max_bytes=_MAX_BYTES).body

    return ask


def _their_asking(port: int, path: str, cost: int) -> Side:
    url = f"http://127.0.0.1:{port}{path}"
    pool = _CheckedPool("127.0.0.1", port, maxsize=1, timeout=urllib3.Timeout(connect=10, read=10), retries=False)

    def ask() -> None:
        for _ in range(_WARM // cost):
            assert _get(pool, url, _MAX_BYTES)

    return ask


class _CheckedConnection(HTTPConnection):
    """Resolves once, and connects to an address that was checked."""

    def _new_conn(self) -> socket.socket:
        addresses = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        if not all(Reach.LOOPBACK.allows(str(sockaddr[0])) for *_, sockaddr in addresses):
            raise ValueError("not loopback")
        family, kind, protocol, _, sockaddr = addresses[0]
        made = socket.socket(family, kind, protocol)
        made.settimeout(10)
        made.connect(sockaddr)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


class _CheckedPool(HTTPConnectionPool):
    ConnectionCls = _CheckedConnection


def _get(pool: HTTPConnectionPool, url: str, max_bytes: int) -> bytes:
    """What `Session.get` does, but for credentials; a read that drips is ended after the deadline and one read more."""
    deadline = time.monotonic() + _DEADLINE_S
    for _ in range(_MAX_REDIRECTS + 1):
        answer = pool.request(
            "GET",
            parse_web_address(url).target,
            headers={"Accept-Encoding": "identity", "User-Agent": "benchmark"},
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        if answer.status not in _REDIRECTS:
            break
        url = urljoin(url, answer.headers["location"])
        answer.drain_conn()
        answer.release_conn()
    pieces, size = [], 0
    while piece := answer.read(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > max_bytes or time.monotonic() > deadline:
            raise ValueError("too much")
    answer.release_conn()
    return b"".join(pieces)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        location = {"/redirect": "/again", "/again": "/small"}.get(self.path)
        body = b"" if location else {"/small": _SMALL, "/large": _LARGE}[self.path]
        self.send_response(302 if location else 200)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _server() -> Iterator[int]:
    """A server in a process of its own, so that neither side waits for it to have the interpreter."""
    command = python("-m", "benchmarks.registry.http_client")
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            yield int(running.stdout.readline())
        finally:
            running.stdin.close()  # which ends it


def _serve() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        print(running.server_address[1], flush=True)
        sys.stdin.read()
        running.shutdown()


if __name__ == "__main__":
    _serve()
