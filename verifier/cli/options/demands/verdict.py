"""What somebody else's verdict must say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from verifier.cli import inputs
from verifier.cli.options.option import Group, option
from verifier.core.digest import Digest
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags


class VerdictDemands(Group):
    """Whose it may be, at which level, under which policy, and how old."""

    panel = "What the verdict must say"
    verifier_id: tuple[str, ...] = option(
        "--verifier-id", "Without --policy: whose verdicts count; repeatable.", default=(), metavar="URI"
    )
    level: tuple[str, ...] = option(
        "--level", "A level it must state, as in SLSA_BUILD_LEVEL_2; repeatable.", default=(), metavar="LEVEL"
    )
    policy_digest: tuple[str, ...] = option(
        "--policy-digest",
        "A policy it may be made under, instead of the rule of --policy that applies; repeatable.",
        default=(),
        metavar="DIGEST",
    )
    max_age: str | None = option("--max-age", "How old it may be, as in 30d.", default=None)

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with the verifiers that are believed."""
        return replace(flags, verifier_ids=self.verifier_id)

    def policies(self) -> tuple[Digest, ...]:
        """The policies that it may be made under; raises `ConfigurationError` for what is no digest."""
        return tuple(inputs.digest(text, where="--policy-digest") for text in self.policy_digest)

    def oldest(self) -> timedelta | None:
        """How old it may be; raises `ConfigurationError` for what is no duration."""
        return inputs.duration(self.max_age, where="--max-age") if self.max_age else None
