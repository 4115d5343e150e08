"""Crowds that hold connections for nothing: clients, upstream and the ledger go on, and so does the gateway."""

import os
import resource
import socket
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.gateway.authority import Authority, tls, trusting
from tests.support.gateway.crowd import crowd
from tests.support.gateway.scene import NEW, OLD, etag_of
from tests.support.patience import PATIENCE_S

PLACES = 64
HELLO = bytes.fromhex("160301020001000001fc0303")
"""How a client begins a handshake, and does not go on."""
HEAD = b"GET /bundles/authz HTTP/1.1\r\nHost: localhost\r\n"
SILENT = {
    "that says nothing": b"",
    "that says a byte": b"\x16",
    "that begins a handshake": HELLO,
    "that speaks another language": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.fixture
def few_files():
    """As many open files as a process has by default in a container, which the gateway raises to what it needs."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def serving(scene, tmp_path, *, secured, **changes):
    """A gateway that serves OLD to so many."""
    scene.publish(OLD)
    servers = Authority(tmp_path, "servers")
    with scene.running(connections=PLACES, tls=tls(servers) if secured else None, **changes) as gateway:
        gateway.context = trusting(servers) if secured else None
        scene.saw("bundle.served")
        yield gateway


def goes_on(scene, gateway):
    """Clients are served, upstream is asked, the ledger is written."""
    assert gateway.ask().status == 200
    scene.publish(NEW)
    scene.saw("bundle.served", version="1.1.0")
    assert gateway.ask().body == NEW
    assert [event.version for event in scene.history()][-1] == "1.1.0"


@pytest.mark.usefixtures("few_files")
class TestOfStrangers:
    @pytest.mark.parametrize("count", [616, 5_000])
    def test_silent_tls_connections_do_not_end_the_gateway(self, scene, tmp_path, count):
        with serving(scene, tmp_path, secured=True) as gateway, crowd(gateway, count) as made:
            assert made >= 616
            goes_on(scene, gateway)
            assert scene.metric("verifier_gateway_connections_ended_total", why="silent") > 0

    @pytest.mark.parametrize("says", SILENT.values(), ids=SILENT)
    def test_a_crowd_does_not_take_a_place_before_its_handshake(self, scene, tmp_path, says):
        with serving(scene, tmp_path, secured=True) as gateway, crowd(gateway, 616, says=says):
            goes_on(scene, gateway)

    @pytest.mark.parametrize(
        "says", [b"", b"G", HEAD, HEAD + b"X: "], ids=["nothing", "a byte", "half a head", "a field"]
    )
    def test_a_crowd_does_not_take_a_place_before_its_first_request(self, scene, tmp_path, says):
        with serving(scene, tmp_path, secured=False) as gateway, crowd(gateway, 616, says=says):
            goes_on(scene, gateway)

    @pytest.mark.parametrize("secured", [True, False])
    def test_a_crowd_that_resets_its_connections_leaves_nothing_behind(self, scene, tmp_path, secured):
        with serving(scene, tmp_path, secured=secured) as gateway, crowd(gateway, 616, resets=True):
            goes_on(scene, gateway)
            gateway.until(lambda: gateway.server.admission.held <= 1)

    def test_a_crowd_that_never_ends_keeps_nobody_from_another_address_out(self, scene, tmp_path):
        with serving(scene, tmp_path, secured=True) as gateway:
            with crowd(gateway, 616, again=True, source="127.0.0.2"):
                goes_on(scene, gateway)
            assert gateway.ask().status == 200

    def test_a_crowd_that_asks_once_and_idles_makes_room_for_who_asks(self, scene, tmp_path):
        asks = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with serving(scene, tmp_path, secured=False) as gateway, crowd(gateway, 616, says=asks):
            goes_on(scene, gateway)


class TestOfClients:
    def test_where_all_are_busy_one_more_is_told_so(self, scene, tmp_path):
        with serving(scene, tmp_path, secured=False) as gateway, ExitStack() as stack:
            _hold(gateway, stack, PLACES)
            answer = gateway.ask("/healthz")
            assert (answer.status, answer.codes) == (503, ["request.overloaded"])
            assert "retry-after" in answer.headers

    def test_by_tls_as_well(self, scene, tmp_path):
        with serving(scene, tmp_path, secured=True) as gateway, ExitStack() as stack:
            _hold(gateway, stack, PLACES)
            assert gateway.ask("/healthz").codes == ["request.overloaded"]

    def test_one_address_does_not_hold_all_places(self, scene, tmp_path):
        with serving(scene, tmp_path, secured=False, stated_per_address=8) as gateway, ExitStack() as stack:
            _hold(gateway, stack, 8, source="127.0.0.3")
            with socket.create_connection((gateway.host, gateway.port), PATIENCE_S, ("127.0.0.3", 0)) as ninth:
                assert b"request.overloaded" in _all_of(ninth)
            goes_on(scene, gateway)

    def test_who_waits_for_news_is_not_ended_for_a_crowd(self, scene, tmp_path):
        with serving(scene, tmp_path, secured=False) as gateway:
            held = gateway.hold(etag_of(OLD))
            with crowd(gateway, 616, says=HEAD):
                scene.publish(NEW)
                assert held.answer().body == NEW

    def test_a_handshake_under_a_certificate_that_counts_no_more_is_not_finished(self, scene, tmp_path):
        servers, newer = Authority(tmp_path, "servers"), Authority(tmp_path, "newer")
        scene.publish(OLD)
        with scene.running(tls=tls(servers)) as gateway:
            gateway.context = trusting(servers)
            with socket.create_connection((gateway.host, gateway.port), PATIENCE_S) as begun:
                begun.sendall(HELLO)
                gateway.until(lambda: gateway.ask("/healthz").status == 200 and gateway.server.admission.waiting)
                assert scene.reload(gateway, tls=tls(newer, name="renewed")).name == "gateway.reloaded"
                assert _all_of(begun) == b""


class TestOrders:
    """What the operator tells the gateway while a crowd is there."""

    @pytest.mark.parametrize("says", [b"", HELLO], ids=["silent", "in the handshake"])
    def test_it_stops_without_waiting_for_the_crowd(self, scene, tmp_path, says):
        with serving(scene, tmp_path, secured=True) as gateway, crowd(gateway, 300, says=says):
            gateway.until(lambda: gateway.server.admission.waiting > PLACES)
            gateway.server.stop()
            scene.saw("gateway.stopped")

    def test_it_stops_while_no_file_can_be_opened(self, scene, tmp_path):
        with serving(scene, tmp_path, secured=False) as gateway, socket.socket() as connection, no_more_files():
            connection.settimeout(PATIENCE_S)
            connection.connect((gateway.host, gateway.port))
            scene.saw("gateway.accepting-paused")
            gateway.server.stop()
            scene.saw("gateway.stopped")

    def test_it_reloads(self, scene, tmp_path):
        servers = Authority(tmp_path, "servers")
        scene.publish(OLD)
        with scene.running(connections=PLACES, tls=tls(servers)) as gateway, crowd(gateway, 300, says=HELLO):
            gateway.context = trusting(servers)
            assert scene.reload(gateway, tls=tls(servers, name="renewed")).name == "gateway.reloaded"
            assert gateway.ask("/healthz").status == 200


class TestWithoutFiles:
    def test_where_none_can_be_opened_accepting_pauses_and_goes_on(self, scene, tmp_path):
        with (
            serving(scene, tmp_path, secured=False) as gateway,
            socket.socket() as connection,
            no_more_files() as allow,
        ):
            connection.settimeout(PATIENCE_S)
            connection.connect((gateway.host, gateway.port))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            scene.saw("gateway.accepting-paused")
            allow()
            assert _all_of(connection).startswith(b"HTTP/1.1 200 ")


@contextmanager
def no_more_files():
    """This process can open nothing, until the end of the block."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_NOFILE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _hold(gateway, stack, count, source="127.0.0.1"):
    """So many long polls."""
    poll = HEAD + f"If-None-Match: {etag_of(OLD)}\r\nPrefer: wait=3600\r\n\r\n".encode()
    for _ in range(count):
        plain = socket.create_connection((gateway.host, gateway.port), PATIENCE_S, (source, 0))
        connection = stack.enter_context(plain)
        if gateway.context is not None:
            connection = stack.enter_context(gateway.context.wrap_socket(plain, server_hostname=gateway.host))
        connection.sendall(poll)
    bundle = gateway.server.gateway.serving.bundles[0]
    gateway.until(lambda: bundle.held == count)


def _all_of(connection):
    answer = b""
    try:
        while data := connection.recv(65536):
            answer += data
    except ConnectionError:
        pass
    return answer
