"""Verdicts as JSON: their document as text. docs/schemas/report-v1.json describes that of one verdict, reports-v1.json
that of several."""

from __future__ import annotations

from verifier.formats.json.write import page
from verifier.formats.verdict.dossier import Dossier
from verifier.formats.verdict.several import write
from verifier.reports.media.escaping import in_json
from verifier.reports.table import PLAIN, Screen


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """One JSON document, printable ASCII only (so hostile text cannot reach a terminal), ending in a newline."""
    return in_json(page(write(dossier)))
