"""What `verify preload` is asked about one artifact."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from verifier.cli.options.option import Group, argument, option, refuse_without
from verifier.core.errors import ConfigurationError

_URL = r"[A-Za-z][A-Za-z0-9+.-]+:/"
"""As a path has it: two slashes are one."""


class Hook(Group):
    """The artifact, the verdict about it, and what is to become of the verified bytes."""

    panel = "Verdict and policy"
    artifact: Path = argument("ARTIFACT", "The bundle that is to be loaded.")
    words: tuple[str, ...] = argument("[-- ARGS]", "With --exec: the program's; {} is the file's path.", default=())
    verdict: Path = option("--verdict", "A trusted verifier's verdict (VSA) about it.", metavar="FILE")
    policy: Path = option("--policy", "Trust policy (TOML), the one the verdict is made under.", metavar="FILE")
    level: tuple[str, ...] = option(
        "--level", "A level it must have, as in SLSA_BUILD_LEVEL_2; repeatable.", default=(), metavar="LEVEL"
    )
    fallback: Literal["deny", "full"] = option(
        "--fallback", "Without a usable verdict: deny, or verify in full.", default="deny"
    )
    attestation: tuple[str, ...] = option(
        "--attestation", "With --fallback full: attestations beside it; repeatable.", default=(), metavar="FILE"
    )
    out: Path | None = option(
        "--out", "Write the verified bytes here, whole or not at all.", default=None, metavar="PATH"
    )
    program: str | None = option(
        "--exec", "Hand the verified bytes on to this program, as a sealed file.", default=None, metavar="PROGRAM"
    )
    cache: Path | None = option(
        "--cache", "Remember there what was found and accepted; made where missing.", default=None, metavar="DIR"
    )

    def __post_init__(self) -> None:
        """Nothing but a verification in full looks at attestations."""
        for flag, path in (("ARTIFACT", self.artifact), ("--verdict", self.verdict)):
            if re.match(_URL, str(path)):
                hint = "Fetch it first, or let `verify serve` do that."
                raise ConfigurationError("is a URL, and the hook reads files only", where=flag, hint=hint)
        if self.program is None:
            refuse_without("--exec", {"ARGS": self.words})
        if self.fallback != "full":
            refuse_without("--fallback full", {"--attestation": self.attestation})
