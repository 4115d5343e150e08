"""Public keys in the forms that people have them in: one key, one text, whatever the form."""

from __future__ import annotations

import base64
import codecs
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.material import b64, private_key, private_pem, public_pem
from verifier.formats.keys.public_key import read_public_key
from verifier.formats.keys.text import NoPublicKeyError

KEYS = ["rsa", "p256", "p384", "p521", "ed25519"]
SPKI, PKCS1, OPENSSH = (
    getattr(serialization.PublicFormat, name) for name in ("SubjectPublicKeyInfo", "PKCS1", "OpenSSH")
)
PEM, DER, LINE = (getattr(serialization.Encoding, name) for name in ("PEM", "DER", "OpenSSH"))
NISTS = {"p256": "P-256", "p384": "P-384", "p521": "P-521"}


def public(name):
    return private_key(name).public_key()


def jwk(name, **members):
    key = public(name)
    if name == "rsa":
        n, e = key.public_numbers().n, key.public_numbers().e
        own = {"kty": "RSA", "n": b64(n.to_bytes(256, "big")), "e": b64(e.to_bytes(3, "big"))}
    elif name == "ed25519":
        own = {"kty": "OKP", "crv": "Ed25519", "x": b64(key.public_bytes_raw())}
    else:
        size, at = (key.key_size + 7) // 8, key.public_numbers()
        own = {
            "kty": "EC",
            "crv": NISTS[name],
            "x": b64(at.x.to_bytes(size, "big")),
            "y": b64(at.y.to_bytes(size, "big")),
        }
    return json.dumps(own | members).encode()


def rfc4716(name):
    body = public(name).public_bytes(LINE, OPENSSH).split()[1].decode()
    lines = [body[at : at + 70] for at in range(0, len(body), 70)]
    header = ['Comment: "a key \\', 'of somebody"', "Subject: release"]
    return "\r\n".join(
        ["---- BEGIN SSH2 PUBLIC KEY ----", *header, *lines, "---- END SSH2 PUBLIC KEY ----", ""]
    ).encode()


FORMS = {
    "DER": lambda name: public(name).public_bytes(DER, SPKI),
    "base64 of DER": lambda name: base64.b64encode(public(name).public_bytes(DER, SPKI)),
    "OpenSSH": lambda name: public(name).public_bytes(LINE, OPENSSH) + b" me@example.org a comment\n",
    "OpenSSH behind a comment": lambda name: b"# whose\n\n" + public(name).public_bytes(LINE, OPENSSH),
    "RFC 4716": rfc4716,
    "JWK": jwk,
    "a JWK set of one": lambda name: b'{"keys": [' + jwk(name) + b"]}\n",
    "CRLF": lambda name: public_pem(name).replace(b"\n", b"\r\n"),
    "a byte order mark": lambda name: codecs.BOM_UTF8 + public_pem(name),
    "UTF-16": lambda name: public_pem(name).decode().replace("\n", "\r\n").encode("utf-16"),
    "UTF-16 the other way round": lambda name: codecs.BOM_UTF16_BE + public_pem(name).decode().encode("utf-16-be"),
    "escaped line breaks": lambda name: public_pem(name).replace(b"\n", b"\\n"),
    "escaped line breaks of Windows": lambda name: b'"' + public_pem(name).replace(b"\n", b"\\r\\n") + b'"\n',
    "one line": lambda name: public_pem(name).replace(b"\n", b" "),
    "indented, as in YAML": lambda name: b"key: |\n  " + public_pem(name).replace(b"\n", b"\n  "),
    "text around it": lambda name: b"The key of releases, \xe9:\n" + public_pem(name) + b"\nEnd.\n",
    "no line break at the end": lambda name: public_pem(name).rstrip(),
}


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_the_same_in_every_form(form, name):
    assert read_public_key(FORMS[form](name)).pem == public_pem(name)


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_pkcs1_is_the_same_key(encoding):
    assert read_public_key(public("rsa").public_bytes(encoding, PKCS1)).pem == public_pem("rsa")


@pytest.mark.parametrize("name", NISTS)
def test_a_compressed_point_is_the_same_key(name):
    key = public(name)
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    head = bytes.fromhex({"p256": "3039", "p384": "3046", "p521": "3058"}[name])
    oid = {"p256": "2a8648ce3d030107", "p384": "2b81040022", "p521": "2b81040023"}[name]
    inner = bytes.fromhex("06072a8648ce3d0201") + b"\x06" + bytes([len(oid) // 2]) + bytes.fromhex(oid)
    der = b"\x30" + bytes([len(inner)]) + inner + b"\x03" + bytes([len(point) + 1]) + b"\0" + point
    der = head[:1] + bytes([len(der)]) + der
    assert serialization.load_der_public_key(der) == key
    assert read_public_key(der).pem == public_pem(name)


@pytest.mark.parametrize("name", KEYS)
def test_the_usual_form_is_handed_on_as_it_is(name):
    assert read_public_key(public_pem(name)).pem == public_pem(name)


def refusal(content):
    with pytest.raises(NoPublicKeyError) as caught:
        read_public_key(content)
    seen = f"{caught.value} {caught.value.hint}"
    assert "cryptography" not in seen
    assert "InvalidData" not in seen
    return seen


def spki(key):
    return key.public_bytes(PEM, SPKI)


ENCRYPTED = serialization.BestAvailableEncryption(b"x")
PRIVATE_FORMS = {
    "PKCS#8": lambda key: key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    "PKCS#8 encrypted": lambda key: key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, ENCRYPTED),
    "traditional": lambda key: key.private_bytes(
        PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ),
    "OpenSSH": lambda key: key.private_bytes(PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()),
    "DER": lambda key: key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    "DER encrypted": lambda key: key.private_bytes(DER, serialization.PrivateFormat.PKCS8, ENCRYPTED),
    "traditional DER": lambda key: key.private_bytes(
        DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ),
}


@pytest.mark.parametrize("name", ["rsa", "p256"])
@pytest.mark.parametrize("form", PRIVATE_FORMS)
def test_a_private_key_is_named_and_never_shown(form, name):
    content = PRIVATE_FORMS[form](private_key(name))
    seen = refusal(content)
    assert "private key" in seen
    assert "expose" in seen
    body = b"".join(line for line in content.splitlines() if not line.startswith(b"-----"))
    assert all(body[at : at + 12].decode("latin-1") not in seen for at in range(len(body) - 12))


def test_a_private_key_beside_its_public_one_is_named():
    assert "private key" in refusal(public_pem("p256") + private_pem("p256"))


def test_a_private_jwk_is_named_and_never_shown():
    seen = refusal(jwk("p256", d="c2VjcmV0LXNlY3JldC1zZWNyZXQ"))
    assert "private key" in seen
    assert "Leave out d" in seen
    assert "c2VjcmV0" not in seen


def test_the_private_key_of_cosign_is_named_with_its_public_half():
    block = b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJrZGYi\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
    assert "cosign public-key --key FILE" in refusal(block)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \r\n\0", "is empty"),
        (public_pem("p256") + public_pem("rsa"), "2 public keys, expected exactly one"),
        (public_pem("p256") * 2, "2 public keys, expected exactly one"),
        (public_pem("p256")[:-30], "cut"),
        (public_pem("p256")[:100], "cut"),
        (public_pem("p256")[20:], "cut"),
        (public_pem("p256").replace(b"END PUBLIC", b"END RSA PUBLIC"), "begins as PUBLIC KEY and ends as RSA"),
        (b"-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----", "nothing inside"),
        (b"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n", "cut"),
        (public_pem("p256").replace(b"M", b"*", 1), "not base64"),
        (public_pem("p256").decode().encode("utf-16-le"), "UTF-16"),
        (FORMS["DER"]("p256")[:-3], "cut"),
        (FORMS["DER"]("p256") + b"\n", "followed by 1"),
        (FORMS["DER"]("rsa")[:200], "cut"),
        (b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "openssl x509 -in FILE -pubkey -noout"),
        (
            b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n",
            "request for a certificate",
        ),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAA==\n-----END PGP PUBLIC KEY BLOCK-----\n", "GPG"),
        (b"untrusted comment: minisign public key 1\nRWQf6LRC\n", "minisign"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS"),
        (b"<!DOCTYPE html>\n<html>404</html>", "page"),
        (b"correct horse battery staple, a shared secret", "--algorithm HS256"),
        (bytes(range(200, 232)), "--algorithm HS256"),
        (b'{"_type": "root"}', "no JWK"),
        (b'{"keyval": {"public": "-----BEGIN PUBLIC KEY-----"}}', "keyval"),
        (b'{"kty": "oct", "k": "c2VjcmV0"}', "symmetric"),
        (b'{"kty": "EC", "kty": "EC"}', "JSON that cannot be read"),
        (b'{"keys": []}', "set of 0"),
        (b'{"kty": "ec"}', "with capitals"),
        (b'{"kty": 7}', "not supported"),
        (b"null", "no public key"),
        (b"ssh-ed25519", "cut"),
        (b"ssh-ed25519 AAAA", "cut"),
        (b"ssh-dss AAAAB3NzaC1kc3M=", "DSA"),
        (b'command="ls" ' + FORMS["OpenSSH"]("p256"), "authorized_keys"),
        (b"example.org " + FORMS["OpenSSH"]("p256"), "known_hosts"),
        (FORMS["OpenSSH"]("p256") + FORMS["OpenSSH"]("rsa"), "2 lines"),
        (FORMS["OpenSSH"]("p256").replace(b"nistp256 ", b"nistp384 "), "its key says"),
        (rfc4716("p256")[:-10], "cut"),
        (rfc4716("p256") * 2, "2 keys"),
        (spki(ec.generate_private_key(ec.SECP256K1()).public_key()), "secp256k1"),
        (spki(ec.generate_private_key(ec.BrainpoolP256R1()).public_key()), "brainpoolP256r1"),
        (spki(ec.generate_private_key(ec.SECP224R1()).public_key()), "P-224"),
        (spki(ed448.Ed448PrivateKey.generate().public_key()), "Ed448"),
        (spki(x25519.X25519PrivateKey.generate().public_key()), "X25519"),
        (spki(rsa.generate_private_key(65537, 1024).public_key()), "1024 bits, expected 2048"),  # noqa: S505 - the weak one is the point
        (spki(dsa.generate_private_key(1024).public_key()), "DSA"),  # noqa: S505 - as above
    ],
)
def test_what_is_no_public_key_is_named_for_what_it_is(content, says):
    assert says in refusal(content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda: jwk("p256", use="enc"), "use 'enc'"),
        (lambda: jwk("p256", key_ops=["sign"]), "expected verify"),
        (lambda: jwk("p256", alg="ES384"), "alg is 'ES384', expected one of ES256"),
        (lambda: jwk("rsa", alg="RSA-OAEP"), "expected one of RS256"),
        (lambda: jwk("p256", alg="HS256"), "alg is 'HS256'"),
        (lambda: jwk("p256", kty="RSA"), "without its member 'n'"),
        (lambda: jwk("rsa", kty="EC"), "without its member 'crv'"),
        (lambda: jwk("p256", crv="P-384"), "coordinates of 32 and 32 bytes, expected 48"),
        (lambda: jwk("p256", crv="secp256k1"), "curve 'secp256k1'"),
        (lambda: jwk("p256", y=b64(bytes(32))), "does not lie on P-256"),
        (lambda: jwk("p256", x=b64(bytes(31))), "31 and 32 bytes"),
        (lambda: jwk("ed25519", crv="X25519"), "X25519"),
        (lambda: jwk("ed25519", x=b64(bytes(33))), "33 bytes"),
        (lambda: jwk("p256", x="AA=="), "base64url"),
        (lambda: jwk("p256", exp=1), "`not_after`"),
        (lambda: jwk("p256", revoked=True), "`revoked`"),
        (lambda: b'{"keys": [' + jwk("p256", kid="a") + b"," + jwk("rsa", kid="b") + b"]}", "(kid 'a', kid 'b')"),
        (lambda: b"[" + jwk("p256") + b"," + jwk("rsa") + b"]", "set of 2"),
    ],
)
def test_what_a_jwk_says_is_judged(content, says):
    assert says in refusal(content())


def test_what_counts_for_nothing_in_a_jwk_is_named():
    assert read_public_key(jwk("p256", kid="a", x5c=["AA=="], use="sig")).ignored == ("kid 'a'", "x5c")


def test_a_jwk_is_for_what_it_says():
    assert read_public_key(jwk("rsa", alg="PS256")).algorithms == ("PS256",)


@pytest.mark.parametrize(("name", "algorithm"), [("rsa", "RS256"), ("p384", "ES384"), ("ed25519", "EdDSA")])
def test_a_jwk_that_says_what_its_key_is_for_anyway_is_that_key(name, algorithm):
    assert read_public_key(jwk(name, alg=algorithm)) == read_public_key(public_pem(name))


def test_a_key_for_pss_alone_is_for_that():
    plain = public("rsa").public_bytes(DER, SPKI)
    # `openssl genpkey -algorithm RSA-PSS` writes no parameters where none are asked for.
    pss = plain.replace(bytes.fromhex("300d06092a864886f70d0101010500"), bytes.fromhex("300b06092a864886f70d01010a"))
    pss = b"\x30\x82" + (len(pss) - 4).to_bytes(2, "big") + pss[4:]
    assert serialization.load_der_public_key(pss) == public("rsa")
    read = read_public_key(pss)
    assert (read.pem, read.algorithms) == (public_pem("rsa"), ("PS256", "PS384", "PS512"))


@pytest.mark.parametrize("name", ["p256", "p384", "p521"])
def test_a_point_off_its_curve_is_no_key_in_der(name):
    der = bytearray(public(name).public_bytes(DER, SPKI))
    der[-1] ^= 1
    assert "does not lie on" in refusal(bytes(der))


ALL_FORMS = st.sampled_from([make(name) for make in FORMS.values() for name in KEYS])


@given(ALL_FORMS, st.data())
def test_a_damaged_key_is_that_key_or_refused_in_our_words(content, data):
    at = data.draw(st.integers(0, len(content) - 1))
    damaged = content[:at] + data.draw(st.binary(max_size=3)) + content[at + data.draw(st.integers(0, 40)) :]
    try:
        pem = read_public_key(damaged).pem
    except NoPublicKeyError:
        assert refusal(damaged)
    else:
        assert pem.startswith(b"-----BEGIN PUBLIC KEY-----\n")


@given(st.binary(max_size=300))
@example(b"0")
@example(b"0\x80")
@example(b"0\x82\x01")
@example(b"{")
@example(b'{"kty":"RSA","n":"AA","e":"AA"}')
@example(b"\xff\xfe-")
def test_any_bytes_are_refused_in_our_words(content):
    assert refusal(content)


@given(st.sampled_from(KEYS), st.data())
def test_der_is_read_as_the_library_reads_it_or_refused(name, data):
    content = bytearray(public(name).public_bytes(DER, SPKI))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        pem = read_public_key(bytes(content)).pem
    except NoPublicKeyError:
        return
    assert serialization.load_pem_public_key(pem) == serialization.load_der_public_key(bytes(content))
