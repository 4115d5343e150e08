"""A log's promise as cosign keeps it beside a signature: `{SignedEntryTimestamp, Payload}`; no inclusion proof.

* one reading: unknown fields, another spelling of base64 or of a log's id are refused
* an entry without its promise proves nothing, and is refused; the format has no place for another proof
* what the entry says of its own kind stands in its body

Source: https://github.com/sigstore/cosign/blob/main/pkg/cosign/bundle/rekor.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from verifier.core.errors import refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.formats.base64_text import decode_field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.sigstore.bundle import LogEntry

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget

_LOG_ID: Final = re.compile(r"[0-9a-f]{64}\Z")


def read_promise(fields: Fields, budget: Budget | None = None) -> LogEntry:
    """The promised entry, nothing verified; raises `Refused`."""
    fields.known("SignedEntryTimestamp", "Payload", closed=True)
    payload = fields.object("Payload").known("body", "integratedTime", "logIndex", "logID", closed=True)
    if fields.value.get("SignedEntryTimestamp") is None:
        message = f"{fields.at('SignedEntryTimestamp')} is missing: nothing proves that the log holds the entry"
        raise refuse("log.entry-invalid", fields.subject, message)
    log = payload.text("logID")
    if not _LOG_ID.match(log):
        raise payload.refusal("logID", f"is {log!r:.100}, expected 64 digits of lower-case hex")
    body = decode_field(payload, "body")
    value = strict_json.loads(body, subject=fields.subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget)
    logged = Fields.of(value, code="log.entry-invalid", subject=fields.subject, path=payload.at("body"))
    return LogEntry(
        log_index=payload.count("logIndex"),
        log_id=bytes.fromhex(log),
        kind=logged.text("kind"),
        version=logged.text("apiVersion"),
        integrated_time=payload.count("integratedTime") or None,
        promise=decode_field(fields, "SignedEntryTimestamp"),
        proof=None,
        body=body,
    )
