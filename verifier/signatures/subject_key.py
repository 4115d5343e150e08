"""SubjectPublicKeyInfo of ECDSA and Ed25519 keys (RFC 5480, RFC 8410), which is a constant and then the key itself.

The loader of `cryptography` knows every format that keys are kept in, and costs a third of loading all the rest of it.

* what is read is what that loader would read; whatever is not written in the one usual way is left to it
* what is written is what `public_bytes` would write
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from verifier.formats.keys.text import CURVE_HEADERS, ED25519_HEADER, UNCOMPRESSED, der_in_usual_pem

_CURVES: Final[tuple[ec.EllipticCurve, ...]] = (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())


def read_subject_key(pem: bytes) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None:
    """The key in a PEM file of the usual form; None for whatever else it may be."""
    der = der_in_usual_pem(pem)
    return None if der is None else read_subject_key_der(der)


def read_subject_key_der(der: bytes) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None:
    """The same of its DER alone."""
    try:
        return _read(der)
    except ValueError:  # no point of its curve
        return None


def write_subject_key(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    """The DER of a key over a curve that is known here."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return ED25519_HEADER + key.public_bytes_raw()
    size, numbers = (key.curve.key_size + 7) // 8, key.public_numbers()
    return (
        CURVE_HEADERS[key.curve.name] + UNCOMPRESSED + numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")
    )


def _read(der: bytes) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None:
    if der.startswith(ED25519_HEADER):
        return ed25519.Ed25519PublicKey.from_public_bytes(der.removeprefix(ED25519_HEADER))
    for curve in _CURVES:
        header = CURVE_HEADERS[curve.name]
        if der.startswith(header + UNCOMPRESSED):
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, der.removeprefix(header))
    return None
