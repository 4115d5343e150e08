"""Private keys under a passphrase: PKCS #8, encrypted by PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC.

* what a passphrase costs to guess is stated here, not a library's default: 600,000 rounds, a salt of 16 random bytes
* what is written is what OpenSSL, `cryptography`, Go and Java read
* how much guessing the passphrase of another's key costs is told without it

`cryptography` (50.0) writes PKCS #8 with 2,048 rounds and offers no way to ask for others: `encryption_builder` is for
OpenSSH and PKCS #12 only. scrypt would resist hardware better, but OpenSSL reads no scrypt above 32 MiB without a
setting of its own, and at 16 MiB it is the weaker of the two; RFC 9879 and OWASP (2023) name these rounds.

Source: RFC 8018 (PKCS #5) sections 6.2 and A.2 to A.4, RFC 5958 section 3.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from typing import Final

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ROUNDS: Final = 600_000
LEAST_ROUNDS: Final = 100_000
"""Fewer are warned of when such a key is used: what NIST and OWASP asked for a decade ago."""
LEAST_SCRYPT: Final = 16_384
_SALT_BYTES, _KEY_BYTES, _BLOCK_BITS = 16, 32, 128
_LABEL: Final = "ENCRYPTED PRIVATE KEY"
_COLUMNS: Final = 64

_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2: Final = bytes.fromhex("06092a864886f70d01050c")
_SCRYPT: Final = bytes.fromhex("06092b06010401da47040b")
_HMAC_SHA256: Final = bytes.fromhex("300c06082a864886f70d02090500")
_AES256_CBC: Final = bytes.fromhex("060960864801650304012a")
_OLD: Final = (bytes.fromhex("06092a864886f70d0105"), bytes.fromhex("060a2a864886f70d010c01"))
"""Where PBES1 and PKCS #12's own encryption begin: RC2, DES and their kin."""


def encrypt_pkcs8(der: bytes, passphrase: bytes) -> bytes:
    """The PKCS #8 key `der` as encrypted PEM."""
    salt, start = os.urandom(_SALT_BYTES), os.urandom(_BLOCK_BITS // 8)
    key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, ROUNDS, _KEY_BYTES)
    padder = padding.PKCS7(_BLOCK_BITS).padder()
    padded = padder.update(der) + padder.finalize()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(start)).encryptor()
    derivation = _sequence(_PBKDF2, _sequence(_octets(salt), _integer(ROUNDS), _HMAC_SHA256))
    scheme = _sequence(_PBES2, _sequence(derivation, _sequence(_AES256_CBC, _octets(start))))
    return _pem(_sequence(scheme, _octets(encryptor.update(padded) + encryptor.finalize())))


def weakness(pem: bytes) -> str | None:
    """Why the passphrase of an encrypted key is cheap to guess, in words; None where it is not, or is not known."""
    if b"DEK-Info:" in pem:
        return "OpenSSL's old PEM encryption, one round of MD5"
    block = re.search(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----(.+?)-----END", pem, re.DOTALL)
    if block is None:
        return None
    try:
        head = base64.b64decode(block[1])[:256]
    except ValueError:
        return None
    if (at := head.find(_PBKDF2)) >= 0:
        rounds = _number_after(head, at + len(_PBKDF2))
        known = rounds is not None and rounds < LEAST_ROUNDS
        return f"PBKDF2 with {rounds} rounds, expected at least {LEAST_ROUNDS}" if known else None
    if (at := head.find(_SCRYPT)) >= 0:
        cost = _number_after(head, at + len(_SCRYPT))
        known = cost is not None and cost < LEAST_SCRYPT
        return f"scrypt with N = {cost}, expected at least {LEAST_SCRYPT}" if known else None
    return "PKCS #5 version 1 or PKCS #12 encryption" if any(each in head[:32] for each in _OLD) else None


def _number_after(head: bytes, at: int) -> int | None:
    """The integer behind the salt in the parameters of a key derivation: SEQUENCE, OCTET STRING, INTEGER."""
    try:
        if head[at] != 0x30 or head[at + 2] != 0x04:
            return None
        number = at + 4 + head[at + 3]
        if head[number] != 0x02:
            return None
        return int.from_bytes(head[number + 2 : number + 2 + head[number + 1]], "big")
    except IndexError:
        return None


def _sequence(*parts: bytes) -> bytes:
    return _element(0x30, b"".join(parts))


def _octets(content: bytes) -> bytes:
    return _element(0x04, content)


def _integer(number: int) -> bytes:
    return _element(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _pem(der: bytes) -> bytes:
    body = base64.b64encode(der).decode("ascii")
    lines = [body[start : start + _COLUMNS] for start in range(0, len(body), _COLUMNS)]
    return "\n".join((f"-----BEGIN {_LABEL}-----", *lines, f"-----END {_LABEL}-----", "")).encode("ascii")
