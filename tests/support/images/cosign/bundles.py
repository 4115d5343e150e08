"""Sigstore bundles as cosign 3 writes them for an image, signed by keys of the tests."""

import base64
import json

from tests.support.images.place import BUNDLE, MemoryPlace
from tests.support.images.signed import cosign_statement
from tests.support.material import envelope, private_key
from verifier.core.uris import COSIGN_SIGN
from verifier.signatures.keys import fingerprint


def bundle_of(key: str, statement: bytes) -> bytes:
    """The bundle of a statement that `key` has signed, without a log."""
    signed = json.loads(envelope(statement, key))
    hint = base64.b64encode(bytes.fromhex(fingerprint(private_key(key).public_key()))).decode()
    return json.dumps(
        {
            "mediaType": BUNDLE,
            "verificationMaterial": {"publicKey": {"hint": hint}},
            "dsseEnvelope": {
                "payload": signed["payload"],
                "payloadType": signed["payloadType"],
                "signatures": [{"sig": signed["signatures"][0]["sig"]}],
            },
        }
    ).encode()


def attach_bundle(place: MemoryPlace, key: str = "p256", *, kind: str = COSIGN_SIGN, **said):
    """Attach one as cosign does, listed as it lists it."""
    noted = {"dev.sigstore.bundle.content": "dsse-envelope", "dev.sigstore.bundle.predicateType": kind}
    statement = cosign_statement(said.pop("digest", place.digest), kind=kind, **said)
    return place.attach(bundle_of(key, statement), annotations=noted)
