"""What stands where a private key belongs, and cannot sign here: its name, and what to do.

* nothing of it is repeated; it is only looked at once it could not be read
"""

from __future__ import annotations

import re
from typing import Final

from verifier.formats.keys.public_key import read_public_key
from verifier.formats.keys.text import DER_BEGIN, NoPublicKeyError

_BEGIN: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,60})-----")
_MAKE: Final = "`verify key generate FILE` makes a key in PEM."
_LABELS: Final = {
    b"ENCRYPTED COSIGN PRIVATE KEY": "cosign",
    b"ENCRYPTED SIGSTORE PRIVATE KEY": "cosign",
    b"OPENSSH PRIVATE KEY": "OpenSSH",
    b"PGP PRIVATE KEY BLOCK": "GPG",
}
_OTHERS: Final = {
    "cosign": "Sign with cosign itself, whose bundles are verified here (cosign sign-blob --key FILE --bundle OUT); or "
    + _MAKE,
    "OpenSSH": "A copy of it is written in PEM by: ssh-keygen -p -m PKCS8 -f COPY (RSA and ECDSA). Or: " + _MAKE,
    "GPG": "Its signatures are not made here. " + _MAKE,
}


def no_signing_key(content: bytes) -> tuple[str, str]:
    """What `content` is, which is no private key in PEM, and what to do about it."""
    if not content.strip():
        return "is empty, expected a private key in PEM", "Get the whole file again."
    for label in _BEGIN.findall(content):
        if label in _LABELS:
            whose = _LABELS[label]
            return f"is a private key in {whose}'s own form, which is not read here", _OTHERS[whose]
    if b"-----BEGIN" in content and b"-----END" not in content:
        return "is a private key that is cut: its END line is missing", "Get the whole file again."
    try:
        read_public_key(content)
    except NoPublicKeyError as error:
        return _named(content, error)
    return "found no PEM private key: this is a public one", "Give the private key that belongs to it."


def _named(content: bytes, error: NoPublicKeyError) -> tuple[str, str]:
    said = str(error)
    if "private" not in said:
        return "found no PEM private key", _MAKE
    if content.startswith(DER_BEGIN):
        return "is a private key in DER, expected PEM", "openssl pkey -inform DER -in FILE -out KEY.pem"
    if content.lstrip().startswith(b"{"):
        return "is a private key in a JWK, expected PEM", _MAKE
    return "is no private key that can be read: it is damaged, or of a kind that signs nothing here", _MAKE
