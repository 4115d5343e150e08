"""A version against what a ledger has accepted, whoever states the version: the artifact itself, or a verdict about it.

* the order itself is `versions.rules`, which this only asks
* what is not ordered says so in every report, and is denied all the same where its content is quarantined, or where the
  ledger has an order for its name
* a clock behind what the ledger has seen denies, whether or not anything is ordered
* without a ledger it is said that nothing was compared; where one could not be asked, what the policy alone demands
  of a version is demanded all the same
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.checks.version.compared import NOT_COMPARED, Compared
from verifier.core.clock import CLOCK_SKEW, format_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.outcome import Reason, outcome_of
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom, VersionRule

if TYPE_CHECKING:
    from verifier.ledger.view import View
    from verifier.versions.candidate import Candidate
    from verifier.versions.state import ScopeState


def compare(
    candidate: Candidate | None,
    rule: ArtifactRule,
    said: View | Refused,
    *,
    reference: str,
    digests: tuple[Digest, ...],
    now: datetime,
    elsewhere: bool = False,
) -> Compared:
    """Judge `candidate` under `rule` against what the ledger `said` of the scope.

    Where its version was compared with an earlier one `elsewhere`, this is no first use. The artifact `reference` is
    known by the first of `digests`, and withdrawn by any. Without a candidate where versions are ordered, the finding
    says why.
    """
    order = VersionRule.of(rule).order
    if isinstance(order, VersionFrom):
        if candidate is None:
            return NOT_COMPARED
        from verifier.checks.version.ordered import compare_ordered  # noqa: PLC0415 - only where there is an order

        return compare_ordered(candidate, rule, order, said, reference=reference, now=now, elsewhere=elsewhere)
    state, seen = (None, None) if isinstance(said, Refused) else (said.state, said.max_time_seen)
    reasons = (*_unordered(reference, digests, state), *_set_back(reference, seen, now))
    return Compared(outcome=outcome_of(reasons))


def _unordered(reference: str, digests: tuple[Digest, ...], state: ScopeState | None) -> Iterator[Reason]:
    why = 'its rule says version = "none", or flags were given without --version-from'
    message = f"{reference} has no version to order: {why}"
    yield Reason(code="version.unchecked", subject=reference, message=message)
    if state is None:
        return
    if state.mark is not None or state.floor is not None or state.quarantined_versions:
        standing = state.mark or state.floor or state.quarantined_versions[0]
        message = f"the ledger orders {reference} ({standing}): what has no version cannot be compared with that"
        hint = "Say where the version stands: `version` in the rule, or --version-from and --version-scheme."
        yield Reason(code="version.unorderable", subject=reference, message=message, hint=hint)
    if not state.quarantined_digests:
        return
    withdrawn = next((each for each in digests if each in state.quarantined_digests), None)
    if withdrawn is not None:
        yield Reason(code="version.quarantined", subject=reference, message=f"digest {withdrawn} is quarantined")
    elif (other := next((each for each in digests if each.algorithm != "sha256"), None)) is not None:
        message = f"{other} cannot be compared with the sha256 digests that are quarantined"
        yield Reason(code="version.unorderable", subject=reference, message=message)


def _set_back(reference: str, seen: datetime | None, now: datetime) -> Iterator[Reason]:
    if seen is not None and seen - now > CLOCK_SKEW:
        message = f"now is {format_rfc3339(now)}, the ledger has seen {format_rfc3339(seen)}"
        yield Reason(code="clock.backwards", subject=reference, message=message)
