"""A Sigstore instance for tests: a certificate authority and a transparency log with keys of their own.

It makes what the corpus has no example of, and signs it as Fulcio and Rekor do (`cryptography` does the signing).
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.material import IN_TOTO, private_key, public_pem, statement
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.formats.intoto.dsse import pae
from verifier.signatures import keys
from verifier.signatures.sigstore.root import TrustRoot, parse_root

SIGNED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ISSUER = "https://issuer.example"
IDENTITY = "https://forge.example/acme/policies/.forge/release.yml@refs/tags/v1"
PAYLOAD = statement()
V01 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
V02 = "application/vnd.dev.sigstore.bundle+json;version=0.2"
V03 = "application/vnd.dev.sigstore.bundle.v0.3+json"
_CURVES = {
    "P256_SHA_256": (ec.SECP256R1(), hashes.SHA256()),
    "P384_SHA_384": (ec.SECP384R1(), hashes.SHA384()),
    "P521_SHA_512": (ec.SECP521R1(), hashes.SHA512()),
}
_ARC = "1.3.6.1.4.1.57264.1"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def identity(name: str = "ci", **changes) -> Signer:
    """A keyless signer who is exactly the one whom the instance certifies, but for `changes`."""
    own = {key: changes.pop(key) for key in ("issuer", "identity", "claims") if key in changes}
    keyless = KeylessIdentity(**({"issuer": ISSUER, "identity": IDENTITY} | own))
    return Signer(name=name, kid=name, keyless=keyless, **changes)


def utf8(text: str) -> bytes:
    content = text.encode()
    length = bytes([len(content)]) if len(content) < 128 else b"\x81" + bytes([len(content)])
    return b"\x0c" + length + content


class Instance:
    """Holds the keys. `at` is when everything is signed."""

    def __init__(self, at: datetime = SIGNED_AT, *, authority_ends: datetime | None = None, log: str = "P256_SHA_256"):
        self.at = at
        self.log_details = f"PKIX_ECDSA_{log}"
        curve, self._log_hash = _CURVES[log]
        self.authority_key = ec.generate_private_key(ec.SECP256R1())
        self.log_key = ec.generate_private_key(curve)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority.example")])
        self.authority = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.authority_key.public_key())
            .serial_number(7)
            .not_valid_before(at - timedelta(days=365))
            .not_valid_after(authority_ends or at + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(sign=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.authority_key.public_key()), critical=False)
            .sign(self.authority_key, hashes.SHA256())
        )

    @property
    def log_id(self) -> bytes:
        return hashlib.sha256(_spki(self.log_key.public_key())).digest()

    def root(self, **changes) -> TrustRoot:
        return parse_root(json.dumps(self.root_document(**changes)).encode(), name="instance.example")

    def root_document(self, *, logs: bool = True, log_window=None, authority_window=None) -> dict:
        always = {"start": "2020-01-01T00:00:00Z"}
        log = {
            "baseUrl": "https://log.example",
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": b64(_spki(self.log_key.public_key())),
                "keyDetails": self.log_details,
                "validFor": always if log_window is None else log_window,
            },
            "logId": {"keyId": b64(self.log_id)},
        }
        authority = {
            "subject": {"organization": "o", "commonName": "c"},
            "uri": "https://authority.example",
            "certChain": {"certificates": [{"rawBytes": b64(self.authority.public_bytes(serialization.Encoding.DER))}]},
            "validFor": always if authority_window is None else authority_window,
        }
        stamper = authority | {"uri": "https://time.example"}
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log] if logs else [],
            "certificateAuthorities": [authority],
            "ctlogs": [],
            "timestampAuthorities": [] if logs else [stamper],
        }

    def certificate(self, key=None, *, names=None, claims=None, lifetime=timedelta(minutes=10)) -> bytes:
        """A signing certificate for `key`; `claims` are raw extension values by the last arc of their OID."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.authority.subject)
            .public_key((key or private_key("p256")).public_key())
            .serial_number(11)
            .not_valid_before(self.at - timedelta(minutes=1))
            .not_valid_after(self.at - timedelta(minutes=1) + lifetime)
            .add_extension(_usage(sign=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority_key.public_key()), critical=False
            )
            .add_extension(
                x509.SubjectAlternativeName(names or [x509.UniformResourceIdentifier(IDENTITY)]), critical=True
            )
        )
        for arc, value in ({8: utf8(ISSUER)} if claims is None else claims).items():
            oid = x509.ObjectIdentifier(f"{_ARC}.{arc}")
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
        return builder.sign(self.authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def entry(self, body: dict, *, promise: bool = True, proof: bool = True, id_: bytes | None = None) -> dict:
        """A log entry with `body`, the only one of its tree."""
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
        log_id, seconds = id_ or self.log_id, int(self.at.timestamp())
        entry = {
            "logIndex": "0",
            "logId": {"keyId": b64(log_id)},
            "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
            "canonicalizedBody": b64(canonical),
        }
        if promise:
            signed = {"body": b64(canonical), "integratedTime": seconds, "logID": log_id.hex(), "logIndex": 0}
            signature = self._log_signature(json.dumps(signed, sort_keys=True, separators=(",", ":")).encode())
            entry["inclusionPromise"] = {"signedEntryTimestamp": b64(signature)}
            entry["integratedTime"] = str(seconds)
        if proof:
            root = hashlib.sha256(b"\x00" + canonical).digest()
            note = f"log.example - 1\n1\n{b64(root)}\n"
            line = f"\n\u2014 log.example {b64(log_id[:4] + self._log_signature(note.encode()))}\n"
            checkpoint = {"envelope": note + line}
            entry["inclusionProof"] = {
                "logIndex": "0", "treeSize": "1", "rootHash": b64(root), "hashes": [], "checkpoint": checkpoint,
            }  # fmt: skip
        return entry

    def _log_signature(self, message: bytes) -> bytes:
        return self.log_key.sign(message, ec.ECDSA(self._log_hash))


def signature_of(key: str, message: bytes) -> bytes:
    private = private_key(key)
    return keys.sign(private, keys.algorithms_of(private.public_key())[0], message, raw_ecdsa=False)


def envelope_of(key: str = "p256", payload: bytes = PAYLOAD, payload_type: str = IN_TOTO) -> dict:
    """A bundle's `dsseEnvelope`, signed."""
    sig = signature_of(key, pae(payload_type, payload))
    return {"payload": b64(payload), "payloadType": payload_type, "signatures": [{"sig": b64(sig), "keyid": ""}]}


def message_of(key: str, artifact: bytes, *, size: int = 256) -> dict:
    """A bundle's `messageSignature` of `artifact`, which names it by a SHA-2 of `size` bits."""
    digest = {"algorithm": f"SHA2_{size}", "digest": b64(hashlib.new(f"sha{size}", artifact).digest())}
    return {"messageDigest": digest, "signature": b64(signature_of(key, artifact))}


def body(kind: str, version: str, content: dict, verifier: bytes) -> dict:
    """What Rekor records of a `dsseEnvelope` or `messageSignature`; `verifier` is PEM."""
    return {"kind": kind, "apiVersion": version, "spec": _SPECS[kind, version](content, verifier)}


def bundle(content: dict, material: dict | bytes, *entries: dict, media_type: str = V03) -> dict:
    """A bundle; bytes are a certificate."""
    if isinstance(material, bytes):
        certificate = {"rawBytes": b64(material)}
        material = (
            {"certificate": certificate}
            if media_type == V03
            else {"x509CertificateChain": {"certificates": [certificate]}}
        )
    kind = "dsseEnvelope" if "payload" in content else "messageSignature"
    return {
        "mediaType": media_type,
        "verificationMaterial": material | {"tlogEntries": list(entries)},
        kind: content,
    }


def pem_of(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)


def key_material(hint: str | None = "p256") -> dict:
    return {"publicKey": {} if hint is None else {"hint": hint}}


def managed(instance: Instance, kind: str, version: str, **entry) -> dict:
    """A bundle of an envelope, or for hashedrekord of the artifact `b"artifact"`, signed by the key "p256"."""
    content = message_of("p256", b"artifact") if kind == "hashedrekord" else envelope_of()
    return bundle(content, key_material(), instance.entry(body(kind, version, content, public_pem("p256")), **entry))


def keyless(
    instance: Instance, *, certificate: bytes | None = None, payload: bytes = PAYLOAD, media_type: str = V03, **entry
) -> dict:
    """A bundle of an envelope, signed by the key "p256" under a certificate."""
    certificate, content = certificate or instance.certificate(), envelope_of(payload=payload)
    recorded = body("intoto", "0.0.2", content, pem_of(certificate))
    return bundle(content, certificate, instance.entry(recorded, **entry), media_type=media_type)


def _sha256(content: bytes) -> dict:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}


def _payload_hash(content: dict) -> dict:
    return _sha256(base64.b64decode(content["payload"]))


def _hashedrekord_v1(content: dict, verifier: bytes) -> dict:
    value = base64.b64decode(content["messageDigest"]["digest"]).hex()
    algorithm = content["messageDigest"]["algorithm"].replace("SHA2_", "sha")
    return {
        "data": {"hash": {"algorithm": algorithm, "value": value}},
        "signature": {"content": content["signature"], "publicKey": {"content": b64(verifier)}},
    }


def _hashedrekord_v2(content: dict, verifier: bytes) -> dict:
    if "payload" in content:
        signed = pae(content["payloadType"], base64.b64decode(content["payload"]))
        algorithm, digest = "SHA2_256", b64(hashlib.sha256(signed).digest())
        signature = content["signatures"][0]["sig"]
    else:
        algorithm, digest = content["messageDigest"]["algorithm"], content["messageDigest"]["digest"]
        signature = content["signature"]
    der = b"".join(verifier.splitlines()[1:-1]).decode()
    shown = {"publicKey": {"rawBytes": der}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    data = {"algorithm": algorithm, "digest": digest}
    return {"hashedRekordV002": {"data": data, "signature": {"content": signature, "verifier": shown}}}


def _dsse_v1(content: dict, verifier: bytes) -> dict:
    signature = {"signature": content["signatures"][0]["sig"], "verifier": b64(verifier)}
    return {"envelopeHash": _sha256(b""), "payloadHash": _payload_hash(content), "signatures": [signature]}


def _intoto_v1(content: dict, verifier: bytes) -> dict:
    return {
        "content": {"hash": _sha256(b""), "payloadHash": _payload_hash(content)},
        "publicKey": b64(verifier),
    }


def _intoto_v2(content: dict, verifier: bytes) -> dict:
    signature = {"publicKey": b64(verifier), "sig": b64(content["signatures"][0]["sig"].encode())}
    envelope = {"payloadType": content["payloadType"], "signatures": [signature]}
    return {"content": {"envelope": envelope, "hash": _sha256(b""), "payloadHash": _payload_hash(content)}}


def _spki(key) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _usage(*, sign: bool) -> x509.KeyUsage:
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign")
    off = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=sign, key_cert_sign=not sign, **off)


_SPECS = {
    ("hashedrekord", "0.0.1"): _hashedrekord_v1,
    ("hashedrekord", "0.0.2"): _hashedrekord_v2,
    ("dsse", "0.0.1"): _dsse_v1,
    ("intoto", "0.0.1"): _intoto_v1,
    ("intoto", "0.0.2"): _intoto_v2,
}
