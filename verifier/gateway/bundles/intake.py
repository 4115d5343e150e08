"""One bundle's way in: fetched from its upstream, offered to the loader with its evidence.

* what was accepted last stands until something else is accepted; nothing that comes from upstream can unseat it
* what was refused is not verified again at every poll, but is when it, its evidence or the ledger changes, and at
  growing intervals in any case
* evidence is fetched anew every time: a verdict that is renewed beside the same bytes counts
* what lies beside a bundle in its registry is asked for where what is signed inside does not satisfy the rule; that it
  could not be asked for is never that there is nothing
* credentials of the bundle's upstream are sent to its origin alone

Blocking, and for one thread: the event loop has its own (`gateway.bundles.bundle`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.core.limits import MAX_DOCUMENT_BYTES
from verifier.core.outcome import Reason
from verifier.core.value import Value, field, replace
from verifier.core.verdict import Verdict
from verifier.engine.others.needed import needed_beside
from verifier.engine.request import Request
from verifier.engine.settle import look
from verifier.engine.verification import Verification
from verifier.gateway.settings.settings import BundleSettings
from verifier.ledger.history import history
from verifier.ledger.interface import Ledger, LedgerEvent
from verifier.loading.loader import Loader
from verifier.loading.question import Terms
from verifier.sources.beside import Format, beside
from verifier.sources.chain import Chain, Whereabouts
from verifier.sources.upstream import Upstream, fetch_document
from verifier.trust.evaluate import ledger_scope, resource_uri_of, rule_for
from verifier.trust.model import TrustPolicy

FIRST_SPACING, LONGEST_SPACING = timedelta(minutes=1), timedelta(hours=1)
"""Between two verifications of the same refused content: what time alone can cure is cured within the hour."""


class Delivery(Value):
    """What an upstream delivered, and the evidence beside it at that time."""

    content: bytes = field(repr=False)
    digest: Digest
    validator: str
    verdict: Document | Refused | None = None
    attestations: tuple[Document, ...] = ()
    chain: Chain | None = None
    beside: tuple[Document | Refused, ...] = ()

    @property
    def without_beside(self) -> tuple[object, ...]:
        """Equal where bytes, the documents that lead to them, and the evidence that the configuration names are."""
        led_by = self.chain.documents if self.chain is not None else ()
        return (self.digest, *(each.digest for each in led_by), *map(_mark, (self.verdict, *self.attestations)))

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """Equal where all of that and what lies beside are."""
        return (*self.without_beside, "beside", *sorted(map(str, map(_mark, self.beside))))

    @property
    def whereabouts(self) -> Whereabouts | None:
        """Where it came from, for the loader."""
        return None if self.chain is None else Whereabouts(chain=self.chain, beside=self.beside)


class Unchanged(Value):
    """The upstream was reached and has what it had: what stands, or what was `refused` before."""

    refused: Verdict | None = None


class Decided(Value):
    """Something was verified and, where the verdict is PASSED, accepted and recorded."""

    verdict: Verdict


class Unreached(Value):
    """The upstream, or the evidence that the bundle needs, could not be had."""

    reasons: tuple[Reason, ...]
    correlation_id: str


Taken = Unchanged | Decided | Unreached


class _Refusal(Value):
    """What was refused last, under which state of the ledger, and when it is worth another look."""

    fingerprint: tuple[object, ...]
    revision: int | None
    verdict: Verdict
    spacing: timedelta
    again_at: datetime


class Intake:
    """Takes what one upstream has."""

    def __init__(
        self,
        settings: BundleSettings,
        *,
        upstream: Upstream,
        loader: Loader,
        policy: TrustPolicy,
        ledger: Ledger,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings, self._upstream, self._loader = settings, upstream, loader
        self._ledger, self._clock, self._policy = ledger, clock, policy
        rule = self._rule = rule_for(policy, "bundle", settings.name)
        self._scope = ledger_scope(rule, "bundle", settings.name) if rule else None
        # The policy knows where its artifacts are fetched from; where it does not, it is from here. What is told to
        # everybody is without the query: a signed URL is a credential.
        self._resource_uri = settings.resource_uri or (
            "" if rule and resource_uri_of(rule) else _uri(upstream.reference)
        )
        self._terms = Terms(
            resource_uri=self._resource_uri,
            levels=settings.levels,
            fallback=settings.fallback,
            by_verdict=settings.verdict is not None,
        )
        self._accepted: Delivery | None = None
        self._inherited: Delivery | None = None
        self._undecided = False
        self._refusal: _Refusal | None = None
        self._looked: tuple[tuple[object, ...], tuple[Format, ...]] | None = None
        """What was looked at last, and the formats in which that needed something from beside it."""

    @property
    def accepted(self) -> Delivery | None:
        """What was accepted last, here or before, for whoever takes over from this intake and judges it anew."""
        return self._accepted or self._inherited

    @property
    def reference(self) -> str:
        """Where the bundle comes from, without secrets."""
        return self._upstream.reference

    def standing(self, correlation_id: str) -> Verification | None:
        """What was accepted last, judged now; None where nothing was. Safe in another thread."""
        return self._loader.standing(
            name=self._settings.name, now=self._clock(), correlation_id=correlation_id, terms=self._terms
        )

    def take(self, correlation_id: str, *, wait: int) -> Taken:
        """Fetch what there is, for up to `wait` seconds where the upstream can hold the answer, and judge it."""
        if self._accepted is None and self._inherited is not None and self._undecided:
            adopted = self.adopt(self._inherited, correlation_id)
            if adopted.verdict.passed:
                return adopted
        try:
            delivery = self._fetch(wait)
        except Refused as refusal:
            return Unreached(reasons=refusal.reasons, correlation_id=correlation_id)
        if self._stands(delivery, correlation_id):
            return Unchanged()
        refusal_before = self._still_refused(delivery)
        if refusal_before is not None:
            return Unchanged(refused=refusal_before.verdict)
        return self._offer(delivery, correlation_id)

    def adopt(self, delivery: Delivery, correlation_id: str) -> Decided:
        """Offer what an intake before this one had accepted, under the policy and the ledger of this one.

        What could not be decided is offered again with the next fetch; what is denied, when another takes over.
        """
        self._inherited = delivery
        judged = self._offer(delivery, correlation_id)
        self._undecided = judged.verdict.undecided
        return judged

    def events(self, newest: int) -> tuple[LedgerEvent, ...]:
        """The newest events of its scope, oldest first; nothing where the ledger does not say."""
        try:
            return () if self._scope is None else tuple(history(self._ledger, self._scope, limit=newest))
        except Refused:
            return ()

    def close(self) -> None:
        """Let go of the upstream."""
        self._upstream.close()

    def _fetch(self, wait: int) -> Delivery:
        before = self._accepted
        fetched = self._upstream.fetch(before.validator or None if before else None, wait=wait)
        evidence = self._verdict(), self._attestations()
        if fetched is None:
            if before is None:
                raise _nothing_held(self._upstream.reference)
            return self._with_beside(replace(before, verdict=evidence[0], attestations=evidence[1], beside=()))
        return self._with_beside(
            Delivery(
                content=fetched.content,
                digest=Digest.of(fetched.content),
                validator=fetched.validator,
                verdict=evidence[0],
                attestations=evidence[1],
                chain=fetched.chain,
            )
        )

    def _with_beside(self, delivery: Delivery) -> Delivery:
        """The delivery with what lies beside it, as far as it is needed; `Refused` where it cannot be asked for."""
        place, rule = self._upstream.place, self._rule
        if place is None or rule is None or delivery.chain is None or isinstance(delivery.verdict, Document):
            return delivery
        found: Mapping[str, tuple[Document | Refused, ...]]
        if self._looked is not None and self._looked[0] == delivery.without_beside:
            # What there is to verify is verified by the loader, once; here it is only asked for.
            about, limits = delivery.chain.documents[0].digest, self._policy.limits
            found = {each: beside(place, about, each, limits=limits) for each in self._looked[1]}
        else:
            request = Request(
                source=delivery.content,
                name=self._settings.name,
                policy=self._policy,
                now=self._clock(),
                correlation_id="",
                attestations=delivery.attestations,
                whereabouts=delivery.whereabouts,
            )
            found = needed_beside(request, rule, place)
            self._looked = (delivery.without_beside, tuple(cast("Format", each) for each in found))
        pieces = [piece for each in found.values() for piece in each]
        for each in pieces:
            if isinstance(each, Refused) and each.reasons[0].code.startswith("input."):
                raise each.again()
        return replace(delivery, beside=tuple(pieces))

    def _verdict(self) -> Document | Refused | None:
        reference = self._settings.verdict
        if reference is None:
            return None
        try:
            return self._document(reference)
        except Refused as refusal:
            if self._settings.fallback == "full":
                return refusal.kept()
            raise

    def _attestations(self) -> tuple[Document, ...]:
        return tuple(self._document(reference) for reference in self._settings.attestations)

    def _document(self, reference: str) -> Document:
        access = self._settings.access
        if _origin(reference) != _origin(self._settings.upstream):
            access = replace(access, bearer_token=None, username=None, password=None)
            access = replace(access, client_certificate=None, client_key=None)
        return fetch_document(reference, access=access, max_bytes=MAX_DOCUMENT_BYTES)

    def _stands(self, delivery: Delivery, correlation_id: str) -> bool:
        """Whether this is what was accepted, with its evidence, and still counts."""
        if self._accepted is None or delivery.fingerprint != self._accepted.fingerprint:
            return False
        standing = self.standing(correlation_id)
        return standing is not None and standing.verified is not None

    def _still_refused(self, delivery: Delivery) -> _Refusal | None:
        refusal = self._refusal
        if refusal is None or refusal.fingerprint != delivery.fingerprint:
            return None
        if self._clock() >= refusal.again_at or self._revision() != refusal.revision:
            return None
        return refusal

    def _offer(self, delivery: Delivery, correlation_id: str) -> Decided:
        settings = self._settings
        verdict = self._loader.load(
            delivery.content,
            delivery.verdict,
            name=settings.name,
            resource_uri=self._resource_uri,
            now=self._clock(),
            correlation_id=correlation_id,
            levels=settings.levels,
            fallback=settings.fallback,
            attestations=delivery.attestations,
            whereabouts=delivery.whereabouts,
        ).verdict
        if verdict.passed:
            self._accepted, self._inherited, self._refusal = delivery, None, None
        else:
            self._looked = None  # another format may have what is missing, and time may have changed what counts inside
            self._refusal = self._remembered(delivery, verdict)
        return Decided(verdict=verdict)

    def _remembered(self, delivery: Delivery, verdict: Verdict) -> _Refusal | None:
        if verdict.undecided:
            return None
        before, spacing = self._refusal, FIRST_SPACING
        if before is not None and before.fingerprint == delivery.fingerprint:
            spacing = min(2 * before.spacing, LONGEST_SPACING)
        return _Refusal(
            fingerprint=delivery.fingerprint,
            revision=self._revision(),
            verdict=verdict,
            spacing=spacing,
            again_at=self._clock() + spacing,
        )

    def _revision(self) -> int | None:
        """Which state of the scope the ledger has; an acceptance, a floor and a quarantine each make another."""
        if self._scope is None:
            return None
        said = look(self._ledger, self._scope)
        return None if isinstance(said, Refused) or said.state is None else said.revision


def _mark(piece: Document | Refused | None) -> object:
    """Equal for equal pieces; what could not be read is like anything else that could not."""
    return Digest.of(piece.content) if isinstance(piece, Document) else None


def _nothing_held(reference: str) -> Refused:
    message = "answered that nothing has changed, to a request that named nothing"
    return Refused(Reason(code="input.unreachable", subject=reference, message=message))


def _origin(reference: str) -> tuple[str, str]:
    """Scheme and host with port of a URL; a path is of no origin and gets no credentials."""
    parts = urlsplit(reference)
    return parts.scheme.lower(), parts.netloc.lower()


def _uri(reference: str) -> str:
    return reference if "://" in reference else Path(reference).absolute().as_uri()
