"""Servers that lie about where to go, how long they are, or never come to an end."""

import socket

import pytest

from tests.support.net.servers import server
from verifier.core.errors import Refused
from verifier.net import connection
from verifier.net.access import Access
from verifier.net.address import NotAllowedError, parse_web_address
from verifier.net.http import Session, fetch

QUICK = Access(timeout_s=0.2)
OK = b"HTTP/1.1 200 OK\r\n"


def answered(content, *, access=QUICK, max_bytes=100):
    """What becomes of an answer in these bytes."""
    with server(lambda exchange: exchange.raw(content)) as running:
        return fetch(running.url, max_bytes=max_bytes, access=access)


def refused(content, **options):
    with pytest.raises(Refused) as found:
        answered(content, **options)
    return found.value.reasons[0].code


ELSEWHERE = {
    "a number for an address": "https://2130706433:{port}/",
    "a short address": "https://127.1:{port}/",
    "an octal address": "https://0177.0.0.1:{port}/",
    "a hexadecimal address": "https://0x7f000001:{port}/",
    "an address with a dot": "https://127.0.0.1.:{port}/",
    "full-width digits": "https://１２７.0.0.1:{port}/",
    "circled digits": "https://①27.0.0.1:{port}/",
    "an ideographic full stop": "https://127。0。0。1:{port}/",
    "a long s": "https://localhoſt:{port}/",
    "IPv4 in IPv6": "https://[::ffff:127.0.0.1]:{port}/",
    "IPv4 at the end of IPv6": "https://[::127.0.0.1]:{port}/",
    "a translated address": "https://[64:ff9b::7f00:1]:{port}/",
    "a tunnelled address": "https://[2002:7f00:1::]:{port}/",
    "an address with a zone": "https://[fe80::1%25lo]:{port}/",
    "loopback with a zone": "https://[::1%25lo]:{port}/",
    "loopback with a zone as it is written": "https://[::1%lo]:{port}/",
    "nobody": "https://0.0.0.0:{port}/",
    "nobody, in IPv6": "https://[::]:{port}/",
    "broadcast": "https://255.255.255.255:{port}/",
    "multicast": "https://[ff02::1]:{port}/",
    "carrier's addresses": "https://100.64.0.1:{port}/",
    "metadata": "https://[fd00:ec2::254]:{port}/",
    "a host after a user name": "https://example.org@127.0.0.1:{port}/",
    "a host after a backslash": "https://example.org\\@127.0.0.1:{port}/",
    "a host in backslashes": "https:\\\\127.0.0.1:{port}/",
    "a host with a line feed": "https://127.0.0.1\\n:{port}/",
    "a host in percent signs": "https://127%2e0.0.1:{port}/",
    "no host": "https://:{port}/",
    "a port that overflows": "https://127.0.0.1:{port}0000/",
    "a port in other digits": "https://127.0.0.1:٨٠/",
    "another scheme": "HTTPS+x://127.0.0.1:{port}/",
    "another protocol": "file://127.0.0.1/etc/passwd",
}


class TestWhereARedirectLeads:
    @pytest.mark.parametrize("location", ELSEWHERE.values(), ids=ELSEWHERE)
    def test_nowhere_that_nobody_named(self, location):
        with server(lambda exchange: exchange.answer(body=b"secret")) as inner:
            target = location.format(port=inner.port).encode()
            lead = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + b"\r\n\r\n"
            with server(lambda exchange: exchange.raw(lead)) as running, pytest.raises(Refused) as found:
                fetch(running.url, max_bytes=100, access=QUICK)
            assert found.value.reasons[0].code == "input.unreachable"
            assert inner.seen == []

    def test_not_in_a_circle(self):
        with server(lambda exchange: exchange.answer(302, Location="/again")) as running:
            with pytest.raises(Refused):
                fetch(running.url, max_bytes=100)
            assert len(running.seen) == 4

    def test_not_by_other_fields_than_location(self):
        lead = {"Refresh": "0; url=/other", "Link": "</other>; rel=next", "Content_Location": "/other"}
        with server(lambda exchange: exchange.answer(body=b"x", **lead)) as running:
            assert fetch(running.url, max_bytes=100) == b"x"
            assert [path for path, _ in running.seen] == ["/"]

    def test_not_by_two_locations(self):
        lead = b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nLocation: /good\r\nContent-Length: 0\r\n\r\n"
        assert refused(lead) == "input.unreachable"


class TestWhatIsSetForLater:
    def test_a_cookie_is_not_kept(self):
        with server(lambda exchange: exchange.answer(302, Location="/next", Set_Cookie="a=b")) as running:
            with pytest.raises(Refused):
                fetch(running.url, max_bytes=100)
            assert not any("cookie" in fields for _, fields in running.seen)


LIES = {
    "two lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "two lengths that agree": OK + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "two lengths in one": OK + b"Content-Length: 1, 1\r\n\r\na",
    "a length and chunks": OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "a length in other digits": OK + "Content-Length: ²\r\n\r\nab".encode("latin-1"),
    "a signed length": OK + b"Content-Length: +1\r\n\r\na",
    "a negative length": OK + b"Content-Length: -1\r\n\r\na",
    "a length that is folded": OK + b"Content-Length: 1\r\n 0\r\n\r\naaaaaaaaaa",
    "a length that is too short for what follows": OK + b"Content-Length: 5\r\n\r\nab",
    "chunks twice": OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "an unknown coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "a coded body": OK + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\na",
    "a body that is coded twice": OK
    + b"Content-Encoding: identity\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\na",
    "a body that is coded in a list": OK + b"Content-Encoding: identity, br\r\nContent-Length: 1\r\n\r\na",
    "a chunk of a negative size": OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n",
    "a chunk whose size is no number": OK + b"Transfer-Encoding: chunked\r\n\r\nz\r\na\r\n0\r\n\r\n",
    "a chunk that is cut": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\na",
    "chunks without an end": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
    "another protocol": b"HTTP/2 200 OK\r\nContent-Length: 1\r\n\r\na",
    "no protocol": b"a",
    "a radio": b"ICY 200 OK\r\nContent-Length: 1\r\n\r\na",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\na",
    "a status in words": b"HTTP/1.1 OK\r\nContent-Length: 1\r\n\r\na",
    "a piece": b"HTTP/1.1 206 Partial\r\nContent-Length: 1\r\nContent-Range: bytes 0-0/9\r\n\r\na",
    "nothing": b"HTTP/1.1 204 No Content\r\n\r\n",
    "an end": b"",
    "another protocol from now on": b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    "a hundred fields more": OK + b"X: y\r\n" * 200 + b"Content-Length: 1\r\n\r\na",
    "a field without an end": OK + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    "a line without an end": b"HTTP/1.1 200 " + b"O" * 100_000,
}


class TestHowLongItIs:
    @pytest.mark.parametrize("content", LIES.values(), ids=LIES)
    def test_what_can_be_read_in_two_ways_or_is_cut_is_refused(self, content):
        assert refused(content) == "input.unreachable"

    @pytest.mark.parametrize(
        "content",
        [
            OK + b"Content-Length: 101\r\n\r\n" + b"a" * 101,
            OK + b"Content-Length: 99999999999999999999\r\n\r\na",
            OK + b"\r\n" + b"a" * 101,
            OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 101 + b"0\r\n\r\n",
            OK + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n" + b"a" * 101,
        ],
    )
    def test_what_is_more_than_its_bound_is_not_read(self, content):
        assert refused(content) == "input.too-large"

    @pytest.mark.parametrize(
        "piece",
        [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"],
        ids=["bare", "with a field"],
    )
    def test_interim_answers_come_to_an_end(self, piece):
        def say(exchange):
            while True:
                exchange.wfile.write(piece * 100)

        with server(say) as running, pytest.raises(Refused) as found:
            fetch(running.url, max_bytes=100, access=QUICK)
        assert found.value.reasons[0].code == "input.unreachable"

    @pytest.mark.parametrize(
        "endless", [b"X: y\r\n", b"1;" + b"x" * 1_000 + b"\r\na\r\n"], ids=["trailers", "extensions"]
    )
    def test_chunks_come_to_an_end(self, endless):
        def say(exchange):
            exchange.wfile.write(
                OK + b"Transfer-Encoding: chunked\r\n\r\n" + (b"0\r\n" if endless[:1] == b"X" else b"")
            )
            while True:
                exchange.wfile.write(endless)

        with server(say) as running, pytest.raises(Refused):
            fetch(running.url, max_bytes=100, access=QUICK)

    def test_what_follows_an_answer_is_not_taken_for_the_next_one(self):
        smuggled = OK + b"Content-Length: 1\r\n\r\na" + OK + b"Content-Length: 4\r\n\r\nevil"

        def say(exchange):
            exchange.wfile.write(smuggled if len(running.seen) == 1 else OK + b"Content-Length: 4\r\n\r\ngood")

        with server(say) as running:
            session = Session(parse_web_address(running.url).origin, Access())
            assert [session.get(running.url, max_bytes=9).body for _ in range(2)] == [b"a", b"good"]
            session.close()


class TestNames:
    @pytest.mark.parametrize(
        "addresses",
        [
            ["93.184.216.34", "127.0.0.1"],
            ["127.0.0.1", "93.184.216.34"],
            ["::ffff:127.0.0.1"],
            ["fe80::1%lo"],
            [],
        ],
    )
    def test_a_name_of_which_one_address_is_not_public_leads_nowhere(self, monkeypatch, addresses):
        real = socket.getaddrinfo

        def resolve(host, port, *arguments, **options):
            if host != "evil.example":
                return real(host, port, *arguments, **options)
            family = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in addresses]
            return [
                (kind, socket.SOCK_STREAM, 6, "", (each, port)) for kind, each in zip(family, addresses, strict=True)
            ]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        dialled, really = [], connection._dialled
        monkeypatch.setattr(connection, "_dialled", lambda *given: dialled.append(given) or really(*given))
        lead = server(lambda exchange: exchange.answer(302, Location="https://evil.example/"))
        with lead as running, pytest.raises(Refused) as found:
            fetch(running.url, max_bytes=9)
        assert found.value.reasons[0].code == "input.unreachable"
        assert len(dialled) == 1  # the server that was named

    @pytest.mark.parametrize(
        "url",
        [
            "https://bücher.example/",
            "https://a b/",
            "https://a\tb/",
            "https://a\nb/",
            "\x00https://a/",
            "https://a;b/",
            "https://a,b/",
            "https://*/",
            "https://" + "a" * 254,
        ],
    )
    def test_what_is_no_name_in_plain_letters_is_not_asked(self, url):
        with pytest.raises(NotAllowedError):
            parse_web_address(url)
