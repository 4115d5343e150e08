"""What cosign wrote before it wrote Sigstore bundles, as measured with cosign 3.1.3 (`--new-bundle-format=false`)."""

from __future__ import annotations

import base64

from tests.support.sigstore_instance import Instance, b64, body, message_of, pem_of


def older(signature: bytes) -> dict:
    """A bundle of a signature alone."""
    return {"base64Signature": b64(signature)}


def older_logged(instance: Instance, signature: bytes, recorded: dict) -> dict:
    """The same with its log entry."""
    entry = instance.entry(recorded, proof=False)
    payload = {
        "body": entry["canonicalizedBody"],
        "integratedTime": int(entry["integratedTime"]),
        "logIndex": int(entry["logIndex"]),
        "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
    }
    promise = entry["inclusionPromise"]["signedEntryTimestamp"]
    return older(signature) | {"rekorBundle": {"SignedEntryTimestamp": promise, "Payload": payload}}


def older_keyless(instance: Instance, artifact: bytes, *, certificate: bytes | None = None) -> dict:
    """A bundle of the artifact's signature by the key "p256" under a certificate, with its log entry."""
    certificate, content = certificate or instance.certificate(), message_of("p256", artifact)
    pem = pem_of(certificate)
    recorded = body("hashedrekord", "0.0.1", content, pem)
    return older_logged(instance, base64.b64decode(content["signature"]), recorded) | {"cert": b64(pem)}
