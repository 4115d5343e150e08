"""SubjectPublicKeyInfo by hand: nothing is read that the loader of `cryptography` would not read the same way."""

import base64

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.material import private_key, public_pem
from verifier.signatures.subject_key import read_subject_key, write_subject_key

KNOWN = ["p256", "p384", "p521", "ed25519"]
INFO = serialization.PublicFormat.SubjectPublicKeyInfo
COMPRESSED, UNCOMPRESSED = serialization.PublicFormat.CompressedPoint, serialization.PublicFormat.UncompressedPoint


def der(key):
    return key.public_bytes(serialization.Encoding.DER, INFO)


def loaded(pem):
    """What the full loader says: the key's DER, or None."""
    try:
        return der(serialization.load_pem_public_key(pem))
    except (ValueError, UnsupportedAlgorithm):
        return None


@pytest.mark.parametrize("name", KNOWN)
def test_a_key_in_the_usual_form_is_read(name):
    key = read_subject_key(public_pem(name))
    assert der(key) == loaded(public_pem(name))


@pytest.mark.parametrize("name", KNOWN)
def test_a_key_is_written_as_the_library_writes_it(name):
    public = private_key(name).public_key()
    assert write_subject_key(public) == der(public)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
@given(private=st.integers(min_value=1, max_value=2**250))
@example(private=1)
def test_coordinates_keep_their_leading_zeros(curve, private):
    public = ec.derive_private_key(private, curve).public_key()
    assert write_subject_key(public) == der(public)
    assert der(read_subject_key(public.public_bytes(serialization.Encoding.PEM, INFO))) == der(public)


@given(st.sampled_from(KNOWN), st.data())
def test_a_damaged_key_is_read_as_the_library_reads_it_or_left_to_it(name, data):
    pem = public_pem(name)
    at = data.draw(st.integers(0, len(pem) - 1))
    cut = data.draw(st.integers(0, 3))
    damaged = pem[:at] + data.draw(st.binary(max_size=3)) + pem[at + cut :]
    key = read_subject_key(damaged)
    assert key is None or der(key) == loaded(damaged)


@given(st.sampled_from(KNOWN), st.data())
def test_a_changed_encoding_is_read_as_the_library_reads_it_or_left_to_it(name, data):
    content = bytearray(loaded(public_pem(name)))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    pem = armour(bytes(content) + data.draw(st.sampled_from([b"", b"\x00"])))
    key = read_subject_key(pem)
    assert key is None or der(key) == loaded(pem)


def armour(content):
    body = base64.b64encode(content)
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return b"\n".join([b"-----BEGIN PUBLIC KEY-----", *lines, b"-----END PUBLIC KEY-----", b""])


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda pem: b"a comment\n" + pem,
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: pem.rstrip(b"\n"),
        lambda pem: pem + pem,
        lambda _: b"",
    ],
    ids=["comment", "CRLF", "no newline", "twice", "empty"],
)
def test_what_is_not_in_the_usual_form_is_left_to_the_library(rewritten):
    assert read_subject_key(rewritten(public_pem("p256"))) is None


@pytest.mark.parametrize("form", [COMPRESSED, UNCOMPRESSED])
def test_a_point_off_the_curve_or_compressed_is_left_to_the_library(form):
    public = private_key("p256").public_key()
    point = bytearray(public.public_bytes(serialization.Encoding.X962, form))
    header = der(public)[:-65]  # as long as an uncompressed point is
    point[-1] ^= 1
    assert read_subject_key(armour(header + bytes(point))) is None


def test_other_keys_are_left_to_the_library():
    assert read_subject_key(public_pem("rsa")) is None
    koblitz = ec.generate_private_key(ec.SECP256K1()).public_key()
    assert read_subject_key(koblitz.public_bytes(serialization.Encoding.PEM, INFO)) is None
