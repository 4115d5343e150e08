"""A tool that annotates its own document is written out twice, as cdxgen does: one thing, where it is the same."""

import json

import pytest

from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.sbom.reading import read_bom

TOOL = {"type": "application", "name": "cdxgen", "version": "12.8.4", "bom-ref": "tool"}


def bom(annotator, **said):
    annotation = {"subjects": ["a"], "annotator": {"component": annotator}, "timestamp": "2026-11-28T00:00:00Z"}
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "metadata": {"tools": {"components": [TOOL]}},
            "annotations": [annotation | {"text": "made by a tool"}],
            "components": [{"type": "library", "name": "a", "bom-ref": "a"}],
            **said,
        }
    ).encode()


def test_a_tool_may_be_its_own_annotator():
    assert [each.name for each in read_bom(bom(TOOL), subject="sbom").components] == ["a"]


@pytest.mark.parametrize(
    "content",
    [
        bom(TOOL | {"version": "1"}),
        bom(TOOL | {"bom-ref": "a"}),
        bom(TOOL, components=[{"type": "library", "name": n, "bom-ref": r} for n, r in (("a", "a"), ("b", "tool"))]),
        bom(TOOL, components=[{"type": "library", "name": "a", "bom-ref": "a"}] * 2),
    ],
)
def test_two_things_with_one_ref_are_still_refused(content):
    with pytest.raises(Refused) as refused:
        read_bom(content, subject="sbom")
    assert "sbom.invalid" in codes(refused)
