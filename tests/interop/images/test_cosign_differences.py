"""What cosign accepts and we do not (fixtures/images/cosign-differences.toml), by the real cosign and by us."""

import json

import pytest

from tests.support.images.cosign.differences import BUILDERS, Scene
from tests.support.images.cosign.peer import ROWS, cosign
from tests.support.images.cosign.served import served
from tests.support.images.place import MemoryPlace
from verifier.formats.oci.manifest import OCI_INDEX

SERVED = {name: row for name, row in ROWS.items() if not row.get("saved")}


@pytest.fixture
def scene():
    place = MemoryPlace()
    with served(place) as serving:
        yield Scene(place, serving)


def test_every_row_is_made_and_every_scene_is_a_row():
    assert set(SERVED) == set(BUILDERS)


@pytest.mark.parametrize("name", SERVED)
def test_we_say_what_the_row_says(scene, name):
    BUILDERS[name](scene)
    verdict = scene.judge().verdict
    assert sorted({each.code for each in verdict.reasons if each.is_error}) == ROWS[name]["codes"]
    assert verdict.passed is (not ROWS[name]["codes"])


@pytest.mark.parametrize("name", SERVED)
def test_no_other_digest_than_the_one_resolved_is_ever_ours(scene, name):
    BUILDERS[name](scene)
    verdict = scene.judge().verdict
    assert verdict.subject.digest in (None, scene.place.digest)


def test_a_signature_costs_four_requests_by_digest_and_by_tag(scene):
    scene.sign()
    for reference in (scene.serving.by_digest, scene.serving.by_tag):
        scene.reference = reference
        assert scene.judge().verdict.passed
        assert len(scene.serving.asked) == 4, scene.serving.asked


def test_a_signature_costs_five_requests_where_the_registry_has_no_listing(scene):
    scene.sign()
    listing = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": scene.place.listed}
    digest = scene.place.put(json.dumps(listing).encode(), OCI_INDEX)
    scene.place.tags[f"sha256-{scene.place.digest.value}"] = digest
    scene.serving.instead["referrers"] = (404, b"", "text/plain")
    assert scene.judge().verdict.passed
    assert len(scene.serving.asked) == 5, scene.serving.asked


def test_an_old_signature_costs_three_requests_where_only_those_count(scene):
    scene.legacy()
    scene.rule = {"formats": ("legacy",)}
    assert scene.judge().verdict.passed
    assert len(scene.serving.asked) == 3, scene.serving.asked


@pytest.mark.interop
@pytest.mark.parametrize("name", SERVED)
def test_cosign_does_what_the_row_says(scene, tmp_path, name):
    BUILDERS[name](scene)
    scene.serving.asked.clear()
    status, out, err = cosign(tmp_path, scene.reference)
    assert status == ROWS[name]["cosign"], (out, err)


@pytest.mark.interop
def test_cosign_names_another_digest_and_we_do_not(scene, tmp_path):
    BUILDERS["two-subjects"](scene)
    _, out, _ = cosign(tmp_path, scene.reference)
    assert "ab" * 32 in out


@pytest.mark.interop
def test_cosign_says_that_it_verified_a_log_and_there_is_none(scene, tmp_path):
    scene.sign()
    _, _, err = cosign(tmp_path, scene.reference)
    assert "transparency log" in err
    verdict = scene.judge().verdict
    assert verdict.passed
    assert not any("log" in each.message or each.code.startswith("log.") for each in verdict.reasons)


@pytest.mark.interop
def test_junk_costs_cosign_two_requests_each_and_us_none(scene, tmp_path):
    for number in range(60):
        scene.place.attach(b"junk %d" % number, "application/spdx+json")
    scene.sign()
    assert scene.judge().verdict.passed
    assert len(scene.serving.asked) == 4
    scene.serving.asked.clear()
    assert cosign(tmp_path, scene.reference)[0] == 0
    assert len(scene.serving.asked) > 2 * 60
