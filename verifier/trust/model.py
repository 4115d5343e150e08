"""Whom we believe about what: the trust policy as values.

* a policy holds everything that a verification needs of it: keys and Rego rules are read with it, never later
* `version` and `signatures` are never absent from a rule: what is not ordered says so (`VersionUnchecked`)
* what a rule asks for beyond these is `trust.demands`, loaded where a policy asks for it
* what a rule asks for and this release cannot judge yet is still there to be seen (`evaluate.unevaluated`)

The text form is docs/trust-policy.md; `parse` makes these values from it, `adhoc` from command-line flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from verifier.core.digest import Digest
from verifier.core.limits import Limits
from verifier.core.reading import ReadingMode
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.core.value import Value

if TYPE_CHECKING:
    from verifier.core.rego import RegoModule
    from verifier.core.signers.signer import Signer
    from verifier.trust.demands import (
        BuilderRule,
        CapabilityRule,
        ProvenanceRule,
        SbomRule,
        VerifierRule,
        VulnerabilityRule,
    )

FirstUse = Literal["allow", "require-floor", "deny"]


class SignatureRule(Value):
    """How many distinct signers of `from_` must have signed; `scope` is the OPA claim of that name, exactly.

    `attestations` are predicate types that count as a signature of their subject beside a release: whoever signs
    another kind of statement says something about an artifact, and not that it may be used.
    """

    threshold: int
    from_: tuple[str, ...]
    scope: str | None = None
    attestations: tuple[str, ...] = ()


class VersionUnchecked(Value):
    """`version = "none"`: nothing is ordered, and every report says so (`version.unchecked`)."""


class VersionFrom(Value):
    """Where the version stands and how it is ordered.

    `source` is as in the policy ("manifest.revision", "label:org.example.version"), `scheme` the name of an order
    ("semver"); the source "signed-time" has the scheme "signed-time".
    """

    source: str
    scheme: str


VersionRule = VersionUnchecked | VersionFrom


class ArtifactRule(Value):
    """What is demanded of the artifacts that `pattern` ("bundle:authz", "bundle:team-*") matches.

    `organisation` are paths of Rego files, as in the policy; their modules are in `TrustPolicy.organisation`.
    `floor` is a version of the rule's scheme; `max_jump` is given to the ledger as it stands. `offline_grace` is how
    long a loader may go on with what a ledger has confirmed that cannot be reached.
    """

    pattern: str
    signatures: SignatureRule
    version: VersionRule
    freshness: timedelta | None = None
    first_use: FirstUse = "allow"
    floor: str | None = None
    max_jump: str | None = None
    mode: ReadingMode = ReadingMode.STRICT
    provenance: ProvenanceRule | None = None
    sbom: SbomRule | None = None
    vulnerabilities: VulnerabilityRule | None = None
    capabilities: CapabilityRule | None = None
    organisation: tuple[str, ...] = ()
    resource_uri: str | None = None
    channel: str | None = None
    offline_grace: timedelta | None = None


class TrustPolicy(Value):
    """A trust policy, whole.

    `id` and `digest` (SHA-256 of the file's bytes) are what a verdict names as its policy. `trust_digest` also
    covers every key and Rego file that was read: what a cache must be keyed by, since a key can be exchanged
    without a byte of the policy changing. Paths in the policy are relative to `base_dir`.
    """

    id: str
    digest: Digest
    trust_digest: Digest
    signers: Mapping[str, Signer]
    artifacts: tuple[ArtifactRule, ...]
    builders: tuple[BuilderRule, ...]
    verifiers: tuple[VerifierRule, ...]
    organisation: tuple[RegoModule, ...]
    limits: Limits
    base_dir: str
    sigstore: SigstoreInstance = PRODUCTION
