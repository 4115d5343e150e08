"""`verify trust init --from` an image or an attestation: a policy that believes nobody whom nobody has confirmed."""

import base64
import json
import tomllib
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.material import corpus
from tests.support.places import ROOT

pytestmark = pytest.mark.usefixtures("place")
IDENTITY = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.4.0"


def signed(*more):
    """An attestation of a file, by the key of the release."""
    Path("app").write_text("an application")
    run("sign", "artifact", "app", "--key", "release", "--out", "app.json", "--version", "v1.4.0", *more)
    return "app.json"


def init(reference, *more, key="release.pub"):
    return run("trust", "init", "new.toml", "--from", reference, "--key", key, *more)


def policy():
    assert run("trust", "check", "new.toml").status == 0
    return tomllib.loads(Path("new.toml").read_text())


def test_an_attestation_by_the_key_that_is_given_passes_under_what_is_proposed():
    answer = init(signed())
    assert (answer.status, answer.out) == (0, "")
    assert policy()["artifacts"]["artifact:app"]["version"] == {
        "from": "attestation.version",
        "scheme": "semver",
        "prefix": "v",
    }
    assert run("artifact", "app", "--attestation", "app.json", "--policy", "new.toml").status == 0


def test_the_key_s_fingerprint_stands_beside_it():
    init(signed())
    seen = json.loads(run("inspect", "release.pub", "--format", "json").out)
    assert f"# {seen['states']['fingerprint']}" in Path("new.toml").read_text()


def test_without_a_key_and_where_none_is_found_nothing_is_proposed():
    answer = init(signed(), key="keys/nothing.pub")
    assert answer.status == 2
    assert "give it with --key" in answer.err
    assert not Path("new.toml").exists()


def test_what_nobody_has_signed_gives_no_policy():
    Path("statement.json").write_text(
        json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": "a", "digest": {"sha256": "0" * 64}}],
                "predicateType": "https://slsa.dev/provenance/v1",
                "predicate": {},
            }
        )
    )
    assert init("statement.json").status == 2


@pytest.mark.parametrize("name", ["trust.toml", "release.pub"])
def test_what_is_no_artifact_gives_no_policy(name):
    answer = init(name)
    assert answer.status == 2
    assert "a policy is proposed from a bundle, an image or an attestation" in answer.err


def test_a_provenance_is_a_comment_until_somebody_asks_for_it():
    Path("app").write_text("an application")
    Path("p.json").write_text(
        json.dumps(
            {
                "buildDefinition": {"buildType": "https://acme.example/build/v1", "externalParameters": {}},
                "runDetails": {"builder": {"id": "https://ci.acme.example/builder"}},
            }
        )
    )
    run("attest", "app", "--type", "https://slsa.dev/provenance/v1", "--predicate", "p.json", "--key", "release",
        "--out", "app.json")  # fmt: skip
    assert init("app.json").status == 0
    found = policy()
    assert "builders" not in found
    assert "# [builders.builder]" in Path("new.toml").read_text()
    assert found["artifacts"]["artifact:app"]["signatures"]["attestations"] == ["https://slsa.dev/provenance/v1"]


@pytest.fixture
def keyless():
    """A real Sigstore bundle."""
    return corpus("sigstore") / "bundle_v3_github.whl.sigstore"


@pytest.mark.corpus
class TestKeyless:
    def test_whoever_the_artifact_names_is_revoked_until_somebody_confirms_it(self, keyless):
        answer = init(keyless, "--artifact", "artifact:rfc8785", key="nothing.pub")
        assert answer.status == 0
        assert "NOTHING IS BELIEVED YET" in answer.err
        (signer,) = policy()["signers"].values()
        assert signer["revoked"] is True
        wheel = keyless.with_suffix("")
        arguments = ("artifact", wheel, "--attestation", keyless, "--policy", "new.toml", "--name", "rfc8785")
        assert run(*arguments).status == 1
        text = Path("new.toml").read_text()
        Path("new.toml").write_text("\n".join(line for line in text.splitlines() if not line.startswith("revoked")))
        assert run(*arguments).status == 0

    def test_an_identity_that_somebody_gives_is_believed_at_once(self, keyless):
        seen = json.loads(run("inspect", keyless, "--format", "json").out)
        (signature,) = seen["claims"][0]["signatures"]
        given = ("--certificate-identity", signature["identity"], "--certificate-oidc-issuer", signature["issuer"])
        answer = init(keyless, "--artifact", "artifact:rfc8785", *given)
        assert answer.status == 0
        (signer,) = policy()["signers"].values()
        assert "revoked" not in signer

    def test_an_identity_that_has_not_claimed_to_sign_it_gives_no_policy(self, keyless):
        given = ("--certificate-identity", IDENTITY, "--certificate-oidc-issuer", "https://token.acme.example")
        answer = init(keyless, "--artifact", "artifact:rfc8785", *given)
        assert answer.status == 2
        assert "has not claimed to sign it" in answer.err
        assert not Path("new.toml").exists()


def test_an_identity_goes_with_what_it_is_of():
    assert run("trust", "init", "new.toml", "--certificate-identity", IDENTITY).status == 2
    answer = init(signed(), "--certificate-identity", IDENTITY)
    assert answer.status == 2
    assert not Path("new.toml").exists()


@pytest.mark.parametrize("kid", ['x"\nrevoked = false\n', "a\u202eb", "k" * 1000])
def test_no_kid_leaves_its_string(kid):
    document = json.loads(Path(signed()).read_text())
    document["signatures"][0]["keyid"] = kid
    Path("app.json").write_text(json.dumps(document))
    answer = init("app.json")
    assert answer.status == 0
    (signer,) = policy()["signers"].values()
    assert set(signer) <= {"key", "kid"}


def test_a_builder_with_a_star_is_never_proposed():
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "app", "digest": {"sha256": "0" * 64}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {"buildType": "https://acme.example/b", "externalParameters": {}},
            "runDetails": {"builder": {"id": "https://github.com/*"}},
        },
    }
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    envelope = {"payloadType": "application/vnd.in-toto+json", "payload": payload,
                "signatures": [{"keyid": "", "sig": "AAAA"}]}  # fmt: skip
    Path("evil.json").write_text(json.dumps(envelope))
    assert init("evil.json").status == 0
    assert "github.com/*" not in Path("new.toml").read_text()


def test_a_bundle_of_the_fixtures_still_has_to_pass_under_what_is_written():
    assert (ROOT / "fixtures").exists()
    run("sign", "bundle", "src", "--key", "release", "--name", "authz", "--out", "b.tar.gz")
    assert init("b.tar.gz").status == 0
    assert run("bundle", "b.tar.gz", "--policy", "new.toml", "--name", "authz").status == 0
    Path("new.toml").unlink()
    assert init("b.tar.gz", key="stranger.pub").status != 0
    assert not Path("new.toml").exists()
