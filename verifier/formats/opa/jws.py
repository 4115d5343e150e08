"""Compact JSON Web Signatures (RFC 7515), read with one meaning and written as OPA writes them.

* exactly three base64url segments: unpadded, no whitespace, unused bits zero
* the header is one JSON object of `alg`, `kid` and `typ`; a duplicate or case-variant key is refused
* `crit` is refused in every mode, `typ` is JWT where it is present
* what is verified is the text that was received, never a re-serialisation

`opa-compat` turns another `typ`, an absent `alg` and unknown header parameters into warnings: OPA reads none of
them, and neither selects what is verified. Nothing else is relaxed.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode
from verifier.core.value import Value, field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.write import canonical

MAX_HEADER_BYTES: Final = 8 * 1024
"""A header names an algorithm and a key; anything longer is something else."""
_HEADER_DEPTH: Final = 8
_STANDARD: Final = (b"+", b"!"), (b"/", b"!"), (b"=", b"!"), (b"-", b"+"), (b"_", b"/")
"""base64url to base64, one after the other; what only base64 has becomes what neither has."""
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_KNOWN: Final = ("alg", "kid", "typ", "crit")


class CompactJws(Value):
    """A token taken apart, nothing verified. `algorithm` is "" only where `opa-compat` found none."""

    algorithm: str
    kid: str | None
    payload: bytes = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    findings: tuple[Reason, ...] = ()


def parse_compact(token: str, *, subject: str, mode: ReadingMode) -> CompactJws:
    """Take `token` apart; raises `Refused`."""
    if token.count(".") != 2:
        message = f"a compact JWS has three segments, this one has {token.count('.') + 1}"
        raise refuse("signature.invalid", subject, message)
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    if len(header) > MAX_HEADER_BYTES:
        raise refuse("signature.invalid", subject, f"the JWS header exceeds {MAX_HEADER_BYTES} bytes")
    fields = Fields.of(
        strict_json.loads(_decode(header, "header", subject), subject=subject, max_depth=_HEADER_DEPTH),
        code="signature.invalid",
        subject=subject,
        path="header",
    ).known(*_KNOWN)
    findings = tuple(_header_findings(fields, mode))
    return CompactJws(
        algorithm=fields.optional_text("alg") or "",
        kid=fields.key_id("kid"),
        payload=_decode(payload, "payload", subject),
        signing_input=signed.encode("ascii"),
        signature=_decode(signature, "signature", subject),
        findings=findings,
    )


def signing_input(header: Mapping[str, str], payload: bytes) -> bytes:
    """What a signer of `payload` under `header` signs."""
    text = canonical(header, ascii_only=False)
    return _encode(text.encode()) + b"." + _encode(payload)


def serialize(signed: bytes, signature: bytes) -> str:
    """The compact form of a signing input and its signature."""
    return (signed + b"." + _encode(signature)).decode("ascii")


def _header_findings(fields: Fields, mode: ReadingMode) -> list[Reason]:
    if "crit" in fields.value:
        raise refuse("signature.unsupported", fields.subject, "the header has `crit`, which nothing here implements")
    odd = [f"the header parameter {name!r} is unknown" for name in fields.value if name not in _KNOWN]
    if fields.value.get("typ", "JWT") != "JWT":
        odd.append(f"the header's typ is {fields.value['typ']!r}, expected JWT")
    if "alg" not in fields.value:
        odd.append("the header names no algorithm")
    reasons = [Reason(code="signature.unsupported", subject=fields.subject, message=message) for message in odd]
    if reasons and mode is ReadingMode.STRICT:
        raise Refused(*reasons)
    return [reason.as_warning() for reason in reasons]


def _decode(segment: str, what: str, subject: str) -> bytes:
    try:
        text = segment.encode("ascii")
        for written, meant in _STANDARD:
            text = text.replace(written, meant)  # of text that was encoded, little is, and looking is quick
        content = binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except ValueError as error:
        raise refuse("signature.invalid", subject, f"the JWS {what} is not unpadded base64url: {error}") from error
    # Of what was decoded strictly, only the last group can be written in more than one way.
    if _encode(content[-(len(content) % 3 or 3) :]) != segment[-(len(segment) % 4 or 4) :].encode("ascii"):
        raise refuse("signature.invalid", subject, f"the JWS {what} is not canonical base64url: unused bits are set")
    return content


def _encode(content: bytes) -> bytes:
    return binascii.b2a_base64(content, newline=False).translate(_URL_SAFE).rstrip(b"=")
