"""What came of checking an SBOM, as JSON values: for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.formats.verdict.parts import write_reason

if TYPE_CHECKING:
    from verifier.engine.sboms.checking import SbomAnswer
    from verifier.formats.json.strict_json import JsonValue
    from verifier.sbom.judging import JudgedBom


def answer_document(answer: SbomAnswer, name: str, against: str | None) -> JsonValue:
    """The answer as JSON values."""
    judged = answer.judged
    return {
        "schema": "verifier/sbom-check/v1",
        "result": "PASSED" if answer.passed else "FAILED",
        "sbom": name,
        "against": against,
        "reasons": [{**write_reason(each)} for each in answer.reasons],
        "signers": list(answer.signers) if answer.signers is not None else None,
        "document": None if judged is None else _told(judged),
        "comparison": judged.comparison.document() if judged is not None and judged.comparison is not None else None,
        "quality": [] if judged is None else [each.document() for each in judged.quality],
    }


def _told(judged: JudgedBom) -> JsonValue:
    document = judged.document
    return {
        "digest": str(document.digest),
        "format": document.format,
        "specVersion": document.spec_version,
        "components": len(document.components),
        "tools": [{"name": each.name, "version": each.version} for each in document.tools],
    }
