"""`verify sbom check`, as a library has it: one document, read, held against an artifact, and its signature judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.engine.sboms.signed import Signature
from verifier.formats.bom.component import FILE
from verifier.formats.bom.document import BomDocument
from verifier.sbom.judging import Demands, JudgedBom, judge, weighed
from verifier.sbom.reading import read_bom

if TYPE_CHECKING:
    from verifier.evidence.contents import Contents
    from verifier.formats.bom.catalog import Catalog


class SbomQuestion(Value):
    """One document, what is demanded of it, and what it is to be true of: None where nothing is compared. `signed`
    judges its signature once the contents are known, None where nobody is to be believed."""

    document: Document
    demands: Demands
    contents: Callable[[], Contents] | None
    now: datetime
    signed: Callable[[Contents], Signature] | None = None


class SbomAnswer(Value):
    """What came of it: `judged` is None where the document could not be read, `signers` are those who have signed it,
    None where that was not asked."""

    reasons: tuple[Reason, ...]
    judged: JudgedBom | None = None
    catalog: Catalog | None = None
    signers: tuple[str, ...] | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing denies."""
        return not any(each.is_error for each in self.reasons)

    @property
    def undecided(self) -> bool:
        """Whether all that denies is that something could not be decided."""
        errors = [each for each in self.reasons if each.is_error]
        return bool(errors) and all(each.is_undecided for each in errors)


def check_sbom(asked: SbomQuestion) -> SbomAnswer:
    """Answer the question; never raises for what it reads."""
    try:
        document = read_bom(asked.document.content, subject=asked.document.name)
        if asked.contents is None:
            judged = judge(document, None, asked.demands, asked.now)
            return SbomAnswer(reasons=judged.reasons, judged=judged)
        contents = asked.contents()
        catalog = _catalog(contents, document)
    except Refused as refusal:
        return SbomAnswer(reasons=refusal.reasons)
    judged = judge(document, catalog, asked.demands, asked.now)
    try:
        signature = asked.signed(contents) if asked.signed is not None else None
    except Refused as refusal:
        signature = Signature(reasons=refusal.reasons)
    found = (*weighed(catalog.findings), *judged.reasons, *(signature.reasons if signature is not None else ()))
    return SbomAnswer(
        reasons=tuple(dict.fromkeys(found)),
        judged=judged,
        catalog=catalog,
        signers=signature.signers if signature is not None else None,
    )


def _catalog(contents: Contents, document: BomDocument) -> Catalog:
    from verifier.sbom.catalog.table import catalog_of  # noqa: PLC0415 - only where something is compared

    # A document that lists no file is not measured by the files.
    return catalog_of(contents, files=any(each.ecosystem == FILE for each in document.components))
