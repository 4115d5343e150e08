"""The verdict as JSON: its document (`formats.verdict.document`) as text. docs/schemas/report-v1.json describes it."""

from __future__ import annotations

import json

from verifier.core.verdict import Verdict
from verifier.formats.verdict.document import write


def render(verdict: Verdict) -> str:
    """One JSON document, printable ASCII only (so hostile text cannot reach a terminal), ending in a newline."""
    # DEL is the one control character that JSON leaves as it is.
    return json.dumps(write(verdict), indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"
