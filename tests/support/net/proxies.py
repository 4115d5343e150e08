"""A proxy on loopback: it leads through by CONNECT and passes on what is asked without TLS, or lies as a test says.

What it leads to is this machine, whatever the name: `Proxied.leads_to` is the port.
"""

from __future__ import annotations

import base64
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONGEST_S = 30
"""A test that takes longer has failed by other means."""
_PIECE = 64 * 1024


class Passage(BaseHTTPRequestHandler):
    """One connection to the proxy."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = LONGEST_S
    server: Proxied

    def do_CONNECT(self):
        self.close_connection = True
        if self._let_in():
            self._lead_through()

    def do_GET(self):
        """Pass on what is asked by its whole URL."""
        self.close_connection = True
        if not self._let_in():
            return
        scheme, _, rest = self.path.partition("://")
        assert scheme == "http"
        kept = {name: value for name, value in self.headers.items() if name.lower() != "proxy-authorization"}
        lines = [f"GET /{rest.partition('/')[2]} HTTP/1.1", *(f"{name}: {value}" for name, value in kept.items())]
        with socket.create_connection(("127.0.0.1", self.server.leads_to), timeout=LONGEST_S) as other:
            other.sendall("\r\n".join((*lines, "Connection: close", "", "")).encode())
            while piece := other.recv(_PIECE):
                self.wfile.write(piece)

    def _let_in(self) -> bool:
        fields = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, fields))
        if self.server.lie is not None:
            with suppress(OSError):  # the client has had enough
                self.server.lie(self)
            return False
        if self.server.wanted in (None, fields.get("proxy-authorization")):
            return True
        self.send_response(407)
        self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def _lead_through(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.leads_to), timeout=LONGEST_S) as other:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ways = {self.connection: other, other: self.connection}
            while True:
                ready, *_ = select.select(list(ways), [], [], LONGEST_S)
                for each in ready:
                    piece = each.recv(_PIECE)
                    if not piece:
                        return
                    ways[each].sendall(piece)
                    self.server.passed += piece
                if not ready:
                    return

    def log_message(self, *_):
        pass


class Proxied(ThreadingHTTPServer):
    """`seen` are method, target and fields of each request; `passed` is what went through, as it went."""

    daemon_threads = True

    def __init__(self, leads_to: int, user: str | None):
        super().__init__(("127.0.0.1", 0), Passage)
        self.leads_to, self.seen, self.passed = leads_to, [], b""
        self.wanted = None if user is None else "Basic " + base64.b64encode(user.encode()).decode()
        self.lie = None
        self.over = threading.Event()
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def shutdown_request(self, request):
        with suppress(OSError):
            super().shutdown_request(request)

    def handle_error(self, request, client_address):
        pass


@contextmanager
def proxy(leads_to: int, *, user: str | None = None) -> Iterator[Proxied]:
    """A proxy before the server at port `leads_to`; with `user`, "name:password", for that one only."""
    with Proxied(leads_to, user) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield running
        finally:
            running.over.set()
            running.shutdown()
            thread.join()
