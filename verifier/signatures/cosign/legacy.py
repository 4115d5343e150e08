"""Signatures and attestations of cosign's old scheme, one layer at a time (`formats.cosign.layer`).

* what is signed is the payload's bytes, or the encoding of the envelope in them; a payload handed on is just those
* with a certificate, a log entry or a timestamp beside it a layer is judged as the Sigstore bundle that says the same:
  by the same root, the same proofs, the same demands, and the same refusals
* a signature by a key alone has no time; a certificate without log entry or timestamp is nobody's
* what a payload says (of which image, for which repository) is for whoever asks to compare
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.errors import refuse, reject
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.formats.base64_text import decode
from verifier.formats.cosign.layer import DSSE, SIGNATURE, SIMPLE_SIGNING, LegacyLayer, parse_layer
from verifier.formats.cosign.material import as_bundle, has_material
from verifier.formats.intoto.dsse import Envelope
from verifier.signatures.budget import BUNDLE_OPERATIONS, Budget
from verifier.signatures.detached import prove_bare
from verifier.signatures.envelope import verify_envelope
from verifier.signatures.interface import SEAL, deprecations
from verifier.signatures.verified import VerifiedPayload

_LONGEST_SIGNATURE = 8_192
"""Characters of an RSA signature of 16,384 bits in base64, and to spare."""


def verify_layer(
    document: bytes,
    *,
    signers: Sequence[Signer],
    sigstore: SigstoreInstance,
    now: datetime,
    subject: str,
    budget: Budget | None = None,
) -> VerifiedPayload:
    """Verify a layer against `signers`; raises `Refused` with every reason.

    The payload's type is that of statements, or `SIMPLE_SIGNING`; neither is compared with an artifact here.
    """
    layer = parse_layer(document, subject=subject, budget=budget.whole if budget is not None else None)
    signature = _signature(layer, subject)
    if has_material(layer):
        return _as_bundle(layer, signature, signers, sigstore, now, subject, budget)
    if layer.media_type == DSSE:
        return verify_envelope(layer.payload, signers=signers, now=now, subject=subject, budget=budget)
    proven = prove_bare(
        signature, layer.payload, signers=signers, now=now, subject=subject, budget=budget, what="its payload"
    )
    return VerifiedPayload(
        payload_type=SIMPLE_SIGNING,
        payload=layer.payload,
        signers=(proven,),
        findings=deprecations((proven,)),
        seal=SEAL,
    )


def _as_bundle(
    layer: LegacyLayer,
    signature: bytes,
    signers: Sequence[Signer],
    sigstore: SigstoreInstance,
    now: datetime,
    subject: str,
    budget: Budget | None,
) -> VerifiedPayload:
    if budget is not None:
        budget.spend(BUNDLE_OPERATIONS, subject=subject, hashed=3 * len(layer.payload))
    bundle = as_bundle(layer, signature, subject=subject, budget=budget.whole if budget is not None else None)
    # X.509 is loaded only where there is a certificate or a log entry.
    from verifier.signatures.sigstore.keyless import verified_envelope, verifier_for  # noqa: PLC0415
    from verifier.signatures.sigstore.message import SignedMessage, message_of  # noqa: PLC0415

    if isinstance(bundle.content, Envelope):
        message = message_of(bundle.content, digest=None, artifact=None, subject=subject)
    else:
        message = SignedMessage(content=layer.payload, digest=Digest.of(layer.payload))
    verifier = verifier_for(sigstore)
    signer, findings = verifier.prove(bundle, message, signers=signers, now=now, subject=subject)
    if isinstance(bundle.content, Envelope):
        return verified_envelope(bundle.content, signer, findings, subject=subject)
    return VerifiedPayload(
        payload_type=SIMPLE_SIGNING, payload=layer.payload, signers=(signer,), findings=findings, seal=SEAL
    )


def _signature(layer: LegacyLayer, subject: str) -> bytes:
    """The signature over a payload; b"" for an envelope, which has its own."""
    text = layer.annotation(SIGNATURE)
    if layer.media_type == DSSE:
        if text is not None:
            message = f"{SIGNATURE} has a signature beside an envelope with its own, expected it to be empty"
            raise refuse("attestation.invalid", subject, message)
        return b""
    if text is None:
        raise reject("signature.missing", subject, f"the layer has no {SIGNATURE}")
    if len(text) > _LONGEST_SIGNATURE:
        message = f"{SIGNATURE} has {len(text)} characters, expected at most {_LONGEST_SIGNATURE}"
        raise refuse("attestation.invalid", subject, message)
    try:
        return decode(text)
    except ValueError as error:
        raise refuse("attestation.invalid", subject, f"{SIGNATURE} {error}") from error
