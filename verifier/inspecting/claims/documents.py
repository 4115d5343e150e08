"""Documents that claim to be signed, of every form that is verified: one claim for each.

* what a document is, is told as verification tells it (`signatures.attestation`), and read by the same readers
* a document that cannot be read is a claim with its fault; it never hides the others
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from verifier.core.costs.budget import Budget
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.uris import IN_TOTO_PAYLOAD
from verifier.formats.intoto.attestation_files import split_attestations
from verifier.formats.intoto.attestation_kind import (
    is_layer,
    looks_like_bundle,
    looks_like_cosign,
    looks_like_json,
    looks_like_pypi,
)
from verifier.formats.intoto.dsse import Envelope, parse_envelope
from verifier.formats.intoto.statement import parse_statement
from verifier.formats.sigstore.bundle import SigstoreBundle, parse_bundle
from verifier.inspecting.claims.said import stated_with_faults
from verifier.inspecting.claims.signed import of_bundle
from verifier.inspecting.inspected import Claim, Signature

ENVELOPE: Final = "DSSE envelope"
BUNDLE: Final = "Sigstore bundle"
PYPI: Final = "PyPI attestation (PEP 740)"
OLDER: Final = "cosign bundle of the older form"
LAYER: Final = "cosign signature of the older form"
BARE: Final = "signature alone"


def claims_of(content: bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> tuple[Claim, ...]:
    """Every claim in a file of attestations; raises `Refused` where it cannot be taken apart at all."""
    budget = Budget(limits, sent=len(content))
    pieces = split_attestations(content, subject=where, budget=budget).pieces
    several = len(pieces) > 1
    return tuple(
        Claim(where=name, form=ENVELOPE, faults=piece.reasons)
        if isinstance(piece, Refused)
        else claim_of(piece, where=name, budget=budget)
        for name, piece in ((f"{where}#{at}" if several else where, piece) for at, piece in enumerate(pieces, 1))
    )


def claims_beside(found: Iterable[Document | Refused], *, limits: Limits = DEFAULT_LIMITS) -> tuple[Claim, ...]:
    """The claims of what lies beside an artifact, with a fault for whatever could not be had."""
    claims: list[Claim] = []
    for each in found:
        if isinstance(each, Refused):
            claims.append(Claim(where=each.reasons[0].subject, form="not read", faults=each.reasons))
            continue
        try:
            claims += claims_of(each.content, where=each.name, limits=limits)
        except Refused as refusal:
            claims.append(Claim(where=each.name, form="not read", faults=refusal.reasons))
    return tuple(claims)


def claim_of(document: bytes, *, where: str, budget: Budget) -> Claim:
    """The claim of one document; never raises for what it reads."""
    form = _form(document)
    try:
        return _READERS[form](document, where, budget)
    except Refused as refusal:
        from verifier.formats.foreign.named import named  # noqa: PLC0415 - only for what was refused

        return Claim(where=where, form=form, faults=named(refusal, document, place="attestation").reasons)


def _form(document: bytes) -> str:
    if is_layer(document):
        return LAYER
    if looks_like_bundle(document):
        return BUNDLE
    if looks_like_pypi(document):
        return PYPI
    if looks_like_cosign(document):
        return OLDER
    return ENVELOPE if looks_like_json(document) else BARE


def _bundle(document: bytes, where: str, _: Budget) -> Claim:
    return _of_bundle(parse_bundle(document, subject=where), BUNDLE, where)


def _pypi(document: bytes, where: str, budget: Budget) -> Claim:
    from verifier.formats.pypi.attestation import as_bundle  # noqa: PLC0415 - few attestations are PyPI's

    return _of_bundle(parse_bundle(as_bundle(document, subject=where, budget=budget), subject=where), PYPI, where)


def _older(document: bytes, where: str, budget: Budget) -> Claim:
    from verifier.formats.cosign.older_bundle import parse_older_bundle  # noqa: PLC0415 - few bundles are as old

    older = parse_older_bundle(document, subject=where, budget=budget)
    if older.bundle is not None:
        return _of_bundle(parse_bundle(older.bundle, subject=where), OLDER, where)
    if older.is_envelope:
        return _envelope(older.signature, where, budget)
    return Claim(where=where, form=OLDER, signatures=(Signature(form=OLDER),))


def _layer(document: bytes, where: str, budget: Budget) -> Claim:
    from verifier.formats.cosign.layer import DSSE, SIGNATURE, parse_layer  # noqa: PLC0415 - few are in cosign's old scheme
    from verifier.formats.cosign.material import as_bundle, has_material  # noqa: PLC0415 - as above
    from verifier.formats.cosign.simple_signing import parse_simple_signing  # noqa: PLC0415 - as above

    layer = parse_layer(document, subject=where, budget=budget)
    is_envelope = layer.media_type == DSSE
    if is_envelope and not has_material(layer):
        return _envelope(layer.payload, where, budget)
    digest = None if is_envelope else parse_simple_signing(layer.payload, subject=where).digest
    if not has_material(layer):
        return Claim(where=where, form=LAYER, signatures=(Signature(form=LAYER),), digest=digest)
    if not is_envelope and layer.annotation(SIGNATURE) is None:
        raise refuse("signature.missing", where, f"the layer has no annotation {SIGNATURE}")
    bundle = as_bundle(layer, b"" if is_envelope else b"\0", subject=where, budget=budget)
    claim = _of_bundle(bundle, LAYER, where)
    return claim if digest is None else Claim(where=where, form=LAYER, signatures=claim.signatures, digest=digest)


def _of_bundle(bundle: SigstoreBundle, form: str, where: str) -> Claim:
    content = bundle.content
    if not isinstance(content, Envelope):
        signature = of_bundle(bundle, form=form, kid="", subject=where)
        return Claim(where=where, form=form, signatures=(signature,), digest=content.digest)
    signature = of_bundle(bundle, form=form, kid=content.signatures[0].keyid, subject=where)
    return _about(content, form, (signature,), where)


def _envelope(document: bytes, where: str, budget: Budget) -> Claim:
    envelope = parse_envelope(document, subject=where, budget=budget)
    signatures = tuple(Signature(form=ENVELOPE, kid=each.keyid) for each in envelope.signatures)
    return _about(envelope, ENVELOPE, signatures, where)


def _about(envelope: Envelope, form: str, signatures: tuple[Signature, ...], where: str) -> Claim:
    """What an envelope is about: a payload that is none of in-toto's is a fault, beside who claims to have signed."""
    if envelope.payload_type != IN_TOTO_PAYLOAD:
        message = f"its payload is {envelope.payload_type!r:.200}, expected {IN_TOTO_PAYLOAD!r}"
        fault = refuse("signature.unsupported", where, message).reasons
        return Claim(where=where, form=form, signatures=signatures, faults=fault)
    try:
        statement = parse_statement(envelope.payload, subject=where)
    except Refused as refusal:
        return Claim(where=where, form=form, signatures=signatures, faults=refusal.reasons)
    said, faults = stated_with_faults(statement, subject=where)
    return Claim(where=where, form=form, signatures=signatures, stated=said, faults=faults)


def _bare(document: bytes, where: str, _: Budget) -> Claim:
    from verifier.formats.cosign.signature_file import read_signature  # noqa: PLC0415 - few are no JSON

    if read_signature(document) is None:
        raise refuse("attestation.invalid", where, "this is no attestation and no signature of a form that is read")
    return Claim(where=where, form=BARE, signatures=(Signature(form=BARE),))


_READERS: Final = {
    BUNDLE: _bundle,
    PYPI: _pypi,
    OLDER: _older,
    LAYER: _layer,
    ENVELOPE: _envelope,
    BARE: _bare,
}
