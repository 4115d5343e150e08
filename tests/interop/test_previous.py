"""`--previous` against a real registry and a real bundle server: without state, what is there gates what follows."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import workplace
from tests.support.command import ask
from tests.support.patience import PATIENCE_S
from tests.support.peers.registry_server import real_registry
from tests.support.publishing.releases import VERIFY, release

pytestmark = pytest.mark.interop
place = workplace.place
MONOTONIC = "POLICY_VERIFIER_MONOTONIC"
ABSENT = "--previous-may-be-absent"


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    with real_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def bundle_server(place):
    """A web server of its own process over the folder `published`; its address."""
    Path("published").mkdir()
    command = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "published", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            port = process.stdout.readline().split(" port ")[1].split()[0]
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def gate(bundle, reference, *options):
    answer = ask("bundle", bundle, *VERIFY, "--previous", reference, *options)
    return answer.status, answer.codes, MONOTONIC in answer.report["levels"]


def made(revision, **said):
    return release(revision, out=f"authz-{revision}.tar.gz", **said)


def tell_the_story(reference, publish):
    """First release, second, a job that is run again, a replay, a rebuild in place, a stranger's."""
    first, second = made("1.4.0"), made("1.5.0")
    unknown = (3, ["version.previous-unknown"], False)
    assert gate(first, reference) == unknown
    assert gate(first, reference, ABSENT) == (0, [], False)
    publish(first)
    assert gate(second, reference) == (0, [], True)
    publish(second)
    assert gate(second, reference) == (0, [], True)
    assert gate(first, reference, ABSENT) == (1, ["version.rollback"], False)
    Path("src/authz/policy.rego").write_text("package authz\n\nx := 2\n")
    assert gate(release("1.5.0", out="again.tar.gz"), reference) == (1, ["version.equivocation"], False)
    publish(made("9.0.0", key="stranger"))
    assert gate(made("1.6.0"), reference, ABSENT) == unknown


@pytest.mark.usefixtures("place")
def test_a_registry(registry):
    name = "acme/gated:latest"
    tell_the_story(f"oci://{registry.host}/{name}", lambda path: registry.push_bundle(name, path.absolute()))


def test_a_tag_and_a_repository_that_a_real_registry_does_not_know_are_absent(registry, place):
    registry.push_bundle("acme/tags:1", made("1.4.0").absolute())
    assert gate(made("1.5.0"), f"oci://{registry.host}/acme/tags:2", ABSENT) == (0, [], False)
    assert gate(made("1.5.0"), f"oci://{registry.host}/acme/never:1", ABSENT) == (0, [], False)
    assert gate(made("1.5.0"), f"oci://{registry.host}/acme/tags:1", ABSENT) == (0, [], True)


def test_a_bundle_server(bundle_server):
    def publish(path):
        Path("published/authz.tar.gz").write_bytes(path.read_bytes())

    tell_the_story(f"{bundle_server}/authz.tar.gz", publish)


def test_a_page_in_its_place(bundle_server):
    Path("published/index.html").write_text("<html>welcome</html>")
    assert gate(made("1.5.0"), f"{bundle_server}/", ABSENT) == (3, ["version.previous-unknown"], False)
