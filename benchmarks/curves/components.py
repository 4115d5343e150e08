"""An SBOM of more and more components: read strictly, held against its schema and judged by a profile.

Beside syft, which converts it, beside the library of CycloneDX, which reads it, and beside hashing and parsing alone.
The document is one that we have written, of an image.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.curves.curve import LIMIT, OURS, PEER, Curve, series
from benchmarks.curves.sizes import upto
from benchmarks.harness import Side, peer, process, python
from benchmarks.sboms.clock import digest
from verifier.core.digest import Digest
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import Component, Hash, License
from verifier.sbom.generate import written

_SIZES = (*upto(10_000), 50_000)
"""Of 100,000 such components a document has more than the two million values that are read."""


def curve(room: Path) -> Curve:
    """Whole processes."""

    def ours(size: int) -> Side:
        return process(python("-m", "verifier", "sbom", "check", str(_made(size, room)), "--pinned"), room)

    def parsed(how: str, size: int) -> Side:
        return process(python("-m", "benchmarks.curves.parse_sbom", how, str(_made(size, room))), room)

    lines = [series("verify sbom check --pinned", OURS, _SIZES, ours)]
    if syft := peer("syft"):

        def theirs(size: int) -> Side:
            made = process([syft, "convert", str(_made(size, room)), "-o", "spdx-json"], room)
            return replace(made, environment={**made.environment, "SYFT_CHECK_FOR_APP_UPDATE": "false"})

        lines.append(series("syft convert", PEER, _SIZES, theirs))
    lines.append(series("cyclonedx-python-lib reads it", PEER, _SIZES, lambda size: parsed("library", size)))
    lines.append(series("SHA-256 and json.loads", LIMIT, _SIZES, lambda size: parsed("least", size)))
    return Curve(title="An SBOM by its components, whole process", counted="components", series=tuple(lines))


def _made(size: int, room: Path) -> Path:
    file = room / f"{size}.cdx.json"
    if not file.exists():
        listed = tuple(_component(at) for at in range(size))
        catalog = Catalog(
            kind="image",
            subject=Component("container", "oci", "acme/app", "1.0", hashes=(Hash("SHA-256", digest(1)),), ref="root"),
            digests=(Digest(algorithm="sha256", value=digest(1)),),
            components=listed,
            dependencies=tuple((each.ref, (listed[at - 1].ref,)) for at, each in enumerate(listed) if at),
            ecosystems=frozenset({"pypi"}),
            aggregate="complete",
        )
        file.write_bytes(written(catalog).content)
    return file


def _component(at: int) -> Component:
    purl = f"pkg:pypi/package-{at:06}@1.{at}.0"
    return Component(
        "library", "pypi", f"package-{at:06}", f"1.{at}.0", hashes=(Hash("SHA-256", digest(at)),),
        licenses=(License("MIT", "id", "declared"),), path=f"site/package_{at}-1.{at}.0.dist-info/METADATA",
        layer=f"sha256:{digest(7)}", ref=purl, purl=purl,
    )  # fmt: skip
