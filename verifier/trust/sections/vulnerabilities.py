"""`vulnerabilities`: which known vulnerabilities are still accepted, and who says that there are no others.

* the packages of the artifact are held against a database of records that whoever verifies gives, or a signer whom the
  rule takes scans of has attested what was found; without either the artifact is denied
* a severity that nobody has stated is above every threshold, and so is a package that nobody can say anything about
* the file of exceptions is read with the policy: what it says now is what it said when the policy was read
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from verifier.core.clock import format_duration
from verifier.core.value import field
from verifier.formats.audit.database import MAX_AGE
from verifier.formats.audit.result import SEVERITIES
from verifier.trust import vocabulary
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy
from verifier.trust.sections.sbom import check_index, check_private, named_signers

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

_OLD: Final = timedelta(days=30)
"""From here on it is called weak."""
MOST_EXCEPTION_DAYS: Final = 3_650


class VulnerabilityRule(RuleSection):
    """The worst severity that is still accepted, and what else is asked.

    `exceptions` is the file of findings that do not count, with what is in it (`excused`), each for at most
    `max_exception_days`. `max_age` bounds the age of records and scans. `cool_down`, `allowed_indexes`,
    `require_hashes` and `private` are asked of each package, `private` being patterns of names that no public index
    hands out. `from_` are the signers whose scans count: by default those whose signatures do.
    """

    name: ClassVar[str] = "vulnerabilities"
    keys: ClassVar[tuple[str, ...]] = (
        *("vulnerabilities.max_severity", "vulnerabilities.exceptions", "vulnerabilities.max_exception_days"),
        *("vulnerabilities.max_age", "vulnerabilities.cool_down", "vulnerabilities.allowed_indexes"),
        *("vulnerabilities.require_hashes", "vulnerabilities.private", "vulnerabilities.from"),
    )
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("allowed_indexes", "private", "from_")

    max_severity: str
    exceptions: str | None = None
    excused: bytes | None = field(default=None, repr=False)
    max_exception_days: int | None = None
    max_age: timedelta = MAX_AGE
    cool_down: timedelta | None = None
    allowed_indexes: tuple[str, ...] = ()
    require_hashes: bool = False
    private: tuple[str, ...] = ()
    from_: tuple[str, ...] = ()

    @classmethod
    def parse(cls, rule: Table, names: Names) -> VulnerabilityRule:
        table = cls.table_in(rule, "vulnerabilities")
        table.required("max_severity")
        exceptions = table.checked_text("exceptions", vocabulary.check_path)
        return cls(
            max_severity=table.choice("max_severity", SEVERITIES),
            exceptions=exceptions,
            excused=None if exceptions is None else names.files.read(table, "exceptions", exceptions),
            max_exception_days=_days(table, exceptions),
            max_age=table.duration("max_age") or MAX_AGE,
            cool_down=table.duration("cool_down"),
            allowed_indexes=table.optional_texts("allowed_indexes", check_index),
            require_hashes=table.flag("require_hashes", default=False),
            private=table.optional_texts("private", check_private),
            from_=named_signers(table, names),
        )

    @property
    def asks_of_packages(self) -> tuple[str, ...]:
        """The keys that ask something of each package, which no scan answers."""
        asked = {
            "cool_down": self.cool_down is not None,
            "allowed_indexes": bool(self.allowed_indexes),
            "require_hashes": self.require_hashes,
            "private": bool(self.private),
        }
        return tuple(name for name, given in asked.items() if given)

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        yield from (f"{rule.pattern}: {clause}." for clause in self._clauses())

    def _clauses(self) -> Iterator[str]:
        excused = f", but for those in {self.exceptions}" if self.exceptions is not None else ""
        yield f"no known vulnerability worse than {self.max_severity}, or of unknown severity, is accepted{excused}"
        if self.max_exception_days is not None:
            yield f"such an exception ends within {format_duration(timedelta(days=self.max_exception_days))}"
        who = " or ".join(self.from_) or "one of those signers"
        age = format_duration(self.max_age)
        yield f"a database of records says so, or a scan that {who} has signed, not older than {age}"
        if self.cool_down is not None:
            yield f"each of its packages was uploaded at least {format_duration(self.cool_down)} ago"
        if self.allowed_indexes:
            yield f"each of its packages comes from {' or '.join(self.allowed_indexes)}"
        if self.require_hashes:
            yield "each of its packages is pinned by a digest"
        if self.private:
            yield f"packages called {', '.join(self.private)} are private, and come from no public index"

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        given = cls.given(rule)
        if given is None:
            return
        if given.max_severity == "critical":
            yield 'vulnerabilities.max_severity = "critical": whatever has a severity is accepted'
        if given.max_age > _OLD:
            yield f"vulnerabilities.max_age is {format_duration(given.max_age)}: what became known since is not noticed"
        if given.exceptions is not None and given.max_exception_days is None:
            yield "vulnerabilities.exceptions without max_exception_days: an exception may last a year"

    @classmethod
    def starter(cls, kind: str) -> str:
        return '# vulnerabilities = { max_severity = "medium" }             # by a database, or a signed scan\n'


def _days(table: Table, exceptions: str | None) -> int | None:
    """The longest that an exception may last, which means nothing where there are none."""
    if "max_exception_days" not in table.values:
        return None
    if exceptions is None:
        raise table.error("max_exception_days", "has no effect without `exceptions`")
    return table.integer("max_exception_days", low=1, high=MOST_EXCEPTION_DAYS)
