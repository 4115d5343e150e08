"""What a check is: a pure function of an `Inspection`, from the explicit list in `checks.registry`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.outcome import Outcome, Reason
from verifier.core.rego import ModuleAnalysis
from verifier.formats.provenance import Provenance
from verifier.formats.release import Release
from verifier.formats.statement import Statement
from verifier.ledger.interface import View
from verifier.signatures.interface import ProvenSigner
from verifier.signatures.opa_jws import OpaSignature
from verifier.trust.model import ArtifactRule, BuilderRule


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvenRelease:
    """A detached attestation that verified and whose subject is the artifact.

    `claims` are our release predicate's, None for a signature that claims nothing: cosign's, a Sigstore message
    signature, or an attestation of a type that the policy counts as a signature.
    """

    signers: tuple[ProvenSigner, ...]
    digest: Digest
    claims: Release | None

    @property
    def signed_time(self) -> datetime | None:
        """When it was signed: the earliest time that a trusted log or authority proves, else what the signers say."""
        proven = [signer.signed_time for signer in self.signers if signer.signed_time]
        return min(proven) if proven else self.claims.issued_at if self.claims else None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvenProvenance:
    """Provenance in a statement that `signers` are proven to have signed."""

    provenance: Provenance
    statement: Statement
    signers: tuple[ProvenSigner, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DependencyVerdict:
    """What an accepted verdict says about the bytes that have these digests."""

    digests: tuple[Digest, ...]
    levels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What was found about the artifact, proven or refused; a refusal is kept, never dropped."""

    embedded: OpaSignature | None = None
    embedded_refusals: tuple[Reason, ...] = ()
    releases: tuple[ProvenRelease, ...] = ()
    provenances: tuple[ProvenProvenance, ...] = ()
    dependencies: tuple[DependencyVerdict, ...] = ()
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
    """All that a check may look at: `ledger` is None where none was to be consulted, `builders` are the policy's."""

    artifact: Artifact
    rule: ArtifactRule
    evidence: Evidence
    ledger: View | None
    now: datetime
    limits: Limits = DEFAULT_LIMITS
    builders: Mapping[str, BuilderRule] = field(default_factory=dict)


Check = Callable[[Inspection], Outcome]
