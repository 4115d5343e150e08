"""Which reasons of a denial follow from others: one thing to mend is shown as one. Pure.

* nothing is dropped and nothing weighs less: a reason that follows denies as before, under its own code
* only an error explains another, and what explains follows from nothing itself
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


def fold(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The same reasons in the same order, each saying which of the others it follows from."""
    errors = dict.fromkeys(reason.code for reason in reasons if reason.is_error)
    return tuple(_folded(reason, errors) for reason in reasons)


def _folded(reason: Reason, errors: Mapping[str, None]) -> Reason:
    follows = _root(reason, errors)
    return reason if follows == reason.follows else replace(reason, follows=follows)


def _root(reason: Reason, errors: Mapping[str, None]) -> str:
    """The code of the first error that explains `reason`, or ""."""
    if reason.code.startswith(UNSIGNED):
        return ""
    if reason.follows in errors and reason.follows.startswith(UNSIGNED):
        return reason.follows
    causes = FOLLOWERS.get(reason.code, ())
    return next((each for each in errors if causes and each.startswith(causes)), "")
