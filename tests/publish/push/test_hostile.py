"""Registries and layouts that lie, or hold what nobody put there: nothing of it moves the tag, or is written over."""

import json

import pytest

from tests.support.publishing.plans import BUNDLE, OTHER_BUNDLE, SBOM, attestation, plan, publish
from tests.support.publishing.pushable import pushable
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.oci.manifest import parse_reference
from verifier.net.access import Access
from verifier.publish.push.attach import Scheme
from verifier.publish.push.image import image_parts
from verifier.publish.push.layout import LayoutTarget
from verifier.publish.push.planning import Wanted, plan_of
from verifier.publish.push.registry import RegistryTarget
from verifier.sources.places import open_place

OLD, NEW = (plan(each, scheme=Scheme.BOTH) for each in (OTHER_BUNDLE, BUNDLE))
NEW_DIGEST = str(NEW.subject.digest)


@pytest.fixture
def registry():
    with pushable() as running:
        yield running


def into(registry, wanted):
    target = RegistryTarget(
        parse_reference(f"{registry.host}/acme/authz:1"), access=Access(attempts=1), pause=lambda _: None
    )
    try:
        return publish(wanted, target)
    finally:
        target.close()


def refused_by(registry, lie):
    """The code of the refusal where the registry lies so; the tag is what it was."""
    into(registry, OLD)
    registry.lie = lie
    with pytest.raises(Refused) as refused:
        into(registry, NEW)
    assert registry.repositories["acme/authz"].tags["1"] == str(OLD.subject.digest)
    return refused.value.reasons[0].code


@pytest.mark.parametrize(
    ("start", "answer", "code"),
    [
        ("GET /v2/acme/authz/manifests/1", (404, b"<html>", {}), "input.unreachable"),
        ("GET /v2/acme/authz/manifests/1", (500, b"", {}), "input.unreachable"),
        ("GET /v2/acme/authz/referrers/", (500, b"", {}), "input.unreachable"),
        ("GET /v2/acme/authz/referrers/", (200, b"[]", {}), "image.malformed"),
        ("HEAD /v2/acme/authz/blobs/", (403, b"", {}), "input.unreachable"),
        ("POST /v2/acme/authz/blobs/", (202, b"", {}), "input.unreachable"),
        ("PUT /v2/acme/authz/blobs/", (500, b"", {}), "input.unreachable"),
        ("PUT /v2/acme/authz/manifests/", (413, b"", {}), "input.unreachable"),
        (
            "PUT /v2/acme/authz/manifests/",
            (201, b"", {"Docker-Content-Digest": f"sha256:{'0' * 64}"}),
            "image.digest-mismatch",
        ),
    ],
)
def test_what_a_registry_should_not_say_stops_it_and_the_tag_stands(registry, start, answer, code):
    seen = refused_by(registry, lambda asked: answer if asked.startswith(start) else None)
    assert seen == code


def test_another_manifest_for_the_digest_is_not_taken_for_it(registry):
    other = OLD.root.content, OLD.root.media_type

    def lie(asked):
        is_it = asked == f"GET /v2/acme/authz/manifests/{NEW_DIGEST}"
        return (200, other[0], {"Content-Type": other[1]}) if is_it else None

    assert refused_by(registry, lie) == "image.digest-mismatch"


def test_an_index_where_cosigns_signatures_should_be_is_not_written_over(registry):
    into(registry, OLD)
    here = registry.repositories["acme/authz"]
    index = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
    tag = f"{NEW_DIGEST.replace(':', '-')}.att"
    here.manifests[tag] = (index, "application/vnd.oci.image.index.v1+json")
    with pytest.raises(Refused) as refused:
        into(registry, NEW)
    assert refused.value.reasons[0].code == "image.malformed"
    assert here.manifests[tag][0] == index
    assert here.tags["1"] == str(OLD.subject.digest)


def test_a_blob_of_a_layout_that_is_damaged_is_written_again(tmp_path):
    target = LayoutTarget(tmp_path / "out")
    publish(NEW, target)
    layer = NEW.parts[0].blobs[1]
    path = tmp_path / "out" / "blobs" / "sha256" / layer.digest.value
    for damaged in (b"", bytes(len(BUNDLE)), BUNDLE[:-1]):
        path.write_bytes(damaged)
        target.push_blob(layer)
        assert path.read_bytes() == BUNDLE


@pytest.mark.parametrize(
    ("index", "code"),
    [
        (b"", "json."),
        (b"{", "json."),
        (b'{"schemaVersion": 2, "manifests": [], "layers": []}', "image.malformed"),
        (b'{"schemaVersion": 2, "manifests": [], "manifests": []}', "json.duplicate-key"),
        (b'{"schemaVersion": 2, "manifests": [{}]}', "image.malformed"),
    ],
)
def test_a_listing_that_cannot_be_read_is_not_written_over(tmp_path, index, code):
    target = LayoutTarget(tmp_path)
    publish(OLD, target)
    (tmp_path / "index.json").write_bytes(index)
    with pytest.raises(Refused) as refused:
        publish(NEW, LayoutTarget(tmp_path))
    assert refused.value.reasons[0].code.startswith(code)
    assert (tmp_path / "index.json").read_bytes() == index


def test_one_name_for_two_manifests_is_not_chosen_from(tmp_path):
    for wanted in (OLD, NEW):
        publish(wanted, LayoutTarget(tmp_path / wanted.subject.digest.value))
    publish(OLD, LayoutTarget(tmp_path / "out"))
    index = json.loads((tmp_path / "out" / "index.json").read_text())
    other = next(
        each
        for each in index["manifests"]
        if each.get("annotations", {}).get("org.opencontainers.image.ref.name") == "1"
    )
    index["manifests"].append({**other, "digest": NEW_DIGEST})
    (tmp_path / "out" / "index.json").write_text(json.dumps(index))
    with pytest.raises(Refused) as refused:
        publish(NEW, LayoutTarget(tmp_path / "out"))
    assert refused.value.reasons[0].code == "image.ambiguous-reference"


def test_a_folder_in_the_place_of_a_blob_is_a_usage_error(tmp_path):
    target = LayoutTarget(tmp_path)
    publish(OLD, target)
    (tmp_path / "blobs" / "sha256" / NEW.parts[0].blobs[1].digest.value).mkdir()
    with pytest.raises(ConfigurationError):
        publish(NEW, target)
    assert target.tagged("1").digest == OLD.subject.digest


@pytest.fixture
def layout(tmp_path):
    publish(plan(BUNDLE), LayoutTarget(tmp_path / "image"))
    return tmp_path / "image"


@pytest.mark.parametrize("damage", ["changed", "cut", "longer", "gone"])
def test_an_image_whose_layer_is_damaged_does_not_move_the_tag(registry, layout, damage):
    into(registry, OLD)
    path = layout / "blobs" / "sha256" / NEW.parts[0].blobs[1].digest.value
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"changed": bytes(len(content)), "cut": content[:-1], "longer": content + b"x"}[damage])
    place = open_place(f"oci-layout:{layout}:1", access=Access(), limits=DEFAULT_LIMITS)
    wanted = plan_of(image_parts(place), Wanted(), tag="1")
    with pytest.raises(Refused) as refused:
        into(registry, wanted)
    assert refused.value.reasons[0].code in {"image.digest-mismatch", "input.unreadable"}
    assert registry.repositories["acme/authz"].tags["1"] == str(OLD.subject.digest)
    place.close()


def test_more_than_anybody_reads_is_not_attached():
    part = plan(BUNDLE).parts
    documents = [attestation(NEW.subject.digest, predicate_type=f"https://a/{number}") for number in range(51)]
    lines = Document(name="many.jsonl", content=b"".join(each.content for each in documents))
    with pytest.raises(Refused) as refused:
        plan_of(part, Wanted(documents=(lines,)), tag="1")
    assert refused.value.reasons[0].code == "signature.too-many"


def test_the_same_document_twice_is_attached_once():
    wanted = plan_of(plan(BUNDLE).parts, Wanted(documents=(SBOM, SBOM)), tag="1")
    assert len(wanted.referrers) == 1
