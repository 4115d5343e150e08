"""Detached signatures as in-toto statements: our release predicate, and cosign's, which claims nothing.

* a release names the artifact and when it was issued; a version and an expiry may be added
* an unknown field in a release is refused: it may be a restriction that is not understood
* a predicate of any other type is not a signature
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.uris import COSIGN_SIGN, RELEASE, STATEMENT_V1
from verifier.core.value import Value
from verifier.formats.intoto.statement import Statement
from verifier.formats.json.fields import Fields

SIGNATURE_PREDICATES: Final = frozenset({RELEASE, COSIGN_SIGN})
"""Predicate types by which a trusted signer says "this is ours"."""


class Release(Value):
    """What the signer of a release says about it."""

    kind: str
    name: str
    version: str | None = None
    issued_at: datetime
    expires_at: datetime | None = None


def counts_as_signature(statement: Statement) -> bool:
    """Whether signing this statement is signing its subjects, rather than saying something about them."""
    return statement.predicate_type in SIGNATURE_PREDICATES


def parse_release(statement: Statement, *, subject: str) -> Release | None:
    """The release that the statement is, None for a signature without claims; refuses every other type."""
    if statement.predicate_type == COSIGN_SIGN:
        return None
    fields = Fields(value=statement.predicate, code="attestation.invalid", subject=subject, path="predicate")
    if statement.predicate_type != RELEASE:
        raise fields.refusal("", f"has type {statement.predicate_type!r}, expected {RELEASE!r}")
    fields.known("kind", "name", "version", "issuedAt", "expiresAt", closed=True)
    return Release(
        kind=fields.text("kind"),
        name=fields.text("name"),
        version=fields.optional_text("version"),
        issued_at=fields.moment("issuedAt"),
        expires_at=fields.optional_moment("expiresAt"),
    )


def build_release(release: Release, *, digests: Sequence[Digest]) -> dict[str, Any]:
    """The statement that says `release` of the artifact with these digests, ready to be serialised."""
    predicate = {"kind": release.kind, "name": release.name}
    if release.version is not None:
        predicate["version"] = release.version
    predicate["issuedAt"] = format_rfc3339(release.issued_at)
    if release.expires_at is not None:
        predicate["expiresAt"] = format_rfc3339(release.expires_at)
    return {
        "_type": STATEMENT_V1,
        "subject": [{"name": release.name, "digest": {each.algorithm: each.value for each in digests}}],
        "predicateType": RELEASE,
        "predicate": predicate,
    }
