"""What was inspected as a document: docs/schemas/inspect-v1.json describes it.

* its first member says that nothing in it is verified; a consumer that looks for "verified": true finds none
* what is not stated is null or an empty list, never left out
"""

from __future__ import annotations

from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.inspecting import checks
from verifier.inspecting.inspected import Claim, Inspected, Node, Signature, Stated

SCHEMA: Final = "verifier/inspect/v1"


def write(seen: Inspected) -> dict[str, Any]:
    """The document of `seen`, as a JSON value."""
    described = seen.described
    return {
        "schema": SCHEMA,
        "verified": False,
        "reference": seen.reference,
        "kind": seen.kind,
        "what": seen.what,
        "size": seen.size,
        "digest": _digest(seen.digest),
        "states": {each.name: each.value for each in described.facts},
        "lists": {
            each.name: {
                "count": each.count,
                "items": [dict(zip(each.columns, row, strict=True)) for row in each.rows],
            }
            for each in described.listings
        },
        "claims": [_claim(each) for each in described.claims],
        "tree": None if described.tree is None else _node(described.tree),
        "complete": seen.complete,
        "faults": [_reason(each) for each in seen.faults],
        "notes": [_reason(each) for each in described.notes],
        "check": {
            "command": checks.line(described.check),
            "words": list(described.check.words),
            "placeholders": dict(described.check.unknown),
        },
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "where": claim.where,
        "form": claim.form,
        "signatures": [_signature(each) for each in claim.signatures],
        "statement": None if claim.stated is None else _stated(claim.stated),
        "digest": _digest(claim.digest),
        "faults": [_reason(each) for each in claim.faults],
    }


def _signature(each: Signature) -> dict[str, Any]:
    return {
        "kid": each.kid or None,
        "algorithm": each.algorithm or None,
        "keyFingerprint": f"sha256:{each.fingerprint}" if each.fingerprint else None,
        "identity": each.identity or None,
        "issuer": each.issuer or None,
        "certificateFrom": each.valid_from and format_rfc3339(each.valid_from),
        "certificateUntil": each.valid_until and format_rfc3339(each.valid_until),
        "certificateClaims": dict(each.certificate),
        "logEntries": [
            {"index": log.index, "logId": log.log_id, "kind": log.kind, "time": log.time and format_rfc3339(log.time)}
            for log in each.logs
        ],
        "timestamps": [format_rfc3339(moment) for moment in each.timestamps],
        "signedTime": each.signed_time and format_rfc3339(each.signed_time),
        "expires": each.expires and format_rfc3339(each.expires),
        "scope": each.scope or None,
        "filesListed": each.covers,
    }


def _stated(stated: Stated) -> dict[str, Any]:
    return {
        "predicateType": stated.predicate_type,
        "subjects": [{"name": name, "digests": list(map(str, digests))} for name, digests in stated.subjects],
        "states": {each.name: each.value for each in stated.facts},
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "what": node.what,
        "digest": _digest(node.digest),
        "size": node.size,
        "children": [_node(each) for each in node.children],
    }


def _digest(digest: Digest | None) -> str | None:
    return None if digest is None else str(digest)


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "subject": reason.subject, "message": reason.message, "hint": reason.hint}
