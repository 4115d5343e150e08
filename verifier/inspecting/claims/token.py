"""Who claims to have signed a bundle: OPA's `.signatures.json`, taken apart and not verified."""

from __future__ import annotations

from typing import Final

from verifier.core.errors import Refused
from verifier.core.reading import ReadingMode
from verifier.inspecting.inspected import Claim, Signature
from verifier.signatures.opa_jws import stated

FORM: Final = "OPA's signature (JWS)"


def claim_of_token(document: bytes, *, mode: ReadingMode, where: str) -> Claim:
    """The claim; what cannot be read is its fault."""
    try:
        token, claims = stated(document, mode=mode, subject=where)
    except Refused as refusal:
        return Claim(where=where, form=FORM, faults=refusal.reasons)
    signature = Signature(
        form=FORM,
        kid=token.kid or claims.keyid or "",
        algorithm=token.algorithm,
        signed_time=claims.issued,
        expires=claims.expires,
        scope=claims.scope or "",
        covers=len(claims.listed),
    )
    return Claim(where=where, form=FORM, signatures=(signature,))
