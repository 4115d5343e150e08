"""Layers of cosign's old scheme, signed by keys of the tests and under certificates of a Sigstore of the tests."""

from __future__ import annotations

import base64
import hashlib
import json

from tests.support.images.place import DSSE, REPOSITORY, SIGNATURE, SIMPLE_SIGNING
from tests.support.material import envelope, public_pem
from tests.support.sigstore_instance import Instance, b64, body, message_of, pem_of, signature_of
from verifier.core.document import Document
from verifier.formats.cosign.layer import BUNDLE, CERTIFICATE, CHAIN, write_layer

TYPE = "cosign container image signature"


def payload_of(digest, *, repository=REPOSITORY, kind=TYPE, claims=None, **more):
    """cosign's old payload, as it writes it."""
    critical = {
        "identity": {"docker-reference": repository},
        "image": {"docker-manifest-digest": str(digest)},
        "type": kind,
    }
    return json.dumps({"critical": critical | more, "optional": claims}, separators=(",", ":")).encode()


def signed_by(key, payload):
    """The layer of a payload that `key` has signed, as (content, type, annotations)."""
    return payload, SIMPLE_SIGNING, {SIGNATURE: b64(signature_of(key, payload))}


def signature(key, digest, *, name="signature-1", **said):
    """The document of such a layer."""
    return document(signed_by(key, payload_of(digest, **said)), name)


def document(layer, name="signature-1"):
    content, media_type, annotations = layer
    return Document(name=name, content=write_layer(media_type, content, annotations))


def keyless(instance: Instance, payload, *, certificate=None, promise=True, over=None):
    """The layer of a payload signed by the key "p256" under a certificate, with the log's promise."""
    certificate = certificate or instance.certificate()
    content = message_of("p256", payload)
    layer = (payload, SIMPLE_SIGNING, {SIGNATURE: content["signature"], CERTIFICATE: pem_of(certificate).decode()})
    recorded = body("hashedrekord", "0.0.1", over or content, pem_of(certificate))
    return with_promise(instance, layer, recorded) if promise else layer


def logged_key(instance: Instance, payload, key="p256"):
    """The layer of a payload signed by a key, with the log's promise."""
    content = message_of(key, payload)
    layer = (payload, SIMPLE_SIGNING, {SIGNATURE: content["signature"]})
    return with_promise(instance, layer, body("hashedrekord", "0.0.1", content, public_pem(key)))


def attestation(instance: Instance, statement, *, kind="dsse", certificate=None, other=b""):
    """The layer of a statement under a certificate, with a promise of an entry `dsse` or `intoto` 0.0.1.

    The entry's hash is of the envelope and `other`.
    """
    certificate = certificate or instance.certificate()
    written = envelope(statement, "p256").rstrip(b"\n")
    content = json.loads(written)
    recorded = body(kind, "0.0.1", content, pem_of(certificate))
    holder, field = (recorded["spec"], "envelopeHash") if kind == "dsse" else (recorded["spec"]["content"], "hash")
    holder[field] = {"algorithm": "sha256", "value": hashlib.sha256(written + other).hexdigest()}
    layer = (written, DSSE, {SIGNATURE: "", CERTIFICATE: pem_of(certificate).decode()})
    return with_promise(instance, layer, recorded)


def with_promise(instance: Instance, layer, recorded):
    """The layer with the promise that `recorded` was logged, and the chain that cosign puts beside it."""
    entry = instance.entry(recorded, proof=False)
    promise = {
        "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        "Payload": {
            "body": entry["canonicalizedBody"],
            "integratedTime": int(entry["integratedTime"]),
            "logIndex": int(entry["logIndex"]),
            "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
        },
    }
    content, media_type, annotations = layer
    chain = {CHAIN: authority_pem(instance)} if CERTIFICATE in annotations else {}
    return content, media_type, annotations | {BUNDLE: json.dumps(promise)} | chain


def authority_pem(instance: Instance):
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - this alone needs it

    return instance.authority.public_bytes(Encoding.PEM).decode()


def changed(layer, **annotations):
    """The layer with other annotations, by the last word of their names; None takes one away."""
    content, media_type, noted = layer
    names = {name.rpartition("/")[2]: name for name in (SIGNATURE, CERTIFICATE, CHAIN, BUNDLE)}
    names["rfc3161timestamp"] = "dev.sigstore.cosign/rfc3161timestamp"
    new = {**noted, **{names[word]: text for word, text in annotations.items()}}
    return content, media_type, {name: text for name, text in new.items() if text is not None}
