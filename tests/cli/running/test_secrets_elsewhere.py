"""Secrets from a variable, a stream or a FIFO; never repeated in a message, and refused where there is none."""

import os
import threading
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.material import private_pem
from tests.support.running.piped import piped
from tests.support.stories import MODULE

pytestmark = pytest.mark.usefixtures("place")
PHRASE = "correct horse battery staple"
SIGN = ("sign", "artifact", "a.bin", "--out", "a.json")
CHECK = ("artifact", "a.bin", "--attestation", "a.json")


@pytest.fixture(autouse=True)
def material(place, monkeypatch):
    """An artifact, and an encrypted key beside the plain one."""
    (place / "a.bin").write_bytes(MODULE)
    (place / "phrase").write_text(PHRASE)
    (place / "phrase").chmod(0o600)
    assert run("key", "generate", "locked", "--passphrase-file", "phrase").status == 0
    monkeypatch.setenv("SIGNING_KEY", private_pem("p256").decode())
    monkeypatch.setenv("PHRASE", PHRASE)
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("UNSET", raising=False)


@pytest.mark.parametrize("named", ["env:SIGNING_KEY", "env://SIGNING_KEY"])
def test_a_private_key_is_in_a_variable(named):
    assert run(*SIGN, "--key", named).status == 0
    assert run(*CHECK, "--key", "release.pub").status == 0


def test_a_passphrase_is_in_a_variable_with_its_newline_or_without(monkeypatch):
    assert run(*SIGN, "--key", "locked", "--passphrase-file", "env:PHRASE").status == 0
    monkeypatch.setenv("PHRASE", f"{PHRASE}\n")
    assert run(*SIGN, "--key", "locked", "--passphrase-file", "env:PHRASE").status == 0
    assert run(*CHECK, "--key", "locked.pub").status == 0


def test_a_public_key_is_in_a_variable(monkeypatch):
    assert run(*SIGN, "--key", "release").status == 0
    monkeypatch.setenv("PUBLIC", Path("release.pub").read_text())
    assert run(*CHECK, "--key", "env:PUBLIC").status == 0


def test_the_key_of_a_verdict_is_in_a_variable(place):
    run(*SIGN, "--key", "release")
    verdict = ("--verdict-out", "v.json", "--signing-key", "env:SIGNING_KEY")
    assert run(*CHECK, "--key", "release.pub", *verdict).status == 0
    assert (place / "v.json").exists()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--key", SIGN),
        ("--passphrase-file", (*SIGN, "--key", "locked")),
        ("--identity-token", (*SIGN, "--keyless")),
        ("--signing-key", (*CHECK, "--key", "release.pub", "--verdict-out", "v.json")),
        ("--key", CHECK),
    ],
)
@pytest.mark.parametrize(("name", "said"), [("UNSET", "is not set"), ("EMPTY", "is empty")])
def test_a_variable_that_holds_nothing_is_named(option, words, name, said):
    answer = run(*words, option, f"env:{name}")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"verify: error: {option}: the variable {name} {said}\n  ")


@pytest.mark.parametrize("secret", ["", "$KEY", PHRASE, "-----BEGIN PRIVATE KEY-----", "A" * 200, "a\nb", "ÄPFEL"])
def test_what_is_no_name_may_be_the_secret_and_is_not_repeated(secret):
    answer = run(*SIGN, "--key", f"env:{secret}")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("verify: error: --key: env: is followed by no name of a variable\n")
    assert not secret or secret not in answer.err


@pytest.mark.parametrize(
    "content", ["hunter2-hunter2", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----"]
)
def test_what_a_variable_holds_is_never_shown(monkeypatch, content):
    monkeypatch.setenv("WRONG", content)
    for words in ((*SIGN, "--key", "env:WRONG"), (*SIGN, "--key", "locked", "--passphrase-file", "env:WRONG")):
        answer = run(*words)
        assert answer.status == 2
        assert "hunter2" not in answer.err + answer.out


def test_a_variable_has_the_bound_of_a_file(monkeypatch):
    monkeypatch.setenv("LONG", "x" * 100_000)
    for option in ("--key", "--passphrase-file"):
        answer = (
            run(*SIGN, "--key", "locked", option, "env:LONG") if option != "--key" else run(*SIGN, "--key", "env:LONG")
        )
        assert (answer.status, "the variable LONG holds more than" in answer.err) == (2, True)


def test_a_private_key_or_a_passphrase_comes_on_standard_input():
    assert piped(private_pem("p256"), *SIGN, "--key", "-").status == 0
    assert run(*CHECK, "--key", "release.pub").status == 0
    assert piped(PHRASE.encode(), *SIGN, "--key", "locked", "--passphrase-file", "-").status == 0
    assert piped(PHRASE.encode(), *SIGN, "--key", "locked", "--passphrase-file", "/dev/stdin").status == 0


def test_a_private_key_comes_from_a_shell():
    assert piped(b"", *SIGN, line='"$@" --key <(cat release)').status == 0


def test_a_secret_from_a_stream_is_written_nowhere(place):
    folder = place / "tmp"
    folder.mkdir(mode=0o500)
    assert piped(private_pem("p256"), *SIGN, "--key", "-", environment={"TMPDIR": str(folder)}).status == 0


def test_two_secrets_do_not_come_from_one_stream():
    answer = piped(PHRASE.encode(), *SIGN, "--key", "-", "--passphrase-file", "-")
    assert (answer.status, "a stream is read once" in answer.err) == (2, True)


def test_a_fifo_that_is_ours_alone_hands_a_secret_over(place):
    os.mkfifo(place / "fifo", 0o600)
    writing = threading.Thread(target=lambda: (place / "fifo").write_bytes(private_pem("p256")))
    writing.start()
    answer = run(*SIGN, "--key", "fifo")
    writing.join()
    assert answer.status == 0


def test_a_fifo_that_others_may_write_to_does_not(place):
    os.mkfifo(place / "fifo")
    (place / "fifo").chmod(0o622)
    held = os.open(place / "fifo", os.O_RDWR)
    answer = run(*SIGN, "--key", "fifo")
    os.close(held)
    assert answer.status == 2
    assert "others may change it" in answer.err


def test_the_option_for_a_passphrase_is_named_where_a_key_is_encrypted():
    answer = piped(b"", *SIGN, "--key", "locked")
    assert answer.status == 2
    assert "--passphrase-file" in answer.err
