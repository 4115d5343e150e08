"""`verify trust init --from`: a policy under which a bundle passes, and what the bundle could not give it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.material import NOW, key_for, private_key, public_pem
from tests.support.stories import MODULE
from verifier.archives.pack import pack_members
from verifier.core.clock import format_rfc3339
from verifier.formats.opa.jws import serialize, signing_input
from verifier.kinds.bundle.artifact import read_bundle
from verifier.signatures import keys

pytestmark = pytest.mark.usefixtures("place")
AT = ("--now", format_rfc3339(NOW))
IAT = int(NOW.timestamp())


def bundle(*, revision="1.4.0", algorithm="RS256", kid="default", module=MODULE, roots=("authz",), **claims):
    """As `opa build --signing-key` writes it, with `claims` from its claims file."""
    manifest = json.dumps({"revision": revision, "roots": list(roots)}).encode()
    members = [(".manifest", manifest), ("authz/policy.rego", module)]
    files = read_bundle(pack_members(members), name="b", resource_uri="").files
    listed = [{"name": each.name, "hash": each.digest(), "algorithm": "SHA-256"} for each in files]
    header = {"alg": algorithm, "typ": "JWT", **({"kid": kid} if kid else {})}
    signed = signing_input(header, json.dumps({"files": listed, **claims}).encode())
    signature = keys.sign(private_key(key_for(algorithm)), algorithm, signed, raw_ecdsa=True)
    document = json.dumps({"signatures": [serialize(signed, signature)]}).encode()
    Path("authz-1.4.0.tar.gz").write_bytes(pack_members([*members, (".signatures.json", document)]))
    Path("k.pub").write_bytes(public_pem(key_for(algorithm)))


def init(*arguments, key="k.pub", file="new.toml"):
    return run("trust", "init", file, "--from", "authz-1.4.0.tar.gz", "--key", key, *AT, *arguments)


def rule():
    (found,) = tomllib.loads(Path("new.toml").read_text())["artifacts"].values()
    return found


def passes(name="authz"):
    answer = run("bundle", "authz-1.4.0.tar.gz", "--policy", "new.toml", "--name", name, "--format", "json", *AT)
    return answer.status == 0, answer.report


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "RS512", "ES256", "ES384", "EdDSA"])
def test_the_bundle_passes_under_it_whatever_algorithm_signed(algorithm):
    bundle(algorithm=algorithm, iat=IAT, scope="authz")
    answer = init()
    assert (answer.status, answer.out) == (0, "")
    assert "the bundle has" not in answer.err
    assert passes()[0]
    signers = tomllib.loads(Path("new.toml").read_text())["signers"]
    assert signers["release"] == {"key": "k.pub", "kid": "default", "algorithms": [algorithm]}


def test_it_demands_what_the_bundle_states():
    bundle(revision="v1.4.0", iat=IAT, scope="authz")
    assert init().status == 0
    assert rule()["name"] == {"from": "signature.scope"}
    assert rule()["version"] == {"from": "manifest.revision", "scheme": "semver", "prefix": "v"}
    assert rule()["floor"] == "1.4.0"
    assert rule()["freshness"] == "90d"
    assert passes()[1]["artifact"]["version"] == "1.4.0"


def test_it_says_what_the_bundle_cannot_give():
    bundle(revision="", kid="", roots=["authz", "other"])
    answer = init()
    assert "the bundle has no name that was signed" in answer.err
    assert "the bundle has no time of signing" in answer.err
    assert "the bundle has no revision" in answer.err
    assert rule()["name_binding"] == "none"
    assert rule()["version"] == "none"
    assert "freshness" not in rule()
    assert passes("authz-1.4.0")[0]


def test_a_commit_is_no_version_and_the_time_is_one():
    bundle(revision="a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", iat=IAT, scope="authz")
    assert "which has no order" in init().err
    assert rule()["version"] == {"from": "signed-time"}
    assert passes()[0]


def test_the_name_is_the_scope_or_what_is_asked_for():
    bundle(scope="payments")
    assert "bundle:payments" in init().err
    assert init("--artifact", "bundle:authz", file="other.toml").status == 0
    assert 'equals = "payments"' in Path("other.toml").read_text()


def test_roots_bind_the_name_where_no_scope_does():
    bundle()
    assert init("--artifact", "bundle:authz").status == 0
    assert rule()["name"] == {"from": "manifest.roots"}
    assert passes()[0]


def test_an_old_signature_is_no_reason_to_demand_fresh_ones():
    bundle(iat=IAT - 100 * 86400, scope="authz")
    assert "100 days ago" in init().err
    assert "freshness" not in rule()


@pytest.mark.rego
def test_what_it_calls_already_is_not_denied_without_a_word():
    bundle(
        module=b'package authz\n\nallow if http.send({"method": "GET", "url": "x"}).status_code == 200\n', scope="authz"
    )
    assert "no list of denied builtins" in init().err
    assert "capabilities" not in rule()
    assert passes()[0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: Path("k.pub").write_bytes(public_pem("rsa-other")), "signature.invalid"),
        (lambda: Path("k.pub").write_bytes(public_pem("p256")), "signature.algorithm-mismatch"),
        (lambda: Path("authz-1.4.0.tar.gz").write_bytes(b"PK\x03\x04"), "archive.not-gzip"),
        (lambda: Path("authz-1.4.0.tar.gz").write_bytes(b""), "archive.not-gzip"),
        (lambda: Path("authz-1.4.0.tar.gz").write_bytes(pack_members([(".manifest", b"{}")])), "signature.missing"),
        (lambda: bundle(exp=IAT - 1), "freshness.expired"),
        (lambda: bundle(nbf=IAT + 100), "freshness.not-yet-valid"),
        (lambda: bundle(iat=IAT + 86400), "clock.skew"),
    ],
)
def test_what_does_not_pass_gets_no_policy(change, code):
    bundle(scope="authz")
    change()
    answer = init()
    assert answer.status in {1, 3}
    assert code in answer.err
    assert not Path("new.toml").exists()


@pytest.mark.parametrize("artifact", ["bundle:team-*", "image:app", "artifact:app"])
def test_it_is_for_one_bundle(artifact):
    bundle()
    answer = init("--artifact", artifact)
    assert (answer.status, Path("new.toml").exists()) == (2, False)
    assert "--artifact" in answer.err


def test_the_key_is_read_beside_the_policy():
    bundle()
    answer = init(key="missing.pub")
    assert (answer.status, Path("new.toml").exists()) == (2, False)
    assert "missing.pub" in answer.err


HOSTILE = ['"]\n[signers.evil]\nkey = "k.pub"\n', "a\u202eb", "*", "x" * 600, "a@b", "\x00", "", " "]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("claim", ["scope", "kid", "revision", "keyid"])
def test_whatever_a_bundle_says_the_policy_says_no_more_than_was_meant(text, claim):
    bundle(**{claim: text, "kid": text if claim == "kid" else ""})
    answer = init()
    assert answer.status == 0, answer.err
    said = tomllib.loads(Path("new.toml").read_text())
    assert said["signers"].keys() == {"release"}
    assert said["artifacts"].keys() == {"bundle:authz-1.4.0"}
    assert passes("authz-1.4.0")[0]
    assert "\u202e" not in answer.err


def test_an_address_is_fetched_and_not_taken_for_a_file():
    answer = run("trust", "init", "new.toml", "--from", "https://127.0.0.1:9/authz.tar.gz", "--key", "release.pub")
    assert (answer.status, "input.unreachable" in answer.err) == (3, True)
    assert not Path("new.toml").exists()


def test_an_existing_policy_is_not_overwritten_either():
    bundle()
    before = Path("trust.toml").read_bytes()
    assert init(file="trust.toml").status == 2
    assert Path("trust.toml").read_bytes() == before


@pytest.mark.parametrize("cut", [1, 20, 200, -1, -9])
def test_a_bundle_that_is_cut_short_gets_no_policy(cut):
    bundle()
    whole = Path("authz-1.4.0.tar.gz").read_bytes()
    Path("authz-1.4.0.tar.gz").write_bytes(whole[:cut])
    answer = init()
    assert (answer.status, Path("new.toml").exists()) == (1, False)
    assert "archive." in answer.err


def test_a_bundle_written_twice_gets_no_policy():
    bundle()
    whole = Path("authz-1.4.0.tar.gz").read_bytes()
    Path("authz-1.4.0.tar.gz").write_bytes(whole + whole)
    assert (init().status, Path("new.toml").exists()) == (1, False)


@pytest.mark.parametrize(
    "content", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", b"\xff\xfe", b"{}"]
)
def test_a_key_that_is_none_gets_no_policy(content):
    bundle()
    Path("k.pub").write_bytes(content)
    answer = init()
    assert (answer.status, Path("new.toml").exists()) == (2, False)
    assert "internal.error" not in answer.err
