"""A status of a gateway to look at: one bundle served, one that expires and refuses, one withheld; a refused reload."""

from __future__ import annotations

from typing import Any

from tools.pages import samples
from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.formats.verdict.dossier import Happened
from verifier.formats.verdict.parts import write_digest
from verifier.gateway.pages.problem import shown


def status() -> dict[str, Any]:
    """The document (docs/schemas/gateway-status-v1.json)."""
    rollback, *_ = samples.denied().verdicts[0].reasons
    quarantined = Reason(
        code="version.quarantined", subject="bundle:billing", message="1.0.0 was withdrawn: key of a leaver"
    )
    return {
        "schema": "verifier/gateway-status/v1",
        "time": format_rfc3339(samples.NOW),
        "startedAt": "2026-11-26T07:12:00Z",
        "verifier": {"version": "0.1.0"},
        "ready": False,
        "policy": {"uri": "https://acme.example/trust", "digest": {"sha256": "8" * 64}},
        "ledger": {"url": "sqlite:///var/lib/verify/ledger.db", "usable": True, "reasons": []},
        "refusedReload": {
            "time": "2026-11-28T09:21:00Z",
            "message": "/etc/verify/trust.toml:14: unknown key 'keyfile' in [signers.release]",
            "hint": "Did you mean 'key'?",
            "times": 2,
        },
        "bundles": [
            _bundle("authz", expires="2027-02-20T00:00:00Z", left=7_224_600, history=samples.history()),
            _bundle("admission", refusal=rollback, expires="2026-11-30T21:30:00Z", left=216_000),
            _bundle("billing", state="withheld", reasons=(quarantined,)),
        ],
        "images": {
            "path": "/validate",
            "repositories": [{"pattern": "registry.acme.example/apps/*", "name": "apps"}],
            "record": True,
            "underWay": 0,
            "remembered": 12,
        },
    }


def _bundle(
    name: str,
    *,
    state: str = "serving",
    reasons: tuple[Reason, ...] = (),
    refusal: Reason | None = None,
    expires: str | None = None,
    left: int | None = None,
    history: tuple[Happened, ...] = (),
) -> dict[str, Any]:
    digest = samples.verdict(name=name).subject.digest
    incident = refusal and {
        "time": "2026-11-28T09:28:12Z",
        "digest": None,
        "version": "1.2.0",
        "correlationId": "77",
        "reasons": [shown(refusal)],
    }
    return {
        "name": name,
        "path": f"/bundles/{name}",
        "upstream": f"https://bundles.acme.example/{name}.tar.gz",
        "state": state,
        "digest": digest and write_digest(digest),
        "version": "1.4.0",
        "levels": [],
        "reasons": [shown(each) for each in reasons],
        "refusing": refusal is not None,
        "acceptedAt": "2026-11-27T18:03:00Z",
        "contactedAt": "2026-11-28T09:29:51Z",
        "failures": 0,
        "lastRefusal": incident,
        "lastFailure": None,
        "heldPolls": 3,
        "expiresAt": expires,
        "secondsLeft": left,
        "history": [_event(each) for each in history],
    }


def _event(event: Happened) -> dict[str, Any]:
    return {
        "time": format_rfc3339(event.time),
        "what": event.what,
        "version": event.version,
        "digest": event.digest and write_digest(event.digest),
        "codes": list(event.codes),
        "comment": event.comment,
    }
