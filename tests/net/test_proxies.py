"""Through a proxy: who is asked for what, what it is told, and what it may not do. Threat T-404."""

import socket
import time

import pytest

from tests.support.net.proxies import proxy
from tests.support.net.servers import Authority, server
from tests.support.patience import FOR_EVER_S
from verifier.core.errors import Refused
from verifier.net.access import Access
from verifier.net.address import NotAllowedError, Origin, Reach, parse_web_address
from verifier.net.http import Session, fetch
from verifier.net.network import Network, Proxy, parse_no_proxy, parse_proxy
from verifier.net.tunnel import ProxyError, name_for_proxy

USER = "user:hunter2"
NAME = "bundles.test"
ANSWERED = b"HTTP/1.1 200 OK\r\n\r\n"


def good(exchange):
    exchange.answer(body=b"{}")


def to(location):
    return lambda exchange: exchange.answer(302, Location=location)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def origin(authority):
    """A server that is asked by TLS as bundles.test."""
    with server(good, authority.server_context(NAME)) as running:
        yield running


@pytest.fixture
def between(origin):
    """A proxy that leads there."""
    with proxy(origin.port) as running:
        yield running


@pytest.fixture(autouse=True)
def looked_up(monkeypatch):
    """The names that this process asked for."""
    asked, real = [], socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **named: (asked.append(host), real(host, *rest, **named))[1]
    )
    return asked


def network(running, *, user=None, **others):
    by = Proxy(host="127.0.0.1", port=running.port)
    if user is not None:
        by = parse_proxy(f"http://{user}@127.0.0.1:{running.port}")
    return Network(https_proxy=by, http_proxy=by, **others)


def reason(url, access):
    with pytest.raises(Refused) as refused:
        fetch(url, max_bytes=1_000, access=access)
    (found,) = refused.value.reasons
    assert "hunter2" not in f"{found} {access!r}"
    return found


class TestTheTunnel:
    def test_it_leads_to_the_name_which_nobody_else_resolves(self, origin, between, authority, looked_up):
        access = Access(ca_file=authority.file, network=network(between))
        assert fetch(f"https://{NAME}:{origin.port}/a", max_bytes=9, access=access) == b"{}"
        assert [(how, target) for how, target, _ in between.seen] == [("CONNECT", f"{NAME}:{origin.port}")]
        assert between.seen[0][2]["host"] == f"{NAME}:{origin.port}"
        assert set(looked_up) == {"127.0.0.1"}

    def test_whom_it_leads_to_is_checked_for_the_name(self, origin, between, authority):
        access = Access(ca_file=authority.file, network=network(between))
        found = reason(f"https://other.test:{origin.port}/", access)
        assert (found.code, "does not verify" in found.message) == ("input.unreachable", True)
        assert origin.seen == []

    def test_a_proxy_that_answers_in_the_servers_place_is_not_believed(self, origin, between):
        found = reason(f"https://{NAME}:{origin.port}/", Access(network=network(between)))
        assert (found.code, "does not verify" in found.message) == ("input.unreachable", True)
        assert origin.seen == []

    def test_the_networks_authority_is_believed_for_everybody(self, origin, between, authority):
        access = Access(network=network(between, ca_file=authority.file))
        assert fetch(f"https://{NAME}:{origin.port}/", max_bytes=9, access=access) == b"{}"

    def test_a_peers_own_authority_stands_in_its_place(self, origin, between, authority, tmp_path):
        (tmp_path / "other").mkdir()
        other = Authority(tmp_path / "other")
        access = Access(ca_file=other.file, network=network(between, ca_file=authority.file))
        assert "does not verify" in reason(f"https://{NAME}:{origin.port}/", access).message

    def test_credentials_for_the_server_go_through_it_and_not_to_it(self, origin, between, authority):
        access = Access(ca_file=authority.file, bearer_token="t0ken", network=network(between))
        fetch(f"https://{NAME}:{origin.port}/", max_bytes=9, access=access)
        assert origin.seen[0][1]["authorization"] == "Bearer t0ken"
        assert "authorization" not in between.seen[0][2]
        assert b"t0ken" not in between.passed

    def test_it_is_kept_for_the_next_question(self, origin, between, authority):
        url = f"https://{NAME}:{origin.port}/"
        session = Session(parse_web_address(url).origin, Access(ca_file=authority.file, network=network(between)))
        for _ in range(3):
            assert session.get(url, max_bytes=9).body == b"{}"
        session.close()
        assert (len(between.seen), len(origin.seen)) == (1, 3)

    def test_an_exception_is_asked_directly(self, origin, between, authority, looked_up):
        exempt = parse_no_proxy(NAME)
        access = Access(ca_file=authority.file, network=network(between, direct=exempt), timeout_s=0.5)
        reason(f"https://{NAME}:{origin.port}/", access)
        assert (between.seen, looked_up) == ([], [NAME])

    def test_this_machine_is_asked_directly(self, between, authority):
        with server(good, authority.server_context("127.0.0.1")) as here:
            access = Access(ca_file=authority.file, network=network(between))
            assert fetch(here.url, max_bytes=9, access=access) == b"{}"
        assert between.seen == []

    def test_an_ipv6_address_is_written_in_brackets(self, between, authority):
        access = Access(ca_file=authority.file, network=network(between))
        reason("https://[2001:db8::1]/", access)
        assert between.seen[0][1] == "[2001:db8::1]:443"

    @pytest.mark.parametrize("host", ["a%20b", "a%0d%0aX:%20y", "a b", "a,b", "[fe80::1%25lo]", "a" * 300])
    def test_a_host_that_is_none_is_not_sent(self, between, host):
        assert reason(f"https://{host}/", Access(network=network(between))).code == "input.unreachable"
        assert between.seen == []


class TestCredentialsOfTheProxy:
    def test_they_go_to_the_proxy_alone(self, origin, authority):
        with proxy(origin.port, user=USER) as between:
            access = Access(ca_file=authority.file, network=network(between, user=USER))
            fetch(f"https://{NAME}:{origin.port}/", max_bytes=9, access=access)
            assert between.seen[0][2]["proxy-authorization"] == "Basic dXNlcjpodW50ZXIy"
        assert [name for name in origin.seen[0][1] if "authorization" in name] == []

    @pytest.mark.parametrize(
        ("given", "said"), [(None, "was not given them"), ("user:hunter22", "does not accept them")]
    )
    def test_without_the_right_ones_it_is_unreachable(self, origin, authority, given, said):
        with proxy(origin.port, user=USER) as between:
            access = Access(ca_file=authority.file, network=network(between, user=given))
            found = reason(f"https://{NAME}:{origin.port}/", access)
            assert len(between.seen) == 1
        assert (found.code, said in found.message, "407" in found.message) == ("input.unreachable", True, True)
        assert origin.seen == []

    def test_nobody_who_is_asked_directly_gets_them(self):
        with server(good) as direct, server(to(f"{direct.url}/b")) as first, proxy(first.port) as between:
            access = Access(network=network(between, user=USER), plain_http=True, allow_private=True)
            assert fetch(f"http://{NAME}/a", max_bytes=9, access=access) == b"{}"
            assert "proxy-authorization" in between.seen[0][2]
            fields = [name for _, sent in (*direct.seen, *first.seen) for name in sent]
        assert (len(direct.seen), "proxy-authorization" in fields) == (1, False)


class TestWithoutTls:
    def test_it_is_asked_by_the_whole_url(self, looked_up):
        with server(good) as behind, proxy(behind.port) as between:
            access = Access(network=network(between, user=USER), plain_http=True, bearer_token="t0ken")
            assert fetch(f"http://{NAME}:8080/a?b=c", max_bytes=9, access=access) == b"{}"
            (how, target, fields), *_ = between.seen
            (path, sent), *_ = behind.seen
        assert (how, target, fields["host"]) == ("GET", f"http://{NAME}:8080/a?b=c", f"{NAME}:8080")
        assert (path, sent["authorization"], sent.get("proxy-authorization")) == ("/a?b=c", "Bearer t0ken", None)
        assert set(looked_up) == {"127.0.0.1"}

    def test_one_that_wants_a_password_is_unreachable(self):
        with server(good) as behind, proxy(behind.port, user=USER) as between:
            found = reason(f"http://{NAME}/", Access(network=network(between), plain_http=True))
        assert (found.code, "asks for a user name" in found.message) == ("input.unreachable", True)

    def test_a_name_that_nobody_said_may_be_asked_so_is_not_the_proxys_to_resolve(self, looked_up):
        """Without `plain_http` only this machine is asked without TLS."""
        with server(good) as behind, proxy(behind.port) as between:
            reason(f"http://{NAME}:{behind.port}/", Access(network=network(between)))
            assert (between.seen, looked_up) == ([], [NAME])


class TestRedirects:
    @pytest.mark.parametrize(
        "location",
        [
            *("https://10.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/"),
            *("https://127.1/", "https://2130706433/", "https://0x7f.1/", "https://intranet/", "https://a.localhost/"),
            *(
                "https://metadata.google.internal/",
                "https://printer.local/",
                "https://10.0.0.1./",
            ),
        ],
    )
    def test_a_proxy_is_not_asked_for_what_nobody_named(self, authority, location):
        with server(to(location), authority.server_context(NAME)) as first, proxy(first.port) as between:
            access = Access(ca_file=authority.file, network=network(between))
            found = reason(f"https://{NAME}:{first.port}/", access)
            assert [target for _, target, _ in between.seen] == [f"{NAME}:{first.port}"]
        assert (found.code, "public" in found.message) == ("input.unreachable", True)

    def test_what_is_checked_is_what_is_sent(self):
        origin = Origin(scheme="https", host="１０.0.0.1", port=443)  # what resolves it takes these for digits
        with pytest.raises(NotAllowedError):
            name_for_proxy(origin, Reach.PUBLIC)
        assert name_for_proxy(origin, Reach.ANYWHERE) == "10.0.0.1"

    def test_to_a_public_name_they_are_followed_by_the_proxy(self, authority):
        def say(exchange):
            (good if exchange.path == "/b" else to("https://cdn.example.org/b"))(exchange)

        with server(say, authority.server_context(NAME, "cdn.example.org")) as first, proxy(first.port) as between:
            access = Access(ca_file=authority.file, bearer_token="t0ken", network=network(between, user=USER))
            assert fetch(f"https://{NAME}/a", max_bytes=9, access=access) == b"{}"
            assert [target for _, target, _ in between.seen] == [f"{NAME}:443", "cdn.example.org:443"]
            assert ["authorization" in fields for _, fields in first.seen] == [True, False]

    def test_anywhere_where_the_operator_allows_it(self, authority):
        def say(exchange):
            (good if exchange.path == "/b" else to("https://intranet/b"))(exchange)

        with server(say, authority.server_context(NAME, "intranet")) as first, proxy(first.port) as between:
            access = Access(ca_file=authority.file, network=network(between), allow_private=True)
            assert fetch(f"https://{NAME}/a", max_bytes=9, access=access) == b"{}"


class TestABadProxy:
    """Each is `input.unreachable`, soon, and the server has not been asked."""

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            (b"HTTP/1.1 403 Forbidden\r\n\r\n", "does not lead there (status 403)"),
            (b"HTTP/1.1 502 hunter2\r\nX-Secret: hunter2\r\n\r\nhunter2", "does not lead there (status 502)"),
            (b"HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\n\r\n", "does not lead there (status 302)"),
            (b"HTTP/1.1 100 Continue\r\n\r\n", "does not lead there (status 100)"),
            (b"HTTP/1.1 200", "ended the connection"),
            (b"", "ended the connection"),
            (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "is not HTTP"),
            (b"HTTP/1.1 20 OK\r\n\r\n", "is not HTTP"),
            (b"HTTP/1.1 2000 OK\r\n\r\n", "is not HTTP"),
            (b"HTTP/2 200\r\n\r\n", "is not HTTP"),
            (b"HTTP/1.1 200 OK\n\n\r\n\r\n", "is not HTTP"),
            (b"\x16\x03\x01\x00\x05hello\r\n\r\n", "is not HTTP"),
            (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000, "more than 16384 bytes"),
            (b"x" * 100_000, "more than 16384 bytes"),
            (ANSWERED + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "could not be fetched"),
        ],
    )
    def test_an_answer_that_is_none(self, origin, between, authority, said, told):
        between.lie = lambda passage: passage.wfile.write(said)
        found = reason(f"https://{NAME}:{origin.port}/", Access(ca_file=authority.file, network=network(between)))
        assert (found.code, told in found.message, origin.seen) == ("input.unreachable", True, [])
        assert "evil" not in found.message

    def test_one_that_says_nothing(self, origin, between, authority):
        between.lie = lambda passage: passage.server.over.wait(FOR_EVER_S)
        access = Access(ca_file=authority.file, network=network(between), timeout_s=0.1)
        found = reason(f"https://{NAME}:{origin.port}/", access)
        assert (found.code, found.message.endswith("took too long")) == ("input.unreachable", True)
        assert f"the proxy 127.0.0.1:{between.port}" in found.message

    def test_one_that_never_ends_its_answer(self, origin, between, authority):
        """A byte now and then: each is in time, all of them are not."""

        def drip(passage):
            passage.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not passage.server.over.wait(0.02):
                passage.wfile.write(b"y")

        between.lie = drip
        access = Access(ca_file=authority.file, network=network(between), timeout_s=0.1)
        assert "took too long" in reason(f"https://{NAME}:{origin.port}/", access).message

    def test_its_whole_answer_is_waited_for_as_long_as_for_one_read(self, between, monkeypatch):
        """The whole may take six times that; but nobody can interrupt it while there is no connection yet."""
        left = []

        def never(connected, *_):
            left.append(connected.deadline - time.monotonic())
            raise ProxyError("never")

        monkeypatch.setattr("verifier.net.connection.open_tunnel", never)
        reason(f"https://{NAME}/", Access(network=network(between), timeout_s=50))
        assert left[0] <= 50

    def test_one_that_is_not_there(self, authority):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        by = parse_proxy(f"http://{USER}@127.0.0.1:{port}")
        found = reason(f"https://{NAME}/", Access(ca_file=authority.file, network=Network(https_proxy=by)))
        assert found.code == "input.unreachable"
        assert found.message.endswith(f"the proxy 127.0.0.1:{port} cannot be reached: Connection refused")

    def test_one_whose_name_nobody_knows(self):
        by = Network(https_proxy=Proxy(host="proxy.invalid", port=3128))
        found = reason(f"https://{NAME}/", Access(network=by, timeout_s=0.5))
        assert (found.code, "the proxy proxy.invalid:3128 cannot be reached" in found.message) == (
            "input.unreachable",
            True,
        )
