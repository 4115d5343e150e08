"""DSSE envelopes (https://github.com/secure-systems-lab/dsse, protocol 1.0.2).

* what is signed is the pre-authentication encoding; its lengths count bytes
* base64 is standard or URL-safe, one of them at a time, padded, unused bits zero
* at least one and at most `MAX_SIGNATURES` signatures
* unknown fields are ignored, as the specification demands; duplicate and case-variant keys are refused
* an envelope may stand alone or as the only line of a JSONL file
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from verifier.core.errors import refuse, reject
from verifier.core.limits import MAX_DOCUMENT_BYTES, MAX_ENVELOPE_DEPTH, MAX_SIGNATURES
from verifier.core.value import Value, field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.write import compact

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget

PAE_PREFIX: Final = b"DSSEv1 "
"""What every pre-authentication encoding begins with, and nothing that is signed as it is."""


class EnvelopeSignature(Value):
    """One signature; `keyid` is a hint, "" where there is none."""

    keyid: str
    sig: bytes


class Envelope(Value):
    """An envelope taken apart, nothing verified."""

    payload_type: str
    payload: bytes = field(repr=False)
    signatures: tuple[EnvelopeSignature, ...]


def parse_envelope(document: bytes, *, subject: str, budget: Budget | None = None) -> Envelope:
    """Take `document` apart; raises `Refused`. `budget` pays for it, or one of its own where it is large."""
    if len(document) > MAX_DOCUMENT_BYTES:
        message = f"the envelope takes {len(document)} bytes, expected at most {MAX_DOCUMENT_BYTES}"
        raise refuse("input.too-large", subject, message)
    value = strict_json.loads(document, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget)
    fields = Fields.of(value, code="attestation.invalid", subject=subject)
    fields.known("payloadType", "payload", "signatures")
    payload_type = fields.text("payloadType")
    payload = _decode(fields, "payload")
    signatures = tuple(_signature(item) for item in fields.objects("signatures", most=MAX_SIGNATURES))
    if not signatures:
        raise reject("signature.missing", subject, "the envelope holds no signature")
    return Envelope(payload_type=payload_type, payload=payload, signatures=signatures)


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`."""
    kind = payload_type.encode()
    return PAE_PREFIX + b"%d %b %d %b" % (len(kind), kind, len(payload), payload)


def build_envelope(payload_type: str, payload: bytes, signatures: Sequence[EnvelopeSignature]) -> bytes:
    """The envelope as one line of JSON."""
    envelope = {
        "payloadType": payload_type,
        "payload": binascii.b2a_base64(payload, newline=False).decode("ascii"),
        "signatures": [
            {"keyid": each.keyid, "sig": binascii.b2a_base64(each.sig, newline=False).decode("ascii")}
            for each in signatures
        ],
    }
    return compact(envelope, ascii_only=False).encode() + b"\n"


def _signature(item: Fields) -> EnvelopeSignature:
    item.known("keyid", "sig")
    return EnvelopeSignature(keyid=item.key_id("keyid") or "", sig=_decode(item, "sig"))


def _decode(fields: Fields, name: str) -> bytes:
    text = fields.text(name)
    standard = text.replace("-", "+").replace("_", "/")
    if standard != text and ("+" in text or "/" in text):
        raise fields.refusal(name, "mixes the two alphabets of base64")
    try:
        content = binascii.a2b_base64(standard, strict_mode=True)
    except ValueError as error:
        raise fields.refusal(name, f"is not base64: {error}") from error
    if binascii.b2a_base64(content, newline=False) != standard.encode("ascii"):
        raise fields.refusal(name, "is not canonical base64: unused bits are set, or the padding is wrong")
    return content
