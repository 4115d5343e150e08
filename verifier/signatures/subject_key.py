"""SubjectPublicKeyInfo of ECDSA and Ed25519 keys (RFC 5480, RFC 8410), which is a constant and then the key itself.

The loader of `cryptography` knows every format that keys are kept in, and costs a third of loading all the rest of it.

* what is read is what that loader would read; whatever is not written in the one usual way is left to it
* what is written is what `public_bytes` would write
"""

from __future__ import annotations

import binascii
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

_BEGIN, _END = b"-----BEGIN PUBLIC KEY-----\n", b"-----END PUBLIC KEY-----\n"
_LINE = 64

_ED25519: Final = bytes.fromhex("302a300506032b6570032100")
_CURVES: Final[tuple[tuple[ec.EllipticCurve, bytes], ...]] = (
    (ec.SECP256R1(), bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")),
    (ec.SECP384R1(), bytes.fromhex("3076301006072a8648ce3d020106052b81040022036200")),
    (ec.SECP521R1(), bytes.fromhex("30819b301006072a8648ce3d020106052b8104002303818600")),
)
"""What stands before the point: the algorithm, the curve, and how long the point is."""
_UNCOMPRESSED = b"\x04"


def read_subject_key(pem: bytes) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None:
    """The key in a PEM file of the usual form; None for whatever else it may be."""
    try:
        der = binascii.a2b_base64(pem.removeprefix(_BEGIN).removesuffix(_END))
        return _read(der) if pem == _pem(der) else None
    except ValueError:  # no base64, no point of its curve
        return None


def write_subject_key(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    """The DER of a key over a curve that is known here."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return _ED25519 + key.public_bytes_raw()
    size, numbers = (key.curve.key_size + 7) // 8, key.public_numbers()
    (header,) = (header for curve, header in _CURVES if curve.name == key.curve.name)
    return header + _UNCOMPRESSED + numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")


def _read(der: bytes) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None:
    if der.startswith(_ED25519):
        return ed25519.Ed25519PublicKey.from_public_bytes(der.removeprefix(_ED25519))
    for curve, header in _CURVES:
        if der.startswith(header + _UNCOMPRESSED):
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, der.removeprefix(header))
    return None


def _pem(der: bytes) -> bytes:
    body = binascii.b2a_base64(der, newline=False)
    lines = [body[start : start + _LINE] + b"\n" for start in range(0, len(body), _LINE)]
    return b"".join((_BEGIN, *lines, _END))
