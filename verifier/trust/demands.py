"""What a policy may demand beyond signatures and a version, and whose word about it counts."""

from __future__ import annotations

from verifier.core.value import Value


class ProvenanceRule(Value):
    """SLSA: the least build level, from one of `builders`; `source` as a repository and `ref` as a glob where given.

    `external_parameters` are pairs of a parameter's path and a glob for its value; what lies at or under a path of
    `ignore_parameters` is not judged. `require_certificate_match` is only ever switched off by name.
    """

    level: int
    builders: tuple[str, ...]
    source: str | None = None
    ref: str | None = None
    build_type: str | None = None
    external_parameters: tuple[tuple[str, str], ...] = ()
    ignore_parameters: tuple[str, ...] = ()
    require_certificate_match: bool = True


class SbomRule(Value):
    """What is asked of a bill of materials."""

    required: bool
    must_match_contents: bool
    quality: str | None = None


class VulnerabilityRule(Value):
    """The worst severity that is still accepted, and the file of excused findings."""

    max_severity: str
    exceptions: str | None = None


class CapabilityRule(Value):
    """Builtin functions that a bundle may not call: exact names, or a prefix with a trailing `*` ("net.*")."""

    deny: tuple[str, ...]


class BuilderRule(Value):
    """SLSA's roots of trust: the highest build level that is believed of (signer, `builder.id`); `id` is a glob."""

    name: str
    signer: str
    id: str
    level: int


class VerifierRule(Value):
    """Whose verdicts are accepted: the pair (signer, `verifier.id`); `id` is compared exactly."""

    name: str
    signer: str
    id: str
