"""What a rule asks of an image's SBOMs: of the image alone, of an index, and of one platform of it."""

import copy

import pytest

from tests.support.images.judged import errors, image_policy, judge, signed_statement
from tests.support.images.made import MemoryPlace, layer
from tests.support.sboms.databases import dpkg, paragraph
from tests.support.sboms.images import STATUS, bom_of
from verifier.core.uris import CYCLONEDX_BOM
from verifier.evidence.sbom import MATCHED_LEVEL
from verifier.formats.oci.platform import parse_platform
from verifier.kinds.image.wish import ImageWish
from verifier.trust.sections.sbom import WHOLE, SbomRule

DSSE = "application/vnd.dsse.envelope.v1+json"
RULE = SbomRule(must_match_contents=True)


@pytest.fixture
def place():
    return MemoryPlace()


def debian(*packages):
    return layer({"etc/os-release": b"ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status": STATUS(*packages)})


def about(described, bom, key="p256"):
    return signed_statement(described, key, CYCLONEDX_BOM, **bom)


def judged(place, *documents, platform=None, rule=RULE):
    wish = ImageWish(platform=parse_platform(platform)) if platform else None
    return judge(place, *documents, policy=image_policy(sbom=rule), wish=wish)


def test_a_true_one_is_accepted_and_its_packages_are_counted(place):
    image = place.image([debian(("bash", "5.2-1"), ("zlib1g", "1:1.2.13"))])
    bom = bom_of(place.pointing_at(image))
    found = judged(place, signed_statement(image), about(image, bom))
    assert errors(found) == []
    assert MATCHED_LEVEL in found.verdict.levels
    assert found.verdict.dependency_levels == {"SLSA_BUILD_LEVEL_UNEVALUATED": 2}


def test_a_package_of_another_version_is_altered(place):
    image = place.image([debian(("bash", "5.2-1"))])
    bom = bom_of(place.pointing_at(image))
    bash = next(each for each in bom["components"] if each["name"] == "bash")
    bash["version"], bash["purl"] = "5.2-2", bash["purl"].replace("5.2-1", "5.2-2")
    found = judged(place, signed_statement(image), about(image, bom))
    assert errors(found) == ["sbom.contents-mismatch"]
    (reason,) = [each for each in found.verdict.reasons if each.code == "sbom.contents-mismatch"]
    assert "5.2-2" in reason.message
    assert reason.subject.startswith("pkg:deb/debian/bash@5.2-1")


def test_a_hidden_package_is_missing(place):
    image = place.image([debian(("bash", "5.2-1"), ("evil", "1"))])
    bom = bom_of(place.pointing_at(image))
    bom["components"] = [each for each in bom["components"] if each["name"] != "evil"]
    gone = [each["ref"] for each in bom["dependencies"] if "evil" in each["ref"]]
    assert len(gone) == 1
    bom["dependencies"] = [
        {**each, "dependsOn": [ref for ref in each.get("dependsOn", []) if ref not in gone]}
        for each in bom["dependencies"]
        if each["ref"] not in gone
    ]
    found = judged(place, signed_statement(image), about(image, bom))
    assert errors(found) == ["sbom.contents-mismatch"]


def test_a_file_that_is_not_as_its_package_has_it_is_warned_of(place):
    """Every document of this image is true, whatever was swapped in it."""
    records = dpkg(paragraph("bash", "5.2-1"), bash={"bin/bash": b"as it was"})
    image = place.image([layer({"etc/os-release": b"ID=debian\n", **records, "bin/bash": b"swapped"})])
    found = judged(place, signed_statement(image), about(image, bom_of(place.pointing_at(image))))
    assert errors(found) == []
    (reason,) = [each for each in found.verdict.reasons if each.code == "package.altered"]
    assert "bin/bash" in reason.message
    assert not reason.is_error


def test_that_of_another_image_is_told_once(place):
    other, image = place.image([debian(("curl", "8"))]), place.image([debian(("bash", "5.2-1"))])
    bom = bom_of(place.pointing_at(other))
    place = fresh(place).pointing_at(image)
    found = judged(place, signed_statement(image), about(image, bom))
    assert errors(found) == ["sbom.other-artifact"]


def test_it_is_found_beside_the_image(place):
    image = place.image([debian(("bash", "5.2-1"))])
    bom = bom_of(place.pointing_at(image))
    place = fresh(place).pointing_at(image)
    for document in (signed_statement(image), about(image, bom)):
        place.refer(image, document.content, DSSE)
    assert errors(judged(place)) == []


def fresh(place):
    """The same place, of which nobody has asked anything."""
    other = MemoryPlace()
    other.blobs, other.documents, other.referring = place.blobs, place.documents, place.referring
    return other


class TestAnIndex:
    @pytest.fixture
    def images(self, place):
        return [
            place.image([debian(("bash", "5.2-1"))], platform="linux/amd64"),
            place.image([debian(("bash", "5.2-1"), ("libc6", "2.36"))], platform="linux/arm64"),
        ]

    def test_each_of_its_images_needs_its_own(self, place, images):
        index = place.index(*images)
        boms = [bom_of(fresh(place).pointing_at(each)) for each in images]
        whole = [about(image, bom) for image, bom in zip(images, boms, strict=True)]
        found = judged(fresh(place).pointing_at(index), signed_statement(index), *whole)
        assert errors(found) == []
        assert found.verdict.dependency_levels == {"SLSA_BUILD_LEVEL_UNEVALUATED": 3}
        half = judged(fresh(place).pointing_at(index), signed_statement(index), whole[0])
        assert errors(half) == ["sbom.missing"]

    def test_they_are_found_beside_its_images(self, place, images):
        index = place.index(*images)
        place.refer(index, signed_statement(index).content, DSSE)
        for each in images:
            place.refer(each, about(each, bom_of(fresh(place).pointing_at(each))).content, DSSE)
        assert errors(judged(fresh(place).pointing_at(index))) == []

    def test_one_platform_of_it_needs_that_one_alone(self, place, images):
        index = place.index(*images)
        place.refer(index, signed_statement(index).content, DSSE)
        place.refer(images[1], about(images[1], bom_of(fresh(place).pointing_at(images[1]))).content, DSSE)
        assert errors(judged(fresh(place).pointing_at(index), platform="linux/arm64")) == []
        assert errors(judged(fresh(place).pointing_at(index), platform="linux/amd64")) == ["sbom.missing"]

    def test_each_needs_its_own_also_where_nothing_is_compared(self, place, images):
        index = place.index(*images)
        boms = [bom_of(fresh(place).pointing_at(each)) for each in images]
        whole = [about(image, bom) for image, bom in zip(images, boms, strict=True)]
        there, rule = fresh(place).pointing_at(index), SbomRule()
        assert errors(judged(there, signed_statement(index), *whole, rule=rule)) == []
        assert errors(judged(there, signed_statement(index), whole[0], rule=rule)) == ["sbom.missing"]

    def test_swapped_ones_are_told_also_where_nothing_is_compared(self, place, images):
        index = place.index(*images)
        boms = [bom_of(fresh(place).pointing_at(each)) for each in images]
        swapped = [about(image, bom) for image, bom in zip(images, reversed(boms), strict=True)]
        found = judged(fresh(place).pointing_at(index), signed_statement(index), *swapped, rule=SbomRule())
        assert set(errors(found)) == {"sbom.other-artifact"}

    def test_swapped_ones_are_about_the_other_image(self, place, images):
        index = place.index(*images)
        boms = [bom_of(fresh(place).pointing_at(each)) for each in images]
        swapped = [about(image, bom) for image, bom in zip(images, reversed(copy.deepcopy(boms)), strict=True)]
        found = judged(fresh(place).pointing_at(index), signed_statement(index), *swapped)
        assert set(errors(found)) == {"sbom.other-artifact"}


def test_what_cannot_be_listed_in_an_image_is_said():
    place = MemoryPlace()
    garbage = {"srv/root/var/lib/dpkg/status": b"no record\n"}
    image = place.image([debian(("bash", "5.2-1")), layer(garbage)])
    bom = bom_of(place.pointing_at(image))
    found = judged(place, signed_statement(image), about(image, bom))
    assert errors(found) == []
    assert "package.unread-root" in [each.code for each in found.verdict.reasons]


def test_nobody_has_all_of_an_image_of_which_a_part_cannot_be_listed():
    place = MemoryPlace()
    image = place.image([debian(("bash", "5.2-1")), layer({"srv/root/var/lib/dpkg/status": b"no record\n"})])
    bom = bom_of(place.pointing_at(image))
    rule = SbomRule(must_match_contents=True, min_completeness=WHOLE)
    found = judged(place, signed_statement(image), about(image, bom), rule=rule)
    assert errors(found) == ["sbom.incomplete"]


def test_what_was_left_unverified_is_at_no_level(place):
    """Whoever writes a document says which tool they are: what that tool cannot see is not said to match."""
    packages = {"node_modules/left-pad/package.json": b'{"name": "left-pad", "version": "1.3.0"}'}
    image = place.image([debian(("bash", "5.2-1")), layer(packages)])
    bom = bom_of(place.pointing_at(image))
    hidden = [each["bom-ref"] for each in bom["components"] if each.get("purl", "").startswith("pkg:npm/")]
    assert len(hidden) == 1
    bom["metadata"]["tools"] = {"components": [{"type": "application", "name": "trivy", "version": "1"}]}
    bom["components"] = [each for each in bom["components"] if each["bom-ref"] not in hidden]
    bom["dependencies"] = [
        each | {"dependsOn": [ref for ref in each.get("dependsOn", []) if ref not in hidden]}
        for each in bom["dependencies"]
        if each["ref"] not in hidden
    ]
    found = judged(place, signed_statement(image), about(image, bom))
    assert errors(found) == []
    assert MATCHED_LEVEL not in found.verdict.levels
    whole = SbomRule(must_match_contents=True, min_completeness=10_000)
    assert errors(judged(fresh(place).pointing_at(image), signed_statement(image), about(image, bom), rule=whole)) == [
        "sbom.incomplete"
    ]
