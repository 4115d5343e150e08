"""Keys, signers and signed documents for tests, made by the standard library's and cryptography's own means."""

from __future__ import annotations

import base64
import functools
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.support.places import ROOT
from verifier.core.signers.signer import Signer
from verifier.formats.intoto.dsse import EnvelopeSignature, build_envelope, pae
from verifier.signatures import keys

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
IN_TOTO = "application/vnd.in-toto+json"
FILES = [
    {"name": ".manifest", "hash": "ab" * 32, "algorithm": "SHA-256"},
    {"name": "authz/policy.rego", "hash": "cd" * 32, "algorithm": "SHA-256"},
]

ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_TYPE_OF = {"ES256": "p256", "ES384": "p384", "ES512": "p521", "EdDSA": "ed25519"}


@functools.cache
def private_key(name: str) -> keys.PrivateKey:
    """One key a name: "rsa", "p256", "p384", "p521", "ed25519", and the same with "-2" for another."""
    match name.split("-", maxsplit=1)[0]:
        case "rsa":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "p256":
            return ec.generate_private_key(ec.SECP256R1())
        case "p384":
            return ec.generate_private_key(ec.SECP384R1())
        case "p521":
            return ec.generate_private_key(ec.SECP521R1())
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case other:
            raise ValueError(other)


def key_for(algorithm: str) -> str:
    """The name of a key that `algorithm` is for."""
    return _TYPE_OF.get(algorithm, "rsa")


def public_pem(name: str) -> bytes:
    return (
        private_key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def private_pem(name: str) -> bytes:
    return private_key(name).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def signer(name: str, key: str | None = None, **changes) -> Signer:
    """A signer whose key id is its name."""
    return Signer(**({"name": name, "kid": name, "public_key": public_pem(key or name)} | changes))


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token(
    key: str = "rsa",
    algorithm: str = "RS256",
    *,
    header: dict | bytes | None = None,
    claims: dict | bytes | None = None,
    secret: bytes | None = None,
) -> str:
    """A compact JWS over exactly this header and these claims (bytes are taken as they are)."""
    header = {"alg": algorithm, "kid": key, "typ": "JWT"} if header is None else header
    claims = {"files": FILES} if claims is None else claims
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    signed = ".".join(map(b64, parts)).encode()
    if secret is not None:
        return f"{signed.decode()}.{b64(keys.authenticate(secret, algorithm, signed))}"
    return f"{signed.decode()}.{b64(keys.sign(private_key(key), algorithm, signed, raw_ecdsa=True))}"


def document(*tokens: str, **fields) -> bytes:
    """A `.signatures.json`."""
    return json.dumps({"signatures": list(tokens)} | fields).encode()


def statement(digest: str = "ab" * 32, predicate_type: str = "https://example.org/t/v1", **predicate) -> bytes:
    subject = [{"name": "authz", "digest": {"sha256": digest}}]
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": subject,
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    ).encode()


def envelope(payload: bytes, *names: str, payload_type: str = IN_TOTO, raw_ecdsa: bool = False) -> bytes:
    """A DSSE envelope signed by these keys, each under its own key id."""
    signatures = []
    for name in names:
        key = private_key(name)
        algorithm = keys.algorithms_of(key.public_key())[0]
        sig = keys.sign(key, algorithm, pae(payload_type, payload), raw_ecdsa=raw_ecdsa)
        signatures.append(EnvelopeSignature(keyid=name, sig=sig))
    return build_envelope(payload_type, payload, signatures)


def corpus(folder: str) -> Path:
    """A folder of the corpus of real signed material; skips where there is none, fails in CI."""
    path = Path(os.environ.get("VERIFIER_CORPUS", ROOT.parent / "shared/corpus")) / folder
    if not path.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the corpus is required in CI and {path} does not exist")
        pytest.skip(f"no corpus: {path} does not exist")
    return path


def codes(refused) -> list[str]:
    """The reason codes of what `pytest.raises(Refused)` caught."""
    return [reason.code for reason in refused.value.reasons]
