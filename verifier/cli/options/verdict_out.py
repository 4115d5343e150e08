"""Writing a verdict for others to trust: a signed verification summary (VSA)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, output
from verifier.cli.options.option import Group, option, refuse_without
from verifier.cli.options.signing import KEYLESS, PASSPHRASE_FILE
from verifier.core.clock import shifted
from verifier.core.errors import ConfigurationError
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.core.uris import VERIFIER_ID
from verifier.core.value import Value
from verifier.core.verdict import Verdict

if TYPE_CHECKING:
    from verifier.cli.signers import SignStatement
    from verifier.files.output import Output, Outputs

_HOLDS = "30d"


class VerdictWriter(Value):
    """Where the signed verdict goes, who signs it, and how long it holds."""

    place: Output
    sign: SignStatement
    holds: timedelta

    def write(self, verdict: Verdict) -> None:
        """Sign and write, a FAILED verdict too; nothing where the artifact could not even be read."""
        from verifier.formats.intoto.vsa import build_vsa  # noqa: PLC0415

        if verdict.subject.digest is None:
            output.hint(f"no verdict was written to {self.place.path}: there is no artifact that it could be about")
            return
        self.place.write(self.sign(build_vsa(verdict, expires=shifted(verdict.time_verified, self.holds))))


class VerdictOut(Group):
    """Where the verdict is written to, and who signs it."""

    panel = "Signed verdict"
    verdict_out: Path | None = option("--verdict-out", "Write the signed verdict (VSA) here.", default=None)
    signing_key: str | None = option(
        "--signing-key",
        "With --verdict-out: private key (PEM), env:NAME or -; or hsm:, awskms:, gcpkms:, azurekms:, hashivault:.",
        default=None,
        metavar="FILE|URI",
    )
    keyless: bool = KEYLESS
    passphrase_file: Path | None = PASSPHRASE_FILE
    verdict_expires: str = option("--verdict-expires", "How long the signed verdict holds.", default=_HOLDS)
    verifier_id: str | None = option(
        "--verifier-id", f"verifier.id of the verdict, a URI (default: {VERIFIER_ID}).", default=None
    )

    def __post_init__(self) -> None:
        """Without a place for it there is no verdict, and so nothing to say about one."""
        if self.verdict_out is None:
            given = {
                "--signing-key": self.signing_key,
                "--keyless": self.keyless,
                "--passphrase-file": self.passphrase_file,
                "--verdict-expires": self.verdict_expires != _HOLDS,
            }
            refuse_without("--verdict-out", given)
        elif self.signing_key is None and not self.keyless:
            raise ConfigurationError(
                "goes with --signing-key or --keyless",
                where="--verdict-out",
                hint="Say who signs it, as in `--signing-key ci`.",
            )

    def writer(self, instance: SigstoreInstance, places: Outputs) -> VerdictWriter | None:
        """What writes the verdict, if one is asked for; without a key it is signed at `instance`, the policy's own."""
        if self.verdict_out is None:
            return None
        from verifier.files.output import OutputKind  # noqa: PLC0415 - only for who writes

        place = places.place("--verdict-out", self.verdict_out, OutputKind.ATTESTATION)
        from verifier.cli.signers import SignerChoice, statement_signer  # noqa: PLC0415 - only for who signs

        choice = SignerChoice(
            key=self.signing_key,
            option="--signing-key",
            keyless=self.keyless,
            passphrase_file=self.passphrase_file,
            sigstore=instance if self.keyless else PRODUCTION,
        )
        holds = inputs.duration(self.verdict_expires, where="--verdict-expires")
        return VerdictWriter(place=place, sign=statement_signer(choice), holds=holds)
