"""Writing a verdict for others to trust: a signed verification summary (VSA)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, output
from verifier.core.errors import ConfigurationError
from verifier.core.verdict import Verdict

if TYPE_CHECKING:
    from verifier.signatures.keys import PrivateKey


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictWriter:
    """Where the signed verdict goes, who signs it, and how long it holds."""

    path: Path
    key: PrivateKey = field(repr=False)
    holds: timedelta

    def write(self, verdict: Verdict) -> None:
        """Sign and write, a FAILED verdict too; nothing where the artifact could not even be read."""
        from verifier.publish.attest import sign_summary  # noqa: PLC0415
        from verifier.publish.files import replace_file  # noqa: PLC0415

        if verdict.subject.digest is None:
            output.hint(f"no verdict was written to {self.path}: there is no artifact that it could be about")
            return
        envelope = sign_summary(verdict, key=self.key, expires=verdict.time_verified + self.holds)
        replace_file(self.path, envelope)


def writer(path: Path | None, key: Path | None, passphrase_file: Path | None, holds: str) -> VerdictWriter | None:
    """What `--verdict-out` and its companions ask for."""
    if path is None and key is None:
        return None
    if path is None or key is None:
        raise ConfigurationError("--verdict-out and --signing-key go together", where="--verdict-out")
    return VerdictWriter(
        path=path,
        key=inputs.private_key(key, passphrase_file),
        holds=inputs.duration(holds, where="--verdict-expires"),
    )
