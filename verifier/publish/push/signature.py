"""The signature that is pushed with an artifact, in the two forms in which cosign finds it.

* both are about the manifest's digest, name the repository, and make the same claims
* a key in a file makes the same signature each time: who publishes the same twice adds nothing
* what is signed is made here: a statement about a digest that was computed, or named by whoever signs

Source: cosign 3 `https://sigstore.dev/cosign/sign/v1`; cosign `specs/SIGNATURE_SPEC.md`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.uris import COSIGN_SIGN, STATEMENT_V1
from verifier.core.value import Value, field
from verifier.formats.cosign.layer import SIGNATURE, SIMPLE_SIGNING
from verifier.publish.push.evidence import Evidence, signed_evidence
from verifier.publish.push.legacy import SIGNATURES, simple_signing
from verifier.publish.push.written import Appended, held
from verifier.signatures import keys

NAME: Final = "the signature"


class ReleaseSigner(Value):
    """Who signs what is published. `statement` makes an envelope or a Sigstore bundle of a statement; `payload` signs
    bytes, None where the signer has no key of its own; `hint` is how bundles name the key."""

    statement: Callable[[Mapping[str, Any]], bytes] = field(repr=False)
    payload: Callable[[bytes], bytes] | None = field(default=None, repr=False)
    hint: str | None = None


def key_hint(public_key: keys.PublicKey) -> str:
    """How cosign's bundles name a key: base64 of the SHA-256 of its DER."""
    return base64.b64encode(bytes.fromhex(keys.fingerprint(public_key))).decode("ascii")


def signature_statement(
    subject: Digest, *, repository: str | None, claims: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """cosign's statement "this is ours" of the manifest `subject`; claims stand where cosign puts its own."""
    about: dict[str, Any] = {"digest": {subject.algorithm: subject.value}}
    if repository is not None:
        about["name"] = repository
    if claims:
        about["annotations"] = dict(claims)
    return {"_type": STATEMENT_V1, "subject": [about], "predicateType": COSIGN_SIGN, "predicate": {}}


def signature(
    signer: ReleaseSigner, subject: Digest, *, repository: str | None, claims: Sequence[tuple[str, str]] = ()
) -> tuple[Evidence, ...]:
    """The signature as a statement."""
    signed = signer.statement(signature_statement(subject, repository=repository, claims=claims))
    return signed_evidence(signed, name=NAME, hint=signer.hint)


def legacy_signature(
    signer: ReleaseSigner, subject: Digest, *, repository: str | None, claims: Sequence[tuple[str, str]] = ()
) -> Appended:
    """The signature as cosign's old scheme has it."""
    if signer.payload is None:
        hint = "Sign with --key, or publish with --attach-as bundle."
        raise ConfigurationError(
            "cosign's old signatures need a key here, not --keyless", where="--attach-as", hint=hint
        )
    if repository is None:
        hint = "Say it: --repository registry/repository."
        raise ConfigurationError("cosign's old signatures name the repository", where="--attach-as", hint=hint)
    payload = simple_signing(subject, repository=repository, claims=claims)
    said = base64.b64encode(signer.payload(payload)).decode("ascii")
    layer = held(payload, SIMPLE_SIGNING, annotations=((SIGNATURE, said),))
    return Appended(subject=subject, suffix=SIGNATURES, layer=layer, what="signature (cosign's old form)", name=NAME)
