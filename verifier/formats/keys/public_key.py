"""Public keys in the forms that people have them in, read as one: the PEM of the SubjectPublicKeyInfo.

* a key is what it is, whatever form it is kept in: PEM (`PUBLIC KEY`, or PKCS#1's `RSA PUBLIC KEY`), DER of either,
  with base64 around it or not, a JWK or a set of one, an OpenSSH line, RFC 4716
* what comes out is written in one way, so that equal keys are equal bytes, and have one digest
* a key is RSA of 2,048 to 16,384 bits, ECDSA over P-256, P-384 or P-521 at a point of the curve, or Ed25519
* exactly one key: several are refused, and named where they have names
* what is no public key is named for what it is, with what to do; private parts are never repeated
* a form that says what a key is for (a JWK's `alg`, `use`, `key_ops`; an RSA key for PSS alone) is held to it; what a
  form says besides is named as not taken

The usual form is looked at here; whatever else there is (`forms`) is loaded where that is not what is there.
"""

from __future__ import annotations

from typing import Final

from verifier.formats.keys.text import CURVE_HEADERS, ED25519_HEADER, UNCOMPRESSED, PublicKeyText, der_in_usual_pem

_USUAL: Final = (
    (ED25519_HEADER, 44),
    *zip((header + UNCOMPRESSED for header in CURVE_HEADERS.values()), (91, 120, 158), strict=True),
)
"""How a key in the usual form begins, and its length."""


def read_public_key(content: bytes) -> PublicKeyText:
    """The one public key in a file; raises `NoPublicKeyError`.

    Whether a point lies on its curve is left to the back end where the form is the usual one.
    """
    der = der_in_usual_pem(content)
    if der is not None and any(der.startswith(header) and len(der) == length for header, length in _USUAL):
        return PublicKeyText(pem=content)
    from verifier.formats.keys.forms import read_any  # noqa: PLC0415 - for what is in another form, or no key

    return read_any(content)
