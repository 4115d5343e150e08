"""One bill of materials, judged: is it true, and has it what is asked for? Pure.

* whether it is true is told apart from what it lacks: of several documents about one artifact every one has to be
  true, and one of them has to be good enough
* nothing is judged that is not asked for, and what is asked for and cannot be judged is said
* nobody has all of an artifact of which a part could not be listed
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.core.value import Value, field, replace
from verifier.formats.bom.component import FILE
from verifier.formats.bom.document import BomDocument

if TYPE_CHECKING:
    from verifier.formats.bom.catalog import Catalog
    from verifier.sbom.compare.comparison import Comparison
    from verifier.sbom.licenses.rules import LicenseRules
    from verifier.sbom.quality.report import QualityReport

_NOT_LISTED: Final = frozenset({"package.elsewhere", "package.unlisted", "package.unread-root"})
"""Findings that say of a part of an artifact that nobody knows what is in it."""


class Demands(Value):
    """What is asked of a document. `strict` takes no tool's blindness for an excuse; `min_completeness` is a share from
    0 to 1, of everything that the artifact contains; `private` are pairs of a pattern and an index."""

    matches: bool = False
    strict: bool = False
    min_completeness: float | None = None
    quality: tuple[str, ...] = ()
    licenses: LicenseRules | None = None
    private: tuple[tuple[str, str], ...] = ()
    pins: bool = False


class JudgedBom(Value):
    """A document, and what came of it. `untrue` are reasons why it is not what the artifact contains, `lacking` are
    reasons why it is not what is asked for; both also hold warnings and notes."""

    document: BomDocument = field(repr=False)
    comparison: Comparison | None = None
    quality: tuple[QualityReport, ...] = ()
    untrue: tuple[Reason, ...] = ()
    lacking: tuple[Reason, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All of them."""
        return (*self.untrue, *self.lacking)

    @property
    def suffices(self) -> bool:
        """Whether it is all that is asked for."""
        return not any(each.is_error for each in self.reasons)


def judge(document: BomDocument, catalog: Catalog | None, demands: Demands, now: datetime) -> JudgedBom:
    """Judge `document`, against `catalog` where there is one."""
    untrue: list[Reason] = list(document.findings)
    lacking: list[Reason] = []
    comparison = None
    if catalog is not None:
        from verifier.sbom.compare.compare import compare  # noqa: PLC0415 - only where something is compared

        comparison = compare(document, catalog, strict=demands.strict)
        untrue += comparison.reasons() if demands.matches else _about_another(comparison)
        if demands.min_completeness is not None:
            whole = comparison if demands.strict else compare(document, catalog, strict=True)
            lacking += whole.incomplete(demands.min_completeness)
        if comparison.other is None and (demands.strict or demands.min_completeness is not None):
            lacking += _not_compared(catalog)
    reports = _quality(document, demands)
    lacking += (reason for report in reports for reason in report.reasons())
    if comparison is None or comparison.other is None:
        lacking += _of_components(document, catalog, demands, now)
    return JudgedBom(
        document=document,
        comparison=comparison,
        quality=reports,
        untrue=tuple(dict.fromkeys(untrue)),
        lacking=tuple(dict.fromkeys(lacking)),
    )


def weighed(findings: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """What was found in the artifact. Where its locks disagree, none can say of which a document is true."""
    return tuple(
        replace(each, severity=Severity.ERROR) if each.code == "dependency.locks-disagree" else each
        for each in findings
    )


def _not_compared(catalog: Catalog) -> Iterator[Reason]:
    """What of an artifact no list of components could be held against."""
    about = catalog.subject.name
    parts = [each.subject for each in catalog.findings if each.code in _NOT_LISTED]
    if parts:
        more = f" and {len(parts) - 1} more parts" if len(parts) > 1 else ""
        message = f"{parts[0]}{more} cannot be listed: nobody can say how much of the artifact the SBOM has"
        yield Reason(code="sbom.incomplete", subject=about, message=message)
    unowned = catalog.integrity.unowned if catalog.integrity is not None else ()
    if unowned and FILE not in catalog.ecosystems:
        message = f"{len(unowned)} files belong to no package ({unowned[0]} is one), and the SBOM lists no files"
        yield Reason(code="sbom.unverified", subject=about, message=message)


def _about_another(comparison: Comparison) -> tuple[Reason, ...]:
    return () if comparison.other is None else (comparison.other,)


def _quality(document: BomDocument, demands: Demands) -> tuple[QualityReport, ...]:
    if not demands.quality:
        return ()
    from verifier.sbom.quality.judge import judge_quality  # noqa: PLC0415 - only where a profile is asked for

    return tuple(judge_quality(document, each) for each in demands.quality)


def _of_components(
    document: BomDocument, catalog: Catalog | None, demands: Demands, now: datetime
) -> tuple[Reason, ...]:
    """What is said of components one by one; a lock file knows better than a document where they come from."""
    reasons: list[Reason] = []
    components = catalog.components if catalog is not None and catalog.kind == "project" else document.components
    if demands.licenses is not None:
        from verifier.sbom.licenses.judge import judge_licenses  # noqa: PLC0415 - only where there is a list

        reasons += judge_licenses(document.components, demands.licenses, now)
    if demands.private:
        from verifier.sbom.locks.private import judge_private  # noqa: PLC0415 - only where there are private names

        reasons += judge_private(components, dict(demands.private))
    if demands.pins:
        from verifier.sbom.locks.pins import judge_pins  # noqa: PLC0415 - as above

        reasons += judge_pins(components)
    return tuple(reasons)
