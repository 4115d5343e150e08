"""`verify publish` into real registries: cosign, oras, crane, regctl and OPA read what it wrote."""

import base64
import json
import subprocess
import threading

import pytest

from tests.support import workplace
from tests.support.command import run as verify
from tests.support.material import private_key
from tests.support.peers.opa_pulling import opa_decides
from tests.support.peers.peers import executable, run
from tests.support.peers.registry_server import PASSWORD, USER, password_section, real_registry
from tests.support.publishing.plans import BUNDLE, attestation, plan
from tests.support.publishing.plans import publish as written
from tests.support.publishing.releases import release
from verifier.formats.oci.manifest import parse_reference
from verifier.net.access import Access
from verifier.publish.attest import attest
from verifier.publish.push.attach import Scheme
from verifier.publish.push.registry import RegistryTarget

pytestmark = pytest.mark.interop
place = workplace.place
PROVENANCE = "https://slsa.dev/provenance/v1"
ROUNDS = 20
COSIGN = ("--insecure-ignore-tlog", "--allow-http-registry")


def cosign(place, *arguments, environment=None):
    return run(executable("cosign", "COSIGN"), *arguments, cwd=place, environment=environment)


@pytest.fixture
def published(any_registry, place, request):
    """A signed bundle with provenance and an SBOM, in both schemes, in a repository of the test's own."""
    (place / "src" / "authz" / "policy.rego").write_text("package authz\n\nallow := true\n")
    archive = release("1.0.0")
    (place / "sbom.cdx.json").write_text('{"bomFormat": "CycloneDX", "specVersion": "1.5"}')
    name = "acme/" + request.node.name.partition("[")[0].replace("_", "-")
    where = f"{any_registry.host}/{name}:1"
    answer = verify("publish", archive, f"oci://{where}", "--key", "release", "--attach-as", "both")
    assert answer.status == 0, answer.err
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": answer.out.strip().rpartition(":")[2]}}],
        "predicateType": PROVENANCE,
        "predicate": {"buildDefinition": {}, "runDetails": {}},
    }
    (place / "provenance.json").write_bytes(attest(statement, key=private_key("p256")))
    attached = ("--attach", "provenance.json", "--attach", "sbom.cdx.json", "--attach-as", "both")
    answer = verify("publish", f"oci://{where}", *attached)
    assert answer.status == 0, answer.err
    return where


@pytest.mark.parametrize("bundle_format", ["true", "false"])
def test_cosign_verifies_the_signature_in_both_schemes(place, published, bundle_format):
    scheme = f"--new-bundle-format={bundle_format}"
    said = cosign(place, "verify", scheme, "--key", "release.pub", *COSIGN, published)
    assert "docker-manifest-digest" in said
    with pytest.raises(subprocess.CalledProcessError):
        cosign(place, "verify", scheme, "--key", "ci.pub", *COSIGN, published)


@pytest.mark.parametrize("bundle_format", ["true", "false"])
def test_cosign_verifies_the_provenance_in_both_schemes(place, published, bundle_format):
    scheme = f"--new-bundle-format={bundle_format}"
    asked = ("verify-attestation", scheme, "--type", PROVENANCE)
    cosign(place, *asked, "--key", "release.pub", *COSIGN, published)
    with pytest.raises(subprocess.CalledProcessError):
        cosign(place, *asked, "--key", "ci.pub", *COSIGN, published)


def test_oras_finds_all_of_it_and_pulls_the_archive(any_registry, place, published):
    said = json.loads(any_registry.oras("discover", "--plain-http", "--format", "json", published))
    assert len(said["manifests"]) == 3
    any_registry.oras("pull", "--plain-http", "--output", str(place / "pulled"), published)
    assert (place / "pulled" / "bundle.tar.gz").read_bytes() == (place / "authz.tar.gz").read_bytes()


def test_crane_finds_it_sound(place, published):
    assert "PASS" in run(executable("crane", "CRANE"), "validate", "--remote", published, cwd=place)


def test_regctl_finds_all_of_it(any_registry, place, published):
    host = ("--host", f"reg={any_registry.host},tls=disabled")
    said = run(
        executable("regctl", "REGCTL"), *host, "artifact", "list", "--format", "{{json .}}", published, cwd=place
    )
    assert len(json.loads(said)["descriptors"]) == 3


def test_opa_loads_it(any_registry, place, published):
    assert opa_decides(place, any_registry, published) is True


def test_what_cosign_signed_before_stays_beside_ours(any_registry, place):
    archive, where = release("1.0.0"), f"{any_registry.host}/acme/beside:1"
    digest = verify("publish", archive, f"oci://{where}").out.strip()
    keys = {"COSIGN_PASSWORD": ""}
    cosign(place, "generate-key-pair", environment=keys)
    signing = (
        "--key",
        "cosign.key",
        "--use-signing-config=false",
        "--tlog-upload=false",
        "--allow-http-registry",
        "-y",
    )
    for scheme in ("true", "false"):
        cosign(place, "sign", f"--new-bundle-format={scheme}", *signing, digest, environment=keys)
    answer = verify("publish", archive, f"oci://{where}", "--key", "release", "--attach-as", "both")
    assert answer.status == 0, answer.err
    for scheme in ("true", "false"):
        for key in ("cosign.pub", "release.pub"):
            cosign(place, "verify", f"--new-bundle-format={scheme}", "--key", key, *COSIGN, where)


def test_claims_are_where_cosign_reads_them(any_registry, place):
    where = f"{any_registry.host}/acme/claims:1"
    answer = verify(
        "publish", "src", f"oci://{where}", "--key", "release", "--claim", "version=1.0.0", "--attach-as", "both"
    )
    assert answer.status == 0, answer.err
    for scheme in ("true", "false"):
        asked = ("verify", f"--new-bundle-format={scheme}", "--key", "release.pub", *COSIGN)
        cosign(place, *asked, "-a", "version=1.0.0", where)
        with pytest.raises(subprocess.CalledProcessError):
            cosign(place, *asked, "-a", "version=2.0.0", where)


def test_two_publishers_at_once_lose_nothing_in_twenty_rounds(any_registry):
    subject = plan(BUNDLE).subject.digest
    plans = [plan(BUNDLE, attestation(subject, key=key), scheme=Scheme.BOTH) for key in ("p256", "ed25519")]

    def publish(name, wanted, together):
        target = RegistryTarget(parse_reference(f"{any_registry.host}/{name}:1"), access=Access())
        together.wait()
        written(wanted, target)
        target.close()

    for number in range(ROUNDS):
        name, together = f"acme/round-{number}", threading.Barrier(2)
        both = [threading.Thread(target=publish, args=(name, each, together)) for each in plans]
        for each in both:
            each.start()
        for each in both:
            each.join()
        target = RegistryTarget(parse_reference(f"{any_registry.host}/{name}:1"), access=Access())
        legacy = json.loads(target.tagged(f"sha256-{subject.value}.att").content)
        assert len(legacy["layers"]) == 2
        assert all(target.refers(each.referrers[0].part.manifest.digest, subject) for each in plans)
        target.close()


def test_an_image_with_several_platforms_is_published_from_a_layout(any_registry, place):
    crane, where = executable("crane", "CRANE"), f"{any_registry.host}/acme/image"
    (place / "file").write_text("x")
    run("tar", "czf", "layer.tar.gz", "file", cwd=place)
    for architecture in ("amd64", "arm64"):
        run(crane, "append", "--oci-empty-base", "-f", "layer.tar.gz", "-t", f"{where}:{architecture}", cwd=place)
        run(crane, "mutate", "--set-platform", f"linux/{architecture}", f"{where}:{architecture}", cwd=place)
    run(crane, "index", "append", "-m", f"{where}:amd64", "-m", f"{where}:arm64", "-t", f"{where}:both", cwd=place)
    run(crane, "pull", "--format", "oci", f"{where}:both", "layout", cwd=place)
    answer = verify("publish", "oci-layout:layout", f"oci://{where}-again:1", "--key", "release")
    assert answer.status == 0, answer.err
    assert run(crane, "digest", f"{where}:both", cwd=place) == run(crane, "digest", f"{where}-again:1", cwd=place)
    assert "PASS" in run(crane, "validate", "--remote", f"{where}-again:1", cwd=place)
    cosign(place, "verify", "--key", "release.pub", *COSIGN, f"{where}-again:1")


def test_a_layout_is_copied_into_a_registry_with_all_that_belongs_to_it(any_registry, place):
    archive, where = release("1.0.0"), f"{any_registry.host}/acme/copied:1"
    answer = verify("publish", archive, "oci-layout:layout:1", "--key", "release")
    assert answer.status == 0, answer.err
    any_registry.oras("cp", "-r", "--from-oci-layout", "--to-plain-http", f"{place / 'layout'}:1", where)
    cosign(place, "verify", "--key", "release.pub", *COSIGN, where)


def test_what_cosign_signed_goes_with_the_layout_that_it_was_saved_in(any_registry, place):
    """By `cosign save`, which keeps its signatures in a form of its own."""
    archive, where = release("1.0.0"), f"{any_registry.host}/acme/saved"
    for scheme in ("bundle", "legacy"):
        assert verify("publish", archive, f"oci://{where}:1", "--key", "release", "--attach-as", scheme).status == 0
    cosign(place, "save", "--allow-http-registry", "--dir", "saved", f"{where}:1")
    answer = verify("publish", "oci-layout:saved", f"oci://{where}-again:1")
    assert answer.status == 0, answer.err
    cosign(place, "verify", "--new-bundle-format=false", "--key", "release.pub", *COSIGN, f"{where}-again:1")


def test_a_registry_that_wants_a_password_gets_it_as_for_pulling(tmp_path_factory, place, monkeypatch):
    folder = tmp_path_factory.mktemp("private")
    with real_registry(folder, password_section(folder)) as running:
        where = f"oci://{running.host}/acme/authz:1"
        answer = verify("publish", "src", where)
        assert (answer.status, "input.unreachable" in answer.err) == (3, True)
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        (place / "docker").mkdir()
        (place / "docker" / "config.json").write_text(json.dumps({"auths": {running.host: {"auth": login}}}))
        (place / "docker" / "config.json").chmod(0o600)
        monkeypatch.setenv("DOCKER_CONFIG", str(place / "docker"))
        answer = verify("publish", "src", where, "--key", "release", "--attach-as", "both")
        assert answer.status == 0, answer.err
