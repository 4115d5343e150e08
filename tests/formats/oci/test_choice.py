"""Which manifest of an index is the bundle's."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.formats.oci.choice import ATTESTATION, REFERENCE_DIGEST, REFERENCE_TYPE, chosen_manifest
from verifier.formats.oci.manifest import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, parse_manifest

ONE, TWO, THREE, FOUR = (f"sha256:{digit * 64}" for digit in "1234")
LINUX, ARM = {"os": "linux", "architecture": "amd64"}, {"os": "linux", "architecture": "arm64", "variant": "v8"}
UNKNOWN = {"os": "unknown", "architecture": "unknown"}


def entry(digest=ONE, platform=LINUX, media_type=OCI_MANIFEST, **annotations):
    described = {"mediaType": media_type, "digest": digest, "size": 10, "annotations": annotations}
    return described | ({} if platform is None else {"platform": platform})


def attestation(digest=TWO, *, about=ONE, platform=UNKNOWN, kind=ATTESTATION):
    return entry(digest, platform, **{REFERENCE_TYPE: kind} | ({} if about is None else {REFERENCE_DIGEST: about}))


def chosen(*manifests, content_type=OCI_INDEX):
    document = json.dumps({"schemaVersion": 2, "manifests": list(manifests)}).encode()
    return chosen_manifest(parse_manifest(document, content_type=content_type, subject="s"), subject="s")


def refused(*manifests):
    with pytest.raises(Refused) as caught:
        chosen(*manifests)
    return caught.value.reasons[0]


@pytest.mark.parametrize(
    "manifests",
    [
        [entry()],
        [entry(platform=None)],
        [entry(), attestation()],
        [attestation(), entry()],
        [entry(platform=None), attestation(), attestation(THREE), attestation(FOUR)],
        [entry(platform={**ARM, "os.version": "10", "os.features": ["a"]}), attestation()],
    ],
)
@pytest.mark.parametrize("content_type", [OCI_INDEX, DOCKER_LIST])
def test_the_one_manifest_that_attestations_leave_is_chosen(manifests, content_type):
    assert str(chosen(*manifests, content_type=content_type).digest) == ONE


@pytest.mark.parametrize(
    ("manifests", "code", "said"),
    [
        ([entry(), entry(TWO, ARM)], "image.ambiguous-manifest", f"{ONE} (linux/amd64), {TWO} (linux/arm64/v8)"),
        ([entry(), entry(TWO)], "image.ambiguous-manifest", "2 manifests"),
        ([entry(), entry()], "image.ambiguous-manifest", "2 manifests"),
        ([entry(), entry(TWO, ARM), attestation(THREE)], "image.ambiguous-manifest", "2 manifests"),
        ([entry(), entry(TWO, UNKNOWN)], "image.ambiguous-manifest", f"{TWO} (unknown/unknown)"),
        ([entry(), attestation(kind="attestation")], "image.ambiguous-manifest", "2 manifests"),
        ([entry(), attestation(kind="Attestation-Manifest")], "image.ambiguous-manifest", "2 manifests"),
        ([entry(digest) for digest in (ONE, TWO, THREE, FOUR) * 2], "image.ambiguous-manifest", "3 more"),
        ([entry(media_type=OCI_INDEX)], "image.ambiguous-manifest", "an index within an index"),
        ([entry(), entry(TWO, media_type=DOCKER_LIST)], "image.ambiguous-manifest", "an index within an index"),
        ([], "image.no-bundle", "0 manifests"),
        ([attestation()], "image.no-bundle", "1 attestation manifests, and none that they are about"),
        ([attestation(ONE, about=TWO), attestation(TWO, about=ONE)], "image.no-bundle", "2 attestation manifests"),
        ([entry(platform=UNKNOWN)], "image.no-bundle", "for unknown/unknown"),
        ([entry(platform=UNKNOWN), attestation()], "image.no-bundle", "for unknown/unknown"),
        ([entry(), attestation(about=THREE)], "image.attestation-mismatch", f"is about '{THREE}'"),
        ([entry(), attestation(about=TWO)], "image.attestation-mismatch", f"is about '{TWO}'"),
        ([entry(), attestation(about=None)], "image.attestation-mismatch", "is about None"),
        ([entry(), attestation(about=ONE.upper())], "image.attestation-mismatch", "is about"),
        ([entry(), attestation(), attestation(THREE, about=FOUR)], "image.attestation-mismatch", "is about"),
        ([entry(), attestation(platform=LINUX)], "image.attestation-mismatch", "is for linux/amd64"),
        ([entry(), attestation(platform=None)], "image.attestation-mismatch", "is for no platform"),
        ([attestation(ONE, platform=LINUX)], "image.attestation-mismatch", "is for linux/amd64"),
        ([entry(), attestation(platform={**UNKNOWN, "variant": "v8"})], "image.attestation-mismatch", "v8"),
    ],
)
def test_anything_else_is_refused_with_its_own_words(manifests, code, said):
    reason = refused(*manifests)
    assert reason.code == code
    assert said in reason.message


@pytest.mark.parametrize(
    "platform",
    [
        [],
        "linux/amd64",
        {"os": 7},
        {"os": "linux", "architecture": ["amd64"]},
        {"os": "linux\n", "architecture": "amd64"},
        {"os": "unknown/unknown"},
        {"os": "", "architecture": "a/b"},
        {"os": "x" * 65},
    ],
)
def test_a_platform_that_is_none_is_refused(platform):
    assert refused(entry(platform=platform)).code == "image.malformed"


def test_a_platform_in_other_letters_is_not_taken_for_one():
    assert refused(entry(platform={"OS": "unknown", "architecture": "unknown"})).code == "json.case-variant-key"


ENTRIES = st.builds(
    entry,
    st.sampled_from([ONE, TWO, THREE]),
    st.sampled_from([LINUX, ARM, UNKNOWN, None]),
    st.sampled_from([OCI_MANIFEST, DOCKER_MANIFEST, OCI_INDEX]),
) | st.builds(attestation, st.sampled_from([TWO, THREE]), about=st.sampled_from([ONE, TWO, None]))


@given(st.lists(ENTRIES, max_size=5))
def test_what_is_chosen_is_the_only_one_and_never_an_attestation(manifests):
    try:
        found = chosen(*manifests)
    except Refused as refusal:
        assert all(reason.code.startswith("image.") for reason in refusal.reasons)  # noqa: PT017 - either is right
        return
    left = [each for each in manifests if each["annotations"].get(REFERENCE_TYPE) != ATTESTATION]
    assert [each["digest"] for each in left] == [str(found.digest)]
    assert left[0]["mediaType"] != OCI_INDEX
