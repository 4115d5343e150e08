"""What stands beside a signature of cosign's old scheme, in annotations: certificate, log entry and timestamp.

* with any of them the layer says what a Sigstore bundle of version 0.1 says, and becomes that; with none it is a
  signature by a key, whose time nobody proves
* the certificate is one PEM block; the chain behind it is looked at for being one, and nothing is built on it: who may
  issue certificates the trusted root says
* one reading of everything: other fields, other spellings of base64 or PEM are refused

Source: https://github.com/sigstore/cosign/blob/main/pkg/oci/static/options.go, `internal/pkg/cosign/tsa`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.formats.base64_text import decode, decode_field
from verifier.formats.cosign.layer import BUNDLE, CERTIFICATE, CHAIN, DSSE, TIMESTAMP, LegacyLayer
from verifier.formats.cosign.older_bundle import MEDIA_TYPE
from verifier.formats.cosign.promise import read_promise
from verifier.formats.intoto.dsse import Envelope, parse_envelope
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.sigstore.bundle import (
    MAX_CERTIFICATES,
    CertificateChain,
    KeyHint,
    LogEntry,
    MessageSignature,
    SigstoreBundle,
)

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget

_PEM: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END CERTIFICATE-----(?:\r?\n)*"
)
_MAX_CHAIN: Final = 64 * 1024


def has_material(layer: LegacyLayer) -> bool:
    """Whether anything stands beside the signature."""
    return any(layer.annotation(name) is not None for name in (CERTIFICATE, CHAIN, BUNDLE, TIMESTAMP))


def as_bundle(layer: LegacyLayer, signature: bytes, *, subject: str, budget: Budget | None = None) -> SigstoreBundle:
    """The bundle that says what a layer says; `signature` is over its payload, b"" where that is an envelope."""
    certificates = _certificates(layer, CERTIFICATE, subject)
    if len(certificates) > 1:
        raise _refusal(CERTIFICATE, subject, f"holds {len(certificates)} certificates, expected one")
    chain = _certificates(layer, CHAIN, subject)
    if chain and not certificates:
        raise _refusal(CHAIN, subject, "stands beside no certificate")
    is_envelope = layer.media_type == DSSE
    return SigstoreBundle(
        media_type=MEDIA_TYPE,
        version="0.1",
        content=_envelope(layer, subject, budget)
        if is_envelope
        else MessageSignature(digest=None, signature=signature),
        material=CertificateChain(certificates=certificates) if certificates else KeyHint(hint=None),
        entries=_entries(layer, subject, budget),
        timestamps=_timestamps(layer, subject, budget),
        envelope=layer.payload if is_envelope else None,
    )


def _envelope(layer: LegacyLayer, subject: str, budget: Budget | None) -> Envelope:
    envelope = parse_envelope(layer.payload, subject=subject, budget=budget)
    if len(envelope.signatures) != 1:
        # One, because what stands beside it is of one signer.
        message = f"the envelope has {len(envelope.signatures)} signatures, expected one"
        raise refuse("attestation.invalid", subject, message)
    return envelope


def _certificates(layer: LegacyLayer, name: str, subject: str) -> tuple[bytes, ...]:
    text = layer.annotation(name)
    if text is None:
        return ()
    if len(text) > _MAX_CHAIN:
        raise _refusal(name, subject, f"has {len(text)} characters, expected at most {_MAX_CHAIN}")
    found: list[bytes] = []
    text, place = text.lstrip("\r\n"), 0
    while place < len(text):
        match = _PEM.match(text, place)
        if match is None or len(found) == MAX_CERTIFICATES:
            message = f"is not certificates in PEM, one behind the other, at most {MAX_CERTIFICATES}"
            raise _refusal(name, subject, message)
        place = match.end()
        try:
            found.append(decode("".join(match[1].split())))
        except ValueError as error:
            raise _refusal(name, subject, str(error)) from error
    return tuple(found)


def _entries(layer: LegacyLayer, subject: str, budget: Budget | None) -> tuple[LogEntry, ...]:
    fields = _object(layer, BUNDLE, subject, budget)
    return () if fields is None else (read_promise(fields, budget),)


def _timestamps(layer: LegacyLayer, subject: str, budget: Budget | None) -> tuple[bytes, ...]:
    fields = _object(layer, TIMESTAMP, subject, budget)
    if fields is None:
        return ()
    return (decode_field(fields.known("SignedRFC3161Timestamp", closed=True), "SignedRFC3161Timestamp"),)


def _object(layer: LegacyLayer, name: str, subject: str, budget: Budget | None) -> Fields | None:
    text = layer.annotation(name)
    if text is None:
        return None
    value = strict_json.loads(text.encode(), subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget)
    return Fields.of(value, code="attestation.invalid", subject=subject, path=name)


def _refusal(name: str, subject: str, message: str) -> Refused:
    return refuse("attestation.invalid", subject, f"{name} {message}")
