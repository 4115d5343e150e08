"""Fetching by URL, from real servers on loopback that are as bad as can be."""

import gzip
import threading

import pytest

from tests.support.net.servers import Authority, server
from tests.support.patience import FOR_EVER_S, PATIENCE_S
from verifier.core.errors import Refused
from verifier.net.access import Access
from verifier.net.address import parse_web_address
from verifier.net.http import MAX_REDIRECTS, Session, fetch

IMPATIENT = Access(timeout_s=0.1)


def reason(url, *, max_bytes=1_000, access=None):
    with pytest.raises(Refused) as refused:
        fetch(url, max_bytes=max_bytes, access=access)
    return refused.value.reasons[0]


def refused(say, **options):
    with server(say) as running:
        return reason(f"{running.url}/bundle", **options)


@pytest.fixture
def session():
    """Makes sessions, and closes them."""
    made = []

    def make(running, access=None):
        made.append(Session(parse_web_address(running.url).origin, access or Access()))
        return made[-1]

    yield make
    for each in made:
        each.close()


def chunked(*chunks):
    def say(exchange):
        exchange.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunks))

    return say


class TestWhatIsRead:
    def test_a_document_is_fetched(self):
        with server(lambda exchange: exchange.answer(body=b"{}")) as running:
            assert fetch(f"{running.url}/good", max_bytes=2) == b"{}"

    def test_a_chunked_answer_is_put_together(self):
        with server(chunked(b"2\r\n{}\r\n", b"1\r\n \r\n", b"0\r\n\r\n")) as running:
            assert fetch(running.url, max_bytes=3) == b"{} "

    def test_an_answer_that_ends_with_its_connection_is_read_to_its_end(self):
        with server(lambda exchange: exchange.raw(b"HTTP/1.0 200 OK\r\n\r\n{}")) as running:
            assert fetch(running.url, max_bytes=2) == b"{}"

    def test_an_empty_answer_is_an_empty_document(self):
        with server(lambda exchange: exchange.answer()) as running:
            assert fetch(running.url, max_bytes=1) == b""

    def test_the_path_is_asked_for_as_it_was_given(self):
        with server(lambda exchange: exchange.answer()) as running:
            fetch(f"{running.url}/a%20b/ü?x=a/b%2Fc&y= z#part", max_bytes=1)
            assert running.seen[0][0] == "/a%20b/%C3%BC?x=a/b%2Fc&y=%20z"

    @pytest.mark.parametrize("status", [201, 204, 206, 300, 400, 404, 418, 500, 503])
    def test_another_status_is_no_document(self, status):
        found = refused(lambda exchange: exchange.answer(status))
        assert (found.code, str(status) in found.message) == ("input.unreachable", True)

    def test_not_modified_is_no_document(self):
        assert refused(lambda exchange: exchange.answer(304)).code == "input.unreachable"

    def test_a_query_is_not_repeated_in_a_report(self):
        with server(lambda exchange: exchange.answer(404)) as running:
            found = reason(f"{running.url}/bundle?signature=secret")
        assert found.subject == f"{running.url}/bundle"
        assert "secret" not in found.message


class TestCodings:
    def test_the_body_is_asked_for_as_it_is(self):
        with server(lambda exchange: exchange.answer()) as running:
            fetch(running.url, max_bytes=1)
            assert running.seen[0][1]["accept-encoding"] == "identity"

    @pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "x"])
    def test_a_coded_body_is_refused_and_never_decoded(self, coding):
        found = refused(lambda exchange: exchange.answer(body=gzip.compress(b"{}"), Content_Encoding=coding))
        assert (found.code, "coded" in found.message) == ("input.unreachable", True)

    def test_a_body_that_is_said_to_be_as_it_is_is(self):
        with server(lambda exchange: exchange.answer(body=b"\x1f\x8b", Content_Encoding="identity")) as running:
            assert fetch(running.url, max_bytes=2) == b"\x1f\x8b"


class TestLengths:
    def test_more_than_is_allowed_is_not_read(self):
        found = refused(lambda exchange: exchange.answer(body=b"x" * 1_001))
        assert found.code == "input.too-large"

    def test_as_much_as_is_allowed_is_read(self):
        with server(lambda exchange: exchange.answer(body=b"x" * 1_000)) as running:
            assert len(fetch(running.url, max_bytes=1_000)) == 1_000

    def test_ten_gibibytes_are_refused_by_their_announcement(self):
        def say(exchange):
            exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")

        assert refused(say).code == "input.too-large"

    def test_ten_gibibytes_without_announcement_are_left_soon_after_the_bound(self):
        sent = []

        def say(exchange):
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(160 * 1_024):
                exchange.wfile.write(b"10000\r\n" + bytes(65_536) + b"\r\n")
                sent.append(65_536)

        assert refused(say, max_bytes=1_000_000).code == "input.too-large"
        assert sum(sent) < 64 * 1024 * 1024

    def test_a_body_longer_than_it_says_ends_where_it_says(self):
        with server(lambda exchange: exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}[]")) as running:
            assert fetch(running.url, max_bytes=9) == b"{}"

    def test_a_body_shorter_than_it_says_is_refused(self):
        found = refused(lambda exchange: exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"))
        assert (found.code, "8 bytes before" in found.message) == ("input.unreachable", True)

    @pytest.mark.parametrize(
        "chunks", [b"2\r\n{}", b"5\r\n{}\r\n", b"2\r\n{}\r\n", b"zz\r\n{}\r\n0\r\n\r\n", b"", b"2" * 70_000]
    )
    def test_a_chunked_answer_without_its_end_is_refused(self, chunks):
        assert refused(chunked(chunks)).code == "input.unreachable"

    def test_a_chunk_of_minus_one_byte_is_not_all_there_is(self):
        sent = []

        def say(exchange):
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
            for _ in range(10_000):
                exchange.wfile.write(bytes(65_536))
                sent.append(65_536)

        assert refused(say, max_bytes=100_000).code in {"input.too-large", "input.unreachable"}
        assert sum(sent) < 64 * 1024 * 1024

    @pytest.mark.parametrize(
        "lengths",
        [
            b"Content-Length: 2\r\nContent-Length: 3\r\n",
            b"Content-Length: 2\r\nContent-Length: 2\r\n",
            b"Content-Length: +2\r\n",
            b"Content-Length: -2\r\n",
            b"Content-Length: 2, 2\r\n",
            b"Content-Length: 0x2\r\n",
            b"Content-Length: \xb2\r\n",
            b"Content-Length:\r\n",
            b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: gzip, chunked\r\n",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        ],
    )
    def test_a_length_that_can_be_read_in_two_ways_is_refused(self, lengths):
        found = refused(lambda exchange: exchange.raw(b"HTTP/1.1 200 OK\r\n" + lengths + b"\r\n{}"))
        assert found.code == "input.unreachable"


class TestNotHttp:
    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"HTTP/1.1 two hundred\r\n\r\n",
            b"HTTP/9.9 200 OK\r\n\r\n{}",
            b"HTTP/1.1 200 " + b"x" * 100_000,
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000 + b"\r\n{}",
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00",
        ],
    )
    def test_an_answer_that_is_not_one_is_refused(self, answer):
        assert refused(lambda exchange: exchange.raw(answer)).code == "input.unreachable"

    def test_nothing_the_server_says_is_repeated(self):
        found = refused(lambda exchange: exchange.raw(b"<\x1b[31m>\r\n"))
        assert "\x1b" not in found.message


class TestPatience:
    def test_a_server_that_takes_the_request_and_says_nothing_is_left(self):
        found = refused(lambda exchange: exchange.over(), access=IMPATIENT)
        assert (found.code, found.message.endswith("it took too long")) == ("input.unreachable", True)

    def test_a_server_that_stops_in_the_middle_is_left(self):
        def say(exchange):
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")
            exchange.over()

        assert refused(say, access=IMPATIENT).code == "input.unreachable"

    @pytest.mark.parametrize(
        ("start", "each"),
        [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
            (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"T: x\r\n"),
        ],
        ids=["body", "header", "continue", "chunks", "trailers"],
    )
    def test_a_server_that_doles_out_bytes_is_left_when_its_whole_time_is_over(self, start, each):
        def say(exchange):
            exchange.wfile.write(start)
            while not exchange.server.over.wait(0.01):
                exchange.wfile.write(each)

        found = refused(say, max_bytes=1_000_000, access=IMPATIENT)
        assert (found.code, found.message.endswith("it took too long")) == ("input.unreachable", True)

    def test_a_port_that_nobody_listens_on_is_unreachable(self):
        with server(lambda exchange: exchange.answer()) as running:
            url = running.url
        assert reason(url).code == "input.unreachable"


class TestOneConnection:
    def test_it_is_kept_between_answers(self, session):
        ports = []

        def say(exchange):
            ports.append(exchange.client_address[1])
            exchange.answer(body=b"{}")

        with server(say) as running:
            asked = session(running)
            for _ in range(3):
                assert asked.get(running.url, max_bytes=9).body == b"{}"
        assert len(set(ports)) == 1

    def test_one_that_the_server_has_ended_is_made_anew(self, session):
        def say(exchange):
            exchange.answer(body=b"{}")
            exchange.close_connection = True  # without having said so

        with server(say) as running:
            asked = session(running)
            for _ in range(3):
                assert asked.get(running.url, max_bytes=9).body == b"{}"
            assert len(running.seen) == 3

    def test_what_follows_an_answer_unasked_is_not_taken_for_the_next_one(self, session):
        answered, said_more = threading.Event(), threading.Event()

        def say(exchange):
            if answered.is_set():
                exchange.answer(body=b"good")
                return
            exchange.answer(body=b"{}")
            answered.wait(PATIENCE_S)
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            said_more.set()

        with server(say) as running:
            asked = session(running)
            assert asked.get(running.url, max_bytes=9).body == b"{}"
            answered.set()
            assert said_more.wait(PATIENCE_S)
            assert asked.get(running.url, max_bytes=9).body == b"good"

    @pytest.mark.parametrize("secured", [False, True])
    def test_closing_ends_what_another_thread_waits_for(self, session, tmp_path, secured):
        reached = threading.Event()
        authority = Authority(tmp_path)
        access = Access(ca_file=authority.file)

        def say(exchange):
            reached.set()
            exchange.over()

        with server(say, authority.server_context("127.0.0.1") if secured else None) as running:
            asked, found = session(running, access), []

            def ask():
                with pytest.raises(Refused) as refusal:
                    asked.get(running.url, max_bytes=9, wait_s=FOR_EVER_S)
                found.append(refusal.value.reasons[0].code)

            thread = threading.Thread(target=ask)
            thread.start()
            assert reached.wait(PATIENCE_S)
            asked.close()
            thread.join(PATIENCE_S)
            assert (thread.is_alive(), found) == (False, ["input.unreachable"])

    def test_nothing_is_asked_after_it_was_closed(self, session):
        with server(lambda exchange: exchange.answer()) as running:
            asked = session(running)
            asked.close()
            with pytest.raises(Refused):
                asked.get(running.url, max_bytes=9)
            assert running.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:1/",
        "http://192.0.2.1/",
        "https://user:secret@127.0.0.1:1/",
        "https:///x",
        "https://[::1/",
        "https://127.0.0.1:99999/",
        "https://127.0.0.1:x/",
        "https://no such host/",
        "https://" + "a" * 300 + ".example/",
        "https://a..example/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "",
    ],
)
def test_an_address_that_is_not_allowed_or_not_there_is_unreachable(url):
    found = reason(url)
    assert (found.code, "secret" in found.message + found.subject) == ("input.unreachable", False)


def test_redirects_are_few():
    assert MAX_REDIRECTS == 3
