"""What the signatures of a bundle must be, and how it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.reading import ReadingMode
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags


class SignatureDemands(Group):
    """How many, by which algorithm, with which scope."""

    panel = "Signatures"
    algorithm: str | None = option(
        "--algorithm", "JWS algorithm of --key, as in RS256 (default: by key type).", default=None
    )
    threshold: int = option("--threshold", "Distinct --key signers needed.", default=1, least=1)
    scope: str | None = option("--scope", "Scope claim that the signature must carry.", default=None)
    mode: ReadingMode = option("--mode", "With --key: how ambiguous input is read.", default=ReadingMode.STRICT)

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with what the signatures must be."""
        return replace(flags, algorithm=self.algorithm, threshold=self.threshold, scope=self.scope, mode=self.mode)
