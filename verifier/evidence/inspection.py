"""What a check is: a pure function of an `Inspection`, from the explicit list in `checks.table`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.clock import INSTANT, shifted
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.outcome import Outcome, Reason
from verifier.core.value import Value, field

if TYPE_CHECKING:
    # Most artifacts come without most evidence: whoever makes a piece of it loads what it is made of.
    from verifier.core.rego import ModuleAnalysis
    from verifier.evidence.attested import DependencyVerdict, ProvenProvenance, ProvenRelease
    from verifier.signatures.interface import ProvenSigner
    from verifier.signatures.opa_jws import OpaSignature
    from verifier.trust.model import ArtifactRule
    from verifier.trust.tables.builders import BuilderRule
    from verifier.versions.candidate import Candidate


class Evidence(Value):
    """What was found about the artifact, proven or refused; a refusal is kept, never dropped.

    `undecided` says what was not judged to its end, and that this denies, or where the rule allows it, only that.
    """

    embedded: OpaSignature | None = None
    embedded_refusals: tuple[Reason, ...] = ()
    releases: tuple[ProvenRelease, ...] = ()
    provenances: tuple[ProvenProvenance, ...] = ()
    dependencies: tuple[DependencyVerdict, ...] = ()
    detached_refusals: tuple[Reason, ...] = ()
    undecided: tuple[Reason, ...] = ()
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

    def ends(self, freshness: timedelta | None) -> Iterator[datetime]:
        """The moments at which a piece of it expires, or all of it is older than `freshness`.

        When signers come and go is for the policy to say.
        """
        if self.embedded is not None and self.embedded.expires is not None:
            yield self.embedded.expires
        for release in self.releases:
            if release.claims is not None and release.claims.expires_at is not None:
                yield shifted(release.claims.expires_at, INSTANT)
        yield from (each.expires for each in self.dependencies if each.expires is not None)
        if self.signed_time is not None and freshness is not None:
            yield shifted(self.signed_time, freshness + INSTANT)


class Inspection(Value):
    """All that a check may look at; no ledger is. `builders` are the policy's.

    `candidate` is what a ledger is going to be asked about, None where nothing is ordered or no version could be.
    """

    artifact: Artifact
    rule: ArtifactRule
    evidence: Evidence
    now: datetime
    candidate: Candidate | None = None
    limits: Limits = DEFAULT_LIMITS
    builders: Mapping[str, BuilderRule] = field(default_factory=dict)


Check = Callable[[Inspection], Outcome]
