"""How many public-key operations one verification may cost, however many attestations stand beside the artifact.

* an operation is one on the curves and keys that most use; on a dearer curve it counts as several
* what is signed is hashed for each of them, and that is paid for too
* what is not within the budget any more is refused, and counts for nobody
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from verifier.core.errors import Refused
from verifier.core.limits import MAX_SIGNATURES
from verifier.core.outcome import Reason

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget as WholeBudget

MAX_OPERATIONS: Final = 128 * MAX_SIGNATURES
"""A second or two with the usual keys; an honest artifact needs one or two for each attestation."""
BUNDLE_OPERATIONS: Final = 8
"""What a Sigstore bundle costs: its certificate's chain, its log entry, its timestamps, its signature."""
MAX_EXPLANATIONS: Final = 16
"""Signatures of which is found out what they are, though they count for nothing: whoever adds many learns no more."""

_DEARER: Final = {"ES384": 5, "ES512": 6}
"""How many of P-256's operations one on another curve takes."""


def operations_of(algorithms: Iterable[str]) -> int:
    """What trying these costs."""
    return sum(_DEARER.get(algorithm[:5], 1) for algorithm in algorithms)


class Exhausted(Refused):
    """Nothing is left to try a signature with: whoever adds documents may be hiding what another of them says."""


class Budget:
    """What is left; `whole` pays, where the verification has one, for these and for all else that is read."""

    def __init__(self, operations: int = MAX_OPERATIONS, *, whole: WholeBudget | None = None) -> None:
        self._operations = self._left = operations
        self.whole = whole
        self._explanations = MAX_EXPLANATIONS

    def may_explain(self) -> bool:
        """Whether one more signature that did not verify may be looked into; counts that it is."""
        self._explanations -= 1
        return self._explanations >= 0

    @classmethod
    def of_one(cls, size: int) -> Budget:
        """That of a document of `size` bytes which is judged by itself."""
        from verifier.core.costs.budget import Budget as Whole  # noqa: PLC0415 - small ones need none

        return cls(whole=Whole(sent=size))

    def spend(self, operations: int, *, subject: str, hashed: int = 0) -> None:
        """Take `operations`, before which `hashed` bytes are hashed, or refuse `subject` where that is too much."""
        if operations > self._left:
            message = f"the signatures and keys to try are more than {self._operations}: name keys by keyid"
            raise Exhausted(Reason(code="attestation.invalid", subject=subject, message=message))
        self._left -= operations
        if self.whole is not None:
            from verifier.core.costs.prices import HASHED, KEY_OPERATION  # noqa: PLC0415 - whoever judges one verdict has none

            self.whole.spend(KEY_OPERATION, operations, subject=subject)
            self.whole.spend(HASHED, hashed, subject=subject)
