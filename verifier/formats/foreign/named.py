"""A refusal that says what was given: where a document was refused for its form, its reason names the format.

* the class of the refusal stays: what was not judged to its end stays undecided, and what a stranger signed harmless
* only what was refused for its form is named anew; a signature that is wrong, or a budget that is spent, is left alone
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import Refused, Rejected
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.foreign.foreign import Foreign
from verifier.formats.foreign.recognise import recognise

EXPECTED: Final = {
    "attestation": "an in-toto statement in a DSSE envelope, or a Sigstore bundle",
    "verdict": "a verdict in a DSSE envelope or a Sigstore bundle",
    "bundle": "a bundle (a tar archive packed with gzip)",
    "image": "an image's manifest or index",
    "policy": "TOML in UTF-8",
    "member": "JSON in UTF-8",
    "root": "a Sigstore trusted root (JSON)",
    "signing": "a Sigstore signing configuration (JSON)",
    "key": "a public key (PEM)",
    "secret": "a private key (PEM)",
    "predicate": "a predicate (JSON)",
}
"""What each place reads, in words."""
_OF_FORM: Final = frozenset({"attestation.invalid", "attestation.undecided", "signature.missing", "image.malformed"})
_OF_ARCHIVES: Final = frozenset({"archive.not-gzip", "archive.malformed", "archive.truncated", "archive.bad-checksum"})
_WITH_MORE: Final = frozenset({"signer.untrusted", "signature.unsupported", "signature.invalid"})
"""Codes of a signature that was looked at: of these only an envelope of another kind is named."""


def named(refusal: Refused, content: bytes, *, place: str) -> Refused:
    """`refusal`, its first reason saying what `content` is; the same where that is unknown, or does not matter."""
    first = refusal.reasons[0]
    if type(refusal) not in (Refused, Rejected) or not _concerns_form(first.code):
        return refusal
    foreign = recognise(content, place=place)
    if foreign is None:
        return refusal
    if first.code in _WITH_MORE:
        reason = _explained(first, foreign)
    else:
        reason = Reason(
            code=_code(first.code, foreign, place),
            subject=first.subject,
            message=f"this is {foreign.what}, expected {EXPECTED[place]}",
            hint=foreign.todo,
        )
    return type(refusal)(reason, *refusal.reasons[1:])


def sentence(content: bytes, *, place: str) -> tuple[str, str]:
    """What `content` is instead of what `place` reads, and what to do; two empty texts where that is unknown."""
    foreign = recognise(content, place=place)
    return (f"this is {foreign.what}, expected {EXPECTED[place]}", foreign.todo) if foreign is not None else ("", "")


def _concerns_form(code: str) -> bool:
    return code.startswith("json.") or code in _OF_FORM or code in _OF_ARCHIVES or code in _WITH_MORE


def _code(code: str, foreign: Foreign, place: str) -> str:
    """A document's own code; an archive and a manifest keep theirs, which say no more than that they are none."""
    if place not in ("attestation", "verdict"):
        return code
    return foreign.code or "attestation.invalid"


def _explained(reason: Reason, foreign: Foreign) -> Reason:
    if foreign.name == "envelope-with-certificate":
        return replace(reason, message=f"this is {foreign.what}", hint=foreign.todo)
    if foreign.name == "other-envelope":
        return replace(reason, message=f"{reason.message}; this is {foreign.what}", hint=foreign.todo)
    return reason
