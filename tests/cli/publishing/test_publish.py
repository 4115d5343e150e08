"""`verify publish`: what it writes, what it says, and what it refuses."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.support.command import run
from tests.support.places import ROOT
from tests.support.publishing.pushable import pushable
from tests.support.publishing.releases import release
from verifier.core.digest import Digest
from verifier.formats.oci.manifest import BUNDLE_LAYER

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture
def registry():
    with pushable() as running:
        yield running


def published(registry, tag="1", name="acme/authz"):
    """The manifest that a tag stands for."""
    here = registry.repositories[name]
    return json.loads(here.manifests[here.tags[tag]][0])


def referring(registry, name="acme/authz"):
    here = registry.repositories[name]
    return [each["artifactType"] for listed in here.referring.values() for each in listed]


def test_a_bundle_is_published_and_its_digest_is_printed(registry):
    archive = release("1.0.0")
    answer = run("publish", archive, f"oci://{registry.host}/acme/authz:1")
    assert answer.status == 0, answer.err
    digest = registry.repositories["acme/authz"].tags["1"]
    assert answer.out == f"{registry.host}/acme/authz@{digest}\n"
    (layer,) = published(registry)["layers"]
    assert (layer["mediaType"], layer["digest"]) == (BUNDLE_LAYER, str(Digest.of(archive.read_bytes())))
    assert f"Check it: verify bundle oci://{registry.host}/acme/authz@{digest}" in answer.err


def test_it_says_from_what_to_what_the_tag_moves(registry):
    where = f"oci://{registry.host}/acme/authz:1"
    run("publish", release("1.0.0"), where)
    before = registry.repositories["acme/authz"].tags["1"]
    answer = run("publish", release("1.1.0"), where)
    now = registry.repositories["acme/authz"].tags["1"]
    assert f"tagged: {where}: from {before} to {now}" in answer.err
    assert "publish.unjudged" in answer.err


def test_a_folder_is_published_as_its_canonical_archive(registry):
    assert run("publish", "src", f"oci://{registry.host}/acme/authz:1").status == 0
    first = registry.repositories["acme/authz"].tags["1"]
    assert run("publish", "src", f"oci://{registry.host}/acme/authz:2").status == 0
    assert registry.repositories["acme/authz"].tags["2"] == first


def test_with_a_key_it_is_signed_once(registry):
    where = f"oci://{registry.host}/acme/authz:1"
    for _ in range(2):
        answer = run("publish", "src", where, "--key", "release", "--claim", "version=1.0.0")
        assert answer.status == 0, answer.err
    assert referring(registry) == ["application/vnd.dev.sigstore.bundle.v0.3+json"]
    assert "is there already: https://sigstore.dev/cosign/sign/v1" in answer.err


def test_both_schemes_are_written_on_request(registry):
    answer = run("publish", "src", f"oci://{registry.host}/acme/authz:1", "--key", "release", "--attach-as", "both")
    assert answer.status == 0, answer.err
    tags = registry.repositories["acme/authz"].tags
    assert [tag for tag in tags if tag.endswith(".sig")]
    assert len(referring(registry)) == 1


def test_legacy_alone_writes_no_referrer(registry):
    answer = run("publish", "src", f"oci://{registry.host}/acme/authz:1", "--key", "release", "--attach-as", "legacy")
    assert answer.status == 0, answer.err
    assert referring(registry) == []


def test_evidence_is_attached_to_what_is_there(registry, place):
    run("publish", "src", f"oci://{registry.host}/acme/authz:1")
    digest = registry.repositories["acme/authz"].tags["1"]
    (place / "sbom.cdx.json").write_text('{"bomFormat": "CycloneDX", "specVersion": "1.5"}')
    for where in (f"oci://{registry.host}/acme/authz:1", f"oci://{registry.host}/acme/authz@{digest}"):
        answer = run("publish", where, "--attach", "sbom.cdx.json")
        assert answer.status == 0, answer.err
        assert "SBOM (CycloneDX), unsigned (sbom.cdx.json)" in answer.err
        assert answer.out == f"{registry.host}/acme/authz@{digest}\n"
    assert referring(registry) == ["application/vnd.cyclonedx+json"]


def test_provenance_of_the_archive_is_attached_to_its_manifest(registry, place):
    archive = release("1.0.0")
    (place / "predicate.json").write_text('{"by": "us"}')
    assert run("attest", archive, "--predicate", "predicate.json", "--type", "https://slsa.dev/provenance/v1",
               "--key", "ci", "--out", "provenance.json").status == 0  # fmt: skip
    answer = run("publish", archive, f"oci://{registry.host}/acme/authz:1", "--attach", "provenance.json")
    assert answer.status == 0, answer.err
    assert "wrote: https://slsa.dev/provenance/v1 (provenance.json)" in answer.err


def test_evidence_of_something_else_is_not_attached(registry, place):
    (place / "predicate.json").write_text('{"by": "us"}')
    assert run("attest", release("2.0.0"), "--predicate", "predicate.json", "--type", "https://slsa.dev/provenance/v1",
               "--key", "ci", "--out", "provenance.json").status == 0  # fmt: skip
    answer = run("publish", "src", f"oci://{registry.host}/acme/authz:1", "--attach", "provenance.json")
    assert answer.status == 1
    assert "attestation.subject-mismatch" in answer.err
    assert registry.asked == []


def test_a_dry_run_writes_nothing(registry):
    answer = run("publish", "src", f"oci://{registry.host}/acme/authz:1", "--key", "release", "--dry-run")
    assert answer.status == 0, answer.err
    assert answer.out == ""
    assert "would write: manifest" in answer.err
    assert "would tag" in answer.err
    assert {each.partition(" ")[0] for each in registry.asked} == {"GET"}


def test_all_of_it_as_json(registry):
    answer = run("publish", "src", f"oci://{registry.host}/acme/authz:1", "--key", "release", "--format", "json")
    said = answer.report
    assert said["schema"] == "verifier/publication/v1"
    assert said["digest"] == registry.repositories["acme/authz"].tags["1"]
    assert [each["new"] for each in said["written"]] == [True, True]
    assert (said["published"], said["before"], said["gate"]) == (True, None, None)


def test_what_must_not_be_published_is_not(registry, place):
    (place / "src" / "release.pem").write_bytes((place / "release").read_bytes())
    answer = run("publish", "src", f"oci://{registry.host}/acme/authz:1")
    assert answer.status == 1
    assert "leak.private-key" in answer.err
    assert registry.asked == []


def test_a_second_signer_signs_what_is_there_by_its_digest(registry):
    where = f"oci://{registry.host}/acme/authz:1"
    digest = run("publish", "src", where, "--key", "release").out.strip()
    for _ in range(2):
        answer = run("publish", f"oci://{digest}", "--key", "ci", "--attach-as", "both")
        assert answer.status == 0, answer.err
    assert len(referring(registry)) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"bomFormat": "CycloneDX", "note": "KEY"}', "leak.private-key"),
        ('{"bomFormat": "CycloneDX", "bomFormat": "x"}', "json.duplicate-key"),
        ('[{"bomFormat": "CycloneDX"}]', "attestation.invalid"),
        ('{"bomFormat": "CycloneDX"', "json."),
        ('{"bomFormat": "CycloneDX"}' * 2, "json."),
        ("KEY", "private-key"),
        ("", "attestation.invalid"),
    ],
)
def test_a_document_that_is_not_fit_is_not_attached(registry, place, content, code):
    key = json.dumps((place / "release").read_text())[1:-1]
    (place / "sbom.json").write_text(content.replace("KEY", key))
    answer = run("publish", "src", f"oci://{registry.host}/acme/authz:1", "--attach", "sbom.json")
    assert answer.status == 1
    assert code in answer.err
    assert registry.asked == []


def test_what_is_let_in_is_said(registry, place):
    key = json.dumps((place / "stranger").read_text())
    (place / "sbom.json").write_text(f'{{"bomFormat": "CycloneDX", "note": {key}}}')
    where = f"oci://{registry.host}/acme/authz:1"
    answer = run("publish", "src", where, "--attach", "sbom.json", "--include", "sbom.json")
    assert answer.status == 0, answer.err
    assert "warning: leak.included: sbom.json" in answer.err


def test_annotations_and_the_time_are_in_the_manifest_where_they_are_asked_for(registry):
    where = f"oci://{registry.host}/acme/authz:1"
    answer = run("publish", "src", where, "--annotation", "org.opencontainers.image.version=1.0.0", "--created",
                 "--now", "2026-11-21T12:00:00Z")  # fmt: skip
    assert answer.status == 0, answer.err
    assert published(registry)["annotations"] == {
        "org.opencontainers.image.created": "2026-11-21T12:00:00Z",
        "org.opencontainers.image.version": "1.0.0",
    }


def test_digests_are_the_same_whatever_the_hash_seed_and_wherever_it_lies(place):
    found = set()
    for seed, folder in (("0", "one"), ("1", "other")):
        shutil.copytree(place / "src", place / folder)
        command = [
            sys.executable,
            "-m",
            "verifier",
            "publish",
            folder,
            f"oci-layout:{folder}-out:1",
            "--key",
            "release",
        ]
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True)
        found.add((place / f"{folder}-out" / "index.json").read_bytes())
    assert len(found) == 1


def test_a_layout_gets_the_same_digests_as_a_registry(registry, place):
    one = run("publish", "src", f"oci://{registry.host}/acme/authz:1").out
    other = run("publish", "src", "oci-layout:out:1").out
    assert one.partition("@")[2] == other.partition("@")[2]
    assert other.startswith("oci-layout:out@sha256:")


def test_an_image_of_a_layout_is_published_with_all_that_it_names(registry):
    run("publish", "src", "oci-layout:out:1")
    answer = run("publish", "oci-layout:out:1", f"oci://{registry.host}/acme/image:1", "--key", "release")
    assert answer.status == 0, answer.err
    here = registry.repositories["acme/image"]
    assert answer.out == f"{registry.host}/acme/image@{here.tags['1']}\n"
    assert len(here.blobs) == 4


def test_what_lies_beside_an_image_in_its_layout_goes_with_it(registry, place):
    signing = ("--key", "release", "--attach-as", "both", "--repository", f"{registry.host}/acme/image")
    assert run("publish", "src", "oci-layout:out:1", *signing).status == 0
    answer = run("publish", "oci-layout:out:1", f"oci://{registry.host}/acme/image:1")
    assert answer.status == 0, answer.err
    assert referring(registry, "acme/image") == ["application/vnd.dev.sigstore.bundle.v0.3+json"]
    assert [tag for tag in registry.repositories["acme/image"].tags if tag.endswith(".sig")]


def test_a_layout_without_its_kind_is_not_taken_for_a_bundle(registry, place):
    run("publish", "src", "oci-layout:out:1")
    shutil.make_archive(str(place / "out"), "tar", place / "out")
    for source, kind in (("out", "oci-layout"), ("out.tar", "oci-archive")):
        answer = run("publish", source, f"oci://{registry.host}/acme/image:1")
        assert (answer.status, answer.out) == (2, "")
        assert f"as {kind}:{source}." in answer.err


def test_a_tag_that_is_not_there_is_told_with_how_to_see_those_that_are(registry, place):
    answer = run("image", f"{registry.host}/acme/authz:9", "--key", "release.pub")
    assert answer.status == 3
    said = " ".join(answer.out.split())
    assert "it knows no such tag, or no such repository" in said
    assert f"`crane ls {registry.host}/acme/authz`" in said


def test_where_nobody_says_what_it_is_both_ways_to_check_it_are_told(registry, place):
    where = f"oci://{registry.host}/acme/authz:1"
    assert run("publish", "src", where).status == 0
    (place / "sbom.cdx.json").write_text('{"bomFormat": "CycloneDX"}')
    answer = run("publish", where, "--attach", "sbom.cdx.json")
    assert f"Check it: verify image oci://{registry.host}/acme/authz@sha256:" in answer.err
    assert "a bundle: verify bundle" in answer.err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["src"], "REF: is missing"),
        (["oci://HOST/acme/authz:1"], "there is nothing to publish or to attach"),
        (["src", "https://HOST/acme/authz"], "is no place to publish to"),
        (["src", "oci://HOST/acme/authz"], "expected a tag"),
        (["src", f"oci://HOST/acme/authz@sha256:{'0' * 64}"], "names a digest"),
        (["src", "oci://HOST/Acme:1"], "lower case"),
        (["docker://x", "oci://HOST/acme/authz:1"], "nothing that can be published"),
        (["oci://HOST/acme/app:1", "oci://HOST/acme/authz:1"], "Copy an image into a layout first"),
        (["localhost:5000/acme/app:1", "oci://HOST/acme/authz:1"], "Copy an image into a layout first"),
        (["src", "localhost:5000/acme/authz:1"], "Write oci://localhost:5000/acme/authz:1."),
        (["localhost:5000/acme/authz:1", "--attach", "release.pub"], "write oci://localhost:5000/acme/authz:1."),
        (["src", "oci://HOST/acme/authz:1", "--claim", "a=b"], "goes with --key or --keyless"),
        (["src", "oci://HOST/acme/authz:1", "--keyid", "a"], "goes with --key or --keyless"),
        (["src", "oci://HOST/acme/authz:1", "--annotation", "a"], "expected NAME=VALUE"),
        (["src", "oci://HOST/acme/authz:1", "--annotation", "a=1", "--annotation", "a=2"], "given twice"),
        (["src", "oci://HOST/acme/authz:1", "--record"], "goes with --gate"),
        (["src", "oci://HOST/acme/authz:1", "--allow-older"], "goes with --gate"),
        (["oci://HOST/acme/authz:1", "--attach", "release.pub", "--annotation", "a=b"], "goes with SOURCE"),
        (["src", "oci-layout:src:1"], "holds something else than an OCI layout"),
        (["src", "oci-layout:src/out:1"], "lies within src"),
        (["oci://HOST/acme/authz:1", "--key", "release"], "is named by its digest"),
        (["src", "oci-layout:out:a tag"], "is no tag"),
        (["src", f"oci://HOST/acme/authz:sha256-{'0' * 64}.sig"], "where clients keep"),
        (["src", "oci://HOST/acme/authz:1", "--key", "release", "--repository", "Not One"], "--repository"),
        (["src", "oci://HOST/acme/authz:1", "--key", "release.pub"], "this is a public one"),
        (["oci-layout:nothing:1", "oci://HOST/acme/authz:1"], "input.unreadable"),
        (["src", "oci-layout:out:1", "--key", "release", "--attach-as", "legacy"], "name the repository"),
        (["oci://HOST/acme/absent:1", "--attach", "sbom.json"], "nothing is there to attach to"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(registry, place, typed, said):
    (place / "sbom.json").write_text('{"bomFormat": "CycloneDX"}')
    answer = run("publish", *(each.replace("HOST", registry.host) for each in typed))
    assert answer.status in (2, 3)
    assert said in answer.err
    assert not [each for each in registry.asked if not each.startswith("GET")]
    assert not (place / "out").exists()
