"""OpenSSH's public keys (RFC 4253, 6.6; RFC 5656, 3.1; RFC 8709): one line of a `.pub` file, or RFC 4716.

* the type that a line begins with is the one that its key states
* a line with anything before the type (an `authorized_keys` file's options, a known host's name) is refused: what
  stands there may restrict the key
* keys in hardware and certificates sign, or say, something else: they are refused by name
"""

from __future__ import annotations

import re
from typing import Final

from verifier.formats.base64_text import decode
from verifier.formats.keys.curves import key_of_point
from verifier.formats.keys.spki import WANTED, ed25519_key, other_key, rsa_key
from verifier.formats.keys.text import NoPublicKeyError, PublicKeyText, pem_of

SECOND_FORM: Final = "---- BEGIN SSH2 PUBLIC KEY ----"
_SECOND_END: Final = "---- END SSH2 PUBLIC KEY ----"
_TYPE: Final = re.compile(r"(?:ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-|rsa-sha2-)[a-z0-9@.-]+\Z")
_CURVES: Final = {"nistp256": "secp256r1", "nistp384": "secp384r1", "nistp521": "secp521r1"}
_CONVERT: Final = "ssh-keygen -e -m PKCS8 -f FILE writes a public key in PEM."


def looks_like_openssh(text: str) -> bool:
    """Whether a word of the first line that says something is the name of one of OpenSSH's types."""
    first = next(iter(_lines(text)), "")
    return first == SECOND_FORM or any(_TYPE.match(word) for word in first.split()[:3])


def read_openssh(text: str) -> PublicKeyText:
    """The one key in `text`; raises `NoPublicKeyError`."""
    lines = _lines(text)
    if lines[0] == SECOND_FORM:
        return _keyed(_second_form(lines), stated=None)
    if len(lines) > 1:
        hint = "Give each key a file of its own, and name each."
        raise NoPublicKeyError(f"has {len(lines)} lines in OpenSSH's form, expected one key", hint)
    kind, *rest = lines[0].split(None, 2)
    if not _TYPE.match(kind):
        message = "is a line of authorized_keys, known_hosts or allowed_signers: something stands before the key"
        raise NoPublicKeyError(message, "Leave only the type, the key and its comment, as in a .pub file.")
    if not rest:
        raise NoPublicKeyError(f"is cut: behind {kind} there is no key", "Get the whole file again.")
    return _keyed(_decoded(rest[0]), stated=kind)


def _lines(text: str) -> list[str]:
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def _second_form(lines: list[str]) -> bytes:
    """RFC 4716: headers, of which a long one goes on behind a backslash, and base64."""
    if lines.count(SECOND_FORM) > 1:
        raise NoPublicKeyError(f"has {lines.count(SECOND_FORM)} keys, expected one", "Give each a file of its own.")
    if lines[-1] != _SECOND_END:
        raise NoPublicKeyError(f"is cut: {_SECOND_END} is missing", "Get the whole file again.")
    body, goes_on = [], False
    for line in lines[1:-1]:
        if not goes_on and ":" not in line:
            body.append(line)
        goes_on = (goes_on or ":" in line) and line.endswith("\\")
    return _decoded("".join(body))


def _decoded(text: str) -> bytes:
    try:
        return decode(text)
    except ValueError as error:
        raise NoPublicKeyError(f"has no key in OpenSSH's form: it {error}", _CONVERT) from error


def _keyed(blob: bytes, *, stated: str | None) -> PublicKeyText:
    parts = _parts(blob)
    kind = parts[0].decode("ascii", "replace") if parts else ""
    if stated is not None and kind != stated:
        raise NoPublicKeyError(f"says {stated}, and its key says {kind!r:.60}")
    match parts[1:]:
        case [key] if kind == "ssh-ed25519":
            return PublicKeyText(pem=pem_of(ed25519_key(key)))
        case [exponent, modulus] if kind == "ssh-rsa":
            return PublicKeyText(pem=pem_of(rsa_key(_number(modulus), _number(exponent))))
        case [name, point] if (
            kind.startswith("ecdsa-sha2-") and kind == f"ecdsa-sha2-{name.decode('ascii', 'replace')}"
        ):
            return PublicKeyText(pem=pem_of(_ecdsa(kind, point)))
    raise _unsupported(kind)


def _ecdsa(kind: str, point: bytes) -> bytes:
    curve = _CURVES.get(kind.removeprefix("ecdsa-sha2-"))
    if curve is None:
        raise other_key(kind[:60])
    return key_of_point(curve, point)


def _unsupported(kind: str) -> NoPublicKeyError:
    if kind.startswith("sk-"):
        message = (
            f"is a key in a security key ({kind[:60]}): what it signs is OpenSSH's own, and no bundle or attestation"
        )
        return NoPublicKeyError(message, WANTED)
    if "-cert-" in kind:
        message = f"is OpenSSH's certificate ({kind[:60]}), expected a public key"
        return NoPublicKeyError(message, "Give the .pub file that was certified.")
    if kind == "ssh-dss":
        return other_key("DSA (ssh-dss)")
    return NoPublicKeyError(f"is no key of a type that is known here: {kind!r:.60}", WANTED)


def _parts(blob: bytes) -> list[bytes]:
    """Strings behind their lengths, to the last byte."""
    parts, at = [], 0
    while at < len(blob):
        size = int.from_bytes(blob[at : at + 4], "big")
        if len(blob) - at < 4 + size:
            raise NoPublicKeyError(
                "is a key that is cut: it ends before its own length says", "Get the whole file again."
            )
        parts.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    return parts


def _number(content: bytes) -> int:
    """RFC 4251's mpint: signed, in its shortest form."""
    if not content or content[0] >= 0x80 or (content[0] == 0 and content[1:2] < b"\x80"):
        raise NoPublicKeyError("is no RSA key: a number in it is not written as RFC 4251 says")
    return int.from_bytes(content, "big")
