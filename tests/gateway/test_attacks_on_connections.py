"""Attacks on the gateway's connections: who holds them for nothing, and who was a client once."""

import resource
import socket
import ssl
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.support.gateway.authority import Authority, tls, trusting
from tests.support.gateway.scene import NEW, OLD
from tests.support.patience import GROWING_S, PATIENCE_S
from verifier.core.errors import ConfigurationError
from verifier.gateway import protocol
from verifier.gateway.server import GatewayServer

ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@contextmanager
def impatient(monkeypatch, scene):
    """Connections to a gateway that waits for a head ever longer, until the test can keep up with it."""
    with scene.running() as gateway, ExitStack() as stack:

        def connections():
            for seconds in GROWING_S:
                monkeypatch.setattr(protocol, "HEAD_S", seconds)
                yield stack.enter_context(socket.create_connection((gateway.host, gateway.port), PATIENCE_S))

        yield connections()


def answered(connection, request_):
    """Whether it was answered, and not given up before it had come."""
    with suppress(ConnectionError):
        connection.sendall(request_)
        return connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    return False


@pytest.mark.parametrize(
    ("request_", "more"),
    [(ALIVE + b"\r\n", b"\r\n"), (ALIVE + b"Content-Length: 1000000\r\n\r\n", b"x")],
    ids=["an empty line after the answer", "a byte of a body that never ends"],
)
def test_a_connection_cannot_be_held_for_ever_by_a_byte_after_its_answer(scene, monkeypatch, request_, more):
    with impatient(monkeypatch, scene) as connections:
        connection = next(each for each in connections if answered(each, request_))
        connection.sendall(more)
        assert connection.recv(65536) == b""


def test_who_asks_on_after_an_empty_line_is_answered_on(scene, monkeypatch):
    with impatient(monkeypatch, scene) as connections:
        assert any(all(answered(each, ALIVE + b"\r\n\r\n") for _ in range(3)) for each in connections)


def test_a_stranger_is_not_told_which_bundles_there_are(scene):
    scene.publish(OLD)
    with scene.running(tokens=("a-token-of-some-length",)) as gateway:
        there, elsewhere = gateway.ask(X_Correlation_Id="c"), gateway.ask("/bundles/other", X_Correlation_Id="c")
    assert (there.status, there.body) == (401, elsewhere.body)


class TestOpenFiles:
    """Whoever holds all connections does not cut the gateway off from its upstream, its ledger or its cache."""

    @pytest.fixture
    def few(self):
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        yield
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    @pytest.mark.usefixtures("few")
    def test_there_are_enough_for_all_connections_and_for_what_is_new(self, scene):
        scene.publish(OLD)
        with scene.running(connections=300) as gateway, ExitStack() as stack:
            scene.saw("bundle.served")
            assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 600  # the test's own end of each as well
            for _ in range(300):
                stack.enter_context(socket.create_connection((gateway.host, gateway.port), PATIENCE_S))
            scene.publish(NEW)
            scene.saw("bundle.served", version="1.1.0")

    def test_more_connections_than_files_are_a_mistake_at_the_start(self, scene, monkeypatch):
        monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 512))
        with pytest.raises(ConfigurationError, match=r"limits\.connections: needs 2560 open files"):
            GatewayServer(scene.configured(), scene.around(), load=scene.configured)


class TestOfAnAuthorityThatIsGone:
    """Its clients' certificates are worth nothing, and neither is a session that began with one."""

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_a_session_of_before_is_not_resumed(self, scene, tmp_path, version):
        servers, clients, newer = (Authority(tmp_path, name) for name in ("servers", "clients", "newer"))
        scene.publish(OLD)
        with scene.running(tls=tls(servers, clients)) as gateway:
            gateway.context = trusting(servers, clients.issue("opa"))
            gateway.context.maximum_version = version
            gateway.until(lambda: gateway.ask().status == 200)
            session = _session(gateway, None)
            assert scene.reload(gateway, tls=tls(servers, newer)).name == "gateway.reloaded"
            with pytest.raises((ssl.SSLError, ConnectionError)):
                _session(gateway, session)


def _session(gateway, session):
    """Ask for the bundle, in this session where there is one; the session of the connection."""
    plain = socket.create_connection((gateway.host, gateway.port), PATIENCE_S)
    with plain, gateway.context.wrap_socket(plain, server_hostname=gateway.host, session=session) as connection:
        connection.sendall(b"GET /bundles/authz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        if not connection.recv(65536).startswith(b"HTTP/1.1 200 "):
            raise ConnectionError("not answered")
        return connection.session
