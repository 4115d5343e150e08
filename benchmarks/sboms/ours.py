"""`python -m benchmarks.sboms.ours COUNT`: one document of so many components, from values to a verdict."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

from benchmarks.sboms.clock import Clock, Steps, digest, tell
from verifier.core.digest import Digest
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import Component, Hash, License
from verifier.sbom.compare.compare import compare
from verifier.sbom.generate import written
from verifier.sbom.reading import read_bom


def ours(count: int) -> Steps:
    """The catalogue, the document held against its schema, the same read strictly, and held against the catalogue."""
    gc.set_threshold(500_000)  # as the command does

    def components() -> Iterator[Component]:
        for at in range(count):
            purl = f"pkg:pypi/package-{at:06}@1.{at}.0"
            yield Component(
                "library", "pypi", f"package-{at:06}", f"1.{at}.0", hashes=(Hash("SHA-256", digest(at)),),
                licenses=(License("MIT", "id", "declared"),), path=f"site/package_{at}-1.{at}.0.dist-info/METADATA",
                layer=f"sha256:{digest(7)}", ref=purl, purl=purl,
            )  # fmt: skip

    clock = Clock()
    listed = tuple(components())
    catalog = Catalog(
        kind="image",
        subject=Component("container", "oci", "acme/app", "1.0", hashes=(Hash("SHA-256", digest(1)),), ref="root"),
        digests=(Digest(algorithm="sha256", value=digest(1)),),
        components=listed,
        dependencies=tuple((each.ref, (listed[at - 1].ref,)) for at, each in enumerate(listed) if at),
        ecosystems=frozenset({"pypi"}),
        aggregate="complete",
    )
    clock.done("build")
    made = written(catalog)
    clock.done("write and validate")
    document = read_bom(made.content, subject="own")
    clock.done("read and validate")
    comparison = compare(document, catalog)
    clock.done("compare")
    if not made.validated or comparison.reasons():
        raise AssertionError("it is true")
    return clock.steps


if __name__ == "__main__":
    tell(ours(int(sys.argv[1])))
