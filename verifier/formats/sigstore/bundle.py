"""Sigstore bundles 0.1, 0.2 and 0.3 (https://github.com/sigstore/protobuf-specs, sigstore_bundle.proto), as JSON.

* one reading: unknown and duplicate fields, other spellings of base64 and of numbers are refused
* a bundle holds one message signature or one DSSE envelope with one signature, and one certificate chain or key
* what a version requires is there: 0.1 a promise in each log entry; 0.2 and 0.3 a proof with its checkpoint;
  0.3 a single certificate or a key, never a chain; later versions are refused
* a promise and the time that it promises come together, and a checkpoint says what its proof says
* everything that can be many is bounded: bytes, certificates, entries, hashes, timestamps; no timestamp and no entry of
  a log comes twice
* fields that protobuf's JSON leaves out for being zero may be absent
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value, field
from verifier.formats.base64_text import decode_field, decode_items, decode_optional_field
from verifier.formats.intoto.dsse import Envelope, EnvelopeSignature
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.sigstore.signed_note import Checkpoint, parse_checkpoint

BUNDLE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"
"""The media type of a bundle as it is written today."""
MAX_BUNDLE_BYTES: Final = 32 * 1024 * 1024
"""Bytes of one bundle: an SBOM of a large image takes a few MiB; logs refuse entries far smaller."""
MAX_CERTIFICATES: Final = 8
MAX_ENTRIES: Final = 8
MAX_TIMESTAMPS: Final = 32
"""Each costs public-key operations; the bound of other Sigstore clients."""
MAX_HASHES: Final = 64
"""Hashes of an inclusion proof: a tree of 2^63 entries is 63 deep."""

_VERSIONS: Final[dict[str, Literal["0.1", "0.2", "0.3"]]] = {
    "application/vnd.dev.sigstore.bundle+json;version=0.1": "0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2": "0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3": "0.3",
    "application/vnd.dev.sigstore.bundle.v0.3+json": "0.3",
}
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)
HASH_NAMES: Final = {"SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512"}
"""Sigstore's names of the hash functions that sign, and of its registry's those that go with a curve each."""


class MessageSignature(Value):
    """A signature over an artifact; `digest` is what the bundle says of the artifact, for finding it."""

    digest: Digest | None
    signature: bytes


class CertificateChain(Value):
    """DER certificates, the signer's first; in 0.3 exactly one."""

    certificates: tuple[bytes, ...] = field(repr=False)


class KeyHint(Value):
    """A key that the verifier has; the hint selects it and proves nothing."""

    hint: str | None


class InclusionProof(Value):
    """That an entry is in the tree of a signed checkpoint (RFC 6962, section 2.1.1)."""

    log_index: int
    tree_size: int
    root_hash: bytes
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint | None


class LogEntry(Value):
    """An entry of a transparency log; `body` is what was logged, byte for byte."""

    log_index: int
    log_id: bytes
    kind: str
    version: str
    integrated_time: int | None
    promise: bytes | None
    proof: InclusionProof | None
    body: bytes = field(repr=False)


class SigstoreBundle(Value):
    """A bundle taken apart, nothing verified. `timestamps` are DER RFC 3161 responses.

    `envelope` are the bytes of an envelope that was signed, logged and stamped as a document of its own: a log has
    their hash, and a timestamp is of them. cosign's old scheme has such; bundles have not.
    """

    media_type: str
    version: Literal["0.1", "0.2", "0.3"]
    content: MessageSignature | Envelope
    material: CertificateChain | KeyHint
    entries: tuple[LogEntry, ...]
    timestamps: tuple[bytes, ...] = field(repr=False)
    envelope: bytes | None = field(default=None, repr=False)

    @property
    def stamped(self) -> bytes:
        """What timestamps are of."""
        return self.signature if self.envelope is None else self.envelope

    @property
    def signature(self) -> bytes:
        """The one signature, of either content."""
        return self.content.signatures[0].sig if isinstance(self.content, Envelope) else self.content.signature


BundleContent: TypeAlias = MessageSignature | Envelope


def parse_bundle(document: bytes, *, subject: str) -> SigstoreBundle:
    """Take a bundle apart; raises `Refused`."""
    if len(document) > MAX_BUNDLE_BYTES:
        message = f"the bundle takes {len(document)} bytes, expected at most {MAX_BUNDLE_BYTES}"
        raise refuse("input.too-large", subject, message)
    value = strict_json.loads(document, subject=subject, max_depth=MAX_ENVELOPE_DEPTH)
    fields = Fields.of(value, code="attestation.invalid", subject=subject)
    fields.known("mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope", closed=True)
    media_type = fields.text("mediaType")
    version = _VERSIONS.get(media_type)
    if version is None:
        message = f"the bundle's media type is {media_type!r:.200}, expected a Sigstore bundle 0.1, 0.2 or 0.3"
        raise refuse("signature.unsupported", subject, message)
    parts = fields.object("verificationMaterial")
    parts.known(
        "publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData", closed=True
    )
    return SigstoreBundle(
        media_type=media_type,
        version=version,
        content=_content(fields),
        material=_material(parts, version),
        entries=_entries(parts, version),
        timestamps=_timestamps(parts),
    )


def _content(fields: Fields) -> BundleContent:
    message, envelope = fields.optional_object("messageSignature"), fields.optional_object("dsseEnvelope")
    if message is not None and envelope is None:
        return _message(message)
    if envelope is not None and message is None:
        return _envelope(envelope)
    seen = "neither" if message is None else "both"
    raise fields.refusal("", f"has {seen} of messageSignature and dsseEnvelope, expected one")


def _message(fields: Fields) -> MessageSignature:
    fields.known("messageDigest", "signature", closed=True)
    digest = None
    stated = fields.optional_object("messageDigest")
    if stated is not None:
        stated.known("algorithm", "digest", closed=True)
        algorithm, content = stated.text("algorithm"), decode_field(stated, "digest")
        name = HASH_NAMES.get(algorithm)
        if name is None or len(content) != int(name[3:]) // 8:
            expected = f"{', '.join(HASH_NAMES)} in full"
            message = f"the message's digest is {algorithm!r:.100} of {len(content)} bytes, expected one of {expected}"
            raise refuse("signature.unsupported", fields.subject, message)
        digest = Digest(algorithm=name, value=content.hex())
    return MessageSignature(digest=digest, signature=decode_field(fields, "signature"))


def _envelope(fields: Fields) -> Envelope:
    fields.known("payload", "payloadType", "signatures", closed=True)
    signatures = []
    # One signature, because the bundle's material is of one signer.
    for item in fields.objects("signatures", most=1):
        item.known("sig", "keyid", closed=True)
        signatures.append(EnvelopeSignature(keyid=item.key_id("keyid") or "", sig=decode_field(item, "sig")))
    if not signatures:
        raise refuse("signature.missing", fields.subject, "the bundle's envelope holds no signature")
    return Envelope(
        payload_type=fields.text("payloadType"), payload=decode_field(fields, "payload"), signatures=tuple(signatures)
    )


def _material(fields: Fields, version: str) -> CertificateChain | KeyHint:
    names = ("publicKey", "x509CertificateChain", "certificate")
    given = [name for name in names if fields.value.get(name) is not None]
    if len(given) != 1:
        raise fields.refusal("", f"has {' and '.join(given) or 'none'} of {', '.join(names)}, expected one")
    material = fields.object(given[0])
    if given == ["publicKey"]:
        material.known("hint", closed=True)
        return KeyHint(hint=material.key_id("hint"))
    if (version == "0.3") is (given == ["x509CertificateChain"]):
        raise fields.refusal(given[0], f"is not what a bundle of version {version} carries its certificate in")
    if given == ["certificate"]:
        return CertificateChain(certificates=(_certificate(material),))
    material.known("certificates", closed=True)
    certificates = tuple(_certificate(item) for item in material.objects("certificates", most=MAX_CERTIFICATES))
    if not certificates:
        raise material.refusal("certificates", "is empty, expected at least the signer's certificate")
    return CertificateChain(certificates=certificates)


def _certificate(fields: Fields) -> bytes:
    return decode_field(fields.known("rawBytes", closed=True), "rawBytes")


def _entries(fields: Fields, version: str) -> tuple[LogEntry, ...]:
    items = fields.objects("tlogEntries", most=MAX_ENTRIES, required=False)
    entries = tuple(_entry(item, version) for item in items)
    if len({(entry.log_id, entry.log_index, entry.body) for entry in entries}) != len(entries):
        raise fields.refusal("tlogEntries", "lists one entry of a log twice")
    return entries


def _entry(fields: Fields, version: str) -> LogEntry:
    fields.known("logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof",
                 "canonicalizedBody", closed=True)  # fmt: skip
    promise, proof = fields.optional_object("inclusionPromise"), fields.optional_object("inclusionProof")
    kind = fields.object("kindVersion").known("kind", "version", closed=True)
    entry = LogEntry(
        log_index=_number(fields, "logIndex"),
        log_id=decode_field(fields.object("logId").known("keyId", closed=True), "keyId"),
        kind=kind.text("kind"),
        version=kind.text("version"),
        integrated_time=_number(fields, "integratedTime") or None,
        promise=decode_optional_field(promise.known("signedEntryTimestamp", closed=True), "signedEntryTimestamp")
        if promise
        else None,
        proof=_proof(proof) if proof else None,
        body=decode_field(fields, "canonicalizedBody"),
    )
    _require_evidence(fields, entry, version)
    return entry


def _require_evidence(fields: Fields, entry: LogEntry, version: str) -> None:
    checkpoint = entry.proof.checkpoint if entry.proof else None
    if version == "0.1" and entry.promise is None:
        raise _unproven(fields, "has no inclusion promise, which a bundle of version 0.1 requires")
    if version != "0.1" and checkpoint is None:
        raise _unproven(fields, f"has no inclusion proof with a checkpoint, which a bundle of {version} requires")
    if checkpoint is not None and not checkpoint.is_by(entry.log_id):
        raise _unproven(fields, "has a checkpoint that the entry's log did not sign in its own name")
    if entry.promise is not None and entry.integrated_time is None:
        raise _unproven(fields, "has an inclusion promise without the time that it promises")
    if entry.integrated_time is None and entry.proof is not None and entry.log_index != entry.proof.log_index:
        # Rekor v2 has no index over several shards (which v1's promise would sign): it is the index in the tree.
        indexes = f"{entry.log_index}, the proof's {entry.proof.log_index}"
        raise _unproven(fields, f"has the index {indexes}")


def _proof(fields: Fields) -> InclusionProof:
    fields.known("logIndex", "treeSize", "rootHash", "hashes", "checkpoint", closed=True)
    stated, checkpoint = fields.optional_object("checkpoint"), None
    if stated is not None:
        note = stated.known("envelope", closed=True).text("envelope")
        checkpoint = parse_checkpoint(note, code="log.entry-invalid", subject=fields.subject)
    proof = InclusionProof(
        log_index=_number(fields, "logIndex"),
        tree_size=_number(fields, "treeSize"),
        root_hash=decode_field(fields, "rootHash"),
        hashes=decode_items(fields, "hashes", most=MAX_HASHES),
        checkpoint=checkpoint,
    )
    if proof.log_index >= proof.tree_size:
        raise _unproven(fields, f"is for entry {proof.log_index} of a tree of {proof.tree_size}")
    if any(len(each) != 32 for each in (proof.root_hash, *proof.hashes)):
        raise _unproven(fields, "has a hash that is not of 32 bytes")
    if checkpoint is not None and (checkpoint.tree_size, checkpoint.root_hash) != (proof.tree_size, proof.root_hash):
        raise _unproven(fields, "is for another tree than its checkpoint")
    return proof


def _timestamps(fields: Fields) -> tuple[bytes, ...]:
    data = fields.optional_object("timestampVerificationData")
    if data is None:
        return ()
    data.known("rfc3161Timestamps", closed=True)
    items = data.objects("rfc3161Timestamps", most=MAX_TIMESTAMPS, required=False)
    timestamps = tuple(decode_field(item.known("signedTimestamp", closed=True), "signedTimestamp") for item in items)
    if len(set(timestamps)) != len(timestamps):
        raise data.refusal("rfc3161Timestamps", "lists one timestamp twice")
    return timestamps


def _number(fields: Fields, name: str) -> int:
    """A 64-bit number, which protobuf's JSON writes as a string, and leaves out where it is zero."""
    text = fields.optional_text(name) or "0"
    if not _NUMBER.match(text) or int(text) >= 2**63:
        raise fields.refusal(name, f"is {text!r:.100}, expected a decimal number below 2^63")
    return int(text)


def _unproven(fields: Fields, message: str) -> Refused:
    return refuse("log.entry-invalid", fields.subject, f"{fields.at('')} {message}")
