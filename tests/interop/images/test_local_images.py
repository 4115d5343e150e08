"""Saved images (`cosign save`): what cosign verifies by the word of index.json alone, and we recompute."""

import pytest

from tests.support.images.cosign.peer import ROWS, cosign
from tests.support.images.cosign.saved import Saved
from tests.support.images.signed import trusting
from tests.support.material import NOW
from verifier.core.limits import DEFAULT_LIMITS
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.net.access import Access
from verifier.sources.content import Remote
from verifier.sources.places import open_place

SAVED = {name: row for name, row in ROWS.items() if row.get("saved")}


@pytest.fixture
def saved(tmp_path):
    return Saved(tmp_path / "saved")


def codes(saved):
    place = open_place(f"oci-layout:{saved.folder}", access=Access(), limits=DEFAULT_LIMITS)
    try:
        verification = verify_artifact(
            Request(
                kind="image",
                source=Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place),
                name="app",
                policy=trusting("p256"),
                now=NOW,
                correlation_id="saved",
            )
        )
    finally:
        place.close()
    return [reason.code for reason in verification.verdict.reasons if reason.is_error]


def index_changed(saved):
    path = saved.blob(saved.index)
    path.write_bytes(path.read_bytes().replace(b"amd64", b"arm64"))


def index_absent(saved):
    saved.blob(saved.index).unlink()


def saved_manifest_changed(saved):
    path = saved.blob(saved.image)
    path.write_bytes(path.read_bytes().replace(b"gzip", b"zstd"))


def saved_manifest_absent(saved):
    saved.blob(saved.image).unlink()


def saved_layer_replaced(saved):
    path = saved.blob(saved.packed)
    path.write_bytes(bytes(len(path.read_bytes())))


CHANGES = {
    each.__name__.replace("_", "-"): each
    for each in (saved_manifest_changed, saved_manifest_absent, saved_layer_replaced)
}


def test_a_saved_image_as_it_was_is_accepted(saved):
    assert codes(saved) == []


def test_every_row_of_saved_images_is_made():
    assert set(CHANGES) == set(SAVED)


@pytest.mark.parametrize("name", CHANGES)
def test_a_saved_image_that_was_changed_below_its_index_is_denied(saved, name):
    CHANGES[name](saved)
    assert codes(saved) == SAVED[name]["codes"]


@pytest.mark.parametrize("change", [index_changed, index_absent])
def test_a_saved_index_that_was_changed_is_denied(saved, change):
    change(saved)
    assert codes(saved) == ["image.digest-mismatch"]


@pytest.mark.interop
@pytest.mark.parametrize("name", CHANGES)
def test_cosign_does_with_a_saved_image_what_the_row_says(saved, name, tmp_path):
    CHANGES[name](saved)
    status, _, err = cosign(tmp_path, str(saved.folder), "--local-image")
    assert status == SAVED[name]["cosign"], err


@pytest.mark.interop
@pytest.mark.parametrize("change", [index_changed, index_absent])
def test_cosign_reads_the_index_itself(saved, change, tmp_path):
    change(saved)
    assert cosign(tmp_path, str(saved.folder), "--local-image")[0] == 1
