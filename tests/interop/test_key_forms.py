"""Public keys as openssl, ssh-keygen and cosign write them: the same key in each of their forms."""

from __future__ import annotations

import shutil

import pytest

from tests.support.command import ask
from tests.support.peers.peers import executable, run
from verifier.formats.keys.public_key import read_public_key
from verifier.formats.keys.text import NoPublicKeyError

pytestmark = pytest.mark.interop
NOWHERE = """{
  "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "rekorTlogConfig": {}, "tsaConfig": {}
}"""
KINDS = {
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "ed25519": ["-algorithm", "ED25519"],
    "pss": ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
}
CURVES = ["p256", "p384", "p521"]
OTHERS = {
    "secp256k1": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
    "brainpoolP256r1": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"],
    "Ed448": ["-algorithm", "ED448"],
    "X25519": ["-algorithm", "X25519"],
    "1024 bits": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    "spells its curve out": [*KINDS["p256"], "-pkeyopt", "ec_param_enc:explicit"],
}


@pytest.fixture
def openssl(tmp_path):
    program = shutil.which("openssl") or pytest.fail("openssl is not on PATH")
    return lambda *arguments: run(program, *arguments, cwd=tmp_path)


@pytest.fixture
def ssh_keygen(tmp_path):
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not on PATH")
    return lambda *arguments: run(program, *arguments, cwd=tmp_path)


@pytest.fixture
def pair(openssl, tmp_path):
    """Makes a key pair of a kind, private.pem and public.pem; the public key's bytes."""

    def pair(options):
        openssl("genpkey", *options, "-out", "private.pem")
        openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
        return (tmp_path / "public.pem").read_bytes()

    return pair


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pss"])
def test_what_openssl_writes_in_any_form_is_one_key(kind, openssl, pair, tmp_path):
    pem = pair(KINDS[kind])
    assert read_public_key(pem).pem == pem
    openssl("pkey", "-pubin", "-in", "public.pem", "-pubout", "-outform", "DER", "-out", "other")
    der = (tmp_path / "other").read_bytes()
    assert read_public_key(der).pem == pem
    openssl("pkey", "-pubin", "-in", "public.pem", "-pubout", "-text", "-out", "other")
    assert read_public_key((tmp_path / "other").read_bytes()).pem == pem


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_pkcs1_by_openssl_is_the_same_key(form, openssl, pair, tmp_path):
    pem = pair(KINDS["rsa"])
    openssl("rsa", "-pubin", "-in", "public.pem", "-RSAPublicKey_out", "-outform", form, "-out", "other")
    assert read_public_key((tmp_path / "other").read_bytes()).pem == pem


@pytest.mark.parametrize("kind", CURVES)
def test_a_compressed_point_by_openssl_is_the_same_key(kind, openssl, pair, tmp_path):
    pem = pair(KINDS[kind])
    openssl("ec", "-pubin", "-in", "public.pem", "-pubout", "-conv_form", "compressed", "-out", "other")
    other = (tmp_path / "other").read_bytes()
    assert other != pem
    assert read_public_key(other).pem == pem


def test_a_key_of_openssl_for_pss_alone_is_for_that(pair):
    assert read_public_key(pair(KINDS["pss"])).algorithms == ("PS256", "PS384", "PS512")


def test_a_key_of_openssl_for_one_hash_of_pss_is_for_that(pair):
    limits = ["-pkeyopt", "rsa_pss_keygen_md:sha384", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha384"]
    assert read_public_key(pair([*KINDS["pss"], *limits])).algorithms == ("PS384",)


@pytest.mark.parametrize("says", OTHERS)
def test_a_key_of_openssl_that_is_not_supported_is_named(says, pair):
    with pytest.raises(NoPublicKeyError, match=says):
        read_public_key(pair(OTHERS[says]))


def test_a_certificate_by_openssl_is_named_in_each_form(openssl, pair, tmp_path):
    pair(KINDS["p256"])
    for form in ("PEM", "DER"):
        openssl("req", "-x509", "-key", "private.pem", "-subj", "/CN=x", "-outform", form, "-out", "other")
        with pytest.raises(NoPublicKeyError, match="is a certificate"):
            read_public_key((tmp_path / "other").read_bytes())


@pytest.mark.parametrize(
    ("kind", "bits"), [("rsa", "2048"), *(("ecdsa", bits) for bits in ("256", "384", "521")), ("ed25519", "256")]
)
def test_what_ssh_keygen_writes_in_any_form_is_one_key(kind, bits, ssh_keygen, tmp_path):
    ssh_keygen("-q", "-t", kind, "-b", bits, "-N", "", "-C", "who@example.org", "-f", "k")
    key = read_public_key((tmp_path / "k.pub").read_bytes())
    forms = ["RFC4716"] if kind == "ed25519" else ["RFC4716", "PKCS8", *(["PEM"] if kind == "rsa" else [])]
    for form in forms:
        assert read_public_key(ssh_keygen("-e", "-m", form, "-f", "k.pub").encode()) == key
    with pytest.raises(NoPublicKeyError, match="private key"):
        read_public_key((tmp_path / "k").read_bytes())


def test_a_key_pair_of_cosign_is_one_key_and_one_private_key(tmp_path):
    cosign = executable("cosign", "COSIGN")
    run(cosign, "generate-key-pair", cwd=tmp_path, environment={"COSIGN_PASSWORD": "correct horse"})
    public = (tmp_path / "cosign.pub").read_bytes()
    assert read_public_key(public).pem == public
    with pytest.raises(NoPublicKeyError, match="cosign's private key"):
        read_public_key((tmp_path / "cosign.key").read_bytes())


@pytest.mark.parametrize("kind", CURVES)
def test_a_file_that_cosign_signed_with_a_longer_curve_is_accepted(kind, pair, tmp_path, monkeypatch):
    cosign, environment = executable("cosign", "COSIGN"), {"COSIGN_PASSWORD": "correct horse"}
    pair(KINDS[kind])
    run(cosign, "import-key-pair", "--key", "private.pem", cwd=tmp_path, environment=environment)
    (tmp_path / "app.txt").write_bytes(b"content")
    (tmp_path / "config.json").write_text(NOWHERE)
    options = ["--yes", "--signing-config", "config.json", "--bundle", "b.json"]
    run(cosign, "sign-blob", "--key", "import-cosign.key", *options, "app.txt", cwd=tmp_path, environment=environment)
    monkeypatch.chdir(tmp_path)
    given = ["artifact", "app.txt", "--bundle", "b.json", "--key", "public.pem"]
    assert ask(*given).status == 0
    (tmp_path / "app.txt").write_bytes(b"changed")
    assert ask(*given).codes == ["attestation.subject-mismatch"]


NOWHERE = (
    '{"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "rekorTlogConfig": {}, "tsaConfig": {}}'
)
