"""Every benchmark: the module that has its rows, the peers that it needs, and the sets that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from benchmarks.curves.curve import Curve
from benchmarks.harness import Row

HEADLINE, CURVES = "headline", "curves"


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """`module` is imported when it is measured: one that cannot be is no obstacle to the others.

    It has `rows(room)`, or for a curve `curve(room)` or what is named behind a colon; `room` is an empty folder.
    """

    module: str
    title: str
    peers: tuple[str, ...] = ()
    set: str = ""

    @property
    def is_curve(self) -> bool:
        """Whether it draws a curve."""
        return self.set == CURVES

    def rows(self) -> Callable[[Path], Iterator[Row]]:
        """What measures its rows."""
        return import_module(f"benchmarks.{self.module}").rows  # type: ignore[no-any-return]

    def curve(self) -> Callable[[Path], Curve]:
        """What measures its curve."""
        module, _, name = self.module.partition(":")
        return getattr(import_module(f"benchmarks.{module}"), name or "curve")  # type: ignore[no-any-return]


_SIGSTORE = "a Sigstore for tests (SIGSTORE_MOCK)"
_IMAGE = "an image of Debian (benchmarks.sboms.make_image)"

BENCHMARKS: dict[str, Benchmark] = {
    "preload": Benchmark(module="preload", title="The hook before loading", peers=("cosign",), set=HEADLINE),
    "summaries": Benchmark(module="verdicts.summaries", title="A verdict consumed", peers=("cosign",), set=HEADLINE),
    "cold_start": Benchmark(module="cold_start", title="A small bundle, cold", peers=("cosign", "opa"), set=HEADLINE),
    "keyless": Benchmark(module="keyless", title="Keyless", peers=("cosign",), set=HEADLINE),
    "ledger": Benchmark(module="ledger", title="The ledger in SQLite", set=HEADLINE),
    "ledger_postgres": Benchmark(
        module="ledger_postgres", title="The ledger in PostgreSQL", peers=("postgres",), set=HEADLINE
    ),
    "gateway": Benchmark(module="gateway", title="The gateway", peers=("nginx", "wrk"), set=HEADLINE),
    "reading": Benchmark(module="reading", title="Reading a large bundle", set=HEADLINE),
    "verify_bundle": Benchmark(module="verify_bundle", title="A large bundle, cold", peers=("opa",), set=HEADLINE),
    "http_client": Benchmark(module="registry.http_client", title="The HTTP client"),
    "images": Benchmark(
        module="registry.images", title="Images", peers=("cosign", "crane", "registry-ocimem", _SIGSTORE)
    ),
    "layers": Benchmark(module="registry.layers", title="Layers of images", peers=("openssl",)),
    "publishing": Benchmark(
        module="registry.publishing", title="Publishing", peers=("cosign", "oras", "crane", "registry-ocimem")
    ),
    "pages": Benchmark(module="pages.opening", title="Pages of HTML", peers=("chromium",)),
    "audit": Benchmark(module="audit.online", title="The dependency audit", peers=("pip-audit", "osv-scanner")),
    "records": Benchmark(module="audit.records", title="Records of vulnerabilities"),
    "advisories": Benchmark(module="audit.database", title="Databases of records"),
    "sboms": Benchmark(module="sboms.documents", title="SBOMs"),
    "sboms_of_images": Benchmark(module="sboms.images", title="SBOMs of images", peers=("syft-1.57", _IMAGE)),
    "files": Benchmark(module="curves.files", title="Files", peers=("opa", "openssl"), set=CURVES),
    "scopes": Benchmark(module="curves.ledgers:scopes", title="Scopes", set=CURVES),
    "events": Benchmark(module="curves.ledgers:events", title="Events", set=CURVES),
    "signatures": Benchmark(module="curves.signed:signatures", title="Signatures", peers=("cosign",), set=CURVES),
    "attestations": Benchmark(module="curves.signed:attestations", title="Attestations", peers=("cosign",), set=CURVES),
    "image_layers": Benchmark(
        module="curves.layers", title="Layers of one image", peers=("syft", "crane", "openssl"), set=CURVES
    ),
    "components": Benchmark(module="curves.components", title="Components", peers=("syft",), set=CURVES),
    "dependencies": Benchmark(module="curves.dependencies", title="Pins", peers=("osv-scanner",), set=CURVES),
}
