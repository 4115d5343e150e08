"""What a transparency log recorded: the canonicalised body of a Rekor entry, of each kind that holds a signature.

* `hashedrekord` 0.0.1 and 0.0.2 record the digest of what was signed; `dsse` 0.0.1, `intoto` 0.0.1 and 0.0.2 the
  digest of an envelope's payload; other kinds and versions are refused
* every kind records who can verify: a certificate or a public key, read here as its DER
* all but `intoto` 0.0.1 record the signature; `intoto` 0.0.2 writes it in base64 twice
* an `intoto` 0.0.2 entry may repeat the payload, which Rekor leaves out: then that and its hash are of the same bytes
* the body names its own kind and version, which must be those that the entry states

Source: https://github.com/sigstore/rekor/tree/main/pkg/types, rekor-tiles' `entry.proto`.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable
from typing import Final, Literal

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value
from verifier.formats.base64_text import decode, decode_field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.sigstore.bundle import HASH_NAMES, LogEntry

_PEM = re.compile(
    rb"-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END \1-----(?:\r?\n)?\Z"
)


class LogRecord(Value):
    """A signature as it was logged. `covers` says of what `digest` is; `verifier` is DER. `envelope` is what the log
    says of an envelope's own bytes, where it says anything."""

    covers: Literal["signed", "payload"]
    digest: Digest
    verifier: bytes
    signature: bytes | None
    envelope: Digest | None = None


def parse_record(entry: LogEntry, *, subject: str) -> LogRecord:
    """Read the body of `entry`; raises `Refused`."""
    value = strict_json.loads(entry.body, subject=subject, max_depth=MAX_ENVELOPE_DEPTH)
    fields = Fields.of(value, code="log.entry-invalid", subject=subject, path="canonicalizedBody")
    fields.known("apiVersion", "kind", "spec", closed=True)
    recorded = (fields.text("kind"), fields.text("apiVersion"))
    if recorded != (entry.kind, entry.version):
        seen = f"{entry.kind} {entry.version}, its body {recorded[0]} {recorded[1]}"
        raise refuse("log.entry-invalid", subject, f"the entry says that it is {seen}"[:300])
    reader = _READERS.get(recorded)
    if reader is None:
        known = ", ".join(f"{kind} {version}" for kind, version in _READERS)
        message = f"entries of kind {entry.kind!r:.50} {entry.version!r:.50} are not supported, expected one of {known}"
        raise refuse("log.entry-invalid", subject, message)
    return reader(fields.object("spec"))


def _hashedrekord_v1(spec: Fields) -> LogRecord:
    spec.known("data", "signature", closed=True)
    data, signature = spec.object("data").known("hash", closed=True), spec.object("signature")
    signature.known("content", "publicKey", closed=True)
    return LogRecord(
        covers="signed",
        digest=_hash(data.object("hash")),
        verifier=_pem(signature.object("publicKey").known("content", closed=True), "content"),
        signature=decode_field(signature, "content"),
    )


def _hashedrekord_v2(spec: Fields) -> LogRecord:
    record = spec.known("hashedRekordV002", closed=True).object("hashedRekordV002")
    record.known("data", "signature", closed=True)
    data = record.object("data").known("algorithm", "digest", closed=True)
    signature = record.object("signature").known("content", "verifier", closed=True)
    verifier = signature.object("verifier").known("publicKey", "x509Certificate", "keyDetails", closed=True)
    given = [name for name in ("publicKey", "x509Certificate") if verifier.value.get(name) is not None]
    if len(given) != 1:
        raise verifier.refusal("", "has not exactly one of publicKey and x509Certificate")
    algorithm = data.text("algorithm")
    if algorithm not in HASH_NAMES:
        raise data.refusal("algorithm", f"is {algorithm!r:.50}, expected one of {', '.join(HASH_NAMES)}")
    return LogRecord(
        covers="signed",
        digest=_digest(data, "digest", HASH_NAMES[algorithm], decode_field(data, "digest").hex()),
        verifier=decode_field(verifier.object(given[0]).known("rawBytes", closed=True), "rawBytes"),
        signature=decode_field(signature, "content"),
    )


def _dsse_v1(spec: Fields) -> LogRecord:
    spec.known("envelopeHash", "payloadHash", "signatures", closed=True)
    signature = _only(spec).known("signature", "verifier", closed=True)
    return LogRecord(
        covers="payload",
        digest=_hash(spec.object("payloadHash")),
        verifier=_pem(signature, "verifier"),
        signature=decode_field(signature, "signature"),
        envelope=_hash(spec.object("envelopeHash")) if spec.value.get("envelopeHash") is not None else None,
    )


def _intoto_v1(spec: Fields) -> LogRecord:
    content = spec.known("content", "publicKey", closed=True).object("content")
    content.known("hash", "payloadHash", closed=True)
    return LogRecord(
        covers="payload",
        digest=_hash(content.object("payloadHash")),
        verifier=_pem(spec, "publicKey"),
        signature=None,
        envelope=_hash(content.object("hash")) if content.value.get("hash") is not None else None,
    )


def _intoto_v2(spec: Fields) -> LogRecord:
    content = spec.known("content", closed=True).object("content")
    content.known("envelope", "hash", "payloadHash", closed=True)
    envelope = content.object("envelope").known("payload", "payloadType", "signatures", closed=True)
    signature = _only(envelope).known("keyid", "publicKey", "sig", closed=True)
    try:
        twice = decode(decode_field(signature, "sig").decode("ascii"))
    except ValueError as error:
        raise signature.refusal("sig", f"is not a signature in base64 twice: {error}") from error
    return LogRecord(
        covers="payload",
        digest=_payload_digest(content, envelope),
        verifier=_pem(signature, "publicKey"),
        signature=twice,
    )


def _payload_digest(content: Fields, envelope: Fields) -> Digest:
    """Of the payload: by its hash, and by itself where the entry repeats it; both must be of the same bytes."""
    if envelope.go_text("payload") is None:
        return _hash(content.object("payloadHash"))
    once = decode_field(envelope, "payload")
    payloads = [once]
    with contextlib.suppress(ValueError):
        payloads.insert(0, decode(once.decode("ascii")))  # in base64 twice, as the signature is
    stated = content.optional_object("payloadHash")
    if stated is None:
        return Digest.of(payloads[0])
    digest = _hash(stated)
    if digest.value not in [hashlib.new(digest.algorithm, each).hexdigest() for each in payloads]:
        raise envelope.refusal("payload", f"is not what {stated.path} is of")
    return digest


def _only(fields: Fields) -> Fields:
    items = fields.objects("signatures", most=1)
    if not items:
        raise fields.refusal("signatures", "is empty, expected one signature")
    return items[0]


def _hash(fields: Fields) -> Digest:
    fields.known("algorithm", "value", closed=True)
    algorithm, value = fields.text("algorithm"), fields.text("value")
    if algorithm not in HASH_NAMES.values():
        raise fields.refusal("algorithm", f"is {algorithm!r:.50}, expected one of {', '.join(HASH_NAMES.values())}")
    return _digest(fields, "value", algorithm, value)


def _digest(fields: Fields, name: str, algorithm: str, value: str) -> Digest:
    try:
        return Digest(algorithm=algorithm, value=value)
    except ValueError as error:
        raise fields.refusal(name, f"is not a {algorithm} digest in lower-case hex") from error


def _pem(fields: Fields, name: str) -> bytes:
    match = _PEM.match(decode_field(fields, name))
    if match is None:
        raise fields.refusal(name, "is not one PEM block CERTIFICATE or PUBLIC KEY")
    try:
        return decode(b"".join(match[2].split()).decode("ascii"))
    except ValueError as error:
        raise fields.refusal(name, str(error)) from error


_READERS: Final[dict[tuple[str, str], Callable[[Fields], LogRecord]]] = {
    ("hashedrekord", "0.0.1"): _hashedrekord_v1,
    ("hashedrekord", "0.0.2"): _hashedrekord_v2,
    ("dsse", "0.0.1"): _dsse_v1,
    ("intoto", "0.0.1"): _intoto_v1,
    ("intoto", "0.0.2"): _intoto_v2,
}
