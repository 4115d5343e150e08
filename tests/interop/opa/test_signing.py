"""Signatures in both directions with a real OPA: it verifies what we sign, we verify what it signs."""

import json
import subprocess
from datetime import UTC, datetime

import pytest

from tests.support.attestations.unsigned import BUNDLE
from tests.support.command import run
from tests.support.material import ASYMMETRIC, key_for, private_key, private_pem, public_pem, signer
from tests.support.peers.peers import executable
from verifier.archives.pack import pack_members
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer
from verifier.kinds.bundle.artifact import read_bundle
from verifier.publish.sign import sign_bundle
from verifier.signatures.opa_jws import verify_opa_signatures

pytestmark = pytest.mark.interop
NOW = datetime.now(UTC)
HMAC = ["HS256", "HS384", "HS512"]
SECRET = "correct horse battery staple correct horse battery staple correct horse"


def read(content):
    return read_bundle(content, name="authz", resource_uri="")


@pytest.fixture(scope="session")
def opa():
    """Runs OPA; its output, in a `CalledProcessError` where it refuses."""
    program = executable("opa", "OPA")

    def run(*arguments, cwd, stdin=""):
        return subprocess.run(
            [program, *arguments],
            cwd=cwd,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    return run


def verification_key(algorithm, tmp_path):
    if algorithm in HMAC:
        return SECRET
    (tmp_path / "key.pub").write_bytes(public_pem(key_for(algorithm)))
    return "key.pub"


def signing_key(algorithm, tmp_path):
    if algorithm in HMAC:
        return SECRET
    (tmp_path / "key.pem").write_bytes(private_pem(key_for(algorithm)))
    return "key.pem"


def ours(algorithm, content=BUNDLE, **options):
    key = SECRET.encode() if algorithm in HMAC else private_key(key_for(algorithm))
    chosen = {"keyid": "release", "scope": None, "now": NOW} | options
    return sign_bundle(content, key=key, algorithm=algorithm, **chosen)


def trusted(algorithm):
    if algorithm in HMAC:
        return Signer(name="x", kid="x", secret=SECRET.encode(), algorithms=(algorithm,), answers_any_kid=True)
    return signer("x", key_for(algorithm), algorithms=(algorithm,), answers_any_kid=True)


def build(opa, algorithm, tmp_path, *more):
    """Let OPA load and verify `bundle.tar.gz`."""
    key = verification_key(algorithm, tmp_path)
    arguments = ["--verification-key", key, "--signing-alg", algorithm, "-o", "out.tar.gz", *more]
    return opa("build", "--bundle", "bundle.tar.gz", *arguments, cwd=tmp_path)


@pytest.mark.parametrize("algorithm", [*ASYMMETRIC, *HMAC])
def test_opa_verifies_what_we_sign(opa, algorithm, tmp_path):
    (tmp_path / "bundle.tar.gz").write_bytes(ours(algorithm))
    build(opa, algorithm, tmp_path)


def test_opa_loads_and_evaluates_what_we_sign(opa, tmp_path):
    (tmp_path / "bundle.tar.gz").write_bytes(ours("ES256"))
    key = verification_key("ES256", tmp_path)
    arguments = ["--verification-key", key, "--signing-alg", "ES256", "--disable-telemetry"]
    shown = opa("run", "--bundle", "bundle.tar.gz", *arguments, cwd=tmp_path, stdin="data.authz.allow\n")
    assert "true" in shown


def test_opa_holds_us_to_the_scope(opa, tmp_path):
    (tmp_path / "bundle.tar.gz").write_bytes(ours("ES256", scope="write"))
    build(opa, "ES256", tmp_path, "--scope", "write")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        build(opa, "ES256", tmp_path, "--scope", "read")
    assert "scope mismatch" in refused.value.stdout


def test_opa_loads_what_verify_sign_bundle_signs_where_it_is_started_with_the_name(opa, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src.tar.gz").write_bytes(BUNDLE)
    (tmp_path / "key.pem").write_bytes(private_pem("p256"))
    (tmp_path / "key.pem").chmod(0o600)
    for options, scope in ((), "authz"), (("--name", "other"), "other"), (("--no-scope",), None):
        signed = run("sign", "bundle", "src.tar.gz", "--key", "key.pem", "--out", "authz.tar.gz", *options)
        assert (signed.status, scope or "no scope") == (0, signed.err.split()[-1] if scope else "no scope")
        (tmp_path / "bundle.tar.gz").write_bytes((tmp_path / "authz.tar.gz").read_bytes())
        build(opa, "ES256", tmp_path, *(("--scope", scope) if scope else ()))
        with pytest.raises(subprocess.CalledProcessError) as refused:
            build(opa, "ES256", tmp_path, "--scope", "billing")
        assert "scope mismatch" in refused.value.stdout


def test_opa_without_a_scope_refuses_a_bundle_that_has_one(opa, tmp_path):
    (tmp_path / "bundle.tar.gz").write_bytes(ours("ES256", scope="authz"))
    with pytest.raises(subprocess.CalledProcessError) as refused:
        build(opa, "ES256", tmp_path)
    assert "scope mismatch" in refused.value.stdout


def test_opa_refuses_our_signature_over_changed_files(opa, tmp_path):
    signed = read(ours("ES256"))
    members = [(file.name, bytes(file.content).replace(b"true", b"false")) for file in signed.files]
    (tmp_path / "bundle.tar.gz").write_bytes(pack_members([(".signatures.json", signed.signatures), *members]))
    with pytest.raises(subprocess.CalledProcessError) as refused:
        build(opa, "ES256", tmp_path)
    assert "digest mismatch" in refused.value.stdout


def test_opa_refuses_what_another_key_signed(opa, tmp_path):
    content = sign_bundle(BUNDLE, key=private_key("p256-2"), algorithm="ES256", keyid=None, scope=None, now=NOW)
    (tmp_path / "bundle.tar.gz").write_bytes(content)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        build(opa, "ES256", tmp_path)
    assert "failed to verify" in refused.value.stdout


def tree(tmp_path):
    """Our test bundle as a directory, for OPA to sign."""
    root = tmp_path / "tree"
    for file in read(BUNDLE).files:
        path = root / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    return root


@pytest.mark.parametrize("algorithm", [*ASYMMETRIC, *HMAC])
def test_we_verify_what_opa_sign_signed(opa, algorithm, tmp_path):
    root = tree(tmp_path)
    (tmp_path / "claims.json").write_text(json.dumps({"keyid": "release", "scope": "write", "iat": 1700000000}))
    key = signing_key(algorithm, tmp_path)
    arguments = ["--signing-key", key if algorithm in HMAC else "../key.pem", "--signing-alg", algorithm]
    opa("sign", *arguments, "--claims-file", "../claims.json", "--bundle", ".", cwd=root)
    proven = verify_opa_signatures(
        (root / ".signatures.json").read_bytes(),
        signers=[trusted(algorithm)],
        now=NOW,
        mode=ReadingMode.STRICT,
        subject="s",
    )
    assert (proven.scope, proven.keyid, proven.findings) == ("write", "release", ())
    assert proven.signed_time == datetime.fromtimestamp(1700000000, UTC)
    assert {file.name: file.hash for file in proven.files} == {file.name: file.digest() for file in read(BUNDLE).files}


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_we_verify_what_opa_build_signed(opa, algorithm, tmp_path):
    tree(tmp_path)
    key = signing_key(algorithm, tmp_path)
    arguments = ["--signing-key", key, "--signing-alg", algorithm, "-o", "built.tar.gz", "--revision", "2.0.0"]
    opa("build", "--bundle", "tree", *arguments, cwd=tmp_path)
    built = read((tmp_path / "built.tar.gz").read_bytes())
    proven = verify_opa_signatures(
        built.signatures, signers=[trusted(algorithm)], now=NOW, mode=ReadingMode.STRICT, subject="s"
    )
    assert {file.name: file.hash for file in proven.files} == {file.name: file.digest() for file in built.files}


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_our_layout_is_opa_s_to_the_byte(opa, algorithm, tmp_path):
    root = tree(tmp_path)
    signing_key(algorithm, tmp_path)
    (tmp_path / "claims.json").write_text(json.dumps({"iat": int(NOW.timestamp())}))
    arguments = ["--signing-key", "../key.pem", "--signing-alg", algorithm, "--claims-file", "../claims.json"]
    opa("sign", *arguments, "--bundle", ".", cwd=root)
    theirs = (root / ".signatures.json").read_text()
    mine = read(ours(algorithm, keyid=None)).signatures.decode()
    # The signature itself is random for ECDSA.
    assert mine.rpartition(".")[0] == theirs.rpartition(".")[0]
    assert mine.rpartition('"')[2] == theirs.rpartition('"')[2]
