"""How many public-key operations one verification may cost, however many attestations stand beside the artifact.

* what is not within the budget any more is refused, and counts for nobody
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import Refused
from verifier.core.limits import MAX_SIGNATURES
from verifier.core.outcome import Reason

MAX_OPERATIONS: Final = 128 * MAX_SIGNATURES
"""A second or two with the usual keys; an honest artifact needs one or two for each attestation."""
BUNDLE_OPERATIONS: Final = 8
"""What a Sigstore bundle costs: its certificate's chain, its log entry, its timestamps, its signature."""


class Exhausted(Refused):
    """Nothing is left to try a signature with: whoever adds documents may be hiding what another of them says."""


class Budget:
    """What is left."""

    def __init__(self, operations: int = MAX_OPERATIONS) -> None:
        self._operations = self._left = operations

    def spend(self, operations: int, *, subject: str) -> None:
        """Take `operations`, or refuse `subject` where that is more than is left."""
        if operations > self._left:
            message = f"the signatures and keys to try are more than {self._operations}: name keys by keyid"
            raise Exhausted(Reason(code="attestation.invalid", subject=subject, message=message))
        self._left -= operations
