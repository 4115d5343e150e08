"""An audit as JSON: its document (`formats.audit.document`) as text. docs/schemas/audit-v1.json describes it."""

from __future__ import annotations

from verifier.formats.audit.document import write
from verifier.formats.audit.result import AuditResult
from verifier.formats.json.write import sheet
from verifier.reports.media.escaping import in_json
from verifier.reports.table import PLAIN, Screen


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """One JSON document, printable ASCII only (so hostile text cannot reach a terminal), ending in a newline."""
    return in_json(sheet(write(result)))
