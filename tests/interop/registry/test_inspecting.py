"""`verify inspect` beside `oras discover`, `cosign tree` and `crane`: the same digests hang on the same manifest."""

import json
import shlex

import pytest

from tests.support import workplace
from tests.support.command import run as verify
from tests.support.material import private_key
from tests.support.peers.peers import executable, run
from tests.support.publishing.releases import release
from verifier.publish.attest import attest

pytestmark = pytest.mark.interop
place = workplace.place


@pytest.fixture
def published(any_registry, place, request):
    """A signed bundle with provenance, in both schemes, in a repository of the test's own."""
    archive = release("1.0.0")
    name = "acme/" + request.node.name.partition("[")[0].replace("_", "-")
    where = f"{any_registry.host}/{name}:1"
    answer = verify("publish", archive, f"oci://{where}", "--key", "release", "--attach-as", "both")
    assert answer.status == 0, answer.err
    digest = answer.out.strip().rpartition(":")[2]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {"buildType": "https://acme.example/b", "externalParameters": {}},
            "runDetails": {"builder": {"id": "https://ci.acme.example/builder"}},
        },
    }
    (place / "provenance.json").write_bytes(attest(statement, key=private_key("p256")))
    assert verify("publish", f"oci://{where}", "--attach", "provenance.json", "--attach-as", "both").status == 0
    return where


def seen(reference):
    answer = verify("inspect", reference, "--format", "json")
    assert answer.status == 0, answer.out
    return json.loads(answer.out)


def test_what_refers_to_it_is_what_oras_discovers(any_registry, published):
    discovered = json.loads(any_registry.oras("discover", "--plain-http", "--format", "json", published))
    document = seen(f"oci://{published}")
    listed = {each["digest"] for each in document["tree"]["children"] if each["name"] == "refers to it"}
    assert listed == {each["digest"] for each in discovered["manifests"]}
    assert document["kind"] == "bundle"


def test_the_tags_of_signatures_are_those_that_crane_and_cosign_find(place, published):
    document = seen(f"oci://{published}")
    tags = {
        each["name"].removeprefix("tag ") for each in document["tree"]["children"] if each["name"].startswith("tag")
    }
    listed = run(executable("crane", "CRANE"), "ls", "--insecure", published.rpartition(":")[0], cwd=place).split()
    assert tags == {each for each in listed if each.endswith((".sig", ".att"))}
    tree = run(executable("cosign", "COSIGN"), "tree", "--allow-http-registry", published, cwd=place)
    assert all(each.partition(".")[0].replace("-", ":", 1) in tree or each in tree for each in tags)


def test_the_digest_is_the_one_that_crane_has(place, published):
    assert document_digest(place, published) == seen(f"oci://{published}")["tree"]["digest"]


def document_digest(place, published):
    return run(executable("crane", "CRANE"), "digest", "--insecure", published, cwd=place).strip()


def test_the_last_line_verifies_it(published):
    answer = verify("inspect", f"oci://{published}")
    words = [{"KEY.pub": "release.pub"}.get(each, each) for each in shlex.split(answer.out.splitlines()[-1])][1:]
    assert verify(*words).status == 0
