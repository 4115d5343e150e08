"""From documents to what is written for them: as referrers, in cosign's old scheme, or in both."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.formats.cosign.layer import DSSE, SIGNATURE
from verifier.formats.oci.manifest import Descriptor
from verifier.publish.push.evidence import Evidence
from verifier.publish.push.legacy import ATTESTATIONS, PREDICATE_TYPE
from verifier.publish.push.referrers import referrer
from verifier.publish.push.written import Appended, Referrer, held


class Scheme(Enum):
    """How what belongs to an artifact lies beside it."""

    BUNDLE = "bundle"
    LEGACY = "legacy"
    BOTH = "both"

    @property
    def refers(self) -> bool:
        """Whether referrers are written."""
        return self is not Scheme.LEGACY

    @property
    def appends(self) -> bool:
        """Whether cosign's old tags are written."""
        return self is not Scheme.BUNDLE


def referrers(
    evidence: Iterable[Evidence], subject: Descriptor, *, scheme: Scheme, created: str | None = None
) -> tuple[Referrer, ...]:
    """The referrers that attach `evidence` to `subject`; what nobody signed is one in every scheme that has any."""
    if not scheme.refers:
        return ()
    return tuple(referrer(each, subject, created=created) for each in evidence)


def appended(evidence: Iterable[Evidence], subject: Digest, *, scheme: Scheme) -> tuple[Appended, ...]:
    """What attaches `evidence` in cosign's old scheme; raises `ConfigurationError` for what it has no form for."""
    if not scheme.appends:
        return ()
    return tuple(
        _attestation(each, subject) for each in evidence if scheme is Scheme.LEGACY or each.envelope is not None
    )


def _attestation(evidence: Evidence, subject: Digest) -> Appended:
    if evidence.envelope is None or evidence.predicate_type is None:
        seen = "nobody signed" if evidence.predicate_type is None else "is signed keyless or with a log entry"
        message = f"{evidence.name} {seen}: cosign's old scheme has no form for it here"
        raise ConfigurationError(message, where="--attach-as", hint="Attach it with --attach-as bundle, or both.")
    layer = held(
        evidence.envelope.rstrip(b"\n"),
        DSSE,
        annotations=((SIGNATURE, ""), (PREDICATE_TYPE, evidence.predicate_type)),
    )
    return Appended(subject=subject, suffix=ATTESTATIONS, layer=layer, what=evidence.what, name=evidence.name)
