"""One public key, in one text: what every form of a key is read to, and what is said of whatever is none.

* the text is the PEM of the SubjectPublicKeyInfo as OpenSSL writes it: equal keys are equal bytes
* a refusal goes on after the file's name ("is a certificate"), and says what to do
"""

from __future__ import annotations

import binascii
from typing import Final

from verifier.core.value import Value

MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 16_384
"""Verification time grows with the square of the length; longer keys buy nothing."""

ED25519_HEADER: Final = bytes.fromhex("302a300506032b6570032100")
CURVE_HEADERS: Final = {
    "secp256r1": bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200"),
    "secp384r1": bytes.fromhex("3076301006072a8648ce3d020106052b81040022036200"),
    "secp521r1": bytes.fromhex("30819b301006072a8648ce3d020106052b8104002303818600"),
}
"""What stands before an uncompressed point: the algorithm, the curve, and how long the point is (RFC 5480, 8410)."""
UNCOMPRESSED: Final = b"\x04"

_BEGIN, _END = b"-----BEGIN PUBLIC KEY-----\n", b"-----END PUBLIC KEY-----\n"
_LINE: Final = 64


class PublicKeyText(Value):
    """A public key: `pem` of its SubjectPublicKeyInfo, as OpenSSL writes it.

    `algorithms` are the JWS names that its form says it is for, the default first; empty where it leaves that to the
    key's type. `ignored` are words of what its form says besides.
    """

    pem: bytes
    algorithms: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class NoPublicKeyError(ValueError):
    """What is no usable public key: the message goes on after the file's name ("is a certificate"); and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def der_in_usual_pem(pem: bytes) -> bytes | None:
    """The bytes in one block PUBLIC KEY with nothing around it, written as OpenSSL does; None for whatever else."""
    try:
        der = binascii.a2b_base64(pem.removeprefix(_BEGIN).removesuffix(_END))
    except ValueError:
        return None
    return der if pem == pem_of(der) else None


def pem_of(der: bytes) -> bytes:
    """A SubjectPublicKeyInfo as OpenSSL writes it."""
    body = binascii.b2a_base64(der, newline=False)
    lines = [body[start : start + _LINE] + b"\n" for start in range(0, len(body), _LINE)]
    return b"".join((_BEGIN, *lines, _END))
