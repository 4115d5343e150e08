"""One question: may this artifact be used? And what there is to say where it cannot even be read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.core.verdict import PolicyReference, Subject
from verifier.engine.finding import Finding
from verifier.engine.situation import require_aware
from verifier.kinds.table import KINDS, kind_of
from verifier.ledger.absent import NoLedger
from verifier.sources.content import Remote, location
from verifier.trust.effective import rule_digest
from verifier.trust.evaluate import ledger_scope, resource_uri_of
from verifier.trust.model import ArtifactRule, TrustPolicy

if TYPE_CHECKING:
    from verifier.engine.vulnerabilities.question import Advisories
    from verifier.kinds.image.wish import ImageWish
    from verifier.ledger.interface import Ledger
    from verifier.rego.interface import RegoEngine, RuleEngine
    from verifier.sources.chain import Whereabouts

_PATTERNS_SHOWN = 5
MAX_PREVIOUS = 16
"""Places where an artifact may be published: each is fetched and verified."""


Beside = Callable[[bytes], tuple[Reason, ...]]
"""From an artifact's bytes to what there is to say of the files that it vouches for."""


class Request(Value):
    """One question: may this artifact be used?

    `kind` is a key of `kinds.table.KINDS`: "bundle", "image", or "artifact" for any file. `source` is its bytes, a path
    to it (for a bundle also to a directory), what fetches it, or for any file its digest. `attestations` are
    documents, or why one could not be read; `sboms` are bills of materials that such attestations hold: where some are
    given, these are the ones that are judged. `advisories` is the database of records that packages are held against
    where the rule asks about known vulnerabilities, None where only signed scans can answer, or why it cannot be used.

    `ledger` is the store to consult, `NoLedger` where none is to be and `Unopened` where it could not be; with
    `record`, the decision is written into it, and an acceptance that could not be is none. `previous` is where the
    artifact is published now, with `previous_attestations` beside it: what is there must verify under the same rule,
    and the artifact be above it, or be it; that nothing is there denies unless it `previous_may_be_absent`. `rego`
    analyses modules where the policy asks about them; `judges` holds what judges by rules in Rego, under the policy's
    name for it: without an "opa", what OPA shall judge is denied. `now` is aware. `resource_uri` is where a consumer
    fetches the artifact: by default the policy's, else the file's own. `beside` judges the files that the artifact
    vouches for, once nothing denies that it may (a list of checksums: `sources.listed.ListedFiles.judge`). `image` is
    what is asked for of an image: one platform, how much of its layers, what it may be built on. `whereabouts` is where
    bytes came from, for who has fetched them: the place of a `Remote` is asked by itself. `actor` is who decides, as
    the ledger's log has it.
    """

    source: bytes | Path | Remote | Digest
    kind: str = "bundle"
    name: str
    policy: TrustPolicy
    now: datetime
    correlation_id: str
    resource_uri: str = ""
    attestations: tuple[Document | Refused, ...] = ()
    sboms: tuple[Document, ...] = ()
    advisories: Advisories | Refused | None = field(default=None, repr=False)
    ledger: Ledger = NoLedger()
    record: bool = False
    previous: tuple[bytes | Path | Remote | Digest, ...] = ()
    previous_attestations: tuple[Document | Refused, ...] = ()
    previous_may_be_absent: bool = False
    rego: RegoEngine | None = None
    judges: Mapping[str, RuleEngine] = field(default_factory=dict)
    beside: Beside | None = None
    image: ImageWish | None = None
    whereabouts: Whereabouts | None = None
    verifier_id: str = ""
    verifier_version: Mapping[str, str] = field(default_factory=dict)
    actor: str = "verify"

    def __post_init__(self) -> None:
        if not hasattr(self.ledger, "fetch"):
            hint = "Leave it out where none is to be consulted; `ledger.absent.Unopened` is one that could not be."
            raise ConfigurationError(f"a {type(self.ledger).__name__} is no ledger", where="ledger", hint=hint)
        if self.record and isinstance(self.ledger, NoLedger):
            raise ConfigurationError("there is no ledger to record in", where="record")
        if self.kind not in KINDS or (isinstance(self.source, Digest) and kind_of(self.kind).known_by is None):
            raise ConfigurationError(
                f"a {self.kind} cannot be verified from a {type(self.source).__name__}", where="kind"
            )
        if self.beside is not None and isinstance(self.source, Digest):
            raise ConfigurationError("a digest lists no files: give the list itself", where="beside")
        if self.record and isinstance(self.source, Digest) and self.source.algorithm != "sha256":
            hint = "Give the file itself, or its sha256: one content has one name in a ledger."
            message = f"a ledger knows content by its sha256, not by {self.source}"
            raise ConfigurationError(message, where="record", hint=hint)
        require_aware(self.now)
        _require_previous(self.source, self.previous)

    @property
    def reference(self) -> str:
        """`kind:name`, as a policy's rules and the ledger's scopes write it."""
        return f"{self.kind}:{self.name}"

    def expected_uri(self, rule: ArtifactRule | None) -> str:
        """Where a consumer fetches the artifact."""
        if self.resource_uri:
            return self.resource_uri
        ruled = resource_uri_of(rule) if rule is not None else None
        return ruled or location(self.source) or self.reference

    def scope(self, rule: ArtifactRule | None) -> str:
        """Where the ledger keeps what is decided about the artifact; its plain name where no rule says."""
        return ledger_scope(rule, self.kind, self.name)


def _require_previous(source: object, previous: tuple[object, ...]) -> None:
    """What is published is few, and something else than the artifact: compared with itself, anything stands."""
    if len(previous) > MAX_PREVIOUS:
        raise ConfigurationError(f"{len(previous)} places, at most {MAX_PREVIOUS} are allowed", where="previous")
    hint = "Name the place that consumers fetch from, before the new release is put there."
    for each in previous:
        if _same_place(source, each):
            raise ConfigurationError(
                "is the artifact itself: compared with itself, any passes", where="previous", hint=hint
            )


def _same_place(one: object, other: object) -> bool:
    if isinstance(one, Remote) and isinstance(other, Remote):
        return one.uri == other.uri
    if isinstance(one, Path) and isinstance(other, Path):
        try:
            return one.samefile(other)
        except (OSError, ValueError):  # one of them is not there, which whoever reads it says
            return False
    return isinstance(one, Digest) and one == other


def unread(request: Request, rule: ArtifactRule | None, digest: Digest | None, *reasons: Reason) -> Finding:
    """The finding upon what could not be read."""
    return Finding(
        subject=Subject(kind=request.kind, name=request.name, resource_uri=request.expected_uri(rule), digest=digest),
        reasons=reasons,
        policy=PolicyReference(uri=request.policy.id, digest=request.policy.digest),
        rule_digest=None if rule is None else rule_digest(request.policy, rule),
    )


def without_rule(request: Request) -> Finding:
    """The finding upon what no rule of the policy matches; nothing of it is read."""
    return unread(request, None, None, *_without_rule(request))


def _without_rule(request: Request) -> Iterator[Reason]:
    reference, patterns = request.reference, [rule.pattern for rule in request.policy.artifacts]
    listed = ", ".join(patterns[:_PATTERNS_SHOWN]) + (", ..." if len(patterns) > _PATTERNS_SHOWN else "")
    message = f"no [artifacts] pattern of {request.policy.id} matches {reference}; it has {listed or 'none'}"
    hint = ""
    same = [each.partition(":")[2] for each in patterns if each.startswith(f"{request.kind}:") and "*" not in each]
    if same:
        hint = f'Name the one that it is, as in --name {same[0]}; or add [artifacts."{reference}"] to the policy.'
    yield Reason(code="trust.no-policy", subject=reference, message=message, hint=hint)
    # Where nobody names the artifact, its path does: a mistyped path is a name without a rule as well.
    if isinstance(request.source, Path) and not os.path.lexists(request.source):
        message, hint = _missing(request.source)
        yield Reason(code="input.unreadable", subject=str(request.source), message=message, hint=hint)


def _missing(path: Path) -> tuple[str, str]:
    from verifier.files.absent import told  # noqa: PLC0415 - only for what is not there

    return told(str(path), "there is no such file")
