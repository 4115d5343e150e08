"""VEX documents of both formats, as one value."""

import json

import pytest

from tests.support.material import codes, corpus
from tests.support.sboms.vexes import content, cyclonedx, openvex, statement, vulnerability
from verifier.core.errors import Refused
from verifier.formats.bom.vex import BomLink, VersionClaim
from verifier.sbom.vex.cyclonedx import STATES
from verifier.sbom.vex.reading import read_vex

SERIAL = "3e671687-395b-41f5-a30f-a58921a69b79"


def read(tree):
    return read_vex(content(tree), subject="vex.json")


def test_what_it_is_says_the_document():
    assert read(openvex()).format == "openvex"
    assert read(cyclonedx(vulnerability())).format == "cyclonedx"


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_state_of_cyclonedx_is_the_status_that_it_means(state):
    (found,) = read(cyclonedx(vulnerability(state))).statements
    assert found.status == STATES[state]


def test_a_ref_is_what_the_document_lists_under_it():
    (found,) = read(cyclonedx(vulnerability())).statements
    (product,) = found.products
    assert (product.component.name, product.component.version) == ("app", "1.0")


def test_a_bom_link_is_read_as_one():
    (found,) = read(cyclonedx(vulnerability(ref=f"urn:cdx:{SERIAL}/3#pkg:pypi/left@1"))).statements
    assert found.products[0].link == BomLink(SERIAL, 3, "pkg:pypi/left@1")


def test_of_the_versions_those_count_that_the_statement_is_true_of():
    versions = ({"version": "1.0", "status": "unaffected"}, {"range": "vers:semver/<1", "status": "affected"})
    found = read(cyclonedx(vulnerability("not_affected", *versions)))
    assert found.statements[0].products[0].versions == (VersionClaim(version="1.0"),)
    assert [reason.code for reason in found.findings] == ["vex.invalid"]


def test_a_version_without_a_status_is_affected_and_not_silenced():
    found = read(cyclonedx(vulnerability("not_affected", {"version": "1.0"})))
    assert found.statements[0].products == ()


def test_a_vulnerability_without_an_analysis_states_nothing():
    assert read(cyclonedx({"id": "CVE-2026-1", "affects": [{"ref": "app"}]})).statements == ()


def test_what_others_call_it_is_an_alias():
    named = vulnerability() | {"references": [{"id": "GHSA-1", "source": {"name": "GitHub"}}]}
    assert read(cyclonedx(named)).statements[0].names == {"CVE-2026-1", "GHSA-1"}


@pytest.mark.parametrize(
    ("broken", "part"),
    [
        (vulnerability(justification=""), ""),
        ({"analysis": {"state": "not_affected"}, "id": "CVE-2026-1"}, "says neither in justification nor in detail"),
        ({"analysis": {"state": "not_affected", "detail": " "}, "id": "C"}, "says neither"),
        ({"analysis": {"justification": "code_not_present"}, "id": "CVE-2026-1"}, "has the state ''"),
        ({"analysis": {"state": "in_triage"}}, "has no id"),
    ],
)
def test_a_statement_that_does_not_say_enough_is_refused(broken, part):
    with pytest.raises(Refused) as refused:
        read(cyclonedx(broken))
    assert codes(refused)[0] in {"vex.invalid", "sbom.invalid"}
    assert part in refused.value.reasons[0].message


def test_an_exploitable_one_without_advice_is_a_warning():
    found = read(cyclonedx({"id": "CVE-2026-1", "analysis": {"state": "exploitable"}, "affects": [{"ref": "app"}]}))
    assert [(reason.code, reason.is_error) for reason in found.findings] == [("vex.invalid", False)]


def cut(text):
    return text[: len(text) // 2]


GOOD = content(openvex())


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{}",
        b"null",
        b"[]",
        cut(GOOD),
        GOOD + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b'"version": 1', b'"version": 1, "version": 2'),
        GOOD.replace(b'"version": 1', b'"version": NaN'),
        content(openvex(statement(impact_statement="\ud800"))),
        b'{"@context": "https://openvex.dev/ns", "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        cut(content(cyclonedx(vulnerability()))),
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><bom>openvex.dev/ns</bom>",
        b"-----BEGIN PGP MESSAGE----- openvex.dev/ns",
        content({"spdxVersion": "SPDX-2.3", "comment": "openvex.dev/ns"}),
        content({"document": {"category": "csaf_vex"}, "vulnerabilities": []}),
    ],
)
def test_what_is_no_vex_document_is_refused_and_nothing_worse(broken):
    with pytest.raises(Refused):
        read_vex(broken, subject="vex.json")


@pytest.mark.corpus
@pytest.mark.parametrize("folder", ["cyclonedx", "openvex"])
def test_every_document_of_the_corpus_is_read_with_its_statements_as_in_the_file(folder):
    paths = sorted((corpus("sbom/vex") / folder).glob("*.json"))
    assert len(paths) == {"cyclonedx": 9, "openvex": 6}[folder]
    for path in paths:
        tree = json.loads(path.read_text())
        found = read_vex(path.read_bytes(), subject=path.name)
        if folder == "openvex":
            stated = [(each["vulnerability"]["name"], each["status"]) for each in tree["statements"]]
        else:
            stated = [(each["id"], STATES[each["analysis"]["state"]]) for each in tree["vulnerabilities"]]
        assert [(each.vulnerability, each.status) for each in found.statements] == stated
        assert all(each.products for each in found.statements)
        assert [reason for reason in found.findings if reason.is_error] == []
