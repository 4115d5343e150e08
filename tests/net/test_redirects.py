"""Where a redirect may lead, and what it may take along. Threat T-404."""

import socket

import pytest

from tests.support.net.servers import Authority, server
from verifier.core.errors import Refused
from verifier.net.access import Access
from verifier.net.http import fetch

SECRET = Access(bearer_token="t0ken", allow_private=True)
real_addresses = socket.getaddrinfo


def to(location, status=302):
    return lambda exchange: exchange.answer(status, Location=location)


def good(exchange):
    exchange.answer(body=b"{}")


def reason(url, access=None):
    with pytest.raises(Refused) as refused:
        fetch(url, max_bytes=1_000, access=access)
    return refused.value.reasons[0]


@pytest.fixture
def hosts(monkeypatch):
    """Names of our own: a list of answers for each, the last for ever; each look-up is noted."""
    known, asked = {}, []

    def resolve(host, port, *arguments, **options):
        asked.append(host)
        if host not in known:
            return real_addresses(host, port, *arguments, **options)
        answers = known[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [each for address in addresses for each in real_addresses(address, port, *arguments, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known, asked


class TestWhereItMayLead:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_to_the_server_that_was_named(self, status):
        def say(exchange):
            (good if exchange.path == "/b" else to("b", status))(exchange)

        with server(say) as running:
            assert fetch(f"{running.url}/a", max_bytes=9) == b"{}"

    @pytest.mark.parametrize(
        "location",
        [
            "http://127.0.0.1:1/secret",
            "http://[::1]/",
            "http://localhost/",
            "http://93.184.216.34/",
            "https://127.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/",
            "https://[::ffff:10.0.0.1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "//127.0.0.1:1/",
            "https:///x",
            "https://user:secret@127.0.0.1/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "gopher://127.0.0.1/",
            "http://[",
            "https://127.0.0.1:0x50/",
        ],
    )
    def test_not_to_what_nobody_named(self, location):
        with server(to(location)) as running:
            found = reason(running.url)
        assert (found.code, "secret" in found.subject) == ("input.unreachable", location.endswith("/secret"))

    def test_not_for_ever(self):
        with server(to("/again")) as running:
            found = reason(running.url)
            assert (found.code, "more than 3 redirects" in found.message) == ("input.unreachable", True)
            assert len(running.seen) == 4

    def test_not_without_saying_where(self):
        with server(lambda exchange: exchange.answer(302)) as running:
            assert "status 302" in reason(running.url).message

    def test_not_through_a_location_that_smuggles_a_header(self):
        with server(lambda exchange: exchange.raw(b"HTTP/1.1 302 X\r\nLocation: /a\r X: y\r\n\r\n")) as running:
            assert reason(running.url).code == "input.unreachable"

    def test_to_a_private_address_where_the_operator_allows_it(self):
        with server(good) as second, server(to(second.url)) as first:
            assert reason(first.url).code == "input.unreachable"
            assert second.seen == []
            assert fetch(first.url, max_bytes=9, access=Access(allow_private=True)) == b"{}"

    def test_never_down_to_plain_http(self, tmp_path):
        authority = Authority(tmp_path)
        access = Access(ca_file=authority.file, allow_private=True)
        with server(good) as plain, server(to(plain.url), authority.server_context("127.0.0.1")) as secured:
            assert "plain http" in reason(secured.url, access).message
            assert plain.seen == []


class TestNames:
    def test_a_name_is_resolved_once_and_that_address_is_connected_to(self, hosts):
        known, asked = hosts
        known["bundles.test"] = [["127.0.0.1"], ["203.0.113.1"]]
        with server(good) as running:
            assert fetch(f"http://bundles.test:{running.port}/", max_bytes=9) == b"{}"
            assert running.seen[0][1]["host"] == f"bundles.test:{running.port}"
        assert asked.count("bundles.test") == 1

    def test_a_redirect_to_a_name_with_a_private_address_is_refused(self, hosts):
        known, _ = hosts
        known["rebind.test"] = [["127.0.0.1"]]
        with server(to("https://rebind.test/")) as running:
            assert "not a public address" in reason(running.url).message

    def test_one_private_address_among_public_ones_is_enough_to_refuse(self, hosts):
        known, _ = hosts
        known["rebind.test"] = [["93.184.216.34", "127.0.0.1"]]
        with server(to("https://rebind.test/")) as running:
            assert "not a public address" in reason(running.url).message

    def test_plain_http_is_for_names_of_loopback_only(self, hosts):
        known, _ = hosts
        known["bundles.test"] = [["127.0.0.1", "10.0.0.1"]]
        assert "not loopback" in reason("http://bundles.test:1/").message

    def test_a_named_host_may_be_anywhere_in_plain_http_where_the_operator_says_so(self, hosts):
        known, _ = hosts
        known["bundles.test"] = [["0.0.0.0"]]  # noqa: S104 - not loopback by its number, and this machine all the same
        with server(good) as running:
            url = f"http://bundles.test:{running.port}/"
            assert reason(url).code == "input.unreachable"
            assert fetch(url, max_bytes=9, access=Access(plain_http=True)) == b"{}"

    def test_the_next_address_is_tried_where_one_does_not_answer(self, hosts):
        known, _ = hosts
        known["bundles.test"] = [["127.0.0.2", "127.0.0.1"]]
        with server(good) as running:
            assert fetch(f"http://bundles.test:{running.port}/", max_bytes=9) == b"{}"


class TestCredentials:
    def test_they_go_to_the_server_that_was_named(self):
        with server(good) as running:
            fetch(running.url, max_bytes=9, access=SECRET)
            fetch(running.url, max_bytes=9, access=Access(username="u", password="p:ü"))
            sent = [fields.get("authorization") for _, fields in running.seen]
        assert sent == ["Bearer t0ken", "Basic dTpwOsO8"]

    def test_they_stay_with_it_over_its_own_redirects(self):
        def say(exchange):
            (good if exchange.path == "/b" else to("b"))(exchange)

        with server(say) as running:
            fetch(f"{running.url}/a", max_bytes=9, access=SECRET)
            assert [fields.get("authorization") for _, fields in running.seen] == ["Bearer t0ken"] * 2

    def test_they_do_not_go_to_another_port(self):
        with server(good) as second, server(to(second.url)) as first:
            fetch(first.url, max_bytes=9, access=SECRET)
            assert "authorization" in first.seen[0][1]
            assert "authorization" not in second.seen[0][1]

    def test_they_do_not_go_to_another_name_of_the_same_address(self):
        def say(exchange):
            (good if exchange.path == "/b" else to(f"http://localhost:{exchange.server.port}/b"))(exchange)

        with server(say) as running:
            fetch(running.url, max_bytes=9, access=SECRET)
            assert ["authorization" in fields for _, fields in running.seen] == [True, False]

    def test_they_do_not_come_back_with_a_redirect_that_returns(self):
        def back(exchange):
            to(f"{first.url}/b")(exchange)

        def away(exchange):
            (good if exchange.path == "/b" else to(second.url))(exchange)

        with server(back) as second, server(away) as first:
            assert fetch(f"{first.url}/a", max_bytes=9, access=SECRET) == b"{}"
            assert [(path, "authorization" in fields) for path, fields in first.seen] == [
                ("/a", True),
                ("/b", False),
            ]

    def test_nor_does_the_client_certificate(self, tmp_path):
        authority = Authority(tmp_path)
        certificate, key = authority.issue("client", "client")
        context = authority.server_context("127.0.0.1", clients=True)
        access = Access(ca_file=authority.file, client_certificate=certificate, client_key=key, allow_private=True)
        with server(good, context) as second, server(to(second.url), context) as first:
            assert fetch(first.url, max_bytes=9, access=access) == b"{}"
            assert [bool(peer) for peer in (*first.peers, *second.peers)] == [True, False]

    def test_a_token_that_would_be_two_fields_is_not_sent(self):
        with server(good) as running:
            for token in ("secret\r\nX: y", "secret\u20ac"):
                found = reason(running.url, Access(bearer_token=token))
                assert (found.code, "secret" in found.message) == ("input.unreachable", False)
            assert running.seen == []

    def test_they_are_not_shown(self):
        assert "secret" not in repr(Access(bearer_token="secret", username="u", password="secret"))


class TestTls:
    def test_the_certificate_is_checked_for_the_name_whatever_its_address(self, hosts, tmp_path):
        known, _ = hosts
        known.update({"bundles.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]})
        authority = Authority(tmp_path)
        access = Access(ca_file=authority.file)
        with server(good, authority.server_context("bundles.test")) as running:
            assert fetch(f"https://bundles.test:{running.port}/", max_bytes=9, access=access) == b"{}"
            assert "does not verify" in reason(f"https://other.test:{running.port}/", access).message

    def test_an_authority_that_nobody_named_is_not_believed(self, tmp_path):
        authority = Authority(tmp_path)
        with server(good, authority.server_context("127.0.0.1")) as running:
            found = reason(running.url)
            assert (found.code, "does not verify" in found.message) == ("input.unreachable", True)
            assert running.seen == []

    def test_a_server_without_tls_is_not_asked_without(self):
        with server(good) as running:
            assert reason(running.url.replace("http:", "https:")).code == "input.unreachable"
            assert running.seen == []

    def test_one_that_never_finishes_the_handshake_is_left(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
            assert "took too long" in reason(url, Access(timeout_s=0.1)).message

    def test_certificates_that_cannot_be_used_are_no_document(self, tmp_path):
        (tmp_path / "ca.pem").write_text("nothing")
        for name in ("ca.pem", "missing.pem"):
            found = reason("https://127.0.0.1:1/", Access(ca_file=tmp_path / name))
            assert (found.code, "certificates" in found.message) == ("input.unreachable", True)
