"""A key's file in whatever form it is: which one it is, by how it begins.

* text may have a byte order mark, be UTF-16 with one, and end its lines in any way
* a PEM block may have text around it, its line breaks written as `\\n`, or none at all
* a block that is cut, several blocks, and blocks of other things are named
"""

from __future__ import annotations

import binascii
import codecs
import re
from typing import Final

from verifier.formats.keys.text import NoPublicKeyError, PublicKeyText

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BEGIN: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,60})-----")
_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,60})-----(.*?)-----END ([A-Z0-9 ]{1,60})-----", re.DOTALL)
_PUBLIC: Final = ("PUBLIC KEY", "RSA PUBLIC KEY")
_SEQUENCE: Final = b"\x30"
_FEWEST_IN_BASE64: Final = 56
"""Characters of the shortest key in base64: Ed25519's."""
_AGAIN: Final = "Get the whole file again."


def read_any(content: bytes) -> PublicKeyText:
    """The one public key in `content`, of any form; raises `NoPublicKeyError`."""
    from verifier.formats.keys.spki import read_der  # noqa: PLC0415 - each form has a reader of its own

    if not content.strip(b"\0 \t\r\n"):
        raise NoPublicKeyError("is empty, expected a public key", _AGAIN)
    if content.startswith(_SEQUENCE) and not content.isascii():
        return read_der(content)
    text = _text(content)
    if "-----BEGIN" in text and not text.startswith(("{", "[")):
        return _read_pem(text)
    if text.startswith(("{", "[")):
        from verifier.formats.keys.jwk import read_json  # noqa: PLC0415 - as above

        return read_json(text)
    from verifier.formats.keys.openssh import looks_like_openssh, read_openssh  # noqa: PLC0415 - as above

    if looks_like_openssh(text):
        return read_openssh(text)
    if (der := _in_base64(text)) is not None:
        return read_der(der)
    from verifier.formats.keys.strangers import named  # noqa: PLC0415 - only for what is refused

    raise named(content, text)


def _text(content: bytes) -> str:
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    try:
        return content.decode(encoding).strip()
    except UnicodeDecodeError:
        return content.decode("latin-1").strip()


def _read_pem(text: str) -> PublicKeyText:
    from verifier.formats.keys.spki import read_der  # noqa: PLC0415 - as above
    from verifier.formats.keys.strangers import other_block  # noqa: PLC0415 - names what is no key

    text = text.replace("\\r", "").replace("\\n", "\n")
    labels = _BEGIN.findall(text)
    other = next((label for label in labels if "PRIVATE KEY" in label), None)
    other = other or next((label for label in labels if label not in _PUBLIC), None)
    if other is not None:
        raise other_block(other)
    if len(labels) > 1:
        raise NoPublicKeyError(
            f"has {len(labels)} public keys, expected exactly one",
            "Give each key a file of its own, and name each: --key once for each, or a signer each in the policy.",
        )
    blocks = _BLOCK.findall(text)
    if not labels or not blocks:
        raise NoPublicKeyError("is a PEM block that is cut: its BEGIN or END line is missing or damaged", _AGAIN)
    begun, body, ended = blocks[0]
    if begun != ended:
        raise NoPublicKeyError(f"is a PEM block that begins as {begun} and ends as {ended}", _AGAIN)
    return read_der(_decoded("".join(body.split())))


def _decoded(body: str) -> bytes:
    if not body:
        raise NoPublicKeyError("is a PEM block with nothing inside", _AGAIN)
    try:
        return binascii.a2b_base64(body, strict_mode=True)
    except ValueError as error:
        message = "is a PEM block whose inside is not base64: it is cut, or something else stands there"
        raise NoPublicKeyError(message, _AGAIN) from error


def _in_base64(text: str) -> bytes | None:
    """The DER of which `text` is base64 alone, as services hand out keys without the lines of PEM."""
    body = "".join(text.split())
    if len(body) < _FEWEST_IN_BASE64 or not body.isascii():
        return None
    try:
        der = binascii.a2b_base64(body, strict_mode=True)
    except binascii.Error:
        return None
    return der if der.startswith(_SEQUENCE) and not der.isascii() else None
