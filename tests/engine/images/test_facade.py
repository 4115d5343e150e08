"""Images from Python: a place that was opened, one call, the manifest and its digest."""

import pytest

import verifier
from tests.support.images.judged import image_policy, signed_statement
from tests.support.images.made import MemoryPlace
from tests.support.material import NOW


def test_a_signed_image_is_handed_on_as_the_manifest_that_was_hashed():
    place = MemoryPlace()
    image = place.image([b"one"])
    document = signed_statement(image)
    found = verifier.verify_image(
        place.pointing_at(image), name="app", policy=image_policy(), attestations=[document], now=NOW
    )
    verified = found.require()
    assert (str(verified.digest), verified.content) == (image["digest"], place.documents[image["digest"]][1])


def test_one_that_nobody_signed_is_denied():
    place = MemoryPlace()
    with pytest.raises(verifier.Denied) as denied:
        verifier.verify_image(
            place.pointing_at(place.image([b"one"])), name="app", policy=image_policy(), now=NOW
        ).require()
    assert [reason.code for reason in denied.value.verdict.reasons if reason.is_error] == ["signature.missing"]


def test_a_reference_in_the_place_of_a_place_is_told_how_to_open_it():
    with pytest.raises(verifier.ConfigurationError, match="expected a place"):
        verifier.verify_image("registry.acme.example/acme/app:1.4.0", name="app", policy=image_policy())


def test_what_is_no_reference_is_refused_before_anything_is_asked():
    with pytest.raises(verifier.ConfigurationError, match="alpine"):
        verifier.open_image("alpine:3")
