"""Pushing: what is sent, in which order, to whom, and what a failure at any request leaves behind."""

import json

import pytest

from tests.support.net.documents import EMPTY, described, note, push_note
from tests.support.net.registries import digest_of
from tests.support.net.servers import server
from tests.support.net.taking import taking
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, parse_reference
from verifier.net.access import Access
from verifier.net.registry.destination import MOST_ROUNDS, Destination
from verifier.net.registry.referrers import fallback_tag

CONTENT = bytes(range(256)) * 1_000
BASE = "/v2/acme/app"
USER = Access(username="user", password="pass", attempts=1)


@pytest.fixture(params=[False, True], ids=["by tag", "by api"])
def held(request):
    with taking(lists=request.param) as running:
        yield running


@pytest.fixture
def old():
    """A registry without the API."""
    with taking() as running:
        yield running


@pytest.fixture
def opened():
    """Opens a destination that waits for nobody; all are closed afterwards."""
    made = []

    def open_destination(registry, **access):
        reference = parse_reference(f"{registry.host}/acme/app:1")
        made.append(Destination(reference, Access(**access), pause=lambda _: None))
        return made[-1]

    yield open_destination
    for each in made:
        each.close()


def reason(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.reasons[0]


def publish(destination, content):
    """As a publisher does: blobs, the manifest by its digest, what refers to it, and the tag last."""
    for each in (EMPTY, content):
        destination.push_blob(described(each), each)
    manifest = note(content)
    destination.push_manifest(manifest, media_type=OCI_MANIFEST)
    push_note(destination, b"signature", about=manifest)
    destination.settle()
    destination.push_manifest(manifest, media_type=OCI_MANIFEST, tag="stable")
    return manifest


class TestBlobs:
    def test_one_is_sent_once(self, held, opened, tmp_path):
        (tmp_path / "content").write_bytes(CONTENT)
        destination = opened(held)
        assert destination.push_blob(described(CONTENT), tmp_path / "content")
        assert held.blobs == {digest_of(CONTENT): CONTENT}
        assert not destination.push_blob(described(CONTENT), CONTENT)
        path = f"{BASE}/blobs/{digest_of(CONTENT)}"
        sent = [f"HEAD {path}", f"POST {BASE}/blobs/uploads/", f"PUT {BASE}/blobs/uploads/1", f"HEAD {path}"]
        assert held.asked == sent

    def test_what_opens_its_pieces_is_opened_for_each_attempt(self, held, opened):
        times = []
        held.break_at = 3
        pieces = lambda: times.append(1) or iter([CONTENT[:9], b"", CONTENT[9:]])  # noqa: E731
        assert opened(held).push_blob(described(CONTENT), pieces)
        assert (held.blobs, len(times)) == ({digest_of(CONTENT): CONTENT}, 2)

    def test_a_redirect_says_that_it_is_there(self, held, opened):
        held.instead["HEAD"] = lambda exchange: exchange.answer(307, Location="https://127.0.0.1:1/")
        assert not opened(held).push_blob(described(CONTENT), CONTENT)

    @pytest.mark.parametrize("sent", [CONTENT[:-1], CONTENT + b"x", b"", CONTENT[::-1]])
    def test_other_content_than_described_is_not_left_there(self, held, opened, sent):
        assert reason(opened(held).push_blob, described(CONTENT), sent).code == "image.digest-mismatch"
        assert held.blobs == {}

    def test_a_file_that_is_gone_is_named_for_what_it_is(self, held, opened, tmp_path):
        found = reason(opened(held).push_blob, described(CONTENT), tmp_path / "gone")
        assert (found.code, found.subject) == ("input.unreadable", str(tmp_path / "gone"))
        assert held.blobs == {}

    @pytest.mark.parametrize("status", [400, 403, 413, 500, 507])
    def test_a_registry_that_does_not_take_it_is_refused(self, held, opened, status):
        held.instead[f"PUT {BASE}/blobs"] = lambda exchange: exchange.answer(status)
        assert f"status {status}" in reason(opened(held).push_blob, described(CONTENT), CONTENT).message

    @pytest.mark.parametrize("at", ["POST", f"PUT {BASE}/blobs"])
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_what_is_sent_is_not_redirected(self, held, opened, at, status):
        with server(lambda exchange: exchange.answer(201)) as other:
            held.instead[at] = lambda exchange: exchange.answer(status, Location=f"{other.url}/x")
            access = {"allow_private": True, "attempts": 1}
            assert f"status {status}" in reason(opened(held, **access).push_blob, described(CONTENT), CONTENT).message
            assert other.seen == []

    def test_a_registry_that_takes_nothing_in_is_given_up(self, held, opened):
        with server(lambda exchange: exchange.over()) as other:
            held.instead["POST"] = lambda exchange: exchange.answer(202, Location=f"{other.url}/x")
            content = bytes(16_000_000)
            destination = opened(held, allow_private=True, attempts=1, timeout_s=0.5)
            assert "too long" in reason(destination.push_blob, described(content), content).message

    def test_one_that_has_had_enough_in_the_middle_is_refused(self, held, opened):
        with server(lambda exchange: exchange.raw(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n")) as other:
            held.instead["POST"] = lambda exchange: exchange.answer(202, Location=f"{other.url}/x")
            content = bytes(16_000_000)
            destination = opened(held, allow_private=True, attempts=1)
            assert reason(destination.push_blob, described(content), content).code == "input.unreachable"

    def test_nor_is_one_believed_that_names_no_place_for_it(self, held, opened):
        held.instead["POST"] = lambda exchange: exchange.answer(202)
        assert "names no address" in reason(opened(held).push_blob, described(CONTENT), CONTENT).message

    @pytest.mark.parametrize("location", ["{}", "http://{host}{{}}", "//{host}{{}}"])
    def test_an_upload_may_be_anywhere_at_the_registry(self, held, opened, location):
        held.location = location.format(host=held.host) if "host" in location else location
        assert opened(held).push_blob(described(CONTENT), CONTENT)

    @pytest.mark.parametrize("location", ["http://10.0.0.1/x", "https://127.0.0.1:1/x", "file:///x", "http://["])
    def test_and_at_no_private_address_that_nobody_named(self, held, opened, location):
        held.instead["POST"] = lambda exchange: exchange.answer(202, Location=location)
        assert reason(opened(held).push_blob, described(CONTENT), CONTENT).code == "input.unreachable"

    def test_at_another_host_it_goes_without_credentials(self, held, opened):
        def let_in(exchange):
            if exchange.headers.get("authorization"):
                exchange.answer(202, Location=f"{other.url}/x")
            else:
                exchange.answer(401, WWW_Authenticate="Basic realm=x")

        def take(exchange):
            exchange.sent()
            exchange.answer(201)

        with server(take) as other:
            held.instead["POST"] = let_in
            destination = opened(held, username="user", password="pass", allow_private=True)
            assert destination.push_blob(described(CONTENT), CONTENT)
            assert [(path, fields.get("authorization")) for path, fields in other.seen] == [
                (f"/x?digest=sha256%3A{described(CONTENT).digest.value}", None)
            ]

    def test_credentials_are_for_pushing_to_the_one_repository(self, held, opened):
        asked = []

        def say(exchange):
            asked.append(exchange.path)
            exchange.answer(body=b'{"token": "t0ken"}')

        def challenge(exchange):
            offered = f'Bearer realm="http://{held.host}/token",service="x",scope="repository:other:pull,push,delete"'
            exchange.answer(401, WWW_Authenticate=offered)

        held.instead |= {"GET /token": say, "HEAD": challenge}
        reason(opened(held, username="user", password="pass").push_blob, described(CONTENT), CONTENT)
        assert asked == ["/token?service=x&scope=repository%3Aacme%2Fapp%3Apull%2Cpush"]


class TestManifests:
    def test_one_is_there_under_its_digest_or_its_tag(self, held, opened):
        destination = opened(held)
        destination.push_blob(described(EMPTY), EMPTY)
        destination.push_blob(described(b"a note"), b"a note")
        pushed = destination.push_manifest(note(), media_type=OCI_MANIFEST)
        assert (str(pushed.digest), held.named) == (digest_of(note()), {})
        destination.push_manifest(note(), media_type=OCI_MANIFEST, tag="1.0")
        assert held.named == {"1.0": digest_of(note())}

    @pytest.mark.parametrize("stated", [digest_of(b"other"), digest_of(b"other", "sha512")])
    def test_a_registry_that_says_it_took_another_is_refused(self, held, opened, stated):
        held.instead["PUT"] = lambda exchange: exchange.answer(201, Docker_Content_Digest=stated)
        found = reason(opened(held).push_manifest, note(), media_type=OCI_MANIFEST)
        assert found.code == "image.digest-mismatch"

    @pytest.mark.parametrize("content", [b"", b"{}", b"[]", note()[:-1], note() * 2])
    def test_what_is_no_manifest_is_not_sent(self, held, opened, content):
        reason(opened(held).push_manifest, content, media_type=OCI_MANIFEST)
        assert held.asked == []

    def test_what_refers_to_it_is_found_afterwards(self, held, opened):
        destination = opened(held)
        image = push_note(destination, CONTENT)
        referrer = push_note(destination, b"signature", about=image, key="value")
        found = destination.repository.referrers(Digest.of(image))
        assert [str(each.digest) for each in found.descriptors] == [digest_of(referrer)]
        assert found.by_api is held.lists
        assert (fallback_tag(Digest.of(image)) in held.named) is not held.lists

    def test_pushing_it_again_changes_nothing(self, held, opened):
        destination = opened(held)
        image = push_note(destination, CONTENT)
        for _ in range(2):
            push_note(destination, b"signature", about=image)
            before = dict(held.manifests)
        assert held.manifests == before


class TestTheTag:
    def test_what_stands_under_it_stays_and_says_what_it_said(self, old, opened):
        destination = opened(old)
        image = push_note(destination, CONTENT)
        tag = fallback_tag(Digest.of(image))
        other = {"mediaType": OCI_MANIFEST, "digest": digest_of(b"other"), "size": 5, "x": [1, 2.50]}
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [other], "annotations": {"kept": "too"}}
        old.manifests[tag] = (json.dumps(index).encode(), OCI_INDEX)
        push_note(destination, b"signature", about=image, key="value")
        kept = json.loads(old.manifests[tag][0])
        assert (kept["annotations"], kept["manifests"][0]) == ({"kept": "too"}, other)
        ours = kept["manifests"][1]
        assert (ours["artifactType"], ours["annotations"]) == ("application/vnd.example.note", {"key": "value"})

    @pytest.mark.parametrize("there", [(b"[]", OCI_INDEX), (note(), OCI_MANIFEST), (b"<html>", "text/html")])
    def test_what_is_no_index_is_not_written_over(self, old, opened, there):
        destination = opened(old)
        image = push_note(destination, CONTENT)
        tag = fallback_tag(Digest.of(image))
        old.manifests[tag] = there
        with pytest.raises(Refused):
            push_note(destination, b"signature", about=image)
        assert old.manifests[tag] == there

    def test_what_another_writes_over_is_put_back(self, old, opened):
        destination = opened(old)
        image = push_note(destination, CONTENT)
        referrer = push_note(destination, b"signature", about=image)
        tag = fallback_tag(Digest.of(image))
        other = {"mediaType": OCI_MANIFEST, "digest": digest_of(b"other"), "size": 5}
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [other]}
        old.manifests[tag] = (json.dumps(index).encode(), OCI_INDEX)
        destination.settle()
        kept = json.loads(old.manifests[tag][0])["manifests"]
        assert [each["digest"] for each in kept] == [digest_of(b"other"), digest_of(referrer)]

    def test_who_never_gets_a_word_in_says_so(self, old, opened):
        destination = opened(old)
        image = push_note(destination, CONTENT)
        tag = fallback_tag(Digest.of(image))
        old.instead[f"PUT {BASE}/manifests/{tag}"] = lambda exchange: exchange.answer(201)
        with pytest.raises(Refused, match="others have written over it"):
            push_note(destination, b"signature", about=image)
        assert sum(tag in each for each in old.asked) == 2 * MOST_ROUNDS

    def test_a_listing_that_cannot_be_read_is_not_taken_for_an_empty_one(self, old, opened):
        destination = opened(old, attempts=1)
        image = push_note(destination, CONTENT)
        tag = fallback_tag(Digest.of(image))
        old.instead[f"GET {BASE}/manifests/{tag}"] = lambda exchange: exchange.answer(500)
        with pytest.raises(Refused):
            push_note(destination, b"signature", about=image)
        assert tag not in old.named


class TestCutOff:
    """A publisher that dies at any request leaves the tag where it was, and what it names whole."""

    def requests(self, lists, opened):
        with taking(lists=lists) as counted:
            destination = opened(counted)
            publish(destination, b"old")
            before = len(counted.asked)
            publish(destination, CONTENT)
            return before, len(counted.asked)

    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("lists", [False, True], ids=["by tag", "by api"])
    def test_a_push_cut_off_at_each_request_leaves_the_old_tag_or_the_whole_new_one(self, lists, when, opened):
        first, last = self.requests(lists, opened)
        assert last - first > 8
        for number in range(first + 1, last + 1):
            with taking(lists=lists) as held:
                old_image = publish(opened(held), b"old")
                held.break_at, held.when, held.gone = number, when, True
                with pytest.raises(Refused) as refused:
                    publish(opened(held, attempts=1), CONTENT)
                assert refused.value.reasons[0].code == "input.unreachable"
                arrived = when == "after" and number == last
                assert held.named["stable"] == (digest_of(note(CONTENT)) if arrived else digest_of(old_image))
                held.gone = False  # whoever publishes again finishes it
                assert digest_of(publish(opened(held), CONTENT)) == held.named["stable"]

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_and_goes_on_by_itself_where_it_may_try_again(self, held, opened, when):
        for number in range(1, 20):
            held.break_at, held.when = len(held.asked) + number, when
            image = publish(opened(held), b"%d" % number)
            assert held.named["stable"] == digest_of(image)
