"""The bases that the caller names, each verified in the same run under the rule of its own name.

* what counts of one is its verdict and the layers that it has: an image is built on it where these are its first ones
* its layers are recomputed, whatever is asked of the image itself; nothing is recorded
* one that was denied is known as denied; one that cannot be read is no base, and that is said, for it was named
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from verifier.core.outcome import CouldNotCheck, Outcome, Reason
from verifier.core.value import Value, replace
from verifier.core.verdict import EvidenceItem
from verifier.engine.finding import Finding
from verifier.engine.request import Request
from verifier.engine.settle import by_rule, settle
from verifier.engine.situation import Recording, Situation
from verifier.kinds.image.wish import ImageWish
from verifier.ledger.view import KnownLayers, View
from verifier.trust.evaluate import rule_for

if TYPE_CHECKING:
    from verifier.sources.content import Remote
    from verifier.trust.model import ArtifactRule

KIND = "base"
"""What a verdict's inputs and evidence call it."""

Examine = Callable[[Request, "ArtifactRule"], tuple[Callable[[View], Finding], bytes | None]]
"""`engine.examine.examine`, which asks this module."""


class NamedBase(Value):
    """A base that was judged: what is known of its layers, and its row in the report; or the `outcome` of one that
    could not be looked into."""

    known: tuple[KnownLayers, ...] = ()
    item: EvidenceItem | None = None
    outcome: Outcome | None = None


def named_bases(request: Request, examine: Examine) -> tuple[NamedBase, ...]:
    """Every base that `request` names, judged; never raises for what it reads."""
    return tuple(_judged(request, name, source, examine) for name, source in _wish(request).bases)


def _judged(request: Request, name: str, source: Remote, examine: Examine) -> NamedBase:
    rule = rule_for(request.policy, "image", name)
    if rule is None:
        return _unknown(request, f"no rule is for image:{name}, as which {source.uri} was named")
    asked = _asked(request, name, source)
    found, accepted = _found(asked, rule, examine)
    digest, memory = found.subject.digest, found.memory
    if digest is None or memory is None or not memory.layers:
        causes = ", ".join(dict.fromkeys(reason.code for reason in found.reasons if reason.is_error)) or "no layers"
        return _unknown(request, f"{source.uri}, which is named as image:{name}, could not be looked into: {causes}")
    version = found.candidate.version if found.candidate is not None else None
    scope = asked.scope(rule)
    signer = next((item.signer for item in found.evidence if item.verified and item.signer), None)
    return NamedBase(
        known=tuple(
            KnownLayers(chain=chain, scope=scope, digest=digest, version=version, stands=accepted)
            for chain in memory.layers
        ),
        item=EvidenceItem(kind=KIND, digest=digest, signer=signer, verified=accepted),
    )


def _wish(request: Request) -> ImageWish:
    return request.image or ImageWish()


def _asked(request: Request, name: str, source: Remote) -> Request:
    wish = _wish(request)
    return replace(
        request,
        source=source,
        name=name,
        resource_uri="",
        attestations=(),
        previous=(),
        previous_attestations=(),
        record=False,
        beside=None,
        whereabouts=None,
        image=replace(wish, index=None, bases=(), layers=wish.layers if wish.layers == "inspect" else "hash"),
    )


def _found(asked: Request, rule: ArtifactRule, examine: Examine) -> tuple[Finding, bool]:
    """What is found of a base, and whether it may be used, by the ledger too."""
    find, _ = examine(asked, rule)
    kept: list[Finding] = []

    def finding(view: View) -> Finding:
        kept.append(find(view))
        return kept[-1]

    situation = Situation(
        ledger=asked.ledger,
        scope=asked.scope(rule),
        recording=Recording.NOT,
        now=asked.now,
        correlation_id=asked.correlation_id,
        verifier_id=asked.verifier_id,
        verifier_version=asked.verifier_version,
        compare=by_rule(rule, asked.now),
    )
    verdict = settle(finding, situation)
    return kept[-1], verdict.passed


def _unknown(request: Request, message: str) -> NamedBase:
    hint = "Add a rule for it, or say under which name there is one where that is not its repository's last part: "
    hint += "--base NAME=REF."
    reason = Reason(code="image.base-unknown", subject=request.name, message=message, hint=hint)
    return NamedBase(outcome=CouldNotCheck(reasons=(reason,)))
