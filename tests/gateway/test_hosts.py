"""The names by which the gateway may be asked: a page in a browser cannot make one of its own lead here."""

import json

import pytest

from tests.support.gateway.authority import Authority, tls, trusting
from tests.support.gateway.scene import OLD
from verifier.gateway.hosts import Hosts
from verifier.gateway.settings.settings import ListenOn

CODE = "request.misdirected"
RIGHT = [
    "localhost",
    "LOCALHOST:8282",
    "localhost.",
    "127.0.0.1",
    "127.0.0.1:8282",
    "[::1]",
    "[::1]:1",
    "10.1.2.3",
    "x",
]
ANOTHER_S = ["evil.example", "evil.example:8282", "127.0.0.1.evil.example", "localhost.evil.example", "a.localhost"]
NO_HOSTS = [
    "",
    "a b",
    "user@localhost",
    "localhost/",
    "localhost#",
    "[::1",
    "::1",
    "localhost:x",
    "localhost:123456",
    "a\tb",
    "ü",
]


@pytest.fixture
def gateway(scene):
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        yield gateway


def asked(gateway, host, path="/bundles/authz", target=None):
    """Status and codes of the answer."""
    fields = b"".join(b"Host: %s\r\n" % each.encode() for each in ([host] if isinstance(host, str) else host))
    line = f"GET {target or path} HTTP/1.1\r\n".encode()
    head, _, body = gateway.raw(line + fields + b"Connection: close\r\n\r\n").partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1])
    return status, [] if status == 200 else [each["code"] for each in json.loads(body)["reasons"]]


class TestOnThisMachineAlone:
    @pytest.mark.parametrize("path", ["/bundles/authz", "/", "/status", "/healthz", "/metrics"])
    @pytest.mark.parametrize("host", ANOTHER_S)
    def test_a_name_that_somebody_may_have_registered_is_refused(self, gateway, host, path):
        assert asked(gateway, host, path) == (421, [CODE])

    @pytest.mark.parametrize("host", RIGHT)
    def test_an_address_or_a_name_of_the_network_is_right(self, gateway, host):
        assert asked(gateway, host) == (200, [])

    @pytest.mark.parametrize("host", [each for each in NO_HOSTS if each != "ü"])
    def test_what_is_no_host_is_malformed(self, gateway, host):
        assert asked(gateway, host) == (400, [CODE])

    @pytest.mark.parametrize("hosts", [[], ["localhost", "localhost"], ["localhost", "evil.example"]])
    def test_none_and_two_are_malformed(self, gateway, hosts):
        assert asked(gateway, hosts) == (400, [CODE])

    def test_a_probe_of_http_1_0_needs_none(self, gateway):
        assert gateway.raw(b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")

    def test_the_host_of_a_whole_url_is_the_one_that_counts(self, gateway):
        assert asked(gateway, "localhost", target="http://evil.example/bundles/authz") == (421, [CODE])
        assert asked(gateway, "evil.example", target="http://localhost:1/bundles/authz") == (200, [])
        assert asked(gateway, "evil.example", target="http://[::1]/bundles/authz") == (200, [])

    def test_a_refusal_says_nothing_of_what_there_is(self, gateway):
        there = gateway.ask(Host="evil.example", X_Correlation_Id="c")
        elsewhere = gateway.ask("/bundles/other", Host="evil.example", X_Correlation_Id="c")
        assert there.body == elsewhere.body


class TestNamesThatAreConfigured:
    @pytest.fixture
    def hosts(self, scene):
        return Hosts.of(scene.configured(hosts=("gateway.acme.example", "sidecar")))

    @pytest.mark.parametrize("host", [b"gateway.acme.example", b"Gateway.ACME.example.:8282", b"sidecar", b"127.0.0.1"])
    def test_are_right(self, hosts, host):
        assert hosts.rejection(host) is None

    @pytest.mark.parametrize("host", [b"acme.example", b"x.gateway.acme.example", b"x", b"gateway.acme.example.evil"])
    def test_and_no_other(self, hosts, host):
        assert hosts.rejection(host).status == 421

    def test_count_from_a_reload_on(self, scene, gateway):
        assert asked(gateway, "gateway.acme.example")[0] == 421
        scene.reload(gateway, hosts=("gateway.acme.example",))
        assert asked(gateway, "gateway.acme.example")[0] == 200

    def test_many_right_ones_are_not_remembered_without_end(self, hosts):
        assert all(hosts.rejection(b"127.0.0.1:%d" % port) is None for port in range(1_000))
        assert len(hosts._right) < 100


class TestElsewhere:
    def test_with_tls_the_certificate_says_who_is_asked(self, scene, tmp_path):
        scene.publish(OLD)
        servers = Authority(tmp_path, "servers")
        with scene.running(tls=tls(servers)) as gateway:
            gateway.context = trusting(servers)
            scene.saw("bundle.served")
            assert gateway.ask(Host="gateway.acme.example").status == 200

    def test_beyond_loopback_names_are_the_network_s_to_know(self, scene):
        listen = ListenOn(host="192.0.2.1", port=1)
        weak = {"plain_http_beyond_loopback": True, "anonymous_clients_beyond_loopback": True}
        hosts = Hosts.of(scene.configured(listen=listen, **weak))
        assert hosts.rejection(b"gateway.acme.example") is None
        assert hosts.rejection(b"").status == 400
