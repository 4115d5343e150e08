"""What a check is: a pure function of an `Inspection`, from the explicit list in `checks.registry`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.outcome import Outcome, Reason
from verifier.core.rego import ModuleAnalysis
from verifier.formats.release import Release
from verifier.ledger.interface import View
from verifier.signatures.interface import ProvenSigner
from verifier.signatures.opa_jws import OpaSignature
from verifier.trust.model import ArtifactRule


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvenRelease:
    """A detached attestation that verified and whose subject is the artifact.

    `claims` are our release predicate's, None for cosign's signing predicate, which claims nothing.
    """

    signers: tuple[ProvenSigner, ...]
    digest: Digest
    claims: Release | None

    @property
    def signed_time(self) -> datetime | None:
        """When the signers say that they signed."""
        return self.claims.issued_at if self.claims else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What was found about the artifact, proven or refused; a refusal is kept, never dropped."""

    embedded: OpaSignature | None = None
    embedded_refusals: tuple[Reason, ...] = ()
    releases: tuple[ProvenRelease, ...] = ()
    detached_refusals: tuple[Reason, ...] = ()
    analyses: tuple[ModuleAnalysis, ...] = ()
    notes: tuple[Reason, ...] = ()

    @property
    def signers(self) -> tuple[ProvenSigner, ...]:
        """Every proven signer, in the order of the evidence; one key may stand here more than once."""
        detached = tuple(signer for release in self.releases for signer in release.signers)
        return (self.embedded.signer, *detached) if self.embedded else detached

    @property
    def signed_time(self) -> datetime | None:
        """The newest time that a proven signer states it signed at."""
        stated = [self.embedded.signed_time if self.embedded else None, *(r.signed_time for r in self.releases)]
        return max((moment for moment in stated if moment is not None), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """All that a check may look at. `ledger` is None where no ledger was to be consulted; `limits` were in force."""

    artifact: Artifact
    rule: ArtifactRule
    evidence: Evidence
    ledger: View | None
    now: datetime
    limits: Limits = DEFAULT_LIMITS


Check = Callable[[Inspection], Outcome]
