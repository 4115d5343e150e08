"""Full circle through the command, at a Sigstore of our own: sign keyless, verify, hand on a verdict, rely on it."""

import json

import pytest

from tests.support.command import ask, run
from tests.support.peers.local_sigstore import IDENTITY, ISSUER, identity_token, local_sigstore
from verifier.core.uris import VERIFIER_ID

pytestmark = pytest.mark.interop
URI = "https://example.org/app"
TAGS = IDENTITY.replace("refs/tags/v1.2.3", "refs/tags/*")


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory):
    with local_sigstore(tmp_path_factory.mktemp("sigstore")) as running:
        yield running


@pytest.fixture
def place(sigstore, tmp_path, monkeypatch):
    """A folder with a file to sign, an identity, and what the instance publishes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("SIGSTORE_ID_TOKEN", raising=False)
    (tmp_path / "app").write_bytes(b"an application")
    (tmp_path / "token").write_text(identity_token())
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "root.json").write_bytes(sigstore.trusted_root.read_bytes())
    for config in ("rekor1", "rekor1_tsa", "rekor2"):
        (tmp_path / f"{config}.json").write_bytes(sigstore.signing_config(config).read_bytes())
        (tmp_path / f"client_{config}.json").write_bytes((sigstore.folder / f"client_{config}.json").read_bytes())
    return tmp_path


def sign(*options, config="rekor2", out="app.sigstore.json"):
    where = ("--trusted-root", "root.json", "--signing-config", f"{config}.json")
    return run("sign", "artifact", "app", "--out", out, "--keyless", *where, *options)


def whom(identity=IDENTITY, issuer=ISSUER, root="root.json"):
    return ("--cert-identity", identity, "--cert-oidc-issuer", issuer, "--trusted-root", root)


@pytest.mark.parametrize("config", ["rekor1", "rekor1_tsa", "rekor2"])
@pytest.mark.usefixtures("place")
def test_what_is_signed_keyless_verifies(config):
    signed = sign("--identity-token", "token", "--version", "1.2.3", config=config)
    assert (signed.status, signed.out) == (0, "")
    answer = ask("artifact", "app", "--bundle", "app.sigstore.json", *whom())
    assert (answer.status, answer.report["verdict"]) == (0, "PASSED")
    assert [(item["kind"], item["signer"]) for item in answer.report["evidence"]] == [("attestation", IDENTITY)]


def test_the_token_of_the_environment_is_used_and_repeated_nowhere(place, monkeypatch):
    token = (place / "token").read_text()
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token)
    signed = sign()
    assert signed.status == 0
    assert token not in signed.out + signed.err + (place / "app.sigstore.json").read_text()
    assert ask("artifact", "app", "--bundle", "app.sigstore.json", *whom()).status == 0


@pytest.mark.usefixtures("place")
def test_another_identity_or_issuer_is_denied_and_said_beside_the_one_that_was_seen():
    sign("--identity-token", "token")
    for wanted in (whom(identity=f"{IDENTITY}-beta"), whom(issuer="https://other.example")):
        answer = ask("artifact", "app", "--bundle", "app.sigstore.json", *wanted)
        assert (answer.status, answer.codes) == (1, ["signer.untrusted"])
        message = answer.report["reasons"][0]["message"]
        assert all(seen in message for seen in (IDENTITY, ISSUER, wanted[1], "wanted"))


@pytest.mark.usefixtures("place")
def test_of_another_instance_it_is_denied():
    sign("--identity-token", "token")
    answer = ask("artifact", "app", "--bundle", "app.sigstore.json", *whom(root="production"))
    assert (answer.status, answer.report["verdict"]) == (1, "FAILED")


def test_a_changed_file_is_denied(place):
    sign("--identity-token", "token")
    (place / "app").write_bytes(b"another application")
    answer = ask("artifact", "app", "--bundle", "app.sigstore.json", *whom())
    assert (answer.status, answer.codes) == (1, ["attestation.subject-mismatch"])


def test_a_predicate_is_attested_keyless(place):
    (place / "review.json").write_text('{"score": 10}')
    kind = "https://example.org/review/v1"
    where = ("--keyless", "--identity-token", "token", "--trusted-root", "client_rekor2.json")
    made = ("--predicate", "review.json", "--type", kind, "--out", "review.sigstore.json")
    assert run("attest", "app", *made, *where).status == 0
    said = ("artifact", "app", "--bundle", "review.sigstore.json", *whom())
    assert ask(*said).codes == ["signature.missing"]
    assert ask(*said, "--attestation-type", kind).status == 0


def test_a_verdict_is_signed_keyless_where_the_policys_signers_are_and_relied_on(place, monkeypatch):
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", (place / "token").read_text())
    (place / "trust.toml").write_text(f"""\
version = 1
id = "https://example.org/policy/app"
[sigstore]
trusted_root = "client_rekor2.json"
[signers.ci]
keyless = {{ issuer = "{ISSUER}", identity = "{TAGS}", claims = {{ trigger = "push" }} }}
[artifacts."artifact:app"]
signatures = {{ from = ["ci"] }}
version = {{ from = "attestation.version", scheme = "semver" }}
[verifiers.ci]
signer = "ci"
id = "{VERIFIER_ID}"
""")
    assert sign("--version", "1.2.3").status == 0
    handed_on = ("--verdict-out", "app.vsa.json", "--keyless", "--resource-uri", URI)
    policy = ("--policy", "trust.toml")
    assert ask("artifact", "app", "--bundle", "app.sigstore.json", *policy, *handed_on).status == 0
    assert json.loads((place / "app.vsa.json").read_text())["mediaType"].endswith("v0.3+json")

    about = ("--subject", "app", "--resource-uri", URI)
    kind = ("--kind", "artifact", "--name", "app")
    relied = ask("verdict", "app.vsa.json", *policy, *about, *kind)
    assert (relied.status, relied.report["artifact"]["version"]) == (0, "1.2.3")
    by_flags = ("verdict", "app.vsa.json", *about, *whom(TAGS), "--verifier-id", VERIFIER_ID)
    assert ask(*by_flags).status == 0
    assert ask("verdict", "app.vsa.json", *policy, *kind, "--subject", "token", "--resource-uri", URI).codes == [
        "verdict.subject-mismatch"
    ]
    other = whom(f"{IDENTITY}-beta")
    assert ask("verdict", "app.vsa.json", *about, *other, "--verifier-id", VERIFIER_ID).codes == ["signer.untrusted"]


@pytest.mark.usefixtures("place")
def test_a_verdict_needs_an_instance_that_says_where_to_sign():
    sign("--identity-token", "token")
    answer = ask("artifact", "app", "--bundle", "app.sigstore.json", *whom(), "--verdict-out", "v.json", "--keyless")
    assert (answer.status, "not where to sign" in answer.err) == (2, True)


def test_an_expired_token_signs_nothing(place):
    (place / "token").write_text(identity_token(exp=1))
    answer = sign("--identity-token", "token")
    assert (answer.status, "identity token" in answer.err) == (2, True)
    assert not (place / "app.sigstore.json").exists()
