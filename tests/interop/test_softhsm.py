"""Signing with keys that are on a PKCS #11 token and stay there: SoftHSM's, made by OpenSC."""

import os
from pathlib import Path

import pytest

from tests.support.attestations.summaries import verdict
from tests.support.attestations.unsigned import STATEMENT
from tests.support.command import ask as ask_command
from tests.support.command import run as run_command
from tests.support.material import NOW
from tests.support.peers.peers import executable, missing, run
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.signers.signer import Signer
from verifier.formats.intoto.statement import parse_statement
from verifier.formats.intoto.vsa import build_vsa, parse_vsa
from verifier.publish.remote_keys import open_remote_key
from verifier.signatures.envelope import verify_envelope

pytestmark = pytest.mark.interop
PIN = "1234"
MODULES = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
]
KEYS = {"hsm:2?label=release": ("EC:prime256v1", "ES256"), "hsm:3?label=release": ("EC:secp384r1", "ES384")}


@pytest.fixture(scope="module", autouse=True)
def token(tmp_path_factory):
    """A token called "release" with `KEYS`, known to this process by its environment."""
    initialise, generate = executable("softhsm2-util", "SOFTHSM2_UTIL"), executable("pkcs11-tool", "PKCS11_TOOL")
    module = next((each for each in [os.environ.get("SOFTHSM2_MODULE", ""), *MODULES] if Path(each).is_file()), None)
    if module is None:
        missing("no libsofthsm2.so: set SOFTHSM2_MODULE")
    try:
        import pkcs11  # noqa: F401, PLC0415
    except ImportError:
        missing("no python-pkcs11: install the extra `hsm`")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        environment.setenv("PYKCS11LIB", module)
        run(initialise, "--init-token", "--free", "--label", "release", "--pin", PIN, "--so-pin", "5678", cwd=folder)
        login = [generate, "--module", module, "--login", "--pin", PIN, "--token-label", "release", "--keypairgen"]
        for uri, (kind, _) in KEYS.items():
            run(*login, "--key-type", kind, "--id", f"0{uri[4]}", "--label", uri, cwd=folder)
        yield


def ask(secret):
    assert secret == "pin"
    return PIN


def signer_for(key):
    return Signer(name="hsm", kid="hsm", public_key=key.public_key, algorithms=key.algorithms)


@pytest.mark.parametrize("uri", KEYS)
def test_an_envelope_signed_on_the_token_verifies_with_its_public_key(uri):
    key = open_remote_key(uri, ask=ask)
    verified = verify_envelope(
        key.sign_envelope(STATEMENT, keyid="hsm"), signers=[signer_for(key)], now=NOW, subject="s"
    )
    assert key.algorithms == (KEYS[uri][1],)
    assert verified.signers[0].algorithm == KEYS[uri][1]


def test_a_verdict_can_be_signed_on_the_token():
    key = open_remote_key("hsm:2?label=release", ask=ask)
    signed = verdict()
    envelope = key.sign_envelope(build_vsa(signed), keyid="hsm")
    payload = verify_envelope(envelope, signers=[signer_for(key)], now=NOW, subject="s").payload
    assert parse_vsa(parse_statement(payload, subject="s")).resource_uri == signed.subject.resource_uri


def test_without_an_id_and_label_the_signature_slot_of_the_only_token_is_meant():
    assert open_remote_key("hsm:", ask=ask).public_key == open_remote_key("hsm:2?label=release", ask=ask).public_key


def test_another_key_of_the_token_does_not_verify_it():
    first, second = (open_remote_key(uri, ask=ask) for uri in KEYS)
    with pytest.raises(Refused) as refused:
        verify_envelope(first.sign_envelope(STATEMENT, keyid="hsm"), signers=[signer_for(second)], now=NOW, subject="s")
    assert [each.code for each in refused.value.reasons] == ["signature.invalid"]


@pytest.mark.parametrize(
    ("uri", "seen"), [("hsm:9?label=release", "could not find"), ("hsm:2?label=x", "No PKCS#11 token")]
)
def test_a_key_or_token_that_is_not_there_is_named(uri, seen):
    with pytest.raises(ConfigurationError, match=seen) as refused:
        open_remote_key(uri, ask=ask)
    assert refused.value.where == uri


def test_a_wrong_pin_is_said_and_not_repeated():
    key = open_remote_key("hsm:2?label=release", ask=lambda _: "99991234")
    with pytest.raises(ConfigurationError, match="PinIncorrect") as refused:
        key.sign_envelope(STATEMENT)
    assert "99991234" not in str(refused.value)


def test_the_command_signs_with_a_key_on_the_token_and_verifies_with_its_public_half(tmp_path):
    (tmp_path / "app").write_bytes(b"an application")
    (tmp_path / "pin").write_text(f"{PIN}\n")
    (tmp_path / "pin").chmod(0o600)
    (tmp_path / "hsm.pub").write_bytes(open_remote_key("hsm:2?label=release", ask=ask).public_key)
    sign = ("--key", "hsm:2?label=release", "--passphrase-file", tmp_path / "pin")
    signed = run_command("sign", "artifact", tmp_path / "app", *sign, "--out", tmp_path / "app.json")
    assert (signed.status, PIN in signed.err) == (0, False)
    verified = ask_command(
        "artifact",
        tmp_path / "app",
        *("--attestation", tmp_path / "app.json", "--key", tmp_path / "hsm.pub"),
        *("--verdict-out", tmp_path / "vsa.json", "--signing-key", "hsm:2?label=release"),
        *("--passphrase-file", tmp_path / "pin", "--resource-uri", "https://example.org/app"),
    )
    assert verified.status == 0
    trust = ("--key", tmp_path / "hsm.pub", "--verifier-id", "https://policy-verifier.dev/verifier")
    about = ("--subject", tmp_path / "app", "--resource-uri", "https://example.org/app")
    assert ask_command("verdict", tmp_path / "vsa.json", *trust, *about).status == 0


def test_the_command_says_of_a_wrong_pin_that_it_is_wrong(tmp_path):
    (tmp_path / "app").write_bytes(b"an application")
    (tmp_path / "pin").write_text("99991234\n")
    (tmp_path / "pin").chmod(0o600)
    sign = ("--key", "hsm:2?label=release", "--passphrase-file", tmp_path / "pin")
    signed = run_command("sign", "artifact", tmp_path / "app", *sign, "--out", tmp_path / "app.json")
    assert (signed.status, "PinIncorrect" in signed.err, "99991234" in signed.err) == (2, True, False)
    assert not (tmp_path / "app.json").exists()
