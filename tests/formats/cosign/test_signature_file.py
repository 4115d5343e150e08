"""Files that are a signature and nothing else: told by their shape, and read in one way."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.material import private_key, public_pem
from verifier.formats.cosign.signature_file import MAX_FILE_BYTES, is_certificate, read_signature
from verifier.signatures import keys

NAMES = ["p256", "p384", "p521", "ed25519", "rsa"]


def signature(name, *, raw_ecdsa=False):
    key = private_key(name)
    return keys.sign(key, keys.algorithms_of(key.public_key())[0], b"file", raw_ecdsa=raw_ecdsa)


@pytest.mark.parametrize("raw_ecdsa", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_signature_is_read_as_bytes_and_in_base64(name, raw_ecdsa):
    made = signature(name, raw_ecdsa=raw_ecdsa)
    text = base64.b64encode(made)
    broken = base64.encodebytes(made)
    urlsafe = base64.urlsafe_b64encode(made)
    written = (made, text, text + b"\n", b" " + text + b"\r\n", broken, broken.replace(b"\n", b"\r\n"), urlsafe)
    assert {read_signature(each) for each in written} == {made}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"aGVsbG8=",
        b"a line of text",
        b"<html></html>",
        b"x" * 64 + b" ",
        b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
        b"\x1f\x8b\x08\x00" + bytes(80),
        b"PK\x03\x04" + bytes(30),
        b"\xef\xbb\xbf" + base64.b64encode(bytes(64)),
        base64.b64encode(bytes(64)).decode().encode("utf-16"),
        bytes(64).hex().encode() + b"a",
        bytes(MAX_FILE_BYTES + 1),
    ],
)
def test_what_has_not_the_shape_of_a_signature_is_none(content):
    assert read_signature(content) is None


@pytest.mark.parametrize("cut", range(1, 70))
def test_an_ecdsa_signature_that_is_cut_short_or_longer_is_none(cut):
    made = signature("p256")
    assert read_signature(made[:-cut]) is None or len(made) - cut == 64
    assert read_signature(made + bytes(cut)) is None or len(made) + cut in (96, 132)


@pytest.mark.parametrize("length", ["\x81\x46", "\x82\x00\x46", "\x80", "\xff"])
def test_a_pair_whose_length_is_written_otherwise_is_none(length):
    made = signature("p256")
    assert read_signature(made[:1] + length.encode("latin-1") + made[2:-1]) is None


def test_base64_that_is_not_canonical_is_none():
    text = base64.b64encode(bytes(64)).decode()
    assert text.endswith("AA==")
    for other in (text[:-3] + "B==", text.rstrip("="), text + "=", text[:4] + "-_" + text[6:-6] + "+/AA=="):
        assert read_signature(other.encode()) is None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_a_file_holds_it_is_a_signature_or_none(content):
    read = read_signature(content)
    assert read is None or read == content or read == base64.b64decode(content.translate(bytes.maketrans(b"-_", b"+/")))


def test_a_certificate_is_one_as_pem_and_as_cosign_writes_it():
    pem = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    assert [is_certificate(each) for each in (pem, base64.b64encode(pem), b"\n" + pem)] == [True] * 3
    assert not any(is_certificate(each) for each in (public_pem("p256"), base64.b64encode(bytes(64)), b"", b"\xff"))
