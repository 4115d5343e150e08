"""Sigstore bundles in PyPI's words (PEP 740)."""

from __future__ import annotations


def attestation(bundle: dict) -> dict:
    """The attestation object that PyPI would make of a keyless bundle of an envelope."""
    material, envelope = bundle["verificationMaterial"], bundle["dsseEnvelope"]
    return {
        "version": 1,
        "verification_material": {
            "certificate": material["certificate"]["rawBytes"],
            "transparency_entries": material["tlogEntries"],
        },
        "envelope": {"statement": envelope["payload"], "signature": envelope["signatures"][0]["sig"]},
    }
