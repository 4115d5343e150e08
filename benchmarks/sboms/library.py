"""`python -m benchmarks.sboms.library COUNT`: the same components by cyclonedx-python-lib."""

from __future__ import annotations

import json
import sys

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.component_evidence import ComponentEvidence, Occurrence
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from benchmarks.sboms.clock import Clock, Steps, digest, tell
from verifier.formats.bom.faults import Faults
from verifier.formats.cyclonedx.schema import hold_json


def library(count: int) -> Steps:
    """The same components in cyclonedx-python-lib's model, written by its own serialiser and validated as ours are."""
    clock = Clock()
    listed = [
        Component(
            name=f"package-{at:06}", type=ComponentType.LIBRARY, version=f"1.{at}.0", bom_ref=f"ref-{at}",
            purl=PackageURL("pypi", None, f"package-{at:06}", f"1.{at}.0"),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest(at))], licenses=[DisjunctiveLicense(id="MIT")],
            evidence=ComponentEvidence(occurrences=[Occurrence(location=f"site/package_{at}")]),
        )
        for at in range(count)
    ]  # fmt: skip
    bom = Bom(components=listed)
    bom.metadata.component = Component(name="app", type=ComponentType.CONTAINER, version="1.0")
    bom.dependencies = [
        Dependency(each.bom_ref, [Dependency(listed[at - 1].bom_ref)] if at else []) for at, each in enumerate(listed)
    ]
    clock.done("build")
    text = JsonV1Dot6(bom).output_as_string()
    clock.done("write")
    faults = Faults("theirs")
    hold_json(json.loads(text), "1.6", faults)
    clock.done("validate")
    return clock.steps


if __name__ == "__main__":
    tell(library(int(sys.argv[1])))
