"""What a passphrase costs to guess, of the keys that are made here and of others."""

import subprocess

import pytest
from cryptography.hazmat.primitives import serialization

from tests.support.material import private_key
from tests.support.peers.peers import executable
from verifier.core.errors import ConfigurationError
from verifier.publish.key_encryption import ROUNDS, encrypt_pkcs8, weakness
from verifier.publish.keygen import KeyType, generate_key_pair

PHRASE = b"correct horse battery"
PLAIN = serialization.NoEncryption()


def der(name="p256"):
    return private_key(name).private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, PLAIN)


@pytest.mark.parametrize("name", ["rsa", "p256", "p384", "p521", "ed25519"])
def test_what_is_encrypted_is_read_by_the_library_as_the_same_key(name):
    pem = encrypt_pkcs8(der(name), PHRASE)
    read = serialization.load_pem_private_key(pem, password=PHRASE)
    assert read.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, PLAIN) == der(name)


def test_another_passphrase_opens_nothing():
    with pytest.raises(ValueError, match=r"[Pp]assword|decrypt"):
        serialization.load_pem_private_key(encrypt_pkcs8(der(), PHRASE), password=PHRASE + b"x")


def test_the_same_key_is_never_encrypted_to_the_same_bytes():
    assert encrypt_pkcs8(der(), PHRASE) != encrypt_pkcs8(der(), PHRASE)


def test_openssl_states_the_rounds_and_reads_the_key(tmp_path):
    (tmp_path / "key").write_bytes(encrypt_pkcs8(der(), PHRASE))
    parsed = subprocess.run(
        [executable("openssl", "OPENSSL"), "asn1parse", "-in", tmp_path / "key"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f":{ROUNDS:06X}"[-5:] in parsed.stdout
    for name in ("PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc"):
        assert name in parsed.stdout
    (tmp_path / "phrase").write_bytes(PHRASE)
    read = [
        executable("openssl", "OPENSSL"),
        "pkey",
        "-in",
        tmp_path / "key",
        "-passin",
        f"file:{tmp_path / 'phrase'}",
        "-outform",
        "DER",
    ]
    opened = subprocess.run(read, capture_output=True, check=True).stdout
    assert serialization.load_der_private_key(opened, password=None).public_key() == private_key("p256").public_key()


@pytest.mark.parametrize(
    "passphrase", [b"", b"x", b"hunter2", b"eleven char", b"aaaaaaaaaaaaaaaaaaaa", b"ababababababab"]
)
def test_a_passphrase_that_protects_nothing_makes_no_key(passphrase):
    with pytest.raises(ConfigurationError, match="passphrase is"):
        generate_key_pair(passphrase=passphrase)


def test_a_passphrase_that_would_be_cut_makes_no_key():
    with pytest.raises(ConfigurationError, match="at most 1023 bytes"):
        generate_key_pair(passphrase=b"correct horse " * 80)


@pytest.mark.parametrize("passphrase", [b"twelve chars", "zwölf Wörter".encode(), (b"correct horse " * 74)[:1023]])
def test_one_that_does_is_taken_whole(passphrase):
    pair = generate_key_pair(KeyType.ED25519, passphrase=passphrase)
    serialization.load_pem_private_key(pair.private_pem, password=passphrase)
    assert weakness(pair.private_pem) is None


class TestOthersKeys:
    def test_a_librarys_default_is_named_as_weak(self):
        pem = private_key("p256").private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"right"),
        )
        assert "2048 rounds" in weakness(pem)

    def test_so_is_the_oldest_encryption(self):
        pem = private_key("rsa").private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.BestAvailableEncryption(b"right"),
        )
        assert "MD5" in weakness(pem)

    @pytest.mark.parametrize(
        ("options", "seen"),
        [
            (("-scrypt",), None),
            (("-scrypt", "-scrypt_N", "1024"), "N = 1024"),
            (("-v2", "aes-256-cbc", "-iter", "99999"), "99999 rounds"),
            (("-v2", "aes-256-cbc", "-iter", "100000"), None),
            (("-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512", "-iter", "600000"), None),
            (
                (
                    "-v1",
                    "PBE-SHA1-3DES",
                ),
                "PKCS #12",
            ),
        ],
    )
    def test_openssls_keys_are_judged_by_their_cost(self, options, seen):
        command = [
            executable("openssl", "OPENSSL"),
            "pkcs8",
            "-topk8",
            "-inform",
            "DER",
            "-passout",
            "pass:right",
            *options,
        ]
        pem = subprocess.run(command, input=der(), capture_output=True, check=True).stdout
        found = weakness(pem)
        assert (found is None) if seen is None else (seen in found)

    @pytest.mark.parametrize(
        "pem",
        [
            b"",
            b"junk",
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END",
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n\xff\n-----END",
        ],
    )
    def test_what_is_no_encrypted_key_is_not_judged(self, pem):
        assert weakness(pem) is None
