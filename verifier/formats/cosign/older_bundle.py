"""What cosign wrote as a bundle before it wrote Sigstore's: a signature, with its certificate and log entry, if any.

* one reading: unknown fields, and another spelling of base64 or PEM are refused
* a certificate or a log entry makes it the Sigstore bundle (0.1) that says the same, and as which it is judged
* without either it is a signature alone, which only a key of the trust policy can be proven to have made
* a log entry without its promise proves nothing, and is refused; the format has no place for another proof
* a public key in place of the certificate is not looked at: whoever sent the bundle chose it
* where an attestation was signed, the signature is the whole envelope

Source: https://github.com/sigstore/cosign/blob/main/pkg/cosign/fetch.go (`LocalSignedPayload`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value, field
from verifier.formats.base64_text import decode, decode_field
from verifier.formats.cosign.promise import read_promise
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import compact

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget

HINT: Final = "Make a Sigstore bundle of it: `cosign bundle create`, or `cosign sign-blob --bundle FILE` of cosign 3."

MEDIA_TYPE: Final = "application/vnd.dev.sigstore.bundle+json;version=0.1"
_PEM: Final = re.compile(
    r"-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END \1-----(?:\r?\n)*\Z"
)


class OlderBundle(Value):
    """One taken apart, nothing verified; `bundle` is what it says as a Sigstore bundle, if it is more than a signature.

    `signature` is over the artifact, or a DSSE envelope in JSON.
    """

    signature: bytes = field(repr=False)
    bundle: bytes | None = field(default=None, repr=False)

    @property
    def is_envelope(self) -> bool:
        """Whether the signature is an envelope with its own payload."""
        return self.signature.lstrip()[:1] == b"{"


def parse_older_bundle(document: bytes, *, subject: str, budget: Budget | None = None) -> OlderBundle:
    """Take a bundle of cosign's own apart; raises `Refused`."""
    try:
        value = strict_json.loads(document, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget)
        fields = Fields.of(value, code="attestation.invalid", subject=subject)
        fields.known("base64Signature", "cert", "rekorBundle", closed=True)
        signature = decode_field(fields, "base64Signature")
        certificate = _certificate(fields)
        entry = fields.optional_object("rekorBundle")
        logged = _entry(entry, budget) if entry is not None else None
    except Refused as refusal:
        first = refusal.reasons[0]
        message = f"this is a bundle as cosign wrote them before Sigstore's: {first.message}"
        raise refuse(first.code, subject, message, HINT) from refusal
    alone = OlderBundle(signature=signature)
    if certificate is None and logged is None:
        return alone
    bundle: dict[str, object] = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {
            **({"x509CertificateChain": {"certificates": [{"rawBytes": certificate}]}} if certificate else {}),
            **({} if certificate else {"publicKey": {"hint": ""}}),
            "tlogEntries": [logged] if logged else [],
        },
        **_content(alone, fields, budget),
    }
    return OlderBundle(signature=signature, bundle=compact(bundle).encode())


def _content(signed: OlderBundle, fields: Fields, budget: Budget | None) -> dict[str, JsonValue]:
    if not signed.is_envelope:
        return {"messageSignature": {"signature": fields.text("base64Signature")}}
    subject = fields.subject
    return {
        "dsseEnvelope": strict_json.loads(
            signed.signature, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget
        )
    }


def _certificate(fields: Fields) -> str | None:
    """The certificate's DER in base64; cosign writes its PEM, or that in base64."""
    text = fields.optional_text("cert")
    if text is None:
        return None
    match = _PEM.match(text) or _PEM.match(_unpacked(fields, text))
    if match is None:
        raise fields.refusal("cert", "is not one PEM block CERTIFICATE or PUBLIC KEY, nor that in base64")
    return "".join(match[2].split()) if match[1] == "CERTIFICATE" else None


def _unpacked(fields: Fields, text: str) -> str:
    try:
        return decode(text).decode("ascii")
    except ValueError as error:
        raise fields.refusal("cert", "is neither PEM nor PEM in base64") from error


def _entry(fields: Fields, budget: Budget | None) -> Mapping[str, JsonValue]:
    """The log entry as Sigstore's bundles write it."""
    entry = read_promise(fields, budget)
    payload = fields.object("Payload")
    return {
        "logIndex": str(entry.log_index),
        "logId": {"keyId": base64.b64encode(entry.log_id).decode("ascii")},
        "kindVersion": {"kind": entry.kind, "version": entry.version},
        "integratedTime": str(entry.integrated_time or 0),
        "inclusionPromise": {"signedEntryTimestamp": fields.text("SignedEntryTimestamp")},
        "canonicalizedBody": payload.text("body"),
    }
