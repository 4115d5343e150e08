"""Everything that is put to use together: one configuration, its trust policy, its ledger and its bundles.

* a policy that cannot be read is an error, and whatever served before goes on
* a ledger that cannot be opened answers every question with why: nothing is served, and why is said
* what an earlier one had accepted is judged anew before this one takes over
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.errors import Refused
from verifier.core.value import Value, replace
from verifier.gateway.bundles.bundle import ServedBundle
from verifier.gateway.bundles.intake import Delivery, Intake
from verifier.gateway.clients import Clients
from verifier.gateway.events import Event, Observe, told
from verifier.gateway.hosts import Hosts
from verifier.gateway.images.images import Images
from verifier.gateway.images.judge import ImageJudge
from verifier.gateway.measured_ledger import MeasuredLedger
from verifier.gateway.metrics import Metrics
from verifier.gateway.pages.answers import Withheld
from verifier.gateway.settings.settings import BundleSettings, GatewaySettings
from verifier.ledger.absent import Unopened
from verifier.ledger.interface import Ledger
from verifier.ledger.open import open_ledger_url
from verifier.loading.cache.store import Cache
from verifier.loading.loader import Loader
from verifier.sources.upstream import open_upstream
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.core.limits import Limits
    from verifier.formats.oci.manifest import ImageReference
    from verifier.gateway.settings.images import ImageSettings
    from verifier.kinds.image.wish import Search
    from verifier.rego.interface import RuleEngine
    from verifier.sources.place import Place
    from verifier.sources.upstream import Access


def registry_place(image: ImageReference, access: Access, limits: Limits) -> Place:
    """The repository of a registry in which `image` is."""
    from verifier.sources.registry import RegistryPlace  # noqa: PLC0415 - only where there are images

    return RegistryPlace(str(image), access, limits)


class Surroundings(Value):
    """What outlives a configuration."""

    read_policy: Callable[[Path], TrustPolicy]
    clock: Callable[[], datetime]
    observe: Observe
    metrics: Metrics
    judges: Callable[[TrustPolicy], Mapping[str, RuleEngine]] = lambda _: {}
    open_place: Callable[[ImageReference, Access, Limits], Place] = registry_place
    search: Callable[[], Search] | None = None


class Serving:
    """Made by `prepare`, then started in the event loop; closed once another has taken over."""

    def __init__(
        self,
        settings: GatewaySettings,
        policy: TrustPolicy,
        ledger: Ledger,
        bundles: tuple[ServedBundle, ...],
        images: Images | None = None,
    ) -> None:
        self.settings, self.policy, self.ledger = settings, policy, ledger
        self.bundles, self.images = bundles, images
        self.by_path = {bundle.settings.path: bundle for bundle in bundles}
        self.clients, self.hosts = Clients.of(settings), Hosts.of(settings)

    @property
    def longest_wait(self) -> float:
        """How long a client may be held, in seconds."""
        return self.settings.longest_wait.total_seconds()

    def start(self) -> None:
        """Begin to ask the upstreams."""
        for bundle in self.bundles:
            bundle.start()

    async def adopt(self, before: Serving) -> None:
        """Judge what `before` had accepted, under this policy and in this ledger; also what it accepts meanwhile."""
        if self.images is not None and before.images is not None and self.settings.ledger == before.settings.ledger:
            self.images.take_over(before.images)
        earlier = {bundle.settings.name: bundle for bundle in before.bundles}
        judged: dict[str, Delivery | None] = {}
        while news := [
            each for each in self.bundles if _accepted_by(each, earlier) is not judged.get(each.settings.name)
        ]:
            for bundle in news:
                judged[bundle.settings.name] = _accepted_by(bundle, earlier)
                delivery = _carried_over(bundle.settings, earlier.get(bundle.settings.name))
                if delivery is not None:
                    await bundle.adopt(delivery)

    def ledger_is_lost(self) -> bool:
        """Whether a newly opened ledger might be what is missing."""
        lost = self.images is not None and self.images.for_the_ledger
        return isinstance(self.ledger, Unopened) or lost or any(_for_the_ledger(bundle) for bundle in self.bundles)

    def release(self) -> None:
        """Let everybody who waits look again."""
        for bundle in self.bundles:
            bundle.release()

    async def close(self) -> None:
        """Stop, and close the ledger once nobody uses it."""
        images = [] if self.images is None else [self.images.close()]
        await asyncio.gather(*(bundle.close() for bundle in self.bundles), *images)
        self.ledger.close()


def prepare(settings: GatewaySettings, around: Surroundings, *, policy: TrustPolicy | None = None) -> Serving:
    """Read what the settings name, the policy too where none is given; `ConfigurationError` where it cannot be used.

    Blocking; connects to no upstream yet.
    """
    policy = policy or around.read_policy(settings.policy)
    upstreams = [open_upstream(each.upstream, access=each.access, limits=policy.limits) for each in settings.bundles]
    cache = Cache(settings.cache) if settings.cache else None
    ledger = _opened(settings.ledger, around)  # last: nothing after it fails and leaves it open
    found, judges = around.metrics.findings, around.judges(policy)
    loader = Loader(
        policy,
        ledger,
        cache=cache,
        actor="gateway",
        count=lambda source: found.labels(source).inc(),
        judges=judges,
    )
    bundles = []
    for each, upstream in zip(settings.bundles, upstreams, strict=True):
        intake = Intake(each, upstream=upstream, loader=loader, policy=policy, ledger=ledger, clock=around.clock)
        bundles.append(ServedBundle(each, intake, metrics=around.metrics, observe=around.observe, clock=around.clock))
    images = None if settings.images is None else _images(settings.images, policy, ledger, judges, around)
    return Serving(settings, policy, ledger, tuple(bundles), images)


def _images(
    settings: ImageSettings,
    policy: TrustPolicy,
    ledger: Ledger,
    judges: Mapping[str, RuleEngine],
    around: Surroundings,
) -> Images:
    def open_place(image: ImageReference) -> Place:
        return around.open_place(image, settings.registries.get(image.registry, settings.access), policy.limits)

    judge = ImageJudge(
        policy, ledger, settings, open_place=open_place, clock=around.clock, judges=judges, search=around.search
    )
    return Images(settings, judge, metrics=around.metrics, observe=around.observe, clock=around.clock)


def _opened(url: str, around: Surroundings) -> Ledger:
    try:
        ledger = open_ledger_url(url)
    except Refused as refusal:
        return Unopened(refusal)
    for finding in ledger.findings:
        around.observe(Event(name="gateway.ledger-finding", level="warning", facts=told((finding,))))
    return MeasuredLedger(ledger, around.metrics)


def _accepted_by(bundle: ServedBundle, earlier: Mapping[str, ServedBundle]) -> Delivery | None:
    before = earlier.get(bundle.settings.name)
    return before.intake.accepted if before else None


def _carried_over(settings: BundleSettings, before: ServedBundle | None) -> Delivery | None:
    delivery = before.intake.accepted if before else None
    if before is None or delivery is None:
        return None
    # An entity tag means something to the server that gave it, and to no other.
    return delivery if before.settings.upstream == settings.upstream else replace(delivery, validator="")


def _for_the_ledger(bundle: ServedBundle) -> bool:
    standing = bundle.standing
    if not isinstance(standing, Withheld):
        return False
    return any(reason.is_undecided and reason.code.startswith("ledger.") for reason in standing.reasons)
