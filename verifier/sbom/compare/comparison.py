"""What came of holding a document against an artifact: counts, differences, and the reasons that they come to.

* every difference is a reason of its own, with the path or purl as its subject; the worst come first, and where there
  are more than anybody reads, how many more is said
* what could not be decided is counted and said, and never counts as the same
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.json.strict_json import JsonValue

Outcome = Literal["altered", "missing", "surplus"]
MAX_DISCREPANCIES: Final = 10_000
"""Differences that a document of the comparison lists."""
_WORST: Final[Mapping[str, int]] = {"altered": 0, "missing": 1, "surplus": 2}


class Discrepancy(NamedTuple):
    """One component that is not in the artifact as it is in the document.

    `subject` is its path or purl, `seen` what the document says, `expected` what the artifact has, both as words;
    `rank` orders those of one outcome, 0 the worst.
    """

    outcome: Outcome
    ecosystem: str
    subject: str
    seen: str
    expected: str
    rank: int = 0

    def reason(self) -> Reason:
        """The reason that denies."""
        message = f"{self.outcome}: the SBOM has {self.seen}, the artifact has {self.expected}"
        return Reason(code="sbom.contents-mismatch", subject=self.subject, message=message)


class Counts(NamedTuple):
    """How many components of one ecosystem are what. `same` are those of one identity with no digest that differs;
    `unverified` are counted beside: those of which something could not be compared, the same ones among them whose
    digests only one side has."""

    ecosystem: str
    same: int = 0
    missing: int = 0
    surplus: int = 0
    altered: int = 0
    unverified: int = 0

    @property
    def ratio(self) -> float | None:
        """The share that is in the document as it is in the artifact, 0 to 1; None where nothing was compared."""
        compared = self.same + self.missing + self.altered
        return self.same / compared if compared else None


class Comparison(Value):
    """A document held against an artifact.

    `about` is what the artifact is called; `tool` what wrote the document, "" where it does not say. `other` says why
    it is about another artifact: then nothing else was compared. `counts` has one row an ecosystem, sorted;
    `unverified` pairs why something could not be compared with how many there are.
    """

    about: str
    tool: str = ""
    strict: bool = False
    other: Reason | None = None
    counts: tuple[Counts, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = field(default=(), repr=False)
    unverified: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> Counts:
        """All ecosystems together, as one row with an empty name."""
        return Counts("", *(sum(column) for column in zip(*(each[1:] for each in self.counts), strict=True)))

    @property
    def ratio(self) -> float | None:
        """The share of the artifact's components that the document has as they are, 0 to 1; 1 where there are none at
        all, None where none could be compared."""
        if self.other is not None:
            return None
        if not any(each[1:] != (0, 0, 0, 0, 0) for each in self.counts):
            return 1.0
        return self.total.ratio

    def reasons(self) -> tuple[Reason, ...]:
        """What denies, the worst first, at most `MAX_FINDINGS` and how many more; then what could not be compared."""
        if self.other is not None:
            return (self.other,)
        worst = sorted(self.discrepancies, key=lambda each: (_WORST[each.outcome], each.rank, each.subject))
        reasons = [each.reason() for each in worst[:MAX_FINDINGS]]
        if len(worst) > MAX_FINDINGS:
            total = self.total
            message = (
                f"and {len(worst) - MAX_FINDINGS} more, of {len(worst)} in all: {total.altered} altered, "
                f"{total.missing} missing, {total.surplus} surplus"
            )
            reasons.append(Reason(code="sbom.contents-mismatch", subject=self.about, message=message))
        return (*reasons, *self._unverified())

    def incomplete(self, at_least: float) -> tuple[Reason, ...]:
        """What denies where less than `at_least` (0 to 1) of the artifact is in the document as it is."""
        if self.other is not None:
            return ()
        ratio, total = self.ratio, self.total
        if ratio is not None and ratio >= at_least:
            return ()
        if ratio is None:
            seen = "none of its components could be compared"
        else:
            seen = f"{total.same} of {total.same + total.missing + total.altered} components are in it as they are"
            excused = " of all, whatever its tool can see" if self.strict else ""
            seen = f"{seen} ({_percent(ratio)}{excused})"
        message = f"{seen}; at least {_percent(at_least)} is asked for"
        return (Reason(code="sbom.incomplete", subject=self.about, message=message),)

    def document(self) -> JsonValue:
        """The comparison as JSON values, with at most `MAX_DISCREPANCIES` differences, the worst first."""
        listed = sorted(self.discrepancies, key=lambda each: (_WORST[each.outcome], each.rank, each.subject))
        return {
            "tool": self.tool,
            "strict": self.strict,
            "otherArtifact": self.other.message if self.other else None,
            "completeness": _rounded(self.ratio),
            "counts": {**_counted(self.total)},
            "ecosystems": {each.ecosystem: {**_counted(each), "ratio": _rounded(each.ratio)} for each in self.counts},
            "unverified": [{"why": why, "components": count} for why, count in self.unverified],
            "differences": [
                {
                    "outcome": each.outcome,
                    "ecosystem": each.ecosystem,
                    "subject": each.subject,
                    "seen": each.seen,
                    "expected": each.expected,
                }
                for each in listed[:MAX_DISCREPANCIES]
            ],
            "differencesLeftOut": max(0, len(listed) - MAX_DISCREPANCIES),
        }

    def _unverified(self) -> tuple[Reason, ...]:
        if not self.unverified:
            return ()
        message = "; ".join(
            f"{count} {'component' if count == 1 else 'components'}: {why}" for why, count in self.unverified
        )
        return (Reason(code="sbom.unverified", subject=self.about, message=message),)


def _counted(counts: Counts) -> dict[str, JsonValue]:
    return {
        "same": counts.same,
        "missing": counts.missing,
        "surplus": counts.surplus,
        "altered": counts.altered,
        "unverified": counts.unverified,
    }


def _rounded(ratio: float | None) -> float | None:
    # Rounded down: 9,999 of 10,000 are not all.
    return None if ratio is None else int(ratio * 10_000) / 10_000


def _percent(ratio: float) -> str:
    return f"{int(ratio * 10_000) / 100:g} %"
