"""A trusted verifier's no about one image denies whatever that image is a part of."""

import json

import pytest

from tests.support.images.judged import errors, image_policy, judge, signed_statement
from tests.support.images.made import MemoryPlace
from tests.support.material import envelope
from tests.support.stories import VERIFIER
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.value import replace
from verifier.formats.intoto.vsa import build_vsa
from verifier.formats.oci.platform import parse_platform
from verifier.kinds.image.wish import ImageWish

DSSE = "application/vnd.dsse.envelope.v1+json"


@pytest.fixture
def place():
    place = MemoryPlace()
    images = [place.image([each.encode()], platform=each) for each in ("linux/amd64", "linux/arm64")]
    place.images = images
    return place.pointing_at(place.index(*images))


def verdict(place, described, *documents):
    """A verifier's verdict about one image of the repository."""
    alone = MemoryPlace()
    alone.documents, alone.blobs = place.documents, place.blobs
    found = judge(alone.pointing_at(described), *documents).verdict
    content = envelope(json.dumps(build_vsa(replace(found, verifier_id=VERIFIER))).encode(), "p256")
    return Document(name="vsa.json", content=content)


def judged(place, *documents, platform=None):
    wish = ImageWish(platform=parse_platform(platform)) if platform else None
    return judge(
        place, signed_statement(Digest.parse(place.target)), *documents, policy=image_policy("p256"), wish=wish
    )


@pytest.mark.parametrize("number", [0, 1])
def test_an_index_is_denied_where_one_of_its_platforms_was(place, number):
    no = verdict(place, place.images[number])
    assert errors(judged(place, no)) == ["verdict.failed"]


def test_so_is_that_platform_and_not_the_other(place):
    no = verdict(place, place.images[1])
    assert errors(judged(place, no, platform="linux/arm64")) == ["verdict.failed"]
    assert errors(judged(place, no, platform="linux/amd64")) == []


def test_what_was_accepted_of_a_platform_is_no_signature_of_the_index(place):
    yes = verdict(place, place.images[0], signed_statement(place.images[0]))
    assert errors(judged(place, yes)) == []
    assert "signature.missing" in errors(judge(place, yes, policy=image_policy("p256")))


class TestBeside:
    """A verdict that lies beside one platform's manifest, where nobody names it."""

    @pytest.mark.parametrize("platform", [None, "linux/arm64"])
    def test_a_no_denies_the_index_and_that_platform(self, place, platform):
        place.refer(place.images[1], verdict(place, place.images[1]).content, DSSE)
        assert errors(judged(place, platform=platform)) == ["verdict.failed"]

    def test_a_no_to_another_platform_is_not_asked_for(self, place):
        place.refer(place.images[1], verdict(place, place.images[1]).content, DSSE)
        assert errors(judged(place, platform="linux/amd64")) == []

    def test_a_signature_of_a_platform_is_neither_counted_nor_told(self, place):
        place.refer(place.images[1], signed_statement(place.images[1]).content, DSSE)
        found = judged(place)
        assert errors(found) == []
        assert "attestation.subject-mismatch" not in [reason.code for reason in found.verdict.reasons]

    def test_what_cannot_be_told_denies(self, place):
        place.refer(place.images[1], b'{"signatures": [], "payload": "?"}', DSSE)
        assert errors(judged(place)) == ["attestation.undecided"]

    def test_of_an_index_that_nobody_signed_no_part_is_asked_about(self, place):
        judge(place, policy=image_policy("p256"))
        assert not [each for each in place.asked if place.images[0]["digest"] in each]

    def test_where_nobodys_verdicts_count_no_part_is_asked_about(self, place):
        policy = replace(image_policy("p256"), verifiers=())
        judge(place, signed_statement(Digest.parse(place.target)), policy=policy)
        assert not [each for each in place.asked if "referrers" in each and place.images[0]["digest"] in each]
