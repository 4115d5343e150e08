"""Documents that are to be attached, told apart: signed attestations, and descriptions that nobody signed.

* a signed one becomes a Sigstore bundle, with the bytes that were signed as they are; a bundle is attached as it is
* an attestation is about what it is attached to, or it is refused: evidence of something else misleads, or is not found
* what nobody signed is attached only where it describes (an SBOM, a scan), and is called unsigned; a statement or a
  predicate that nobody signed is refused, for it looks like evidence and is none
* no signature is verified here: `--gate` does that, and so does whoever reads it
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Final

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.uris import IN_TOTO_PAYLOAD
from verifier.core.value import Value, field
from verifier.formats.foreign.named import named
from verifier.formats.foreign.recognise import recognise
from verifier.formats.intoto.attestation_files import split_attestations
from verifier.formats.intoto.attestation_kind import looks_like_bundle
from verifier.formats.intoto.dsse import Envelope, EnvelopeSignature, build_envelope, parse_envelope
from verifier.formats.intoto.statement import Statement, parse_statement
from verifier.formats.json import strict_json
from verifier.formats.json.write import canonical
from verifier.formats.sigstore.bundle import BUNDLE, KeyHint, parse_bundle

UNSIGNED: Final = {
    "cyclonedx": ("application/vnd.cyclonedx+json", "SBOM (CycloneDX)"),
    "spdx": ("application/spdx+json", "SBOM (SPDX)"),
    "spdx-3": ("application/spdx+json", "SBOM (SPDX 3)"),
    "sarif": ("application/sarif+json", "scan (SARIF)"),
}
"""What may be attached though nobody signed it: by the recogniser's names, its media type and what it is."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


class Evidence(Value):
    """One document as it is attached. `predicate_type`, `envelope` and `digests` are of what is signed: its type, the
    envelope for cosign's old scheme (None where a certificate signed it), and what it is about."""

    name: str
    what: str
    media_type: str
    content: bytes = field(repr=False)
    predicate_type: str | None = None
    envelope: bytes | None = field(default=None, repr=False)
    digests: tuple[Digest, ...] = ()

    @property
    def file_name(self) -> str:
        """What a file with it is called: its own name, where that is a plain one."""
        own = PurePath(self.name).name
        return own if _NAME.match(own) else "document.json"


def evidence_in(document: Document) -> tuple[Evidence, ...]:
    """What `document` holds, in order; `Refused` where any of it is not to be attached."""
    name, content = document.name, document.content
    found = recognise(content, place="attestation")
    if found is not None and found.name in UNSIGNED:
        media_type, what = UNSIGNED[found.name]
        _require_one(content, name, what)
        return (Evidence(name=name, what=f"{what}, unsigned", media_type=media_type, content=content),)
    try:
        pieces = split_attestations(content, subject=name).pieces
        return tuple(each for piece in pieces for each in _signed(piece, name))
    except Refused as refusal:
        raise named(refusal, content, place="attestation") from None


def _require_one(content: bytes, name: str, what: str) -> None:
    """Refuse what readers would read in different ways, or is several documents, or a damaged one."""
    value = strict_json.loads(content, subject=name)
    if not isinstance(value, dict):
        raise refuse("attestation.invalid", name, f"is no object, expected one {what}", "Attach one file for each.")


def wrapped(envelope: Envelope, *, hint: str | None = None) -> Iterator[bytes]:
    """The Sigstore bundles of an envelope, one for each signature: a bundle holds the signature of one signer.

    `hint` says which key signed; by default the signature's own key id does.
    """
    for each in envelope.signatures:
        known = each.keyid if hint is None else hint
        yield canonical(
            {
                "mediaType": BUNDLE,
                "verificationMaterial": {"publicKey": {"hint": known} if known else {}},
                "dsseEnvelope": _envelope(envelope, each),
            }
        ).encode()


def signed_evidence(content: bytes, *, name: str, hint: str | None = None) -> tuple[Evidence, ...]:
    """What a signer of ours made: an envelope, or a Sigstore bundle. `hint` as in `wrapped`."""
    return tuple(_signed(content, name, hint))


def require_about(evidence: Sequence[Evidence], subject: Digest, bundle: Digest | None) -> None:
    """Refuse what is about neither the manifest `subject` nor the `bundle` in it; what is unsigned says nothing."""
    allowed = {subject, bundle}
    for each in evidence:
        if each.predicate_type is not None and not allowed & set(each.digests):
            seen = ", ".join(map(str, each.digests[:3])) or "nothing"
            what = f"the manifest {subject}" + (f" or the bundle {bundle}" if bundle else "")
            hint = f"Make it for what is published (`{subject}`), or attach it to what it is about."
            raise refuse("attestation.subject-mismatch", each.name, f"is about {seen}, expected {what}", hint)


def _signed(piece: bytes | Refused, name: str, hint: str | None = None) -> Iterator[Evidence]:
    if isinstance(piece, Refused):
        raise piece.again()
    if looks_like_bundle(piece):
        bundle = parse_bundle(piece, subject=name)
        if not isinstance(bundle.content, Envelope):
            message = "is a signature over bytes, expected a statement: readers of registries find statements alone"
            todo = "Sign with `verify publish --key`, `cosign sign`, or attach an attestation."
            raise refuse("signature.unsupported", name, message, todo)
        keyed = isinstance(bundle.material, KeyHint) and not bundle.entries and not bundle.timestamps
        yield _evidence(name, piece.strip(), bundle.content, keyed=keyed)
        return
    envelope = parse_envelope(piece, subject=name)
    for each, content in zip(envelope.signatures, wrapped(envelope, hint=hint), strict=True):
        one = Envelope(payload_type=envelope.payload_type, payload=envelope.payload, signatures=(each,))
        yield _evidence(name, content, one, keyed=True)


def _evidence(name: str, content: bytes, envelope: Envelope, *, keyed: bool) -> Evidence:
    if envelope.payload_type != IN_TOTO_PAYLOAD:
        message = f"signs {envelope.payload_type!r:.100}, expected {IN_TOTO_PAYLOAD}"
        raise refuse("signature.unsupported", name, message)
    statement = parse_statement(envelope.payload, subject=name)
    old = build_envelope(envelope.payload_type, envelope.payload, envelope.signatures) if keyed else None
    return Evidence(
        name=name,
        what=statement.predicate_type,
        media_type=BUNDLE,
        content=content,
        predicate_type=statement.predicate_type,
        envelope=old,
        digests=_digests(statement),
    )


def _digests(statement: Statement) -> tuple[Digest, ...]:
    return tuple(digest for subject in statement.subjects for digest in subject.digests)


def _envelope(envelope: Envelope, signature: EnvelopeSignature) -> dict[str, Any]:
    sig = {"sig": base64.b64encode(signature.sig).decode("ascii")}
    if signature.keyid:
        sig["keyid"] = signature.keyid
    return {
        "payload": base64.b64encode(envelope.payload).decode("ascii"),
        "payloadType": envelope.payload_type,
        "signatures": [sig],
    }
