"""Hygiene of dependencies: every check, what it says, and when that denies. One row a check. Pure.

* what is asked for, and what no rule could allow, denies, for each package by itself
* everything else is a warning, one for each file and kind: a hundred packages without a digest are one thing to mend
* nothing guesses at misspelt names
* a pattern that matches no name is said: it may be misspelt itself

Source: formats/audit.md section 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from verifier.audit.hygiene import confusion, cool_down, digests, indexes, pins, withdrawn
from verifier.audit.hygiene.fault import Fault
from verifier.audit.hygiene.rules import HygieneRules
from verifier.core.outcome import Reason
from verifier.formats.audit.package import Package

_IN_A_WARNING: Final = 5
"""Packages that a warning names; the rest are counted."""


class _Check(NamedTuple):
    """`denies` is whether these rules ask for what it looks at; where they do not, it warns."""

    code: str
    look: Callable[[Sequence[Package], HygieneRules, datetime], Iterable[Fault]]
    denies: Callable[[HygieneRules], bool] = lambda _: True


CHECKS: Final = (
    _Check("dependency.unpinned", lambda all_, *_: pins.unpinned(all_), lambda rules: rules.require_hashes),
    _Check("dependency.hash-missing", lambda all_, *_: digests.hash_missing(all_), lambda rules: rules.require_hashes),
    _Check("dependency.hash-weak", lambda all_, *_: digests.hash_weak(all_)),
    _Check(
        "dependency.not-from-index",
        lambda all_, *_: indexes.not_from_index(all_),
        lambda rules: bool(rules.allowed_indexes),
    ),
    _Check(
        "dependency.index-not-allowed",
        lambda all_, rules, _: indexes.index_not_allowed(all_, rules.allowed_indexes),
    ),
    _Check("dependency.confusion", lambda all_, rules, _: confusion.private_from_elsewhere(all_, rules.private)),
    _Check(
        "dependency.confusion",
        lambda all_, rules, _: confusion.several_indexes(all_, rules.private),
        lambda _: False,
    ),
    _Check("dependency.yanked", lambda all_, *_: withdrawn.yanked(all_)),
    _Check("dependency.quarantined", lambda all_, *_: withdrawn.quarantined(all_)),
    _Check("dependency.too-new", lambda all_, rules, now: cool_down.too_new(all_, rules.cool_down, now)),
)


def judge_hygiene(packages: Sequence[Package], rules: HygieneRules, now: datetime) -> tuple[Reason, ...]:
    """What is wrong with how packages are pinned and where they come from.

    An error has the package's purl for its subject, a warning the file that the packages stand in.
    """
    reasons: list[Reason] = []
    for check in CHECKS:
        faults = check.look(packages, rules, now)
        reasons += map(_error(check.code), faults) if check.denies(rules) else _warnings(check.code, faults)
    for pattern in confusion.unmatched(packages, rules.private):
        reasons.append(
            Reason(code="dependency.private-unmatched", subject=pattern, message="no package has such a name")
        )
    return tuple(reasons)


def _error(code: str) -> Callable[[Fault], Reason]:
    return lambda fault: Reason(code=code, subject=fault.package.purl, message=f"{_at(fault.package)}{fault.what}")


def _at(package: Package) -> str:
    """Where a package stands, before what is wrong with it: "requirements.txt:3: it "."""
    if not package.places:
        return "it "
    file, line, *_ = package.places[0]
    return f"{file[:300]}:{line}: it " if line else f"{file[:300]}: it "


def _warnings(code: str, faults: Iterable[Fault]) -> Iterator[Reason]:
    by_file: dict[str, list[Fault]] = {}
    for fault in faults:
        by_file.setdefault(fault.package.places[0].file if fault.package.places else "", []).append(fault)
    for file, found in by_file.items():
        subject = file or found[0].package.purl
        yield Reason(code=code, subject=subject, message=_summed(found)).as_warning()


def _summed(found: Sequence[Fault]) -> str:
    first = found[0]
    name = first.package.purl[:200]
    if len(found) == 1:
        return f"{name} {first.what}"
    others = ", ".join(each.package.purl[:200] for each in found[1:_IN_A_WARNING])
    more = f" and {len(found) - _IN_A_WARNING} more" if len(found) > _IN_A_WARNING else ""
    return f"{name} {first.what}; so or alike: {others}{more}"
