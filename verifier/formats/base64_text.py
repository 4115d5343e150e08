"""Bytes in a JSON field: base64, standard or URL-safe, one of them at a time, padded, unused bits zero."""

from __future__ import annotations

import base64

from verifier.formats.json.fields import Fields


def decode(text: str) -> bytes:
    """The bytes that `text` writes in the one canonical way; raises `ValueError`."""
    standard = text.replace("-", "+").replace("_", "/")
    if standard != text and ("+" in text or "/" in text):
        raise ValueError("mixes the two alphabets of base64")
    try:
        content = base64.b64decode(standard, validate=True)
    except ValueError as error:
        raise ValueError(f"is not base64: {error}") from error
    # Of what was decoded strictly, only the last group can be written in more than one way.
    if base64.b64encode(content[-(len(content) % 3 or 3) :]).decode("ascii") != standard[-4:]:
        raise ValueError("is not canonical base64: unused bits are set, or the padding is wrong")
    return content


def decode_field(fields: Fields, name: str) -> bytes:
    """The bytes of the field `name`, which may not be empty."""
    return _decoded(fields, name, fields.text(name))


def decode_optional_field(fields: Fields, name: str) -> bytes | None:
    """The bytes of the field `name`, which may be absent but not empty."""
    text = fields.optional_text(name)
    return None if text is None else _decoded(fields, name, text)


def decode_items(fields: Fields, name: str, *, most: int) -> tuple[bytes, ...]:
    """The bytes of each item of the array `name`, which may be absent."""
    return tuple(_decoded(fields, name, text) for text in fields.texts(name, most=most, required=False))


def _decoded(fields: Fields, name: str, text: str) -> bytes:
    try:
        return decode(text)
    except ValueError as error:
        raise fields.refusal(name, str(error)) from error
