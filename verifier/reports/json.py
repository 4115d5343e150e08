"""The verdict as JSON: its document (`formats.verdict.document`) as text. docs/schemas/report-v1.json describes it."""

from __future__ import annotations

from verifier.formats.json.write import page
from verifier.formats.verdict.document import write
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.table import PLAIN, Screen


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """One JSON document, printable ASCII only (so hostile text cannot reach a terminal), ending in a newline."""
    return page(write(dossier.worst))
