"""The document of an audit: what is written is read again, is what the schema describes, and nothing else is read."""

import json
from copy import deepcopy

import jsonschema
import pytest
from hypothesis import assume, given, settings

from tests.support.audit.results import audited, every_kind, finding, result, results
from tests.support.places import ROOT
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.formats.audit.document import write
from verifier.formats.audit.reading import read
from verifier.formats.verdict import document as of_verdicts

PUBLISHED = json.loads((ROOT / "docs/schemas/audit-v1.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)
EVERY_KIND = write(every_kind())
KNOWN, CLEAN = write(result(finding())), write(result())


def refused(document):
    """Why it is refused."""
    with pytest.raises(Refused) as caught:
        read(document)
    (reason,) = caught.value.reasons
    assert reason.code == "verdict.malformed"
    assert "--format json" in reason.hint
    return reason.message


def changed(document, *path, to):
    document = deepcopy(document)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return document


def members(value, *path):
    """Where every member of a document is."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*path, name)
            yield from members(member, *path, name)
    elif isinstance(value, list) and value:
        yield from members(value[0], *path, 0)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["properties"]["schema"]["const"] == of_verdicts.SCHEMA


def test_what_every_report_has_is_described_alike():
    report = json.loads((ROOT / "docs/schemas/report-v1.json").read_text())
    assert set(report["required"]) | {"audit"} == set(PUBLISHED["required"])
    for name in ("digest", "time", "reason"):
        assert PUBLISHED["$defs"][name] == report["$defs"][name]


@settings(max_examples=60)
@given(results())
def test_every_result_is_described_and_read_again(what):
    assume(what.outcome != "clean" or what.packages)
    document = json.loads(json.dumps(write(what)))
    VALIDATOR.validate(document)
    assert write(read(document)) == document


def test_what_is_read_is_the_result():
    again = read(EVERY_KIND)
    whole = every_kind()
    assert [each.package.purl for each in again.findings] == [each.package.purl for each in whole.findings]
    assert again.findings[0].kev == whole.findings[0].kev
    assert again.findings[2].excuse == whole.findings[2].excuse
    assert again.findings[2].suppressed
    assert again.packages == tuple(replace(each, package=each.package) for each in whole.packages)
    assert (again.outcome, again.database, again.gone) == (whole.outcome, whole.database, whole.gone)
    assert (again.settings, again.verifier, again.fail_on) == (whole.settings, whole.verifier, whole.fail_on)
    assert set(again.reasons) == set(whole.reasons)


OPEN = {"ecosystems", "dates", "incidental"}
"""Whose members have names of their own."""


@pytest.mark.parametrize(
    "path", [path for path in members(EVERY_KIND["audit"]) if path[-2:-1] not in {(each,) for each in OPEN}]
)
def test_a_member_that_is_missing_or_of_another_kind_is_refused_by_reader_and_schema(path):
    strange = changed(EVERY_KIND, "audit", *path, to={"strange": []})
    refused(strange)
    assert not VALIDATOR.is_valid(strange)
    missing = deepcopy(EVERY_KIND)
    place = missing["audit"]
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    refused(missing)
    assert not VALIDATOR.is_valid(missing)


@pytest.mark.parametrize("path", [(), ("database",), ("packages", 0), ("findings", 0), ("findings", 2, "exception")])
def test_a_member_that_nobody_knows_is_refused(path):
    document = changed(EVERY_KIND, "audit", *path, "extra", to=1)
    assert "is unknown" in refused(document)
    assert not VALIDATOR.is_valid(document)


LIES = {
    "a finding that counts, and clean": changed(CLEAN, "audit", "findings", to=KNOWN["audit"]["findings"]),
    "clean, and FAILED": changed(KNOWN, "audit", "outcome", to="clean"),
    "vulnerable, and PASSED": changed(CLEAN, "audit", "outcome", to="vulnerable"),
    "undecided, beside a finding that counts": changed(KNOWN, "audit", "outcome", to="undecided"),
    "clean, of nothing": changed(CLEAN, "audit", "packages", to=[]),
    "clean, of what is unknown": changed(CLEAN, "audit", "packages", 0, "status", to="unknown"),
    "the errors left out": changed(KNOWN, "reasons", to=[]),
    "PASSED beside an error": changed(KNOWN, "verdict", to="PASSED"),
    "a finding of a package that is not listed": changed(KNOWN, "audit", "packages", 0, "purl", to="pkg:pypi/other@1"),
    "a finding without an id": changed(KNOWN, "audit", "findings", 0, "ids", to=[]),
    "another place than the first": changed(KNOWN, "audit", "packages", 0, "from", "line", to=9),
    "targets of another report": changed(CLEAN, "audit", "targets", to=["other.txt"]),
    "the report of a bundle": changed(CLEAN, "artifact", "kind", to="bundle"),
    "by a rule": changed(CLEAN, "policy", "uri", to="https://acme.example/policy"),
    "a score that is none": changed(KNOWN, "audit", "findings", 0, "score", to=11),
    "a score that is true": changed(KNOWN, "audit", "findings", 0, "score", to=True),
    "another schema": changed(CLEAN, "schema", to="verifier/report/v2"),
}


@pytest.mark.parametrize("document", LIES.values(), ids=LIES)
def test_what_contradicts_itself_is_refused(document):
    refused(document)


@pytest.mark.parametrize("document", [None, [], "x", {}, CLEAN["audit"], {**CLEAN, "audit": None}])
def test_what_is_no_report_is_refused(document):
    refused(document)


def test_a_report_of_an_audit_is_no_report_of_an_artifact():
    with pytest.raises(Refused):
        of_verdicts.read(CLEAN)
    without = {name: member for name, member in CLEAN.items() if name != "audit"}
    with pytest.raises(Refused, match="of nothing that could be read"):
        of_verdicts.read(without)


def test_an_accepted_package_is_no_reason_against_clean():
    document = write(result(packages=(audited(), audited(status="unknown", why="git", accepted="team@acme.example"))))
    assert document["audit"]["outcome"] == "clean"
    assert read(document).outcome == "clean"
