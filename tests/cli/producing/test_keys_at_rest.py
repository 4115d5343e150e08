"""Keys, passphrases and tokens as they lie on the disk, or are handed over."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.support.command import run
from tests.support.material import private_key
from verifier.signatures.keys import load_private_key

pytestmark = pytest.mark.usefixtures("place")
PHRASE = "correct horse battery"
WAYS = {
    "sign bundle": ("sign", "bundle", "src", "--out", "a.tar.gz", "--key"),
    "sign artifact": ("sign", "artifact", "release.pub", "--out", "a.json", "--key"),
    "attest": ("attest", "release.pub", "--predicate", "p.json", "--type", "https://x/y", "--out", "a.json", "--key"),
    "bundle": ("bundle", "src", "--policy", "trust.toml", "--verdict-out", "a.json", "--signing-key"),
}


def secret(name, text, mode=0o600):
    Path(name).write_text(text)
    Path(name).chmod(mode)


@pytest.mark.parametrize("mode", [0o666, 0o644, 0o640, 0o660, 0o620])
@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_others_may_read_does_not_sign(way, mode):
    Path("p.json").write_text("{}")
    Path("release").chmod(mode)
    answer = run(*WAYS[way], "release")
    assert (answer.status, answer.out) == (2, "")
    assert (
        f"release: key.exposed: others may {'change' if mode & 0o22 else 'read'} it (mode 0{mode:o}, expected 0600)"
        in answer.err
    )
    assert "chmod 600 release" in answer.err
    assert not {path.name for path in Path().iterdir()} & {"a.tar.gz", "a.json"}


def test_nor_does_one_whose_passphrase_others_may_read():
    secret("phrase", PHRASE)
    run("key", "generate", "locked", "--passphrase-file", "phrase")
    Path("phrase").chmod(0o644)
    answer = run(*WAYS["sign artifact"], "locked", "--passphrase-file", "phrase")
    assert (answer.status, "phrase: key.exposed" in answer.err) == (2, True)


def test_a_key_is_taken_from_a_descriptor_as_a_shell_hands_it_over():
    reading, writing = os.pipe()
    os.write(writing, Path("release").read_bytes())
    os.close(writing)
    answer = run(*WAYS["sign artifact"], f"/dev/fd/{reading}")
    os.close(reading)
    assert (answer.status, answer.err) == (0, "wrote a.json\n")


def test_so_is_its_passphrase():
    secret("phrase", PHRASE)
    run("key", "generate", "locked", "--passphrase-file", "phrase")
    reading, writing = os.pipe()
    os.write(writing, f"{PHRASE}\n".encode())
    os.close(writing)
    answer = run(*WAYS["sign artifact"], "locked", "--passphrase-file", f"/dev/fd/{reading}")
    os.close(reading)
    assert answer.status == 0


@pytest.mark.parametrize("phrase", ["", "\n", "x", "hunter2", "aaaaaaaaaaaaaaaa", "elevenchars"])
def test_a_passphrase_that_protects_nothing_is_not_taken(phrase):
    secret("phrase", phrase)
    answer = run("key", "generate", "new", "--passphrase-file", "phrase")
    assert (answer.status, Path("new").exists()) == (2, False)
    assert not phrase.strip() or phrase.strip() not in answer.err or len(phrase) == 1


def test_a_passphrase_is_never_cut():
    long = "correct horse " * 80
    secret("phrase", long)
    answer = run("key", "generate", "new", "--passphrase-file", "phrase")
    assert (answer.status, Path("new").exists()) == (2, False)
    secret("phrase", long[:1023])
    assert run("key", "generate", "new", "--passphrase-file", "phrase").status == 0
    load_private_key(Path("new").read_bytes(), passphrase=long[:1023].encode(), where="new")
    secret("phrase", long)
    assert run(*WAYS["sign artifact"], "new", "--passphrase-file", "phrase").status == 2


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_end_of_line_is_no_part_of_it(end):
    Path("phrase").write_bytes(f"{PHRASE}{end}".encode())
    Path("phrase").chmod(0o600)
    assert run("key", "generate", "new", "--passphrase-file", "phrase").status == 0
    load_private_key(Path("new").read_bytes(), passphrase=PHRASE.encode(), where="new")


@pytest.mark.parametrize("kind", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
def test_a_key_that_is_cheap_to_guess_is_used_with_a_warning(kind):
    encryption = serialization.BestAvailableEncryption(b"right")
    Path("old").write_bytes(private_key("p256").private_bytes(serialization.Encoding.PEM, kind, encryption))
    Path("old").chmod(0o600)
    secret("phrase", "right")
    answer = run(*WAYS["sign artifact"], "old", "--passphrase-file", "phrase")
    assert (answer.status, "warning: key.weakly-encrypted: old: " in answer.err) == (0, True)


def test_one_of_our_own_is_used_without():
    secret("phrase", PHRASE)
    run("key", "generate", "new", "--passphrase-file", "phrase")
    assert run(*WAYS["sign artifact"], "new", "--passphrase-file", "phrase").err == "wrote a.json\n"


def test_a_secret_that_was_typed_in_the_place_of_its_file_is_not_repeated():
    for option in ("--passphrase-file", "--identity-token"):
        answer = run(*WAYS["sign artifact"], "release", option, "hunter2secret")
        assert "hunter2secret" not in answer.err
    answer = run("key", "generate", "new", "--passphrase-file", "hunter2secret")
    assert (answer.status, "hunter2secret" in answer.err) == (2, False)
    assert "takes the name of a file" in answer.err


def test_a_public_key_is_anybodys_to_read_and_signs_nothing():
    Path("release.pub").chmod(0o644)
    answer = run("sign", "artifact", "trust.toml", "--out", "a.json", "--key", "release.pub")
    assert (answer.status, "found no PEM private key" in answer.err) == (2, True)
