"""What other tools write about the same artifact: every error that we report of it is a fault of theirs, and named.

fixtures/sboms/foreign-differences.toml has a row for each; docs/sbom.md shows them.
"""

import tomllib
from fnmatch import fnmatchcase

import pytest

from tests.support.places import ROOT
from tests.support.sboms.foreign import NIGHTLY, RUNS, TARGETS, WRITERS
from verifier.core.errors import Refused
from verifier.engine.targets.target import Target, contents_of
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.compare.compare import compare, wants_files
from verifier.sbom.compare.tools import TOOLS
from verifier.sbom.reading import read_bom

pytestmark = pytest.mark.interop

ROWS = tomllib.loads((ROOT / "fixtures/sboms/foreign-differences.toml").read_text())
CASES = [
    pytest.param(tool, target, marks=[pytest.mark.nightly] if tool in NIGHTLY else [])
    for tool, targets in RUNS.items()
    for target in targets
]


def errors(content, reference, kind):
    """(outcome, subject) of every error; a document that cannot be read is ("refused", reason)."""
    try:
        document = read_bom(content, subject="theirs")
    except Refused as refused:
        return {("refused", f"{each.code}: {each.message}") for each in refused.reasons}
    contents = contents_of(Target(reference=reference, kind=kind))
    comparison = compare(document, catalog_of(contents, files=wants_files(document)))
    assert comparison.tool in TOOLS
    assert comparison.other is None
    return {(each.outcome, each.subject.partition("?")[0]) for each in comparison.discrepancies}


def explains(row, error, tool, target):
    outcome, subject = error
    return (
        tool in row["tools"]
        and target in row["targets"]
        and outcome == row["outcome"]
        and any(fnmatchcase(subject, each) for each in row["subjects"])
    )


@pytest.mark.parametrize(("tool", "target"), CASES)
def test_every_error_that_we_report_is_a_fault_of_theirs(tool, target, tmp_path):
    place, reference, kind = TARGETS[target](tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = errors(WRITERS[tool](place, scratch), reference, kind)
    rows = {name: row for name, row in ROWS.items() if tool in row["tools"] and target in row["targets"]}
    unexplained = {each for each in found if not any(explains(row, each, tool, target) for row in rows.values())}
    assert unexplained == set()
    idle = {name for name, row in rows.items() if not any(explains(row, each, tool, target) for each in found)}
    assert idle == set()


def test_every_row_is_about_something_that_is_run():
    for row in ROWS.values():
        assert row["why"]
        assert all(target in RUNS[tool] for tool in row["tools"] for target in row["targets"])
