"""What a check is: a pure function of an `Inspection`, from the explicit list in `checks.table`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
    from verifier.evidence.attested import DependencyVerdict, ProvenProvenance, ProvenRelease, ProvenSbom, ProvenScan
    from verifier.evidence.sbom import SbomJudgement
    from verifier.evidence.vulnerabilities import VulnerabilityJudgement
    from verifier.signatures.interface import ProvenSigner
    from verifier.signatures.opa_jws import OpaSignature
    from verifier.trust.model import ArtifactRule
    from verifier.trust.tables.builders import BuilderRule
    from verifier.versions.candidate import Candidate


def distinct(signers: Iterable[ProvenSigner]) -> tuple[str, ...]:
    """The names of signers, one for each key, whatever names and documents it stands under, and each name once."""
    by_key = {signer.fingerprint: signer.name for signer in signers}
    return tuple(dict.fromkeys(by_key.values()))


def _stated(said: Iterable[tuple[str | None, tuple[ProvenSigner, ...]]]) -> dict[str | None, tuple[str, ...]]:
    """Each of the values that are stated, with the distinct signers who state it."""
    signers: dict[str | None, list[ProvenSigner]] = {}
    for value, stating in said:
        signers.setdefault(value, []).extend(stating)
    return {value: distinct(stating) for value, stating in signers.items()}


class Evidence(Value):
    """What was found about the artifact, proven or refused; a refusal is kept, never dropped.

    `undecided` says what was not judged to its end, and that this denies, or where the rule allows it, only that.
    A claim holds where as many distinct signers state it as the rule's `threshold` asks for: what all of them signed is
    not to be undone by the later word of one.
    """

    threshold: int = 1

    embedded: OpaSignature | None = None
    embedded_refusals: tuple[Reason, ...] = ()
    releases: tuple[ProvenRelease, ...] = ()
    provenances: tuple[ProvenProvenance, ...] = ()
    sboms: tuple[ProvenSbom, ...] = ()
    scans: tuple[ProvenScan, ...] = ()
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
        """The newest time since which as many signers have signed as the threshold asks for; None where fewer say."""
        signed: list[ProvenSigner] = []
        for moment, signers in sorted(self._signed_at(), key=lambda each: each[0], reverse=True):
            signed += signers
            if len(distinct(signed)) >= self.threshold:
                return moment
        return None

    @property
    def newest_time(self) -> datetime | None:
        """The newest time that any proven signer states it signed at."""
        return max((moment for moment, _ in self._signed_at()), default=None)

    def _signed_at(self) -> Iterator[tuple[datetime, tuple[ProvenSigner, ...]]]:
        if self.embedded is not None and self.embedded.signed_time is not None:
            yield self.embedded.signed_time, (self.embedded.signer,)
        for release in self.releases:
            if release.signed_time is not None:
                yield release.signed_time, release.signers

    def versions(self) -> dict[str | None, tuple[str, ...]]:
        """The versions that releases state, None for none, each with the distinct signers who state it."""
        return _stated((each.claims.version, each.signers) for each in self.releases if each.claims is not None)

    def claimed(self, name: str) -> dict[str | None, tuple[str, ...]]:
        """The values of the signed claim `name`, each with the distinct signers who state it.

        Who signs without saying it contradicts nobody.
        """
        said = ((dict(each.signed_claims).get(name), each.signers) for each in self.releases)
        return _stated((value, signers) for value, signers in said if value)

    def held(self, stated: Mapping[str | None, tuple[str, ...]]) -> str | None:
        """The value that as many signers state as the threshold asks for; None where there is none, or more."""
        held = [value for value, stating in stated.items() if len(stating) >= self.threshold]
        return held[0] if len(held) == 1 else None

    @property
    def version(self) -> str | None:
        """The version that as many signers state as the threshold asks for; None where there is none, or more."""
        return self.held(self.versions())

    def refs(self) -> tuple[str | None, ...]:
        """The refs of the repository that all proven provenance says it was built from, each once; None for none."""
        sources = (each.provenance.source for each in self.provenances)
        return tuple(dict.fromkeys(None if source is None else source.ref for source in sources))

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

    `candidate` is what a ledger is going to be asked about, None where nothing is ordered or no version could be;
    `unstated` says why, where there is more to say than that none is there. `sbom` is what came of its bills of
    materials, None where the rule asks for none, `vulnerabilities` what is known of those in it, None where it does not
    ask.
    """

    artifact: Artifact
    rule: ArtifactRule
    evidence: Evidence
    now: datetime
    candidate: Candidate | None = None
    unstated: str = ""
    limits: Limits = DEFAULT_LIMITS
    builders: Mapping[str, BuilderRule] = field(default_factory=dict)
    sbom: SbomJudgement | None = None
    vulnerabilities: VulnerabilityJudgement | None = None

    def ends(self, freshness: timedelta | None) -> Iterator[datetime]:
        """The moments at which some of it comes to count no longer (`Evidence.ends`)."""
        yield from self.evidence.ends(freshness)
        if self.vulnerabilities is not None:
            yield from self.vulnerabilities.moments


Check = Callable[[Inspection], Outcome]
