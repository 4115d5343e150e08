"""What is in an image is known where a rule compares documents with it, or somebody asks for it."""

import pytest

from tests.support.images.made import MemoryPlace
from tests.support.images.planted import GITHUB
from tests.support.rules import artifact_rule
from tests.support.sboms.layers import tar_of
from verifier.core.costs.budget import Budget
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.reading import ReadingMode
from verifier.kinds.image.deepen import deepen
from verifier.kinds.image.reading import read_image
from verifier.kinds.image.wish import ImageWish
from verifier.kinds.kind import Reading
from verifier.secrets.scanner import Scanner
from verifier.trust.sections.image import ImageRule
from verifier.trust.sections.sbom import SbomRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionUnchecked

STATUS = "var/lib/dpkg/status"
SIGNED = SignatureRule(threshold=1, from_=("release",))


def deepened(*platforms, wish=None, files=None, **sections):
    """The platforms of an image with these files, as deep as the rule and the wish ask."""
    place = MemoryPlace()
    layers = [tar_of(files or {STATUS: b"Package: a\n"})]
    images = [place.image(layers, platform=each) for each in platforms or ("linux/amd64",)]
    place.pointing_at(images[0] if len(images) == 1 else place.index(*images))
    reading = Reading(
        name="app",
        resource_uri="",
        limits=DEFAULT_LIMITS,
        mode=ReadingMode.STRICT,
        budget=Budget(),
        place=place,
        image=wish,
    )
    image = read_image(place.resolve().content, reading)
    rule = artifact_rule("image:app", SIGNED, VersionUnchecked(), **sections)
    return deepen(image, rule, reading).platforms


@pytest.mark.parametrize("asked", [SbomRule(must_match_contents=True), SbomRule(min_completeness=9_000)])
def test_a_rule_that_compares_has_the_contents_read(asked):
    (part,) = deepened(sbom=asked)
    assert part.contents is not None
    assert part.contents.name == "app"
    assert part.contents.digests == (part.digest, part.manifest.config.digest)
    assert part.contents.files.read(STATUS, max_bytes=100) == b"Package: a\n"


def test_a_rule_that_asks_for_a_document_alone_does_not():
    (part,) = deepened(sbom=SbomRule(required=True))
    assert part.contents is None
    assert part.layers is None


def test_whoever_wishes_has_them_read():
    (part,) = deepened(wish=ImageWish(contents=True))
    assert part.contents is not None


def test_layers_that_are_looked_into_for_something_else_are_not_hashed_by_file():
    (part,) = deepened(image=ImageRule(devices="deny"))
    assert part.contents is None
    assert [entry.digests for entry in part.layers[0].entries if entry.type == "file"] == [b""]


def test_each_platform_of_an_index_has_its_own():
    parts = deepened("linux/amd64", "linux/arm64", sbom=SbomRule(must_match_contents=True))
    assert [dict(part.contents.properties)["verifier:oci:platform"] for part in parts] == [
        "linux/amd64",
        "linux/arm64",
    ]
    assert [part.contents.digests[0] for part in parts] == [part.digest for part in parts]


def test_secrets_are_searched_in_the_same_pass():
    files = {STATUS: b"Package: a\n", "app/ci.yml": f"token: {GITHUB}\n".encode()}
    wish = ImageWish(search=Scanner)
    (part,) = deepened(wish=wish, files=files, sbom=SbomRule(must_match_contents=True), image=ImageRule(secrets="deny"))
    assert [each.path for each in part.secrets.findings] == ["app/ci.yml"]
    assert part.contents.files.read(STATUS, max_bytes=100) == b"Package: a\n"
    assert part.contents.files.digest("app/ci.yml", "sha1") is not None
