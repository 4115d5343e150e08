"""Which reasons of a denial follow from others: one thing to mend is shown as one. Pure.

* nothing is dropped and nothing weighs less: a reason that follows denies as before, under its own code
* only an error explains another, and what explains follows from nothing itself
* that a document is undecided follows from what was refused of it
* a check may say itself what its reason follows from (`Reason.follows`): it holds where that is there and explains it
* folding twice changes nothing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from verifier.core.outcome import Reason
from verifier.core.value import replace

UNSIGNED: Final = ("signature.", "signer.", "certificate.", "log.", "attestation.invalid", "attestation.undecided")
"""Nobody, or too few, have signed: codes, and beginnings of codes, that say why. None of them follows from another."""

FOLLOWERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # Only who is proven to have signed states a time.
        "freshness.no-signed-time": UNSIGNED,
    }
)
"""The codes that follow, by themselves, from an error of one of the others."""


_UNDECIDED: Final = "attestation.undecided"
"""It repeats what was refused of a document, and follows from that where it stands beside it."""


def fold(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The same reasons in the same order, each saying which of the others it follows from."""
    errors = dict.fromkeys(reason.code for reason in reasons if reason.is_error)
    roots = [_root(reason, errors) for reason in reasons]
    free = {reason.code for reason, root in zip(reasons, roots, strict=True) if reason.is_error and not root}
    free.discard(_UNDECIDED)
    told = [reason.follows for reason in reasons if reason.is_error and reason.code == _UNDECIDED]
    explained = next(iter(told), "") if told and free.issuperset(told) else ""
    for at, reason in enumerate(reasons):
        if reason.code == _UNDECIDED and reason.is_error and reason.follows in free:
            roots[at] = reason.follows
        elif roots[at] == _UNDECIDED and explained:
            roots[at] = explained if reason.code in FOLLOWERS else ""
    return tuple(
        reason if root == reason.follows else replace(reason, follows=root)
        for reason, root in zip(reasons, roots, strict=True)
    )


def _root(reason: Reason, errors: Mapping[str, None]) -> str:
    """The code of the first error that explains `reason`, or ""."""
    if reason.code.startswith(UNSIGNED):
        return ""
    if reason.follows in errors and reason.follows.startswith(UNSIGNED):
        return reason.follows
    causes = FOLLOWERS.get(reason.code, ())
    return next((each for each in errors if causes and each.startswith(causes)), "")
