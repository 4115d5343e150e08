"""A policy imported from cosign's flags accepts what that command line accepts, and denies what it denies."""

import subprocess

import pytest

from tests.support import workplace
from tests.support.command import run as verify
from tests.support.peers.peers import executable, run
from tests.support.publishing.releases import release

pytestmark = pytest.mark.interop
place = workplace.place


@pytest.fixture
def published(any_registry, request):
    name = "acme/" + request.node.name.partition("[")[0].replace("_", "-")
    where = f"{any_registry.host}/{name}"
    answer = verify("publish", release("1.0.0"), f"oci://{where}:1", "--key", "release", "--attach-as", "both")
    assert answer.status == 0, answer.err
    return where


@pytest.mark.parametrize(("key", "accepted"), [("release.pub", True), ("ci.pub", False)])
def test_cosign_and_the_policy_made_of_its_flags_agree(place, published, key, accepted):
    words = ("verify", "--key", key, "--insecure-ignore-tlog", "--allow-http-registry", f"{published}:1")
    imported = verify("trust", "import", "cosign", "--out", "new.toml", "--", *words)
    assert imported.status == 0, imported.err
    judged = verify("image", f"{published}:1", "--policy", "new.toml", "--name", published)
    assert (judged.status == 0) is accepted, judged.out
    try:
        run(executable("cosign", "COSIGN"), *words, cwd=place)
    except subprocess.CalledProcessError:
        assert not accepted
    else:
        assert accepted
