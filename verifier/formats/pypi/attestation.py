"""PyPI's attestations (PEP 740, version 1), written as the Sigstore bundles that they are made of.

* one reading: unknown fields and other versions are refused, and everything else as a bundle's reader refuses it
* certificate, log entries, payload and signature go over as they stand: what is verified is what was signed
* every log entry goes over, not the first alone
* PyPI's signatures are over in-toto statements; no other type of payload can be written

Source: https://packaging.python.org/specifications/index-hosted-attestations/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.uris import IN_TOTO_PAYLOAD
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.write import compact
from verifier.formats.sigstore.bundle import BUNDLE, MAX_ENTRIES

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget

_HINT = "Fetch it again from PyPI: https://pypi.org/integrity/NAME/VERSION/FILE/provenance."


def as_bundle(document: bytes, *, subject: str, budget: Budget | None = None) -> bytes:
    """The Sigstore bundle (0.3) that says what the attestation `document` says; raises `Refused`."""
    try:
        return compact(_bundle(document, subject, budget)).encode()
    except Refused as refusal:
        first = refusal.reasons[0]
        message = f"this is an attestation of PyPI's (PEP 740): {first.message}"
        raise refuse(first.code, subject, message, _HINT) from refusal


def _bundle(document: bytes, subject: str, budget: Budget | None) -> dict[str, object]:
    value = strict_json.loads(document, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget)
    fields = Fields.of(value, code="attestation.invalid", subject=subject)
    fields.known("version", "verification_material", "envelope", closed=True)
    version = fields.count("version")
    if version != 1:
        raise refuse("signature.unsupported", subject, f"its version is {version}, expected 1")
    material = fields.object("verification_material").known("certificate", "transparency_entries", closed=True)
    envelope = fields.object("envelope").known("statement", "signature", closed=True)
    entries = [entry.value for entry in material.objects("transparency_entries", most=MAX_ENTRIES)]
    if not entries:
        raise material.refusal("transparency_entries", "is empty, expected the log entry of the signature")
    return {
        "mediaType": BUNDLE,
        "verificationMaterial": {"certificate": {"rawBytes": material.text("certificate")}, "tlogEntries": entries},
        "dsseEnvelope": {
            "payload": envelope.text("statement"),
            "payloadType": IN_TOTO_PAYLOAD,
            "signatures": [{"sig": envelope.text("signature")}],
        },
    }
