"""The bills of materials of one artifact: which count, what each is worth, and what all of them come to.

* a document counts where a signer whom the rule takes documents of has signed it, whole, for this artifact
* one that was given and that nobody has signed so is no document of the artifact's: `sbom.unsigned`
* every document that counts has to be true; of those about one image, one has to satisfy the rest
* of an index every image that is judged needs its own
* what was found in the artifact while it was listed is said as well: what cannot be listed is no component of it
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.uris import CYCLONEDX_BOM, SPDX_DOCUMENT
from verifier.evidence.attested import ProvenSbom
from verifier.evidence.contents import Contents
from verifier.evidence.inspection import Evidence
from verifier.evidence.sbom import MATCHED_LEVEL, QUALITY_LEVEL, SbomJudgement
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import FILE
from verifier.formats.bom.document import BomDocument
from verifier.formats.bom.same import canonical_text
from verifier.formats.json import strict_json
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import compact
from verifier.kinds.kind import Kind
from verifier.sbom.judging import Demands, JudgedBom, judge, weighed
from verifier.sbom.reading import read_bom
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.sbom import WHOLE, SbomRule

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget
    from verifier.sbom.licenses.rules import LicenseRules

MAX_BOMS: Final = 16
"""Documents that count, of one artifact: each is read and compared."""


class Boms(NamedTuple):
    """What the SBOMs of one artifact are judged by."""

    kind: Kind
    artifact: Artifact
    evidence: Evidence
    given: Sequence[Document]
    rule: ArtifactRule
    now: datetime
    budget: Budget


class _Listed(NamedTuple):
    """A document that counts, read."""

    proven: ProvenSbom
    document: BomDocument


class _Wanted(NamedTuple):
    """Something that has to have an SBOM: what it is called, its digests, and its contents where they are compared."""

    name: str
    digests: frozenset[Digest]
    contents: Contents | None


def judge_boms(boms: Boms) -> SbomJudgement:
    """Judge every SBOM that counts for the artifact; never raises for what it reads."""
    try:
        return _judged(boms, SbomRule.of(boms.rule))
    except ConfigurationError as error:
        # A library that is not installed, or a file of licences that cannot be read: nothing was decided.
        message = f"[artifacts.{boms.rule.pattern!r}] asks for an SBOM, and that cannot be judged here: {error}"
        reason = Reason(code="policy.unevaluated", subject=boms.artifact.reference, message=message, hint=error.hint)
        return SbomJudgement(reasons=(reason,))


def _judged(boms: Boms, section: SbomRule) -> SbomJudgement:
    counting, reasons = _counting(boms)
    listed: list[_Listed] = []
    for proven in counting:
        try:
            listed.append(_Listed(proven, _read(proven, boms)))
        except Refused as refusal:
            reasons += refusal.reasons
    if section.required and not counting and not any(each.is_error for each in reasons):
        reasons.append(_missing(boms, boms.artifact.reference, "none that counts was given or lies beside it"))
    return _Judging(boms, section).all_of(listed, reasons)


def _counting(boms: Boms) -> tuple[list[ProvenSbom], list[Reason]]:
    """The documents that count: those that were given, if any were, else all that are proven; and what is wrong."""
    if not boms.given and len(boms.evidence.sboms) == 1:
        return list(boms.evidence.sboms), []
    proven = list({canonical_text(each.document): each for each in boms.evidence.sboms}.items())
    if len(proven) > MAX_BOMS:
        message = f"{len(proven)} signed SBOMs; at most {MAX_BOMS} are judged"
        return [], [Reason(code="input.too-large", subject=boms.artifact.reference, message=message)]
    if not boms.given:
        return [each for _, each in proven], []
    reasons: list[Reason] = []
    by_text = dict(proven)
    chosen: dict[str, ProvenSbom] = {}
    for given in boms.given:
        try:
            text = canonical_text(strict_json.loads(given.content, subject=given.name, budget=boms.budget))
        except Refused as refusal:
            if given.content.lstrip()[:1] == b"<":
                reasons.append(_unsigned(given, "it is XML, which no attestation can hold"))
            else:
                reasons += refusal.reasons
            continue
        if text in by_text:
            chosen[text] = by_text[text]
        else:
            seen = f"{len(proven)} other SBOMs are" if proven else "no SBOM is"
            reasons.append(_unsigned(given, f"{seen} signed for this artifact by those whom the rule takes SBOMs of"))
    return list(chosen.values()), reasons


def _unsigned(given: Document, message: str) -> Reason:
    return Reason(code="sbom.unsigned", subject=given.name, message=message)


def _missing(boms: Boms, subject: str, message: str) -> Reason:
    return Reason(code="sbom.missing", subject=subject, message=f"the rule {boms.rule.pattern} asks for one; {message}")


def _read(proven: ProvenSbom, boms: Boms) -> BomDocument:
    content, subject = compact(proven.document), f"SBOM in {proven.digest}"
    read = read_bom(content.encode(), subject=subject, budget=boms.budget)
    if not proven.predicate_type.startswith(CYCLONEDX_BOM if read.format == "cyclonedx" else SPDX_DOCUMENT):
        message = f"it is {read.format}, and the statement that holds it says {proven.predicate_type}"
        raise refuse("sbom.invalid", subject, message)
    return read


class _Judging:
    """Holds each document against what the artifact contains, which is listed once."""

    def __init__(self, boms: Boms, section: SbomRule) -> None:
        self._boms, self._section = boms, section
        self._catalogs: dict[tuple[int, bool], Catalog] = {}
        self._found: list[Reason] = []
        share = section.min_completeness
        self._demands = Demands(
            matches=section.must_match_contents,
            min_completeness=None if share is None else share / WHOLE,
            quality=section.quality,
            licenses=_licenses(section),
            private=section.private,
        )

    def all_of(self, listed: Sequence[_Listed], reasons: list[Reason]) -> SbomJudgement:
        """What all documents come to, with the reasons that there are already."""
        contents = self._contents()
        if self._section.compares and contents is None:
            message = f"a {self._boms.kind.name} cannot be looked into: nobody can say what it contains"
            reasons.append(Reason(code="policy.unevaluated", subject=self._boms.artifact.reference, message=message))
        if self._section.compares and contents is not None and len(contents) < max(1, len(self._boms.artifact.parts())):
            message = "not all of what it stands for was looked into: nobody can say what it contains"
            reasons.append(Reason(code="policy.unevaluated", subject=self._boms.artifact.reference, message=message))
        judged: list[JudgedBom] = []
        wanted = self._wanted(contents or ())
        for number, each in enumerate(wanted):
            about = [one for one in listed if len(wanted) == 1 or not each.digests.isdisjoint(one.proven.about)]
            of_it = [self._judge(one, each, number, reasons) for one in about]
            if listed and not about and self._section.required:
                reasons.append(_missing(self._boms, each.name, "none of those that count is about this image"))
            judged += of_it
            reasons += _come_to(of_it)
        count = sum(self._packages(number, each) for number, each in enumerate(contents)) if contents else None
        return SbomJudgement(
            reasons=tuple(dict.fromkeys((*self._found, *reasons))),
            levels=tuple(_levels(self._section, judged)),
            dependencies=count if self._section.compares and contents is not None else None,
            facts=tuple(_facts(each) for each in judged),
        )

    def _wanted(self, contents: tuple[Contents, ...]) -> tuple[_Wanted, ...]:
        """What has to have an SBOM: the artifact, or every image that it stands for."""
        artifact = self._boms.artifact
        if contents:
            return tuple(_Wanted(each.name, frozenset(each.digests), each) for each in contents)
        if len(artifact.parts()) > 1:
            return tuple(_Wanted(str(each), frozenset((each,)), None) for each in sorted(artifact.parts(), key=str))
        return (_Wanted(artifact.reference, artifact.parts(), None),)

    def _contents(self) -> tuple[Contents, ...] | None:
        """What is in the artifact, where the rule has to know; None where that cannot be known."""
        read = self._boms.kind.contents
        if read is None or not self._section.compares:
            return None if read is None else ()
        return read(self._boms.artifact, self._boms.evidence)

    def _judge(self, listed: _Listed, wanted: _Wanted, number: int, reasons: list[Reason]) -> JudgedBom:
        catalog = None
        if wanted.contents is not None:
            try:
                catalog = self._catalog(number, wanted.contents, files=_lists_files(listed.document))
            except Refused as refusal:
                reasons += refusal.reasons
        elif (other := self._other(listed.document, wanted)) is not None:
            reasons.append(other)
        return judge(listed.document, catalog, self._demands, self._boms.now)

    def _other(self, document: BomDocument, wanted: _Wanted) -> Reason | None:
        """Why a document is about something else, where nothing but digests is known of the artifact."""
        from verifier.sbom.compare.subject import other_by_digest  # noqa: PLC0415 - where nothing is compared

        names = {each for one in self._boms.artifact.names() for each in (one.digest, *one.other_digests)}
        # Properties may name the config, of which nothing is known before it was read.
        subject = None if document.subject is None else document.subject._replace(properties=())
        return other_by_digest(subject, names | wanted.digests, where=wanted.name)

    def _catalog(self, number: int, contents: Contents, *, files: bool) -> Catalog:
        if (number, files) not in self._catalogs:
            from verifier.sbom.catalog.table import catalog_of  # noqa: PLC0415 - only where contents are compared

            self._catalogs[number, files] = catalog_of(contents, files=files)
            self._found += weighed(self._catalogs[number, files].findings)
        return self._catalogs[number, files]

    def _packages(self, number: int, contents: Contents) -> int:
        """How many packages somebody else has made of it."""
        made = next((each for (of, _), each in self._catalogs.items() if of == number), None)
        components = () if made is None or contents.kind == "bundle" else made.components
        return sum(each.type != "operating-system" and each.ecosystem not in {FILE, ""} for each in components)


def _licenses(section: SbomRule) -> LicenseRules | None:
    if section.allowed is None:
        return None
    from verifier.sbom.licenses.rules import read_license_rules  # noqa: PLC0415 - only where there is a list

    return read_license_rules(section.allowed, where=section.licenses or "")


def _lists_files(document: BomDocument) -> bool:
    return any(each.ecosystem == FILE for each in document.components)


def _come_to(judged: Sequence[JudgedBom]) -> Iterator[Reason]:
    """Why something that a document says is not true; and where none has all that is asked for, what the best lacks."""
    for each in judged:
        yield from each.untrue
    if judged:
        best = min(judged, key=lambda each: sum(reason.is_error for reason in each.lacking))
        yield from best.lacking
    yield from (_told(each) for each in judged)


def _told(judged: JudgedBom) -> Reason:
    document = judged.document
    tool = next((f" by {each.name}".rstrip() for each in document.tools), "")
    message = f"{document.format} {document.spec_version}{tool}, {len(document.components)} components"
    if judged.comparison is not None and judged.comparison.other is None:
        counts = judged.comparison.total
        message += (
            f": {counts.same} as they are, {counts.missing} missing, {counts.surplus} surplus,"
            f" {counts.altered} altered, {counts.unverified} unverified"
        )
    return Reason(code="sbom.judged", subject=str(document.digest), message=message)


def _levels(section: SbomRule, judged: Sequence[JudgedBom]) -> Iterator[str]:
    """What is reached where nothing denies: that contents match, only where nothing was left unverified."""
    if not judged:
        return
    compared = [each.comparison for each in judged]
    if section.must_match_contents and all(each is not None and not each.total.unverified for each in compared):
        yield MATCHED_LEVEL
    for each in section.quality:
        yield QUALITY_LEVEL + each.upper().replace("-", "_")


def _facts(judged: JudgedBom) -> dict[str, JsonValue]:
    document, comparison = judged.document, judged.comparison
    counts = None
    if comparison is not None and comparison.other is None:
        total = comparison.total
        counts = {name: getattr(total, name) for name in ("same", "missing", "surplus", "altered", "unverified")}
    return {
        "digest": {document.digest.algorithm: document.digest.value},
        "format": document.format,
        "specVersion": document.spec_version,
        "components": len(document.components),
        "compared": counts,
    }
