"""Mirrors: believed in what can be checked, and in a tag only where somebody allows it."""

import contextlib
import json

import pytest

from tests.support.net.registries import BUNDLE, NAME, descriptor, digest_of, manifest, registry
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor, parse_digest, parse_reference
from verifier.net.access import Access, Mirror
from verifier.net.registry.mirrored import open_repository
from verifier.net.registry.referrers import fallback_tag

OLDER = b"an older release"
LAYER = Descriptor(media_type="text/plain", digest=parse_digest(digest_of(BUNDLE)), size=len(BUNDLE))
IMAGE = Digest.of(manifest(descriptor(BUNDLE)))
UNKNOWN = json.dumps({"errors": [{"code": "NAME_UNKNOWN"}]}).encode()


def paths(held):
    return [path.removeprefix(f"/v2/{NAME}/") for path, _ in held.running.seen]


def absent(exchange):
    exchange.answer(404, UNKNOWN)


@pytest.fixture
def origin():
    with registry() as running:
        running.instead = {f"/v2/{NAME}/manifests/{fallback_tag(IMAGE)}": absent}
        yield running


@pytest.fixture
def mirror():
    with registry() as running:
        running.hold(OLDER, tag="older")
        running.manifests["1"] = running.manifests["older"]
        running.instead = {f"/v2/{NAME}/manifests/{fallback_tag(IMAGE)}": absent}
        yield running


@pytest.fixture
def opened(origin, mirror):
    with contextlib.ExitStack() as stack:

        def open_mirrored(*, prefix="", by_tag=False, access=None):
            named = Mirror(host=f"127.0.0.1:{mirror.running.port}", prefix=prefix, access=access or Access())
            given = Access(mirrors=(named,), tags_from_mirrors=by_tag, attempts=1)
            repository = open_repository(parse_reference(origin.reference), given, pause=lambda _: None)
            stack.callback(repository.close)
            return repository

        yield open_mirrored


def ask(repository):
    """A manifest and a blob of it, by their digests."""
    assert repository.manifest(IMAGE).digest == IMAGE
    assert repository.blob(LAYER, max_bytes=99) == BUNDLE
    assert b"".join(repository.stream(LAYER)) == BUNDLE


def test_what_has_a_digest_comes_from_the_mirror(origin, mirror, opened):
    ask(opened())
    assert paths(origin) == []
    assert paths(mirror) == [f"manifests/{IMAGE}", *[f"blobs/{LAYER.digest}"] * 2]


def test_a_tag_and_what_refers_come_from_the_origin(origin, mirror, opened):
    repository = opened()
    assert repository.manifest("1").digest == IMAGE
    assert repository.tagged("1").digest == IMAGE
    repository.referrers(IMAGE)
    assert (paths(mirror), len(paths(origin))) == ([], 4)


def test_a_tag_comes_from_the_mirror_where_that_is_allowed(origin, mirror, opened):
    repository = opened(by_tag=True)
    assert repository.manifest("1").content == repository.tagged("1").content == manifest(descriptor(OLDER))
    assert paths(origin) == []


def test_a_prefix_stands_before_the_repository(origin, mirror, opened):
    opened(prefix="hub/").manifest(IMAGE)
    assert paths(mirror) == [f"/v2/hub/{NAME}/manifests/{IMAGE}"]


@pytest.mark.parametrize(("name", "asked"), [("alpine", "library/alpine"), ("acme/app", "acme/app")])
def test_what_docker_calls_by_one_name_is_asked_for_by_its_whole_name(mirror, name, asked):
    mirror.running.say = lambda exchange: exchange.answer(body=b"{}", Content_Type=OCI_MANIFEST)
    named = Mirror(host=f"127.0.0.1:{mirror.running.port}", prefix="hub/", access=Access())
    repository = open_repository(
        parse_reference(f"docker.io/{name}:1"), Access(mirrors=(named,), tags_from_mirrors=True, attempts=1)
    )
    repository.manifest("1")
    assert paths(mirror) == [f"/v2/hub/{asked}/manifests/1"]
    repository.close()


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_one_that_has_no_answer_is_passed_over_and_not_asked_again(origin, mirror, opened, status):
    mirror.say = mirror.running.say = lambda exchange: exchange.answer(status)
    ask(opened())
    assert (len(paths(mirror)), len(paths(origin))) == (1, 3)


def test_so_is_one_that_is_not_there(origin, mirror, opened):
    repository = opened()
    mirror.running.socket.close()
    ask(repository)


@pytest.mark.parametrize("how", ["manifest", "blob", "stream"])
def test_other_bytes_than_the_digests_are_refused_with_the_mirrors_name(origin, mirror, opened, how):
    mirror.instead[f"/v2/{NAME}/manifests/{IMAGE}"] = lambda exchange: exchange.answer(
        body=b"{}", Content_Type=OCI_MANIFEST
    )
    mirror.blobs[digest_of(BUNDLE)] = BUNDLE[::-1]
    repository = opened()
    calls = {
        "manifest": lambda: repository.manifest(IMAGE),
        "blob": lambda: repository.blob(LAYER, max_bytes=99),
        "stream": lambda: list(repository.stream(LAYER)),
    }
    with pytest.raises(Refused) as refused:
        calls[how]()
    first = refused.value.reasons[0]
    assert first.code == "image.digest-mismatch"
    assert first.subject.startswith(f"127.0.0.1:{mirror.running.port}/")
    assert paths(origin) == []


def test_that_a_mirror_lists_nothing_does_not_mean_that_nothing_refers(origin, mirror, opened):
    listing = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(b"signature", OCI_MANIFEST)]}
    origin.instead[f"/v2/{NAME}/referrers/{IMAGE}"] = lambda exchange: exchange.answer(
        body=json.dumps(listing).encode(), Content_Type=OCI_INDEX
    )
    assert len(opened(by_tag=True).referrers(IMAGE).descriptors) == 1


def test_nor_that_a_mirror_has_no_tag_that_there_is_none(origin, mirror, opened):
    mirror.instead[f"/v2/{NAME}/manifests/1"] = absent
    assert opened(by_tag=True).tagged("1").digest == IMAGE


def test_what_neither_has_is_not_there(origin, mirror, opened):
    for each in (origin, mirror):
        each.instead[f"/v2/{NAME}/manifests/2"] = absent
    assert opened(by_tag=True).tagged("2") is None


def test_an_origin_that_cannot_be_asked_is_not_replaced_by_silence(origin, mirror, opened):
    mirror.instead[f"/v2/{NAME}/manifests/2"] = absent
    origin.running.say = lambda exchange: exchange.answer(500)
    with pytest.raises(Refused):
        opened(by_tag=True).tagged("2")


def test_the_credentials_of_one_are_for_no_other(origin, mirror, opened):
    mirror.basic = "Basic bWlycm9yOnBhc3M="
    ask(opened(access=Access(username="mirror", password="pass")))
    assert paths(origin) == []
    mirror.running.say = lambda exchange: exchange.answer(500)
    ask(opened(access=Access(username="mirror", password="pass")))
    assert not any("authorization" in fields for _, fields in origin.running.seen)


def test_a_piece_that_has_come_from_one_is_followed_by_none_of_another(origin, mirror, opened):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n"
    mirror.instead[f"/v2/{NAME}/blobs/{LAYER.digest}"] = lambda exchange: exchange.raw(head + BUNDLE[:5])
    with pytest.raises(Refused):
        list(opened().stream(LAYER))
    assert paths(origin) == []
