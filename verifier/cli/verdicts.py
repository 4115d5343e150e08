"""Writing a verdict for others to trust: a signed verification summary (VSA)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, output
from verifier.core.errors import ConfigurationError
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.core.value import Value
from verifier.core.verdict import Verdict

if TYPE_CHECKING:
    from verifier.cli.signers import SignStatement


class VerdictWriter(Value):
    """Where the signed verdict goes, who signs it, and how long it holds."""

    path: Path
    sign: SignStatement
    holds: timedelta

    def write(self, verdict: Verdict) -> None:
        """Sign and write, a FAILED verdict too; nothing where the artifact could not even be read."""
        from verifier.files.write import replace_file  # noqa: PLC0415
        from verifier.formats.intoto.vsa import build_summary  # noqa: PLC0415

        if verdict.subject.digest is None:
            output.hint(f"no verdict was written to {self.path}: there is no artifact that it could be about")
            return
        replace_file(self.path, self.sign(build_summary(verdict, expires=verdict.time_verified + self.holds)))


def writer(
    path: Path | None,
    key: str | None,
    passphrase_file: Path | None,
    holds: str,
    *,
    keyless: bool,
    sigstore: SigstoreInstance,
) -> VerdictWriter | None:
    """What `--verdict-out` and its companions ask for; a keyless verdict is signed where the policy's signers are."""
    if path is None and key is None and not keyless:
        return None
    if path is None:
        raise ConfigurationError("goes with --verdict-out", where="--signing-key" if key else "--keyless")
    if key is None and not keyless:
        raise ConfigurationError("goes with --signing-key or --keyless", where="--verdict-out")
    from verifier.cli.signers import Who, statement_signer  # noqa: PLC0415 - only for who signs

    where = sigstore if keyless else PRODUCTION
    who = Who(key=key, keyless=keyless, passphrase_file=passphrase_file, sigstore=where)
    return VerdictWriter(path=path, sign=statement_signer(who), holds=inputs.duration(holds, where="--verdict-expires"))
