"""What an artifact is worth whatever a ledger says: a finding, to be settled (`engine.settle`).

* it is made in full, from the artifact and its evidence, or by the verdict that somebody else has made
* its reasons are all that was found; one error among them denies, whatever a ledger says
* it says what there is to ask of a ledger, and nothing of what a ledger has said
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from verifier.core.digest import Digest
from verifier.core.outcome import Answer, Outcome, Reason, outcome_of
from verifier.core.verdict import EvidenceItem, Input, Part, PolicyReference, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import ClassVar

    from verifier.core.signers.signer import Signer
    from verifier.ledger.view import View
    from verifier.trust.model import TrustPolicy
    from verifier.versions.candidate import Candidate
    from verifier.versions.memory import Memory

_INSIDE: Final = "opa-signature"
"""The one kind of evidence that lies in the artifact itself, and that no Sigstore instance proves."""


class Finding(Answer):
    """What was found.

    `candidate` is what the ledger is asked about, None where nothing is ordered or no version could be. `levels`
    are those reached if it is accepted. `rule_digest` is that of the effective rule, None where there is no rule,
    and `inputs` what was judged, `parts` what the artifact stands for. `document` is the verdict of somebody else
    that it rests on. At each of the `moments` some piece of the evidence ceases to count. `above_published` says
    that its version is above, or is, what is published (`engine.others.previous`). `saw` is the revision of the scope
    that the organisation's rules have seen, None where the policy has none: the finding is another one once the scope
    has changed. `memory` is what a ledger is told of the artifact besides its version, None for the subject's digest
    alone. `asked` are ChainIDs of which the finding has to know the images: it is another one then.
    """

    asks: ClassVar[str] = "its `passes`"
    subject: Subject
    reasons: tuple[Reason, ...]
    policy: PolicyReference
    rule_digest: Digest | None = None
    evidence: tuple[EvidenceItem, ...] = ()
    inputs: tuple[Input, ...] = ()
    parts: tuple[Part, ...] = ()
    levels: tuple[str, ...] = ()
    dependency_levels: Mapping[str, int] | None = None
    candidate: Candidate | None = None
    document: Digest | None = None
    in_full: bool = True
    moments: tuple[datetime, ...] = ()
    above_published: bool = False
    saw: int | None = None
    memory: Memory | None = None
    asked: tuple[Digest, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """All of it, as one outcome."""
        return outcome_of(self.reasons)

    @property
    def content(self) -> Digest | None:
        """The digest by which a ledger knows the artifact."""
        return self.subject.digest if self.memory is None else self.memory.content

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every digest by which somebody may withdraw the artifact; the first is the one that a ledger knows it by."""
        memory, digest = self.memory, self.subject.digest
        of_memory = () if memory is None else (memory.content, *memory.others)
        return tuple(dict.fromkeys((*of_memory, *(() if digest is None else (digest,)))))

    @property
    def passes(self) -> bool:
        """Whether nothing that was found denies."""
        return not any(reason.is_error for reason in self.reasons)

    @property
    def undecided(self) -> bool:
        """Whether it denies only because something could not be decided."""
        errors = [reason for reason in self.reasons if reason.is_error]
        return bool(errors) and all(reason.is_undecided for reason in errors)

    def holds_for(self, view: View) -> bool:
        """Whether the organisation's rules, if there are any, have seen this very state of the scope.

        What a ledger cannot be asked about has not changed.
        """
        return self.saw is None or not view.consulted or self.saw == view.revision


def root_judged(policy: TrustPolicy, heard: Iterable[Signer], items: Iterable[EvidenceItem]) -> tuple[Input, ...]:
    """The trusted root, where something stands beside the artifact that a keyless one of `heard` may have signed."""
    beside = any(each.kind != _INSIDE for each in items)
    if not beside or all(each.keyless is None for each in heard):
        return ()
    from verifier.signatures.sigstore.root import root_digest  # noqa: PLC0415 - few policies have keyless signers

    return (Input(kind="trusted-root", digest=root_digest(policy.sigstore)),)
