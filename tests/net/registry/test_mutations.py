"""Answers that were altered on the way: what comes of them is right, or a refusal, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.net.documents import described, note
from tests.support.net.registries import digest_of
from tests.support.net.servers import server
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, parse_reference
from verifier.net.access import Access
from verifier.net.registry.destination import Destination
from verifier.net.registry.repository import Repository

CONTENT = b"the bytes of a blob" * 20
MANIFEST = note(CONTENT)
LISTING = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [{"mediaType": OCI_MANIFEST, "digest": digest_of(b"x"), "size": 1}],
    }
).encode()


def answered(body, content_type, **fields):
    lines = {"Content-Type": content_type, "Content-Length": str(len(body)), **fields}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body


def altered(content):
    """The same with bytes cut off, put in, taken out or changed."""
    place = st.integers(0, len(content))
    few = st.binary(max_size=6) | st.sampled_from([b"\r\n", b"\r\n\r\n", b"0", b"\x00", b'"', b"}", b"chunked"])
    return st.one_of(
        place.map(lambda at: content[:at]),
        st.tuples(place, few).map(lambda it: content[: it[0]] + it[1] + content[it[0] :]),
        st.tuples(place, few).map(lambda it: content[: it[0]] + it[1] + content[it[0] + len(it[1]) :]),
        st.tuples(place, place).map(lambda it: content[: min(it)] + content[max(it) :]),
        st.just(content * 2),
    )


@pytest.fixture(scope="module")
def line():
    """What says whatever `line.says` is; a repository that asks it, for two tenths of a second."""

    class Line:
        says = b""

    def say(exchange):
        exchange.sent()
        exchange.raw(Line.says)

    with server(say) as running:
        Line.reference = parse_reference(f"127.0.0.1:{running.port}/acme/app:1")
        yield Line


def outcome(call):
    """What it answers, None for a refusal."""
    try:
        return call()
    except Refused:
        return None


def asked(line, content, ask):
    line.says = content
    repository = Repository(line.reference, Access(attempts=1, timeout_s=5))
    try:
        return outcome(lambda: ask(repository))
    finally:
        repository.close()


@given(content=altered(answered(MANIFEST, OCI_MANIFEST)))
def test_a_manifest_by_its_digest(line, content):
    pulled = asked(line, content, lambda it: it.manifest(Digest.of(MANIFEST)))
    assert pulled is None or pulled.content == MANIFEST


@given(content=altered(answered(MANIFEST, OCI_MANIFEST, **{"Docker-Content-Digest": digest_of(MANIFEST)})))
def test_a_manifest_by_its_tag(line, content):
    pulled = asked(line, content, lambda it: it.tagged("1"))
    assert pulled is None or pulled.digest == Digest.of(pulled.content)


@given(content=altered(answered(CONTENT, "application/octet-stream")))
def test_a_blob_at_once_and_as_it_comes(line, content):
    layer = described(CONTENT)
    assert asked(line, content, lambda it: it.blob(layer, max_bytes=10_000)) in (None, CONTENT)
    assert asked(line, content, lambda it: b"".join(it.stream(layer))) in (None, CONTENT)


@given(content=altered(answered(LISTING, OCI_INDEX, Link='</v2/acme/app/referrers/x>; rel="next"')))
def test_a_listing_and_its_pages(line, content):
    asked(line, content, lambda it: it.referrers(Digest.of(MANIFEST)))


@given(content=altered(answered(LISTING, OCI_INDEX).replace(b"200 OK", b"404 Not Found")))
def test_that_nothing_is_there_is_never_what_an_altered_answer_says(line, content):
    assert asked(line, content, lambda it: it.referrers(Digest.of(MANIFEST))) is None or content.startswith(
        b"HTTP/1.1 2"
    )


@given(content=altered(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /v2/acme/app/x\r\n\r\n"))
def test_an_answer_to_what_is_pushed(line, content):
    line.says = content
    destination = Destination(line.reference, Access(attempts=1, timeout_s=5), pause=lambda _: None)
    try:
        outcome(lambda: destination.push_blob(described(CONTENT), CONTENT))
        outcome(lambda: destination.push_manifest(MANIFEST, media_type=OCI_MANIFEST, tag="1"))
    finally:
        destination.close()


@given(content=altered(b'HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm="http://127.0.0.1:1/t",service="x"\r\n\r\n'))
def test_a_challenge(line, content):
    pulled = asked(line, content, lambda it: it.manifest(Digest.of(MANIFEST)))
    assert pulled is None
