"""What is answered without an application is what the application would answer, and nothing is skipped on the way."""

import asyncio
import socket
from contextlib import contextmanager
from unittest.mock import MagicMock

import pytest

from tests.support.gateway.scene import NEW, OLD, etag_of
from tests.support.patience import FOR_EVER_S, PATIENCE_S
from verifier.core.value import replace
from verifier.gateway.admission import Place
from verifier.gateway.app import Gateway
from verifier.gateway.front.connection import Connection
from verifier.gateway.front.heads import Heads

TOKEN = "a-token-of-some-length"


@pytest.fixture
def asked(monkeypatch):
    """What the application was asked."""
    counted, call = [], Gateway.__call__

    async def spied(self, scope, receive, send):
        counted.append(scope["path"])
        await call(self, scope, receive, send)

    monkeypatch.setattr(Gateway, "__call__", spied)
    return counted


@pytest.fixture
def gateway(scene, asked):
    """Serves OLD."""
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        asked.clear()
        yield gateway


def question(condition=None, path="/bundles/authz", **fields):
    fields = {"Host": "x", "If-None-Match": condition or etag_of(OLD), **fields}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


class Client:
    """One connection, which sends bytes as they are."""

    def __init__(self, connection):
        self.connection, self.received = connection, connection.makefile("rb")

    def send(self, content):
        self.connection.sendall(content)

    def answer(self):
        """Status, fields and body of the next answer; a status of 0 at the end."""
        status = int((self.received.readline().split() or [b"", b"0"])[1])
        lines = iter(lambda: self.received.readline().rstrip().decode(), "")
        fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return status, fields, self.received.read(0 if status == 304 else int(fields.get("content-length", 0)))

    def ask(self, content):
        self.send(content)
        return self.answer()


@contextmanager
def client(gateway):
    with socket.create_connection((gateway.host, gateway.port), timeout=PATIENCE_S) as connection:
        yield Client(connection)


def settle(fields):
    """The fields of an answer, but for its time."""
    return {name: value for name, value in fields.items() if name != "date"}


def test_who_has_it_is_told_so_without_an_application_and_in_the_same_words(gateway, asked):
    with client(gateway) as one:
        fast = [one.ask(question()) for _ in range(3)]
        assert asked == []
        slow = one.ask(question(Connection="keep-alive"))
        assert asked == ["/bundles/authz"]
    assert {status for status, _, _ in [*fast, slow]} == {304}
    assert [settle(fields) for _, fields, _ in fast] == [settle(slow[1])] * 3


def test_who_has_something_else_gets_the_bundle_in_the_middle_of_a_connection(gateway):
    with client(gateway) as one:
        answers = [one.ask(question(condition)) for condition in (None, '"other"', None, '"other"')]
    assert [(status, body) for status, _, body in answers] == [(304, b""), (200, OLD)] * 2


def test_a_quarantine_counts_at_the_next_request_of_a_connection(scene, gateway):
    with client(gateway) as one:
        assert one.ask(question())[0] == 304
        scene.quarantine(OLD)
        assert [one.ask(question())[0] for _ in range(3)] == [503] * 3


def test_answers_are_counted_as_others_are(scene, gateway):
    with client(gateway) as one:
        for _ in range(5):
            one.ask(question())
    assert scene.metric("verifier_gateway_requests_total", bundle="authz", status="304") == 5


@pytest.mark.parametrize("host", ["evil.example", "a b"])
def test_a_host_of_a_strangers_is_refused_also_where_another_was_right(gateway, host):
    with client(gateway) as one:
        assert one.ask(question())[0] == 304
        assert one.ask(question(Host=host))[0] in {400, 421}


def test_two_hosts_are_none(gateway):
    with client(gateway) as one:
        assert one.ask(question())[0] == 304
        assert one.ask(question().replace(b"Host: x\r\n", b"Host: x\r\nHost: y\r\n"))[0] == 400


def test_a_token_is_asked_for_each_time(scene, asked):
    scene.publish(OLD)
    with scene.running(tokens=(TOKEN,)) as gateway, client(gateway) as one:
        scene.saw("bundle.served")
        right = question(Authorization=f"Bearer {TOKEN}")
        assert [one.ask(right)[0] for _ in range(2)] == [304, 304]
        assert asked == []
        assert [one.ask(each)[0] for each in (question(), question(Authorization="Bearer x"), right)] == [401, 401, 304]


def test_a_token_that_a_reload_has_taken_back_is_refused_on_an_open_connection(scene):
    scene.publish(OLD)
    with scene.running(tokens=(TOKEN,)) as gateway, client(gateway) as one:
        scene.saw("bundle.served")
        right = question(Authorization=f"Bearer {TOKEN}")
        assert one.ask(right)[0] == 304
        scene.reload(gateway, tokens=("another-token-of-some-length",))
        assert one.ask(right)[0] == 401


def test_a_token_that_a_reload_has_taken_back_ends_what_it_was_held_for(scene):
    scene.publish(OLD)
    with scene.running(tokens=(TOKEN,)) as gateway, client(gateway) as one:
        scene.saw("bundle.served")
        one.send(question(Authorization=f"Bearer {TOKEN}", Prefer=f"wait={FOR_EVER_S}"))
        gateway.until(lambda: gateway.server.gateway.serving.bundles[0].held == 1)
        scene.reload(gateway, tokens=("another-token-of-some-length",))
        assert one.answer()[0] == 401


def test_a_path_that_a_reload_has_taken_away_is_gone_on_an_open_connection(scene, gateway):
    with client(gateway) as one:
        assert one.ask(question())[0] == 304
        scene.reload(gateway, bundles=(replace(scene.bundle(), name="other", path="/bundles/other"),))
        assert one.ask(question())[0] == 404


def ask_on(connection):
    while True:
        connection.sendall(question())


def test_who_reads_no_answer_is_given_up(scene, monkeypatch):
    for module in ("protocol", "front.connection"):
        monkeypatch.setattr(f"verifier.gateway.{module}.STALL_S", 0.05)
    scene.publish(OLD)
    with scene.running() as gateway, socket.socket() as deaf:
        scene.saw("bundle.served")
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        deaf.settimeout(PATIENCE_S)
        deaf.connect((gateway.host, gateway.port))
        with pytest.raises(ConnectionError):
            ask_on(deaf)
        gateway.until(lambda: gateway.server.admission.held <= 1)


class TestWhoIsNotRead:
    """The last answer before its reader falls silent, which no further request makes anybody look at."""

    @pytest.mark.parametrize(("left", "is_ended"), [(100, True), (0, False)])
    def test_an_answer_that_stays_unread_ends_its_connection(self, left, is_ended, monkeypatch):
        scope = {"http_version": "1.1", "method": "GET", "path": "/bundles/authz"}
        head = Heads().keep(b"x", scope, [(b"host", b"x"), (b"if-none-match", b"*")])

        async def rest():
            monkeypatch.setattr("verifier.gateway.front.connection.STALL_S", 0)
            desk, place = MagicMock(), Place("127.0.0.1", is_surplus=False)
            connection = Connection(
                desk=desk,
                make_office=MagicMock(),
                admission=MagicMock(),
                place=place,
                connections=set(),
                keep_alive=FOR_EVER_S,
            )
            transport = MagicMock()
            transport.is_closing.return_value, transport.get_write_buffer_size.return_value = False, 0
            connection.connection_made(transport)
            desk.seconds.return_value, desk.draining = 0.0, False
            desk.unchanged.return_value = b"HTTP/1.1 304 Not Modified\r\n\r\n"
            assert connection.take(head)
            transport.get_write_buffer_size.return_value = left
            connection.told(2, MagicMock())
            for _ in range(3):
                await asyncio.sleep(0)
            assert transport.abort.called is is_ended
            connection.connection_lost(None)

        asyncio.run(rest())


class TestAHeldClient:
    @pytest.fixture
    def held(self, gateway, asked):
        """One that waits, at the desk."""
        with client(gateway) as one:
            one.send(question(Prefer=f"wait={FOR_EVER_S}"))
            gateway.until(lambda: gateway.server.gateway.serving.bundles[0].held == 1)
            assert asked == []
            yield one

    def test_is_told_of_a_release(self, scene, held):
        scene.publish(NEW)
        status, fields, body = held.answer()
        assert (status, fields["etag"], body) == (200, etag_of(NEW), NEW)

    def test_may_ask_on_afterwards(self, scene, held):
        scene.publish(NEW)
        held.answer()
        assert held.ask(question(etag_of(NEW)))[0] == 304

    def test_that_sends_on_is_answered_in_order(self, scene, held):
        held.send(question('"other"') + question(path="/healthz"))
        scene.publish(NEW)
        assert [held.answer()[2] for _ in range(2)] == [NEW, NEW]
        assert held.answer()[0] == 200

    def test_that_sends_rubbish_is_ended(self, held):
        held.send(b"\0\0\0\r\n\r\n")
        assert held.connection.recv(65536) == b""

    def test_that_goes_away_holds_nothing(self, scene, gateway, held):
        held.received.close()
        held.connection.close()
        gateway.until(lambda: gateway.held() == 0)
        assert scene.metric("verifier_gateway_requests_total", bundle="authz", status="499") == 1
        assert gateway.server.admission.held <= 1

    def test_is_answered_when_the_gateway_stops(self, gateway, held):
        gateway.server.stop()
        status, fields, _ = held.answer()
        assert (status, fields["connection"]) == (304, "close")


class TestRequestsThatHideOthers:
    """What is answered without an application is one whole request: nothing before it, behind it or within it."""

    @pytest.mark.parametrize(
        ("content", "statuses"),
        [
            (question() + question(), [304, 304]),
            (question() + question('"other"'), [304, 200]),
            (b"\r\n" + question(), [304]),
            (question(Content_Length="0"), [304]),
            (question(Content_Length="4") + b"GET ", [400]),
            (question(Transfer_Encoding="chunked") + b"0\r\n\r\n", [400]),
            (question(Transfer_Encoding="chunked", Content_Length="0") + b"0\r\n\r\n", [400]),
        ],
        ids=["two", "two-unlike", "empty-line", "empty-body", "body", "chunks", "both"],
    )
    def test_are_answered_one_by_one_or_refused(self, gateway, content, statuses):
        with client(gateway) as one:
            assert one.ask(question())[0] == 304
            one.send(content)
            assert [one.answer()[0] for _ in statuses] == statuses

    def test_a_known_request_in_the_middle_of_a_body_is_no_request(self, gateway):
        known = question()
        with client(gateway) as one:
            assert one.ask(known)[0] == 304
            one.send(b"POST /notify HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (len(known) + 1))
            one.send(known)
            one.send(b"x")
            assert one.answer()[0] == 404
            assert one.ask(known)[0] == 304

    def test_a_known_request_behind_half_a_head_is_the_rest_of_that_head(self, gateway):
        known = question()
        with client(gateway) as one:
            assert one.ask(known)[0] == 304
            one.send(b"GET /healthz HTTP/1.1\r\nX: ")
            one.send(known)  # its first line is the field's
            status, _, body = one.answer()
            assert (status, b"alive" in body) == (200, True)

    def test_a_request_that_comes_in_pieces_is_one(self, gateway):
        known = question()
        with client(gateway) as one:
            assert one.ask(known)[0] == 304
            one.send(known[:9])
            one.send(known[9:])
            assert one.answer()[0] == 304
