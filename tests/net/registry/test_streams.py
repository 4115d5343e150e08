"""Blobs as they come: nothing of one is believed before its iterator has ended, and several run side by side."""

import itertools
import threading

import pytest

from tests.support.net.registries import NAME, digest_of, registry
from tests.support.net.servers import server
from tests.support.patience import PATIENCE_S
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import Descriptor, parse_digest, parse_reference
from verifier.net.access import Access
from verifier.net.answers import PIECE
from verifier.net.registry.repository import Repository

CONTENT = bytes(range(256)) * 4_096
USER = Access(username="user", password="pass")


def layer(content=CONTENT, **changes):
    given = {"media_type": "text/plain", "digest": parse_digest(digest_of(content)), "size": len(content)}
    return Descriptor(**given | changes)


@pytest.fixture
def held():
    with registry() as running:
        running.blobs[digest_of(CONTENT)] = CONTENT
        yield running


@pytest.fixture
def opened(held):
    made = []

    def open_repository(access=None):
        made.append(Repository(parse_reference(held.reference), access or Access(attempts=1)))
        return made[-1]

    yield open_repository
    for each in made:
        each.close()


def said(content=CONTENT):
    return f"/v2/{NAME}/blobs/{digest_of(content)}"


def reason(pieces):
    """Why they end, and what came before that."""
    seen = []
    with pytest.raises(Refused) as refused:
        seen.extend(iter(pieces))
    return refused.value.reasons[0], seen


class TestWhatComes:
    def test_the_pieces_are_the_blob(self, opened):
        pieces = list(opened().stream(layer()))
        assert b"".join(pieces) == CONTENT
        assert max(map(len, pieces)) <= PIECE

    def test_an_empty_blob_has_no_pieces(self, held, opened):
        held.blobs[digest_of(b"")] = b""
        assert list(opened().stream(layer(b""))) == []

    def test_another_algorithm_is_computed_too(self, held, opened):
        digest = digest_of(CONTENT, "sha512")
        held.blobs[digest] = CONTENT
        assert b"".join(opened().stream(layer(digest=parse_digest(digest)))) == CONTENT

    def test_nothing_is_asked_before_the_first_piece_is(self, held, opened):
        opened().stream(layer())
        assert held.running.seen == []

    def test_credentials_are_asked_for_once_and_let_in_the_others(self, held, opened):
        held.token = "t0ken"
        repository = opened(USER)
        for _ in range(3):
            assert b"".join(repository.stream(layer())) == CONTENT
        assert len(held.tokens_asked_for) == 1


class TestSideBySide:
    def test_several_threads_each_read_their_own(self, held, opened):
        contents = [bytes([number]) * 300_000 for number in range(8)]
        held.blobs |= {digest_of(content): content for content in contents}
        repository, read = opened(), {}

        def fetch(content):
            read[content] = b"".join(repository.stream(layer(content)))

        threads = [threading.Thread(target=fetch, args=(content,)) for content in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert all(read[content] == content for content in contents)

    def test_one_that_has_begun_is_not_in_the_way_of_the_others(self, opened):
        repository = opened()
        first, second = repository.stream(layer()), repository.stream(layer())
        begun = [next(first), next(second)]
        assert repository.manifest("1").content
        assert b"".join([begun[1], *second]) == b"".join([begun[0], *first]) == CONTENT

    def test_one_that_is_left_does_no_harm_to_the_next(self, opened):
        repository = opened()
        left = repository.stream(layer())
        next(left)
        left.close()
        assert b"".join(repository.stream(layer())) == CONTENT

    def test_closing_ends_what_is_under_way(self, held, opened):
        held.instead[said()] = lambda exchange: (
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + CONTENT[:9]),
            exchange.over(),
        )
        repository = opened()
        pieces = repository.stream(layer())
        next(pieces)
        repository.close()
        assert reason(pieces)[0].code == "input.unreachable"


class TestWhatIsNotTheBlob:
    @pytest.mark.parametrize(
        "sent",
        [CONTENT[:-1], CONTENT[:-1] + b"x", b"", CONTENT[::-1]],
        ids=["shorter", "other", "nothing", "reversed"],
    )
    def test_other_bytes_are_refused_before_the_end(self, held, opened, sent):
        held.instead[said()] = lambda exchange: exchange.answer(body=sent)
        assert reason(opened().stream(layer()))[0].code == "image.digest-mismatch"

    @pytest.mark.parametrize("stated", [{}, {"Content_Length": ""}])
    def test_longer_ones_are_not_read_further(self, held, opened, stated):
        held.instead[said()] = lambda exchange: exchange.answer(body=CONTENT + b"x", **stated)
        found, seen = reason(opened().stream(layer()))
        assert found.code in {"input.too-large", "input.unreachable"}
        assert sum(map(len, seen)) <= len(CONTENT)

    def test_an_endless_one_is_given_up_at_its_size(self, held, opened):
        def endless(exchange):
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in itertools.count():
                exchange.wfile.write(CONTENT)

        held.instead[said()] = endless
        found, seen = reason(opened().stream(layer()))
        assert found.code == "input.too-large"
        assert sum(map(len, seen)) <= len(CONTENT)

    def test_one_that_stops_coming_is_given_up(self, held, opened):
        def stops(exchange):
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + CONTENT[:9])
            exchange.over()

        held.instead[said()] = stops
        assert "too long" in reason(opened(Access(timeout_s=0.2, attempts=1)).stream(layer()))[0].message

    def test_one_that_comes_byte_by_byte_is_given_up_as_a_whole(self, held, opened):
        def dole(exchange):
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n")
            while not exchange.server.over.wait(0.005):
                exchange.wfile.write(b"x")

        held.instead[said()] = dole
        found, seen = reason(opened(Access(timeout_s=0.05, attempts=1)).stream(layer(size=65_536)))
        assert "too long" in found.message
        assert sum(map(len, seen)) < 100_000

    def test_one_that_is_coded_is_refused(self, held, opened):
        held.instead[said()] = lambda exchange: exchange.answer(body=CONTENT, Content_Encoding="gzip")
        assert "coded" in reason(opened().stream(layer()))[0].message


class TestRedirects:
    def test_a_password_stays_with_the_registry(self, held, opened):
        held.basic = "Basic dXNlcjpwYXNz"
        with server(lambda exchange: exchange.answer(body=CONTENT)) as other:

            def say(exchange):
                if exchange.headers.get("authorization") == held.basic:
                    exchange.answer(307, Location=f"{other.url}/blob")
                else:
                    exchange.answer(401, WWW_Authenticate="Basic realm=x")

            held.instead[said()] = say
            access = Access(username="user", password="pass", allow_private=True, attempts=1)
            assert b"".join(opened(access).stream(layer())) == CONTENT
            assert [fields.get("authorization") for _, fields in other.seen] == [None]

    @pytest.mark.parametrize(
        "location",
        ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "https://10.0.0.1/", "https://[::1]/", "file:///etc"],
    )
    def test_a_private_address_is_not_asked(self, held, opened, location):
        held.instead[said()] = lambda exchange: exchange.answer(302, Location=location)
        assert reason(opened().stream(layer()))[0].code == "input.unreachable"

    def test_credentials_that_are_asked_for_elsewhere_are_not_sent(self, held, opened):
        with server(lambda exchange: exchange.answer(401, WWW_Authenticate="Basic realm=x")) as other:
            held.instead[said()] = lambda exchange: exchange.answer(302, Location=f"{other.url}/blob")
            access = Access(username="user", password="pass", allow_private=True, attempts=1)
            assert "does not let us in" in reason(opened(access).stream(layer()))[0].message
            assert [fields.get("authorization") for _, fields in other.seen] == [None]

    def test_a_registry_that_wants_credentials_for_ever_is_given_up(self, held, opened):
        held.instead[said()] = lambda exchange: exchange.answer(401, WWW_Authenticate="Basic realm=x")
        assert "does not let us in" in reason(opened(USER).stream(layer()))[0].message
        assert len(held.running.seen) == 2
