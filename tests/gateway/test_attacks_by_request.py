"""Attacks by what a request says: pipelines that outlive their client, trailers, and targets that are whole URLs."""

import socket
from contextlib import ExitStack

import pytest

from tests.support.gateway.notifications import SECRET, headers
from tests.support.gateway.scene import NEW, OLD, etag_of
from tests.support.patience import PATIENCE_S
from verifier.gateway.protocol import MAX_QUEUED
from verifier.gateway.settings.settings import Notify

LINE = b"GET /bundles/authz HTTP/1.1\r\nHost: localhost\r\n"
HAS_OLD = f"If-None-Match: {etag_of(OLD)}\r\n".encode()
POLL = LINE + HAS_OLD + b"Prefer: wait=3600\r\n\r\n"
LAST = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
END = b"Connection: close\r\n\r\n"
NOTIFICATION = b"POST /notify HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"


@pytest.fixture
def gateway(scene):
    """Serves OLD."""
    scene.publish(OLD)
    with scene.running(notify=Notify(secrets=(SECRET,))) as gateway:
        scene.saw("bundle.served")
        yield gateway


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


class TestPipelines:
    def test_a_poll_before_another_request_is_not_held_for_a_client_that_has_gone(self, gateway):
        with ExitStack() as stack:
            for _ in range(10):
                gone = stack.enter_context(socket.create_connection((gateway.host, gateway.port), PATIENCE_S))
                gone.sendall(POLL + LAST)
            gateway.until(lambda: gateway.held() == 10)
        gateway.until(lambda: gateway.held() == 0)

    def test_what_it_was_to_be_answered_is_no_failure_of_ours(self, scene, gateway, caplog):
        with socket.create_connection((gateway.host, gateway.port), PATIENCE_S) as gone:
            gone.sendall(POLL + POLL + LAST)
            gateway.until(lambda: gateway.held() == 1)
        scene.publish(NEW)
        scene.saw("bundle.served", version="1.1.0")
        gateway.until(lambda: gateway.held() == 0)
        assert "Exception" not in caplog.text

    def test_no_more_than_a_few_requests_wait_on_one_connection(self, gateway):
        assert gateway.raw(POLL + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * (MAX_QUEUED + 1)) == b""
        assert gateway.ask().status == 200

    def test_many_that_come_in_one_piece_and_are_answered_are_not_too_many(self, gateway):
        few = (LINE + HAS_OLD + b"X: " + b"x" * 3_000 + b"\r\n\r\n") * MAX_QUEUED
        answers = gateway.raw(few + LAST)
        assert (answers.count(b"HTTP/1.1 304 "), answers.count(b"HTTP/1.1 404 ")) == (MAX_QUEUED, 1)


class TestTrailers:
    @pytest.mark.parametrize(
        "trailer",
        [
            b"Host: evil.example\r\n",
            b"".join(f"{name}: {value}\r\n".encode() for name, value in headers(body=b"").items()),
            b"X-Correlation-Id: trailing\r\n",
        ],
        ids=["a host", "a signature", "a correlation id"],
    )
    def test_a_field_after_the_body_is_none_of_the_head(self, gateway, trailer):
        answer = gateway.raw(NOTIFICATION + b"Connection: close\r\n\r\n0\r\n" + trailer + b"\r\n")
        assert (status_of(answer), b"webhook.unsigned" in answer) == (401, True)
        assert b"trailing" not in answer

    def test_they_have_a_bound(self, gateway):
        gateway.raw(NOTIFICATION + b"\r\n0\r\n" + b"X: y\r\n" * 200 + b"\r\n")
        assert gateway.ask().status == 200


class TestNotificationsWithAFieldTwice:
    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    @pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
    def test_are_not_believed(self, gateway, name, first):
        right = [f"{key}: {value}\r\n".encode() for key, value in headers(body=b"").items()]
        more = [f"{name}: 1\r\n".encode()]
        fields = b"".join(more + right if first else right + more)
        answer = gateway.raw(b"POST /notify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n" + fields + END)
        assert status_of(answer) == 401


class TestTargets:
    @pytest.mark.parametrize(
        "target",
        [
            b"http://user:password@localhost/bundles/authz",
            b"ftp://localhost/bundles/authz",
            b"javascript:alert(1)",
            b"http:///bundles/authz",
            b"localhost:80",
            b"*",
        ],
    )
    def test_what_is_not_for_a_web_server_is_malformed(self, gateway, target):
        assert status_of(gateway.raw(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n" + END)) == 400

    @pytest.mark.parametrize(
        "path", [b"/bundles/%61uthz", b"/bundles%2fauthz", b"/bundles/authz?x=%00", b"/bundles/authz#x"]
    )
    def test_the_same_path_in_other_letters_is_the_same_bundle_under_the_same_judgement(self, gateway, scene, path):
        assert status_of(gateway.raw(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + END)) == 200
        scene.quarantine(OLD)
        assert status_of(gateway.raw(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + END)) == 503

    @pytest.mark.parametrize(
        "path", [b"//localhost/bundles/authz", b"/bundles/./authz", b"/bundles/%2561uthz", b"/%0d%0aX:%20y"]
    )
    def test_and_none_that_only_looks_like_it(self, gateway, path):
        answer = gateway.raw(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + END)
        assert (status_of(answer), b"\r\nX: y" in answer) == (404, False)


FRAMINGS = {
    "both": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "another coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a coding after chunked": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
    "the same length twice": b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "a signed length": b"Content-Length: +0\r\n\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length in hex": b"Content-Length: 0x0\r\n\r\n",
    "a length that overflows": b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a length with zeros": b"Content-Length: 00\r\n\r\n",
    "a request as a body": b"Content-Length: 36\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
    "a line feed alone": b"X: y\n\n",
    "a carriage return alone": b"X: y\rZ: z\r\n\r\n",
    "NUL": b"X: y\x00z\r\n\r\n",
    "no colon": b"X\r\n\r\n",
    "no name": b": x\r\n\r\n",
    "a folded line": b"X: y\r\n z\r\n\r\n",
}


@pytest.mark.parametrize("framing", FRAMINGS.values(), ids=FRAMINGS)
def test_nothing_is_smuggled_behind_a_request_that_can_be_read_in_two_ways(gateway, framing):
    answers = gateway.raw(LINE + framing + LINE + END)
    assert b"HTTP/1.1 200 " not in answers
    assert answers.count(b"HTTP/1.1 ") <= 1
