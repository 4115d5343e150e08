"""A real OPA loads the file that `verify preload` writes, and keeps serving it when an older release is replayed."""

import json
from pathlib import Path

import pytest

from tests.support import workplace
from tests.support.command import ask
from tests.support.command import run as verify
from tests.support.peers.peers import executable, run
from tests.support.publishing.releases import release

pytestmark = pytest.mark.interop
place = workplace.place
URI = "https://example.org/authz"
COMMON = ("--policy", "trust.toml", "--name", "authz", "--resource-uri", URI)


def published(revision, decision):
    """A release of which the decision is `decision`, and CI's verdict about it."""
    Path("src/authz/policy.rego").write_text(f"package authz\n\nallow := {json.dumps(decision)}\n")
    bundle = release(revision, "--scope", "authz", out=f"{revision}.tar.gz")
    assert verify("bundle", bundle, *COMMON, "--verdict-out", f"{revision}.json", "--signing-key", "ci").status == 0
    return bundle


def loaded(bundle, *options):
    verdict = f"{bundle.name.removesuffix('.tar.gz')}.json"
    return ask("preload", bundle, "--verdict", verdict, *COMMON, "--out", "loaded.tar.gz", *options)


@pytest.fixture
def decision(place):
    """What a real OPA decides, once it has loaded the file and verified its signature itself."""
    opa = executable("opa", "OPA")
    config = {
        "keys": {"release": {"algorithm": "ES256", "key": (place / "release.pub").read_text()}},
        "bundles": {
            "authz": {"resource": f"file://{place}/loaded.tar.gz", "signing": {"keyid": "release", "scope": "authz"}}
        },
    }
    (place / "opa.json").write_text(json.dumps(config))
    (place / "input.json").write_text("{}")

    def decide():
        command = [opa, "exec", "--decision", "authz/allow", "--config-file", "opa.json", "input.json"]
        answer = run(*command, cwd=place)
        return json.loads(answer[answer.index("{\n") :])["result"][0]["result"]

    return decide


def test_opa_decides_by_the_newest_release_whatever_is_replayed(decision):
    verify("ledger", "init")
    older, newer = published("1.0.0", "old"), published("1.1.0", "new")
    assert loaded(older).status == 0
    assert decision() == "old"
    assert loaded(newer).status == 0
    assert decision() == "new"
    for fallback in ("deny", "full"):
        answer = loaded(older, "--fallback", fallback)
        assert (answer.status, answer.codes) == (1, ["version.rollback"])
        assert decision() == "new"
