"""Pushing to real registries: what was pushed is there for others too, and no publisher is lost beside another."""

import json
import threading

import pytest

from tests.support.net.documents import EMPTY, described, note, push_note
from verifier.core.digest import Digest
from verifier.formats.oci.manifest import OCI_MANIFEST, parse_reference
from verifier.net.access import Access
from verifier.net.registry.destination import Destination
from verifier.net.registry.referrers import fallback_tag

pytestmark = pytest.mark.interop
ROUNDS = 20


@pytest.fixture
def opened(any_registry):
    """Opens a repository to push to; all are closed afterwards."""
    made = []

    def open_destination(name="acme/app"):
        made.append(Destination(parse_reference(f"{any_registry.host}/{name}:1"), Access()))
        return made[-1]

    yield open_destination
    for each in made:
        each.close()


def test_what_was_pushed_is_what_another_client_pulls(any_registry, opened, tmp_path):
    content = bytes(3_000_000)
    (tmp_path / "layer").write_bytes(content)
    destination = opened("acme/pushed")
    assert destination.push_blob(described(EMPTY), EMPTY)
    assert destination.push_blob(described(content), tmp_path / "layer")
    assert not destination.push_blob(described(content), content)
    manifest = note(content)
    pushed = destination.push_manifest(manifest, media_type=OCI_MANIFEST, tag="1")
    where = f"{any_registry.host}/acme/pushed:1"
    assert any_registry.oras("resolve", "--plain-http", where).strip() == str(pushed.digest) == str(Digest.of(manifest))
    any_registry.oras("blob", "fetch", "--plain-http", "--output", "layer", f"{where}@{described(content).digest}")
    assert (any_registry.folder / "layer").read_bytes() == content


def test_a_referrer_is_found_by_another_client(any_registry, opened):
    with opened("acme/referred") as destination:
        image = push_note(destination, b"image", tag="1")
        referrer = push_note(destination, b"signature", about=image)
    said = any_registry.oras("discover", "--plain-http", "--format", "json", f"{any_registry.host}/acme/referred:1")
    assert [each["digest"] for each in json.loads(said)["manifests"]] == [str(Digest.of(referrer))]


def test_what_another_client_attached_stays_beside_ours(any_registry, opened, tmp_path):
    with opened("acme/beside") as destination:
        image = push_note(destination, b"image", tag="1")
    (tmp_path / "note").write_bytes(b"by oras")
    attach = ("attach", "--plain-http", "--disable-path-validation", "--artifact-type", "application/vnd.example.oras")
    any_registry.oras(*attach, f"{any_registry.host}/acme/beside:1", str(tmp_path / "note"))
    with opened("acme/beside") as destination:
        push_note(destination, b"ours", about=image)
        assert len(destination.repository.referrers(Digest.of(image)).descriptors) == 2


def test_two_publishers_at_once_lose_nothing(any_registry, opened):
    with opened("acme/crowded") as destination:
        image = push_note(destination, b"image", tag="1")

    def publish(name, together):
        with opened("acme/crowded") as one:
            for each in (EMPTY, b"signature"):
                one.push_blob(described(each), each)
            together.wait()
            one.push_manifest(note(b"signature", about=image, by=name), media_type=OCI_MANIFEST)

    for number in range(ROUNDS):
        together = threading.Barrier(2)
        both = [threading.Thread(target=publish, args=(f"{number}-{each}", together)) for each in "ab"]
        for each in both:
            each.start()
        for each in both:
            each.join()
    digest = Digest.of(image)
    reader = opened("acme/crowded")
    assert len(reader.repository.referrers(digest).descriptors) == 2 * ROUNDS
    kept = reader.repository.tagged(fallback_tag(digest))
    assert kept is None or len(json.loads(kept.content)["manifests"]) == 2 * ROUNDS
