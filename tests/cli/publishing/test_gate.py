"""`verify publish --gate`: what does not pass is not published, and a tag does not move back."""

import pytest

from tests.support.command import run
from tests.support.images.layout import Layout
from tests.support.images.made import layer
from tests.support.images.planted import OURS
from tests.support.publishing.pushable import pushable
from tests.support.publishing.releases import release

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture
def registry():
    with pushable() as running:
        yield running


@pytest.fixture
def where(registry):
    return f"oci://{registry.host}/acme/authz:stable"


def tag(registry):
    return registry.repositories["acme/authz"].tags.get("stable")


def written(registry):
    return [each for each in registry.asked if each.startswith(("PUT", "POST"))]


def test_what_passes_is_published(registry, where):
    answer = run("publish", release("1.0.0"), where, "--gate", "trust.toml")
    assert answer.status == 0, answer.err
    assert "passed: trust.toml" in answer.err
    assert answer.out.startswith(f"{registry.host}/acme/authz@sha256:")


def test_a_layout_that_is_made_by_it_is_judged_as_one_that_is_there(place):
    answer = run("publish", release("1.0.0"), "oci-layout:out/authz:1.0.0", "--gate", "trust.toml")
    assert answer.status == 0, answer.err
    assert "passed: trust.toml" in answer.err
    assert (place / "out" / "authz" / "oci-layout").is_file()
    again = run("publish", release("1.0.1"), "oci-layout:out/authz:1.0.0", "--gate", "trust.toml")
    assert again.status == 0, again.err


def test_what_does_not_pass_makes_no_layout(place):
    answer = run("publish", release("1.0.0", key="stranger"), "oci-layout:out/authz:1.0.0", "--gate", "trust.toml")
    assert answer.status == 1
    assert not (place / "out").exists()


def test_what_a_stranger_signed_is_not_published(registry, where):
    answer = run("publish", release("1.0.0", key="stranger"), where, "--gate", "trust.toml")
    assert answer.status == 1
    assert answer.out.startswith("FAILED")
    assert "signer.untrusted" in answer.out
    assert "not published" in answer.err
    assert written(registry) == []


def test_what_is_weak_about_what_passes_is_said(registry, where):
    answer = run("publish", release("1.0.0"), where, "--gate", "trust.toml")
    assert "warning: version.first-use" in answer.err


def test_the_tag_does_not_move_back(registry, where):
    assert run("publish", release("1.1.0"), where, "--gate", "trust.toml").status == 0
    before = tag(registry)
    registry.cut(None)
    answer = run("publish", release("1.0.0"), where, "--gate", "trust.toml")
    assert answer.status == 1
    assert "version.rollback" in answer.out
    assert written(registry) == []
    assert tag(registry) == before


def test_the_tag_moves_forward_and_may_stay(registry, where):
    first, second = release("1.0.0", out="1.0.0.tar.gz"), release("1.1.0", out="1.1.0.tar.gz")
    for archive in (first, second, second):
        answer = run("publish", archive, where, "--gate", "trust.toml")
        assert answer.status == 0, answer.out


def test_the_same_version_with_other_content_is_not_published(registry, where, place):
    assert run("publish", release("1.0.0"), where, "--gate", "trust.toml").status == 0
    (place / "src" / "authz" / "policy.rego").write_text("package authz\n\ndefault allow := true\n")
    answer = run("publish", release("1.0.0"), where, "--gate", "trust.toml")
    assert answer.status == 1
    assert "version.equivocation" in answer.out


def test_what_stands_under_the_tag_and_does_not_pass_is_said(registry, where):
    assert run("publish", release("1.0.0", key="stranger"), where).status == 0
    answer = run("publish", release("1.1.0"), where, "--gate", "trust.toml")
    assert answer.status in (1, 3)
    assert "version.previous-unknown" in answer.out
    assert run("publish", release("1.1.0"), where, "--gate", "trust.toml", "--allow-older").status == 0


def test_the_acceptance_is_recorded_where_it_is_asked_for(registry, where):
    run("ledger", "init")
    assert run("publish", release("1.1.0"), where, "--gate", "trust.toml", "--record").status == 0
    other = f"oci://{registry.host}/acme/authz:other"
    answer = run("publish", release("1.0.0"), other, "--gate", "trust.toml", "--record")
    assert answer.status == 1
    assert "version.rollback" in answer.out


def test_a_denial_is_json_where_that_is_asked_for(registry, where):
    answer = run("publish", release("1.0.0", key="stranger"), where, "--gate", "trust.toml", "--format", "json")
    assert answer.status == 1
    assert answer.report["published"] is False
    assert answer.report["gate"]["verdict"] == "FAILED"


def test_a_dry_run_is_judged_as_well(registry, where):
    answer = run("publish", release("1.0.0", key="stranger"), where, "--gate", "trust.toml", "--dry-run")
    assert answer.status == 1
    assert run("publish", release("1.0.0"), where, "--gate", "trust.toml", "--dry-run").status == 0
    assert written(registry) == []


def test_evidence_alone_is_judged_with_what_it_is_attached_to(registry, where, place):
    assert run("publish", release("1.0.0"), where).status == 0
    (place / "sbom.cdx.json").write_text('{"bomFormat": "CycloneDX"}')
    answer = run("publish", where, "--attach", "sbom.cdx.json", "--gate", "trust.toml", "--kind", "bundle")
    assert answer.status == 0, answer.out + answer.err
    answer = run("publish", where, "--attach", "sbom.cdx.json", "--gate", "trust.toml")
    assert (answer.status, "--kind" in answer.err) == (2, True)


def test_the_signature_that_is_made_now_counts_at_the_gate(registry, place):
    with (place / "trust.toml").open("a") as policy:
        policy.write('[artifacts."image:*"]\nsignatures = { from = ["release"] }\nversion = "none"\n')
    where = f"oci://{registry.host}/acme/image:1"
    run("publish", "src", "oci-layout:out:1")
    answer = run("publish", "oci-layout:out:1", where, "--key", "stranger", "--gate", "trust.toml")
    assert answer.status == 1
    assert written(registry) == []
    answer = run("publish", "oci-layout:out:1", where, "--key", "release", "--gate", "trust.toml")
    assert answer.status == 0, answer.out


def test_an_image_is_searched_for_secrets_at_the_gate_where_the_rule_asks(registry, place):
    pytest.importorskip("kingfisher_sdk")
    with (place / "trust.toml").open("a") as policy:
        policy.write('[artifacts."image:*"]\nsignatures = { from = ["release"] }\nversion = "none"\n')
        policy.write('image = { secrets = "deny" }\n')
    where = f"oci://{registry.host}/acme/image:1"
    for name, files in (("planted", {"root/.docker/config.json": OURS["root/.docker/config.json"].encode()}), ("", {})):
        layout = Layout()
        layout.image(layer({"app": b"#!/bin/true\n"} | files), name="1")
        layout.write(place / f"out{name}")
        answer = run("publish", f"oci-layout:out{name}:1", where, "--key", "release", "--gate", "trust.toml")
        assert (answer.status, "image.secret" in answer.out) == ((1, True) if name else (0, False)), answer.out
        assert "image.not-inspected" not in answer.out
        assert bool(written(registry)) is not bool(name)


@pytest.mark.parametrize("scheme", ["bundle", "legacy", "both"])
def test_a_bundle_counts_as_signed_by_the_signature_beside_it(registry, where, scheme):
    signing = ("--key", "release", "--attach-as", scheme, "--gate", "trust.toml", "--name", "authz")
    assert run("publish", "src", where, "--gate", "trust.toml").status == 1
    answer = run("publish", "src", where, *signing)
    assert answer.status == 0, answer.out
    assert ("warning: signature.legacy-format" in answer.err) == (scheme == "legacy")


def test_what_lies_there_already_counts_at_the_gate(registry, where):
    assert run("publish", "src", where, "--key", "release").status == 0
    other = where.replace(":stable", ":other")
    answer = run("publish", "src", other, "--gate", "trust.toml")
    assert answer.status == 0, answer.out


def test_a_policy_that_cannot_be_read_stops_it_before_anything_is_asked_for(registry, where, place):
    (place / "trust.toml").write_text("version = 2")
    answer = run("publish", "src", where, "--gate", "trust.toml")
    assert (answer.status, written(registry)) == (2, [])


def test_what_no_rule_matches_is_not_published(registry):
    answer = run("publish", "src", f"oci://{registry.host}/acme/other:1", "--key", "release", "--gate", "trust.toml")
    assert answer.status == 1
    assert "trust.no-policy" in answer.out
    assert written(registry) == []


def test_a_tag_that_is_moved_after_the_gate_is_left_alone(registry, where, place):
    """By somebody who publishes an older version between the judgement and the end."""
    assert run("publish", release("1.0.0"), where, "--gate", "trust.toml").status == 0
    here = registry.repositories["acme/authz"]
    before = here.tags["stable"]
    assert run("publish", release("1.5.0"), where.replace(":stable", ":rival")).status == 0
    rival = here.tags["rival"]

    def meanwhile(asked):
        if asked.startswith("POST"):
            here.tags["stable"] = rival
            here.manifests["stable"] = here.manifests[rival]

    registry.lie = meanwhile
    answer = run("publish", release("1.1.0"), where, "--gate", "trust.toml")
    assert (answer.status, "publish.overtaken" in answer.err) == (1, True)
    assert here.tags["stable"] == rival != before


def test_a_mirror_is_not_asked_about_what_is_published_to_its_origin(registry, where, place, monkeypatch):
    """One that is believed in tags, and is behind, would let the tag move back."""
    with pushable() as mirror:
        assert run("publish", release("1.0.0"), where.replace(registry.host, mirror.host)).status == 0
        assert run("publish", release("1.1.0"), where).status == 0
        mirror.cut(None)
        said = f'version = 1\n[registries."{registry.host}"]\nmirrors = ["{mirror.host}"]\ntags_from_mirrors = true\n'
        (place / "registries.toml").write_text(said)
        monkeypatch.setenv("VERIFY_REGISTRIES", "registries.toml")
        answer = run("publish", release("1.0.5"), where, "--gate", "trust.toml")
        assert (answer.status, "version.rollback" in answer.out) == (1, True)
        assert mirror.asked == []
