"""What Prometheus is told.

* a registry of our own: nothing else of the process shows
* labels are bundle names of the configuration, reason codes and statuses: nobody outside can make a new one
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from verifier.core.outcome import Reason
from verifier.core.verdict import Verdict
from verifier.core.version import VERSION

CONTENT_TYPE = CONTENT_TYPE_LATEST
Gauges = Sequence[tuple[str, str, str, float]]
"""Name, what it is, bundle, value."""

_LEDGER_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The counters of one gateway; gauges are asked for when somebody looks."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "verifier_gateway_requests", "Requests for bundles, by answer.", ["bundle", "status"], registry=registry
        )
        self.pages = Counter("verifier_gateway_pages", "Requests for anything else.", ["status"], registry=registry)
        self.decisions = Counter(
            "verifier_gateway_decisions", "What became of what upstreams had.", ["bundle", "code"], registry=registry
        )
        self.refreshes = Counter(
            "verifier_gateway_refreshes", "Times an upstream was asked.", ["bundle", "outcome"], registry=registry
        )
        self.judgements = Counter(
            "verifier_gateway_judgements", "Times that what stands was judged again.", ["bundle"], registry=registry
        )
        self.findings = Counter(
            "verifier_gateway_findings",
            "What was found of an artifact, by where it came from: memory, cache, proven.",
            ["source"],
            registry=registry,
        )
        self.images, self.image_verifications = _of_images(registry)
        self.notifications = Counter(
            "verifier_gateway_notifications", "Notifications, by outcome.", ["outcome"], registry=registry
        )
        self.reloads = Counter("verifier_gateway_reloads", "Reloads, by outcome.", ["outcome"], registry=registry)
        self.ended = Counter(
            "verifier_gateway_connections_ended",
            "Connections that were ended or turned away to make room, by why.",
            ["why"],
            registry=registry,
        )
        self._ledger = Histogram(
            "verifier_gateway_ledger_seconds",
            "What the ledger takes.",
            ["operation"],
            registry=registry,
            buckets=_LEDGER_BUCKETS,
        )

    def show(self, gauges: Callable[[], Gauges]) -> None:
        """Ask `gauges` whenever somebody looks."""
        self._registry.register(_Gauges(gauges))

    def exposition(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

    def decided(self, bundle: str, verdict: Verdict) -> None:
        """Count a verdict: `accepted`, or each code that denied."""
        errors = [reason for reason in verdict.reasons if reason.is_error]
        self.count_codes(bundle, errors) if errors else self.decisions.labels(bundle, "accepted").inc()

    def count_codes(self, bundle: str, reasons: Sequence[Reason]) -> None:
        """Count each code once."""
        for code in {reason.code for reason in reasons}:
            self.decisions.labels(bundle, code).inc()

    def ledger(self, operation: str) -> _Timed:
        """Measure what is done within."""
        return _Timed(self._ledger.labels(operation))


def _of_images(registry: CollectorRegistry) -> tuple[Counter, Counter]:
    asked = Counter(
        "verifier_gateway_images", "Images that were asked about: accepted, or each code.", ["code"], registry=registry
    )
    verified = Counter(
        "verifier_gateway_image_verifications", "Times that an image was fetched and verified.", registry=registry
    )
    return asked, verified


class _Timed:
    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._started = 0.0

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._histogram.observe(time.perf_counter() - self._started)


class _Gauges(Collector):
    def __init__(self, gauges: Callable[[], Gauges]) -> None:
        self._gauges = gauges

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: what there is depends on when it is asked for."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges of this moment."""
        families = {"": GaugeMetricFamily("verifier_gateway_info", "The release that runs.", labels=["version"])}
        families[""].add_metric([VERSION], 1)
        for name, documentation, bundle, value in self._gauges():
            family = families.setdefault(name, GaugeMetricFamily(name, documentation, labels=["bundle"]))
            family.add_metric([bundle], value)
        yield from families.values()
