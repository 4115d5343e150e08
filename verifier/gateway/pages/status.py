"""How the gateway is, as one JSON document: docs/schemas/gateway-status-v1.json.

* what is said to stand has been judged for this document
* hostile text is escaped by whoever shows it; the document itself is ASCII
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.verdict import PolicyReference
from verifier.core.version import VERSION
from verifier.formats.verdict.parts import write_digest, write_policy
from verifier.gateway.bundles.bundle import ServedBundle
from verifier.gateway.bundles.history import Incident
from verifier.gateway.images.images import Images
from verifier.gateway.pages.answers import Served, Standing
from verifier.gateway.pages.problem import shown
from verifier.gateway.pages.reload import RefusedReload
from verifier.gateway.serving import Serving
from verifier.gateway.settings.settings import VALIDATE
from verifier.ledger.absent import Unopened
from verifier.ledger.interface import LedgerEvent
from verifier.reports.escape import printable

SCHEMA = "verifier/gateway-status/v1"
NEWEST: Final = 30
"""Events of each bundle's scope: what a person looks at; the ledger has all."""


def status(
    serving: Serving,
    standings: Sequence[Standing],
    events: Sequence[Sequence[LedgerEvent]],
    refused: RefusedReload | None,
    *,
    now: datetime,
    started_at: datetime,
) -> dict[str, Any]:
    """The document; `standings` and `events` are those of the bundles, in their order."""
    ledger = serving.ledger
    usable = not isinstance(ledger, Unopened)
    return {
        "schema": SCHEMA,
        "time": format_rfc3339(now),
        "startedAt": format_rfc3339(started_at),
        "verifier": {"version": VERSION},
        "ready": is_ready(serving, standings),
        "policy": write_policy(PolicyReference(uri=serving.policy.id, digest=serving.policy.digest)),
        "ledger": {
            "url": ledger.url if not isinstance(ledger, Unopened) else None,
            "usable": usable,
            "reasons": [shown(reason) for reason in ledger.reasons] if isinstance(ledger, Unopened) else [],
        },
        "refusedReload": None if refused is None else _reload(refused),
        "bundles": [_bundle(*each, now) for each in zip(serving.bundles, standings, events, strict=True)],
        "images": None if serving.images is None else _images(serving.images),
    }


def is_ready(serving: Serving, standings: Sequence[Standing]) -> bool:
    """Whether every bundle is served, and images can be answered for."""
    return all(isinstance(each, Served) for each in standings) and not (serving.images and serving.ledger_is_lost())


def _images(images: Images) -> dict[str, Any]:
    names = images.settings.repositories.names
    return {
        "path": VALIDATE,
        "repositories": [{"pattern": pattern, "name": name} for pattern, name in names],
        "record": images.settings.record,
        "underWay": images.under_way,
        "remembered": images.remembered,
    }


def _reload(refused: RefusedReload) -> dict[str, Any]:
    return {
        "time": format_rfc3339(refused.time),
        "message": printable(refused.message),
        "hint": printable(refused.hint),
        "times": refused.times,
    }


def _bundle(bundle: ServedBundle, standing: Standing, events: Sequence[LedgerEvent], now: datetime) -> dict[str, Any]:
    served = isinstance(standing, Served)
    subject = standing.verdict.subject if standing.verdict is not None else None
    history = bundle.history
    reasons = standing.verdict.reasons if isinstance(standing, Served) else standing.reasons
    ends = standing.verdict.expires_at if isinstance(standing, Served) else None
    return {
        "name": bundle.settings.name,
        "path": bundle.settings.path,
        "upstream": bundle.intake.reference,
        "state": "serving" if served else "withheld" if subject else "empty",
        "digest": write_digest(subject.digest) if subject and subject.digest else None,
        "version": subject.version if subject else None,
        "levels": list(standing.verdict.levels) if standing.verdict is not None else [],
        "reasons": [shown(reason) for reason in reasons],
        "refusing": history.refusing,
        "acceptedAt": _moment(history.accepted_at),
        "contactedAt": _moment(history.contacted_at),
        "failures": history.failures,
        "lastRefusal": _incident(history.last_refusal),
        "lastFailure": _incident(history.last_failure),
        "heldPolls": bundle.held,
        "expiresAt": _moment(ends),
        "secondsLeft": None if ends is None else max(0, int((ends - now).total_seconds())),
        "history": [_event(each) for each in events],
    }


def _event(event: LedgerEvent) -> dict[str, Any]:
    """What the ledger has written down; a denied version may be hostile text."""
    version = None if event.version is None else f"{event.epoch or 0}:{event.version}"
    return {
        "time": format_rfc3339(event.time),
        "what": event.kind.value,
        "version": version and printable(version),
        "digest": event.digest and write_digest(event.digest),
        "codes": list(event.reasons),
        "comment": printable(": ".join(text for text in (event.detail, event.comment) if text)),
    }


def _incident(incident: Incident | None) -> dict[str, Any] | None:
    if incident is None:
        return None
    return {
        "time": format_rfc3339(incident.time),
        "digest": incident.digest and write_digest(incident.digest),
        "version": incident.version,
        "correlationId": incident.correlation_id,
        "reasons": [shown(reason) for reason in incident.reasons],
    }


def _moment(time: datetime | None) -> str | None:
    return format_rfc3339(time) if time else None
