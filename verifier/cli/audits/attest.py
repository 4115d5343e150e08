"""Signing what an audit has come to, as a scan about what was audited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier.cli import output
from verifier.cli.options import sigstore
from verifier.cli.options.option import Group, option, refuse_without
from verifier.cli.options.signing import KEYLESS, PASSPHRASE_FILE
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason
from verifier.core.uris import STATEMENT_V1, VULNERABILITY_SCAN
from verifier.core.value import Value

if TYPE_CHECKING:
    from verifier.audit.sources.collected import Collected
    from verifier.cli.signers import SignStatement
    from verifier.files.output import Output, Outputs
    from verifier.formats.audit.result import AuditResult

_HINT = "Attest the audit of a lock file, an SBOM, a bundle or an image: what is installed in a folder has no digest."


class ScanWriter(Value):
    """Where the signed scan goes, and who signs it."""

    place: Output
    sign: SignStatement

    def require_subjects(self, collected: Collected) -> None:
        """Refuse what has no digest that a scan could be about, before anybody is asked about anything."""
        known = {name for name, _ in collected.subjects}
        without = [each.path for each in collected.sources if each.path not in known]
        if without or not known:
            message = f"{without[0] if without else 'nothing that was read'} has no digest that a scan could be about"
            raise ConfigurationError(message, where="--attest", hint=_HINT)

    def write(self, result: AuditResult, collected: Collected) -> None:
        """Sign and write the scan; an audit that came to nothing is not signed, and says so."""
        from verifier.audit.attested.writing import scan_predicate  # noqa: PLC0415 - only for who signs

        if result.outcome == "undecided":
            message = f"nothing was written to {self.place.path}: a scan has no word for what nobody knows"
            output.finding(Reason(code="vulnerability.not-attested", subject=result.targets[0], message=message))
            return
        statement = {
            "_type": STATEMENT_V1,
            "subject": list(_subjects(collected)),
            "predicateType": VULNERABILITY_SCAN,
            "predicate": scan_predicate(result),
        }
        self.place.write(self.sign(statement))


def _subjects(collected: Collected) -> Iterator[dict[str, Any]]:
    for name, digest in collected.subjects:
        yield {"name": _name(name), "digest": {digest.algorithm: digest.value}}


def _name(path: str) -> str:
    """What a subject is called: as it was typed, without the folders of this machine."""
    from verifier.cli.registries import images  # noqa: PLC0415 - only for who signs

    if images.is_image(path):
        return images.image_name(path)
    return Path(path).name if Path(path).is_absolute() or ".." in Path(path).parts else path


class AuditAttest(Group):
    """Where the signed scan is written to, and who signs it."""

    panel = "Attestation"
    attest: Path | None = option(
        "--attest", "Sign the result as a scan about what was audited, and write it here.", default=None
    )
    signing_key: str | None = option(
        "--signing-key",
        "With --attest: private key (PEM), or hsm:, awskms:, gcpkms:, azurekms:, hashivault:.",
        default=None,
        metavar="FILE|URI",
    )
    keyless: bool = KEYLESS
    passphrase_file: Path | None = PASSPHRASE_FILE
    trusted_root: str = sigstore.TRUSTED_ROOT

    def __post_init__(self) -> None:
        """Without a place for it nothing is signed, and so there is nothing to say about who signs."""
        if self.attest is None:
            given = {
                "--signing-key": self.signing_key,
                "--keyless": self.keyless,
                "--passphrase-file": self.passphrase_file,
            }
            refuse_without("--attest", given)
        elif self.signing_key is None and not self.keyless:
            raise ConfigurationError("goes with --signing-key or --keyless", where="--attest")

    def writer(self, places: Outputs, db: Path | None) -> ScanWriter | None:
        """What writes the scan, if one is asked for; keys are opened here, before anything is audited."""
        if self.attest is None:
            return None
        if db is None:
            hint = "A service does not say how old its records are, and a scan has to."
            raise ConfigurationError("goes with --db FILE", where="--attest", hint=hint)
        from verifier.cli.signers import SignerChoice, statement_signer  # noqa: PLC0415 - only for who signs
        from verifier.files.output import OutputKind  # noqa: PLC0415 - as above

        place = places.place("--attest", self.attest, OutputKind.ATTESTATION)
        choice = SignerChoice(
            key=self.signing_key,
            option="--signing-key",
            keyless=self.keyless,
            passphrase_file=self.passphrase_file,
            sigstore=sigstore.instance(self.trusted_root),
        )
        return ScanWriter(place=place, sign=statement_signer(choice))
