"""Private keys in binary form: DER, PKCS #12, Java's key stores, PGP, OpenSSH, KeePass; told by how they begin.

* certificates, public keys and signatures are none
* a few hundred bytes are looked at, whatever the size

Source: RFC 5208, RFC 5958 (PKCS #8), RFC 8017 (PKCS #1), RFC 5915 (SEC 1), RFC 7292 (PKCS #12), RFC 9580 (OpenPGP).
"""

from __future__ import annotations

from typing import Final

from verifier.formats.keys.der import INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE
from verifier.publish.leaks.sight import CREDENTIALS, PRIVATE_KEY, Sight

_MAGIC: Final[tuple[tuple[bytes, Sight], ...]] = (
    (b"\xfe\xed\xfe\xed\0\0\0", Sight(PRIVATE_KEY, "a Java key store (JKS)")),
    (b"\xce\xce\xce\xce\0\0\0", Sight(PRIVATE_KEY, "a Java key store (JCEKS)")),
    (b"openssh-key-v1\0", Sight(PRIVATE_KEY, "an OpenSSH private key")),
    (b"== ed25519v1-secret", Sight(PRIVATE_KEY, "a Tor private key")),
    (b"\x03\xd9\xa2\x9a", Sight(CREDENTIALS, "a KeePass database")),
)
_ENCRYPTION: Final = (bytes.fromhex("2a864886f70d0105"), bytes.fromhex("2a864886f70d010c01"))
"""What the identifiers of PKCS #5 and PKCS #12 encryption begin with."""
_LEAST_MODULUS: Final = 32
"""Bytes: what follows the version in PKCS #1, and is no exponent."""


def sight_of_key_file(content: bytes) -> Sight | None:
    """The private key that `content` is, if it is one."""
    for magic, seen in _MAGIC:
        if content.startswith(magic):
            return seen
    if _is_pgp_secret(content):
        return Sight(PRIVATE_KEY, "a PGP private key")
    return sight_of_der(content)


def sight_of_der(content: bytes) -> Sight | None:
    """The private key that `content` begins to be in DER, if it is one; the rest may be missing."""
    kind = _der_kind(content[:4096])
    return Sight(PRIVATE_KEY, kind) if kind else None


def _is_pgp_secret(content: bytes) -> bool:
    """A secret-key packet (tag 5) of version 3 to 6, with a length that fits."""
    if len(content) < 32 or (content[0] not in range(0x94, 0x97) and content[0] != 0xC5):
        return False
    if content[0] == 0xC5:
        header = 2 if content[1] < 192 else 3 if content[1] < 224 else 6
    else:
        header = 1 + (1 << (content[0] & 3))
    # Version, a time since 1990, an algorithm of the registry.
    body = content[header : header + 6]
    return len(body) == 6 and 3 <= body[0] <= 6 and body[1] >= 0x25 and 1 <= body[5] <= 30


def _der_kind(data: bytes) -> str | None:
    outer = _element(data, 0)
    if outer is None or outer[0] != SEQUENCE:
        return None
    first = _element(data, outer[1])
    if first is None:
        return None
    second = _element(data, first[2])
    if second is None:
        return None
    if first[0] == SEQUENCE:
        return _encrypted(data, first[1], second[0])
    if first[0] != INTEGER or first[2] - first[1] != 1:
        return None
    return _versioned(data, data[first[1]], second)


def _encrypted(data: bytes, start: int, following: int) -> str | None:
    found = _element(data, start)
    if found is None or found[0] != OBJECT_IDENTIFIER or following != OCTET_STRING:
        return None
    encrypted = data[found[1] : found[2]].startswith(_ENCRYPTION)
    return "an encrypted private key (PKCS #8, DER)" if encrypted else None


def _versioned(data: bytes, version: int, second: tuple[int, int, int]) -> str | None:
    """What begins with a version: PKCS #8, PKCS #1, SEC 1 or PKCS #12, by what follows."""
    tag, start, end = second
    within = _element(data, start) if tag == SEQUENCE else None
    names_a_kind = within is not None and within[0] == OBJECT_IDENTIFIER
    if version in (0, 1) and names_a_kind:
        following = _element(data, end)
        return "a private key (PKCS #8, DER)" if following is not None and following[0] == OCTET_STRING else None
    if version == 0 and tag == INTEGER and end - start >= _LEAST_MODULUS:
        return "a private key (PKCS #1, DER)"
    if version == 1 and tag == OCTET_STRING and 16 <= end - start <= 80:
        return "a private key (SEC 1, DER)"
    return "a PKCS #12 key store" if version == 3 and names_a_kind else None


def _element(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Tag, start and end of the element at `at`; the end may lie beyond `data`. BER's unknown length is length 0."""
    if at + 2 > len(data):
        return None
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        return tag, start, start
    if length > 0x80:
        count = length & 0x7F
        if count > 4 or start + count > len(data):
            return None
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    return tag, start, start + length
