"""Hostile connections: each is ended, told why where it can be, and nobody else notices."""

import base64
import secrets
import socket
from contextlib import ExitStack

import pytest

from tests.support.gateway.scene import NEW, OLD, etag_of
from tests.support.patience import GROWING_S, PATIENCE_S
from tests.support.stories import archive, signed
from verifier.gateway import protocol

GET = b"GET /bundles/authz HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def gateway(scene):
    """Serves OLD."""
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        yield gateway


def status_of(answer: bytes) -> int:
    assert b"content-type: application/problem+json\r\n" in answer
    assert b"connection: close\r\n" in answer
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 100,
        b"GET / HTTP/1.1\r\nbad\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        b"POST /notify HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_is_not_http_is_a_bad_request(gateway, garbage):
    assert status_of(gateway.raw(garbage)) == 400
    assert gateway.ask().status == 200


def test_a_field_that_is_too_large_is_refused(gateway):
    assert status_of(gateway.raw(GET + b"X: " + b"x" * 40_000 + b"\r\n\r\n")) == 431


def test_a_field_that_never_ends_is_refused_when_it_exceeds_its_bound(gateway):
    with socket.create_connection((gateway.host, gateway.port), PATIENCE_S) as connection:
        connection.sendall(GET + b"X: ")
        with pytest.raises(ConnectionError):
            _pour(connection)


def _pour(connection):
    while True:  # ends when the gateway has had enough
        connection.sendall(b"x" * 100_000)


def test_too_many_fields_are_refused(gateway):
    assert status_of(gateway.raw(GET + b"X: x\r\n" * 200 + b"\r\n")) == 431


def test_a_target_that_is_too_long_is_refused(gateway):
    assert status_of(gateway.raw(b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n\r\n")) == 414


def test_a_head_that_comes_slowly_is_given_up(scene, monkeypatch):
    scene.publish(OLD)
    with scene.running() as gateway:
        for seconds in GROWING_S:
            monkeypatch.setattr(protocol, "HEAD_S", seconds)
            answer = gateway.raw(GET)
            if answer:  # else it was given up before it had begun
                break
        assert status_of(answer) == 408


def test_a_connection_that_says_nothing_is_closed(scene, monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_S", 0.1)
    with scene.running() as gateway:
        assert gateway.raw() == b""


def test_a_second_head_that_comes_slowly_is_given_up_too(scene, monkeypatch):
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        for seconds in GROWING_S:
            monkeypatch.setattr(protocol, "HEAD_S", seconds)
            answers = gateway.raw(GET + b"\r\n" + b"GET /bund")
            if answers:  # else it was given up before it had begun
                break
        assert answers.startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1 408 " in answers


def test_requests_in_one_piece_are_answered_in_their_order(gateway):
    other = f"GET /bundles/authz HTTP/1.1\r\nHost: x\r\nIf-None-Match: {etag_of(OLD)}\r\n\r\n".encode()
    last = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answers = gateway.raw((GET + b"\r\n") * 3 + other + last)
    assert [answers.count(b"HTTP/1.1 %d " % status) for status in (200, 304, 404)] == [3, 1, 1]
    assert answers.rfind(b"HTTP/1.1 200 ") < answers.find(b"HTTP/1.1 304 ") < answers.find(b"HTTP/1.1 404 ")


def test_a_long_poll_in_a_pipeline_holds_only_its_own_connection(gateway, scene):
    poll = (
        f"GET /bundles/authz HTTP/1.1\r\nHost: x\r\nIf-None-Match: {etag_of(OLD)}\r\nPrefer: wait=3600\r\n\r\n".encode()
    )
    last = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection((gateway.host, gateway.port), timeout=PATIENCE_S) as connection:
        connection.sendall(poll + last)
        gateway.until(lambda: gateway.held() == 1)
        scene.publish(NEW)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    assert answer.find(b"HTTP/1.1 200 ") < answer.find(b"HTTP/1.1 404 ")


def test_connections_beyond_the_bound_are_told_to_come_again(scene):
    scene.publish(OLD)
    with scene.running(connections=3) as gateway, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection((gateway.host, gateway.port), timeout=PATIENCE_S))
        answer = gateway.raw()
        assert status_of(answer) == 503
        assert b"retry-after: " in answer
        assert b"request.overloaded" in answer


def test_a_client_that_does_not_read_its_answer_is_given_up(scene, monkeypatch):
    monkeypatch.setattr(protocol, "STALL_S", 0.5)
    noise = base64.b64encode(secrets.token_bytes(9_000_000))
    scene.publish(signed(archive("1.0.0", data_json=b'{"noise": "' + noise + b'"}')))
    with scene.running() as gateway:
        scene.saw("bundle.served")
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(PATIENCE_S)
            connection.connect((gateway.host, gateway.port))
            connection.sendall(GET + b"\r\n")
            begun = connection.recv(2048, socket.MSG_PEEK | socket.MSG_WAITALL)
            assert begun.startswith(b"HTTP/1.1 200 ")
            gateway.until(lambda: gateway.ask("/healthz").status == 200 and not _unread(gateway))
            received = 0
            while data := connection.recv(65536):
                received += len(data)
    assert received < len(noise) / 2


def _unread(gateway):
    """The connections on which something is still to be sent."""
    connections = tuple(gateway.server._server.server_state.connections)
    return [each for each in connections if each.transport.get_write_buffer_size()]


def test_a_request_to_upgrade_is_answered_as_if_it_had_not_asked_and_is_the_last(gateway):
    upgrade = (
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    answer = gateway.raw(GET + upgrade + GET + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_an_expectation_is_not_waited_for(gateway):
    answer = gateway.raw(GET + b"Expect: 100-continue\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
