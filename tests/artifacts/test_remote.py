"""Fetching by URL, from a real server on loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from verifier.artifacts.remote import MAX_REDIRECTS, fetch
from verifier.core.errors import Refused


class Hostile(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self):
        status, headers, body = {
            "/good": (200, {}, b"{}"),
            "/large": (200, {}, b"x" * 2_000),
            "/missing": (404, {}, b"{}"),
            "/private": (302, {"Location": "http://127.0.0.1:1/secret"}, b""),
            "/metadata": (302, {"Location": "https://169.254.169.254/latest/meta-data"}, b""),
            "/file": (302, {"Location": "file:///etc/passwd"}, b""),
            "/short": (200, {"Content-Length": "10"}, b"{}"),
        }[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def code(url, max_bytes=1_000):
    with pytest.raises(Refused) as refused:
        fetch(url, max_bytes=max_bytes)
    return refused.value.reasons[0].code


def test_a_document_is_fetched(server):
    assert fetch(f"{server}/good", max_bytes=2) == b"{}"


def test_more_than_is_allowed_is_not_read(server):
    assert code(f"{server}/large") == "input.too-large"


@pytest.mark.parametrize("path", ["missing", "private", "metadata", "file", "short"])
def test_no_whole_answer_from_where_it_may_come_is_no_document(server, path):
    assert code(f"{server}/{path}") == "input.unreachable"


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1:1/", "http://192.0.2.1/", "https://user:secret@127.0.0.1:1/", "https:///x", "https://[::1/"],
)
def test_an_address_that_is_not_allowed_or_not_there_is_unreachable(url):
    assert code(url) == "input.unreachable"


def test_redirects_are_few():
    assert MAX_REDIRECTS == 3
