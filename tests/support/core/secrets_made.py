"""Secrets of every kind, made for one run, and what looks like one and is none."""

import base64
import functools
import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.support.material import private_key, private_pem, public_pem

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8, TRADITIONAL = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
PLAIN = serialization.NoEncryption()
LOCKED = serialization.BestAvailableEncryption(b"correct horse")


def form(name, encoding, kind, encryption=PLAIN):
    return private_key(name).private_bytes(encoding, kind, encryption)


def in_json(content: bytes) -> bytes:
    return json.dumps({"data": {"value": content.decode()}}).encode()


def token(prefix: str, length: int, alphabet: str = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8") -> bytes:
    return (prefix + (alphabet * (length // len(alphabet) + 1))[:length]).encode()


def jwk(**fields) -> bytes:
    return json.dumps({"keys": [fields]}).encode()


LONG = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"


@functools.cache
def private_keys() -> dict[str, bytes]:
    """Private keys in every form that people keep them in."""
    return {
        "pkcs8": private_pem("rsa"),
        "pkcs8 of ed25519": private_pem("ed25519"),
        "pkcs1": form("rsa", PEM, TRADITIONAL),
        "sec1": form("p256", PEM, TRADITIONAL),
        "encrypted pkcs8": form("p256", PEM, PKCS8, LOCKED),
        "old encrypted pem": form("rsa", PEM, TRADITIONAL, LOCKED),
        "openssh": form("ed25519", PEM, serialization.PrivateFormat.OpenSSH),
        "cosign": b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
        + base64.encodebytes(b'{"kdf":{"name":"scrypt"},"ciphertext":"0000000000000000000000"}')
        + b"-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
        "pgp": b"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n" + base64.b64encode(bytes(range(200))),
        "ssh.com": b'---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: "me"\n' + base64.b64encode(bytes(range(90))),
        "der": form("p256", DER, PKCS8),
        "encrypted der": form("p384", DER, PKCS8, LOCKED),
        "pkcs1 der": form("rsa", DER, TRADITIONAL),
        "sec1 der": form("p521", DER, TRADITIONAL),
        "pkcs12": pkcs12.serialize_key_and_certificates(b"x", _rsa(), None, None, LOCKED),
        "java": b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01" + bytes(64),
        "pgp binary": b"\x95\x03\xc6\x04\x5f\x00\x00\x00\x01\x08" + bytes(range(64)),
        "jwk ec": jwk(kty="EC", crv="P-256", x=LONG, y=LONG, d=LONG),
        "jwk okp": jwk(kty="OKP", crv="Ed25519", d=LONG, x=LONG),
        "jwk shared": jwk(kty="oct", k=LONG),
        "jwk in rego": b'key := "{\\"kty\\": \\"EC\\", \\"d\\": \\"' + LONG.encode() + b'\\"}"',
        "jwk in yaml": b"keys:\n- kty: RSA\n  e: AQAB\n  d: " + LONG.encode() + b"\n",
        "age": token("AGE-SECRET-KEY-1", 58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
        "minisign": b"untrusted comment: minisign encrypted secret key\n" + token("RWRTY0Iy", 204),
        "putty": b"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n",
        "wireguard": b"[Interface]\nPrivateKey = " + base64.b64encode(bytes(range(1, 33))) + b"\n",
    }


@functools.cache
def _rsa():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def written_otherwise() -> dict[str, bytes]:
    """One private key, the way it gets into data."""
    pem = private_pem("p256")
    return {
        "in a JSON string": in_json(pem),
        "in JSON in JSON": in_json(in_json(pem)),
        "in YAML": b"key: |\n" + b"".join(b"  " + line + b"\n" for line in pem.splitlines()),
        "in a Rego string": b'k := "' + pem.replace(b"\n", b"\\n") + b'"',
        "in a raw Rego string": b"k := `" + pem + b"`",
        "in base64": b"tls.key: " + base64.b64encode(pem),
        "in base64 of several lines": base64.encodebytes(pem),
        "in base64 in JSON": in_json(base64.b64encode(pem)),
        "in base64 twice": b"data: " + base64.b64encode(base64.b64encode(pem)),
        "in base64 in the middle of a run": b"x/" + base64.b64encode(pem),
        "DER in base64": in_json(base64.b64encode(form("p256", DER, PKCS8))),
        "in UTF-16": pem.decode().encode("utf-16"),
        "in UTF-16, big end first": pem.decode().encode("utf-16-be"),
        "in UTF-32": pem.decode().encode("utf-32"),
        "with CRLF": pem.replace(b"\n", b"\r\n"),
        "with JSON's escapes": b'{"k": "' + "".join(f"\\u{each:04x}" for each in pem).encode() + b'"}',
        "as an array of lines": json.dumps(pem.decode().splitlines()).encode(),
        "in an address": b"key=" + pem.replace(b"\n", b"%0A").replace(b" ", b"%20"),
        "behind a very long line": b"x" * 2_000_000 + in_json(pem),
        "of a service account": json.dumps(
            {"type": "service_account", "private_key_id": "ab" * 20, "private_key": pem.decode()}
        ).encode(),
    }


def credentials() -> dict[str, bytes]:
    """Tokens and logins as their issuers write them."""
    return {
        "github": b"token: " + token("ghp_", 36),
        "github app": token("ghs_", 36),
        "github fine-grained": token("github_pat_", 82),
        "gitlab": token("glpat-", 20),
        "slack": b'"' + token("xoxb-", 50, "123456789012-") + b'"',
        "slack webhook": b"https://hooks.slack.com/services/T00AB1/B00CD2/" + token("", 24),
        "aws": b"AKIA" + b"IOSFODNN7QWERTYU"[:16].replace(b"0", b"2").replace(b"1", b"3"),
        "aws secret": b"aws_secret_access_key = " + token("", 40),
        "google": token("AIza", 35),
        "npm": token("npm_", 36),
        "npmrc": b"//registry.npmjs.org/:_authToken=" + token("", 36),
        "pypi": token("pypi-AgEIcHlwaS5vcmc", 60),
        "vault": token("hvs.", 30),
        "docker": token("dckr_pat_", 27),
        "stripe": token("sk_live_", 24),
        "azure": b"AccountName=x;AccountKey=" + base64.b64encode(bytes(range(64))),
        "netrc": b"machine example.org login me password hunter22\n",
        "registry login": b'{"auths": {"ghcr.io": {"auth": "' + base64.b64encode(b"me:hunter22") + b'"}}}',
        "git's extra header": b"\textraheader = AUTHORIZATION: basic eDphYmNkZWZnaA==\n",
        "a URL": b'{"dsn": "postgres://app:hunter22@db.internal:5432/x"}',
        "a token in base64": b"data: " + base64.b64encode(token("ghp_", 36)),
    }


def honest() -> dict[str, bytes]:
    """What speaks of secrets and holds none."""
    return {
        "a public key": public_pem("rsa"),
        "a public key in base64": base64.b64encode(public_pem("p256")),
        "a public key in DER": private_key("rsa")
        .public_key()
        .public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        "a public key in PKCS 1": private_key("rsa").public_key().public_bytes(DER, serialization.PublicFormat.PKCS1),
        "a public JWK": jwk(kty="EC", crv="P-256", x=LONG, y=LONG),
        "a policy about keys": b'deny if contains(input.data, "-----BEGIN RSA PRIVATE KEY-----")\n'
        b"pattern := `-----BEGIN ((EC|PGP|DSA|RSA|OPENSSH) )?PRIVATE KEY( BLOCK)?-----`\n"
        b'deny contains "a private key" if regex.match(`ghp_[A-Za-z0-9]{36}`, input.token)\n',
        "a list of headers": b'["-----BEGIN PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----"]',
        "a placeholder": b"ghp_" + b"x" * 36 + b" AKIAIOSFODNN7EXAMPLE https://user:password@example.org/",
        "words": json.dumps({"keys": ["secret", "token", "password"], "api_key": {"required": True}}).encode(),
        "digests": "\n".join(f"{each:064x}" for each in range(10**60, 10**60 + 500)).encode(),
        "integrity": b"sha512-" + base64.b64encode(bytes(range(64))),
        "a path with a port": b"https://registry.example:5000/a/b@sha256:" + b"ab" * 32,
        "a web token's shape": b'startswith(input.token, "eyJhbGciOiJIUzI1NiJ9.")',
        "nothing": b"",
        "zeros": bytes(4096),
    }
