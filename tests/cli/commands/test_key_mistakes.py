"""`--key` with what people give in its place: the file is named for what it is, and no secret is shown."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization

from tests.support.command import run
from tests.support.material import private_key, private_pem, public_pem

pytestmark = pytest.mark.usefixtures("place")
SECRET = base64.b64encode(b"a shared secret of forty bytes and more!")
SIGNING = (
    b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n" + SECRET + b"\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
)
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (public_pem("p256")[:90], "is a PEM block that is cut"),
        (public_pem("p256") + public_pem("rsa"), "--key once for each"),
        (private_pem("p256"), "openssl pkey -in FILE -pubout"),
        (SIGNING, "cosign public-key --key FILE"),
        (SECRET, "--algorithm HS256"),
        (b'{"kty": "oct", "k": "' + SECRET.rstrip(b"=") + b'"}', "symmetric"),
        (b'{"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "' + SECRET.rstrip(b"=") + b'"}', "Leave out d"),
    ],
)
@pytest.mark.parametrize("command", ["bundle", "artifact"])
def test_what_is_no_public_key_is_named(place, command, content, says):
    (place / "k").write_bytes(content)
    answer = run(command, "authz.tar.gz", "--key", "k")
    assert answer.status == 2
    assert answer.err.startswith("verify: error: --key: 'k' ")
    assert says in answer.err
    assert "Traceback" not in answer.err
    assert SECRET.decode()[:12] not in answer.err + answer.out
    assert private_pem("p256").splitlines()[1].decode() not in answer.err + answer.out


@pytest.mark.parametrize("form", ["DER", "OpenSSH", "escaped"])
def test_a_key_in_another_form_verifies_as_it_is(place, form):
    key = serialization.load_pem_public_key((place / "release.pub").read_bytes())
    openssh = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    content = {
        "DER": key.public_bytes(serialization.Encoding.DER, SPKI),
        "OpenSSH": openssh + b" somebody\n",
        "escaped": (place / "release.pub").read_bytes().replace(b"\n", b"\\n"),
    }[form]
    (place / "k").write_bytes(content)
    assert run("sign", "bundle", "src", "--key", "release", "--out", "authz.tar.gz").status == 0
    assert run("bundle", "authz.tar.gz", "--key", "k").status == 0
    (place / "k").write_bytes(private_key("p256-2").public_key().public_bytes(serialization.Encoding.DER, SPKI))
    assert run("bundle", "authz.tar.gz", "--key", "k").status == 1
