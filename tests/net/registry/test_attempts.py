"""Asking again: what fails for the moment, as often as is allowed, and for no longer than the whole may take."""

from contextlib import closing

import pytest

from tests.support.net.registries import BUNDLE, NAME, descriptor, digest_of, manifest, registry
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import OCI_MANIFEST, Descriptor, parse_digest, parse_reference
from verifier.net.access import Access
from verifier.net.answers import FOR_THE_MOMENT
from verifier.net.registry.repository import Repository

MANIFEST, BLOB = f"/v2/{NAME}/manifests/1", f"/v2/{NAME}/blobs/{digest_of(BUNDLE)}"
LAYER = Descriptor(media_type="text/plain", digest=parse_digest(digest_of(BUNDLE)), size=len(BUNDLE))


def gone(exchange):
    exchange.raw(b"")


def cut(exchange):
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n" + BUNDLE[:5])


def busy(status=503, **fields):
    return lambda exchange: exchange.answer(status, **fields)


@pytest.fixture
def held():
    with registry() as running:
        yield running


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def opened(held, pauses):
    made = []

    def open_repository(**access):
        made.append(Repository(parse_reference(held.reference), Access(**access), pause=pauses.append))
        return made[-1]

    yield open_repository
    for each in made:
        each.close()


def first(held, path, *answers):
    """Answer by each of these once, and then as ever."""
    left = list(answers)

    def say(exchange):
        if left:
            left.pop(0)(exchange)
        else:
            del held.instead[path]
            held.say(exchange)

    held.instead[path] = say


def reason(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.reasons[0]


@pytest.mark.parametrize("status", sorted(FOR_THE_MOMENT))
def test_what_is_not_to_be_had_for_the_moment_is_asked_for_again(held, opened, pauses, status):
    first(held, MANIFEST, busy(status), busy(status))
    assert opened().manifest("1").content == manifest(descriptor(BUNDLE))
    assert pauses == [0.25, 0.5]


@pytest.mark.parametrize("failure", [gone, cut])
@pytest.mark.parametrize("how", ["blob", "stream"])
def test_so_is_what_breaks_off(held, opened, failure, how):
    first(held, BLOB, failure if how == "blob" else gone)
    repository = opened()
    assert (repository.blob(LAYER, max_bytes=99) if how == "blob" else b"".join(repository.stream(LAYER))) == BUNDLE


def test_a_stream_that_breaks_off_is_not_begun_again(held, opened, pauses):
    first(held, BLOB, cut)
    assert "before its stated length" in reason(lambda: list(opened().stream(LAYER))).message
    assert pauses == []


def test_it_is_given_up_after_as_many_attempts_as_are_allowed(held, opened, pauses):
    held.instead[MANIFEST] = busy()
    assert reason(opened(attempts=5).manifest, "1").message == "the server answered with status 503"
    assert (len(held.running.seen), pauses) == (5, [0.25, 0.5, 1, 2])


@pytest.mark.parametrize(
    ("stated", "waited"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "0"}, 0),
        ({"Retry_After": "Sat, 28 Nov 2026 12:00:30 GMT", "Date": "Sat, 28 Nov 2026 12:00:00 GMT"}, 30),
        ({"Retry_After": "Sat, 28 Nov 2026 11:00:00 GMT", "Date": "Sat, 28 Nov 2026 12:00:00 GMT"}, 0),
        ({"Retry_After": "tomorrow"}, 0.25),
        ({"Retry_After": "-1"}, 0.25),
        ({"Retry_After": "²"}, 0.25),
    ],
)
def test_the_server_says_how_long_to_wait(held, opened, pauses, stated, waited):
    first(held, MANIFEST, lambda exchange: exchange.raw(_written(stated)))
    opened().manifest("1")
    assert pauses == [waited]


def _written(fields):
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 429 Slow Down\r\nContent-Length: 0\r\n{lines}\r\n".encode("latin-1")


@pytest.mark.parametrize("stated", ["31", "301", "999999999", "9" * 400])
def test_but_not_for_longer_than_the_whole_may_take(held, opened, pauses, stated):
    first(held, MANIFEST, busy(429, Retry_After=stated))
    assert "too long" in reason(opened().manifest, "1").message
    assert (len(held.running.seen), pauses) == (1, [])


@pytest.mark.parametrize("status", [400, 403, 404, 500, 501, 505])
def test_what_is_not_to_be_had_at_all_is_asked_for_once(held, opened, pauses, status):
    held.instead[MANIFEST] = busy(status)
    assert reason(opened().manifest, "1").code == "input.unreachable"
    assert (len(held.running.seen), pauses) == (1, [])


def test_what_is_wrong_is_not_asked_for_again(held, opened, pauses):
    held.manifests["1"] = (b"{}", OCI_MANIFEST)
    held.headers["Docker_Content_Digest"] = digest_of(b"other")
    assert reason(opened().manifest, "1").code == "image.digest-mismatch"
    assert (len(held.running.seen), pauses) == (1, [])


def test_nobody_is_asked_again_where_nobody_listens(pauses):
    with registry() as gone:
        reference = parse_reference(gone.reference)
    with closing(Repository(reference, Access(), pause=pauses.append)) as repository:
        assert reason(repository.manifest, "1").code == "input.unreachable"
    assert pauses == []
