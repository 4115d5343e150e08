"""What is asked about an artifact, each time it is loaded, and what makes two questions the same.

* a finding holds for one question: the same bytes, name, resource, levels, evidence, effective rule and verifier
* what else a policy says makes no other question, but where the organisation's rules are asked, which may read which
  policy it is
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, field, replace
from verifier.core.version import VERSION
from verifier.trust.evaluate import organisation_of, resource_uri_of
from verifier.trust.model import ArtifactRule, TrustPolicy

if TYPE_CHECKING:
    from verifier.rego.interface import RuleEngine
    from verifier.sources.chain import Whereabouts

Fallback = Literal["deny", "full"]

_DOMAIN: Final = b"verifier/finding/v3"


class Question(Value):
    """What is asked about an artifact, each time it is loaded.

    `resource_uri` is as the caller gave it, `location` where the bytes come from if neither the caller nor the policy
    says. Without a `verdict` the artifact is verified in full. What could not be read is its `Refused`. `whereabouts`
    is what was there when it was fetched, where it came from a registry.
    """

    kind: str
    name: str
    resource_uri: str = ""
    location: str
    verdict: Document | Refused | None
    levels: tuple[str, ...] = ()
    fallback: Fallback = "deny"
    attestations: tuple[Document | Refused, ...] = ()
    whereabouts: Whereabouts | None = None

    @property
    def reference(self) -> str:
        """`kind:name`, as a policy's rules and the ledger's scopes write it."""
        return f"{self.kind}:{self.name}"

    def expected_uri(self, rule: ArtifactRule) -> str:
        """The resource that a verdict must be for."""
        return self.resource_uri or resource_uri_of(rule) or self.location


class Terms(Value):
    """What is demanded now of what was accepted earlier, on whatever terms that was."""

    resource_uri: str = ""
    levels: tuple[str, ...] = ()
    fallback: Fallback = "deny"
    by_verdict: bool

    def put_to(self, question: Question) -> Question:
        """The same question on these terms."""
        verdict = question.verdict if self.by_verdict else None
        if self.by_verdict and verdict is None:
            message = "what was accepted earlier came without a verdict, and one is asked for now"
            verdict = refuse("input.unreadable", question.reference, message)
        return replace(
            question, verdict=verdict, resource_uri=self.resource_uri, levels=self.levels, fallback=self.fallback
        )


class Asked(Value):
    """A question with what it is about and by whom it is answered; `content` may be why there is none.

    `compiled` is a folder for what compilers find in modules, None for none.
    """

    question: Question
    content: bytes | Refused = field(repr=False)
    digest: Digest | None
    policy: TrustPolicy
    rule: ArtifactRule
    rule_digest: Digest
    now: datetime
    verifier_id: str
    judges: Mapping[str, RuleEngine] = field(default_factory=dict)
    compiled: Path | None = None


class Ages(Value):
    """How long a finding is believed at most: one that allows, and one that denies."""

    passed: timedelta = timedelta(hours=24)
    denied: timedelta = timedelta(seconds=5)


def question_key(asked: Asked) -> str:
    """SHA-256, in hex, over everything that a finding depends on but time and the ledger; of bytes that were read."""
    state, question = hashlib.sha256(), asked.question
    texts = (question.kind, question.name, question.expected_uri(asked.rule), question.fallback)
    for part in (*_parts(asked), *_encoded(*texts, *question.levels)):
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def _parts(asked: Asked) -> Iterator[bytes]:
    question, policy = asked.question, asked.policy
    # Another release may judge otherwise.
    yield from (_DOMAIN, VERSION.encode(), asked.verifier_id.encode())
    which = (policy.id, policy.digest) if organisation_of(asked.rule) else ("", "")
    yield from _encoded(*map(str, (asked.digest, asked.rule_digest, *which, len(question.attestations))))
    if policy.sigstore.by_library:  # what was verified in another way is verified anew
        yield b"by the sigstore library"
    yield from _whereabouts(question.whereabouts)
    beside = question.whereabouts.beside if question.whereabouts is not None else ()
    for document in (question.verdict, *question.attestations, *beside):
        if document is None:
            yield b"none"
        elif isinstance(document, Document):
            yield from (b"document", *_encoded(document.name), document.content)
        else:
            reasons = (f"{reason.code} {reason.subject} {reason.message}" for reason in document.reasons)
            yield from (b"refused", *_encoded("\n".join(reasons)))


def _whereabouts(there: Whereabouts | None) -> Iterator[bytes]:
    if there is None:
        yield b"nowhere"
        return
    documents = there.chain.documents
    yield from _encoded("lying", there.chain.repository or "", str(len(documents)), str(len(there.beside)))
    for each in documents:
        yield from (*_encoded(each.media_type, str(each.digest)), each.content)


def _encoded(*texts: str) -> Iterator[bytes]:
    return (text.encode("utf-8", "surrogatepass") for text in texts)
