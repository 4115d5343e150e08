"""One image, judged for whoever asks: what is found of it, and what the ledger says of that.

* an image is fetched from its own registry, with the credentials of that registry and of no other
* a finding is kept for a bounded time, shorter where a tag names the image, and never beyond an expiry that it rests on
* the ledger is asked every time; what it accepts is written before anybody is told
* a ledger that knows less of a scope than it did was put back, and is not believed

Blocking, and safe between threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from verifier.core.errors import Refused, refuse
from verifier.core.uris import VERIFIER_ID
from verifier.core.value import replace
from verifier.core.verdict import Verdict
from verifier.core.version import VERSION
from verifier.engine.examine import examine
from verifier.engine.finding import Finding
from verifier.engine.request import Request, unread, without_rule
from verifier.engine.settle import by_rule, look, settle
from verifier.engine.situation import Recording, Situation, compare_nothing
from verifier.formats.oci.manifest import ImageReference
from verifier.gateway.images.reference import Admitted
from verifier.gateway.settings.images import ImageSettings
from verifier.kinds.image.wish import ImageWish
from verifier.ledger.interface import Ledger
from verifier.ledger.view import NOT_CONSULTED, View
from verifier.loading.find import Kept, kept
from verifier.loading.question import Ages
from verifier.sources.content import Remote
from verifier.trust.evaluate import ending_of, ledger_scope, rule_for
from verifier.trust.model import ArtifactRule, TrustPolicy

if TYPE_CHECKING:
    from verifier.kinds.image.wish import Search
    from verifier.rego.interface import RuleEngine
    from verifier.sources.place import Place

OpenPlace = Callable[[ImageReference], "Place"]
"""Opens the place of a reference; connects to nothing yet."""
_KEPT_DENIAL: Final = timedelta(seconds=5)
"""How long what denies is believed: what is attached to an image meanwhile is found soon."""


class Proven:
    """What was found of one image, and for how long that holds.

    Where it depends on what a ledger says, what finds it is kept with all that was read of the image: `is_whole`.
    """

    def __init__(self, find: Callable[[View], Finding], first: Finding, keep: Callable[[Finding], Kept]) -> None:
        self.is_whole = first.saw is not None or bool(first.asked)
        self.kept, self._keep = keep(first), keep
        self.told: int | None = None
        """The revision of the scope at which the ledger was told of its acceptance."""
        self._find = find if self.is_whole else None

    def holds(self, now: datetime) -> bool:
        """Whether finding it again would find the same, whatever the ledger says."""
        return self.kept.since <= now < self.kept.until

    def look(self, view: View) -> Finding:
        """The finding that holds where the ledger says `view`."""
        if self._find is not None:
            self.kept = self._keep(self._find(view))
        return self.kept.finding


class ImageJudge:
    """Judges images under one policy, by one ledger."""

    def __init__(
        self,
        policy: TrustPolicy,
        ledger: Ledger,
        settings: ImageSettings,
        *,
        open_place: OpenPlace,
        clock: Callable[[], datetime],
        judges: Mapping[str, RuleEngine],
        search: Callable[[], Search] | None,
    ) -> None:
        self._wish = ImageWish(layers=settings.layers, search=search)
        self._policy, self._ledger, self._settings = policy, ledger, settings
        self._open, self._clock, self._judges = open_place, clock, judges
        self._lock = threading.Lock()
        self._places: set[Place] = set()
        self._revisions: dict[str, int] = {}
        self._asked_at = datetime.min.replace(tzinfo=UTC)
        self._closed = False

    def prove(self, asked: Admitted, correlation_id: str) -> Proven:
        """Fetch and verify; never raises for what it reads."""
        now, rule = self._now()[0], rule_for(self._policy, "image", asked.name)
        request = self._request(asked, now, correlation_id)
        if rule is None:
            nothing = without_rule(request)
            return Proven(lambda _: nothing, nothing, lambda found: Kept(finding=found, since=now, until=now))
        find, first = self._examined(asked, rule, request)
        longest = self._settings.keep_tags if asked.image.digest is None else self._settings.keep_digests
        ages = Ages(passed=longest, denied=min(longest, _KEPT_DENIAL))
        return Proven(
            find, first, lambda found: kept(found, found.moments, ages, policy=self._policy, rule=rule, now=now)
        )

    def settle(self, asked: Admitted, proven: Proven, *, is_news: bool, correlation_id: str) -> Verdict:
        """What the ledger says of what was found, and the decision; recorded, a denial only where it `is_news`."""
        (now, newest), rule = self._now(), rule_for(self._policy, "image", asked.name)
        scope, said = ledger_scope(rule, "image", asked.name), list[View | Refused]()

        def ask() -> View | Refused:
            said.append(self._look(scope))
            return said[-1]

        recording = Recording.NEWS if is_news else Recording.QUIETLY
        situation = Situation(
            ledger=self._ledger,
            scope=scope,
            recording=recording if self._settings.record else Recording.NEVER,
            now=now,
            newest=newest,
            correlation_id=correlation_id,
            actor="gateway",
            ask=ask,
            told=proven.told,
            verifier_id=VERIFIER_ID,
            verifier_version={"policy-verifier": VERSION},
            compare=compare_nothing if rule is None else by_rule(rule, now),
            warned=None if rule is None else ending_of(rule),
        )
        verdict = settle(proven.look, situation)
        if verdict.passed and not isinstance(said[-1], Refused):
            proven.told = said[-1].revision
        return verdict

    def know(self, before: ImageJudge) -> None:
        """Believe no older copy of the ledger than the judge `before`, of the same ledger, has seen."""
        with self._lock:
            self._revisions |= before._revisions

    def close(self) -> None:
        """End what is under way; nothing is fetched afterwards."""
        with self._lock:
            self._closed, places = True, tuple(self._places)
        for place in places:
            with suppress(Refused):
                place.close()

    def _examined(
        self, asked: Admitted, rule: ArtifactRule, request: Request
    ) -> tuple[Callable[[View], Finding], Finding]:
        """What finds what the image is worth, and what it finds before a ledger is asked."""
        try:
            place = self._opened(asked)
        except Refused as refusal:
            refused = unread(request, rule, None, *refusal.reasons)
            return (lambda _: refused), refused
        try:
            find, _ = examine(replace(request, source=_at(place)), rule)
        finally:
            with self._lock:
                self._places.discard(place)
            place.close()
        return find, find(NOT_CONSULTED)

    def _opened(self, asked: Admitted) -> Place:
        place = self._open(asked.image)
        with self._lock:
            if not self._closed:
                self._places.add(place)
                return place
        place.close()
        raise refuse("input.unreachable", asked.reference, "the gateway ends, or has another configuration now")

    def _request(self, asked: Admitted, now: datetime, correlation_id: str) -> Request:
        """The question, whose source is still to be opened."""
        return Request(
            source=Remote(uri=f"oci://{asked.reference}", fetch=_unopened),
            kind="image",
            name=asked.name,
            policy=self._policy,
            now=now,
            correlation_id=correlation_id,
            judges=self._judges,
            image=self._wish,
            verifier_id=VERIFIER_ID,
            verifier_version={"policy-verifier": VERSION},
        )

    def _now(self) -> tuple[datetime, datetime]:
        """The time, and the newest that was seen."""
        now = self._clock()
        with self._lock:
            self._asked_at = max(self._asked_at, now)
            return now, self._asked_at

    def _look(self, scope: str) -> View | Refused:
        """What the ledger says now of the scope."""
        least = self._revisions.get(scope, 0)
        view = look(self._ledger, scope)
        if isinstance(view, Refused):
            return view
        if view.revision < least:
            message = f"has seen {view.revision} changes of {scope} and had seen {least}: an older copy was put back"
            hint = "Import the newest export; or restart, to go on from the older copy."
            return refuse("ledger.corrupt", self._ledger.url, message, hint)
        with self._lock:
            self._revisions[scope] = max(view.revision, self._revisions.get(scope, 0))
        return view


def _at(place: Place) -> Remote:
    return Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place)


def _unopened() -> bytes:
    raise TypeError("nothing is fetched before its place is opened")
