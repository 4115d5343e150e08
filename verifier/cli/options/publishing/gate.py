"""What an artifact has to pass before it is published."""

from __future__ import annotations

from pathlib import Path

from verifier.cli.options.ledger import Recording
from verifier.cli.options.option import Group, option, refuse_without


class Gate(Group):
    """What must pass first."""

    panel = "Gate"
    gate: Path | None = option(
        "--gate",
        "Trust policy that it must pass first, with what goes with it, as `verify bundle` or `verify image` would "
        "judge it there; what does not is not published.",
        default=None,
        metavar="POLICY",
    )
    name: str | None = option(
        "--name", "With --gate: its name in the policy (default: the repository's last part).", default=None
    )
    kind: str | None = option(
        "--kind",
        "With --gate: what it is judged as (default: bundle, and image where it comes from a layout).",
        default=None,
        words=("bundle", "image"),
    )
    allow_older: bool = option(
        "--allow-older",
        "With --gate: let the tag move to an older version, or from what does not pass.",
        default=False,
    )
    ledger: Recording

    def __post_init__(self) -> None:
        """Without a gate nothing is judged, and so nothing compared or recorded."""
        if self.gate is None:
            given = {
                "--name": self.name,
                "--kind": self.kind,
                "--allow-older": self.allow_older,
                "--ledger": self.ledger.ledger,
                "--ledger-init": self.ledger.ledger_init,
                "--record": self.ledger.record,
            }
            refuse_without("--gate", given)
