"""Points of the NIST curves: which lie on one, and the half that a compressed one leaves out (SEC 1, 2.3.4)."""

from __future__ import annotations

from typing import Final, NamedTuple

from verifier.formats.keys.text import CURVE_HEADERS, UNCOMPRESSED, NoPublicKeyError


class _Curve(NamedTuple):
    """y^2 = x^3 - 3x + b over the field of `p` elements, where p leaves 3 when divided by 4 (FIPS 186-4, D.1.2)."""

    p: int
    b: int


_CURVES: Final = {
    "secp256r1": _Curve(
        p=2**256 - 2**224 + 2**192 + 2**96 - 1,
        b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    "secp384r1": _Curve(
        p=2**384 - 2**128 - 2**96 + 2**32 - 1,
        b=0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    ),
    "secp521r1": _Curve(
        p=2**521 - 1,
        b=0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
    ),
}
_SHOWN: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_COMPRESSED: Final = (2, 3)


def key_at(curve: str, x: int, y: int) -> bytes:
    """The SubjectPublicKeyInfo of the point (x, y) of `curve`, which it has to be on; raises `NoPublicKeyError`."""
    p, b = _CURVES[curve]
    if not (x < p and y < p and (y * y - x * x * x + 3 * x - b) % p == 0):
        raise NoPublicKeyError(f"is no key: its point does not lie on {_SHOWN[curve]}", "Get the key again.")
    size = coordinate_bytes(curve)
    return CURVE_HEADERS[curve] + UNCOMPRESSED + x.to_bytes(size, "big") + y.to_bytes(size, "big")


def key_of_point(curve: str, point: bytes) -> bytes:
    """The SubjectPublicKeyInfo of an encoded point, compressed or not."""
    size = coordinate_bytes(curve)
    if point[:1] == UNCOMPRESSED and len(point) == 1 + 2 * size:
        return key_at(curve, int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big"))
    if len(point) != 1 + size or point[0] not in _COMPRESSED:
        raise NoPublicKeyError(f"is no key: it has {len(point)} bytes that are no point of {_SHOWN[curve]}")
    p, b = _CURVES[curve]
    x = int.from_bytes(point[1:], "big")
    root = pow((x * x * x - 3 * x + b) % p, (p + 1) // 4, p)
    return key_at(curve, x, root if root % 2 == point[0] % 2 else p - root)


def coordinate_bytes(curve: str) -> int:
    """How many bytes a coordinate of `curve` takes."""
    return (_CURVES[curve].p.bit_length() + 7) // 8
