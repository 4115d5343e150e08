"""What counts once all statements are heard."""

from datetime import UTC, datetime

import pytest

from tests.support.material import codes
from tests.support.sboms.listed import catalog, package
from tests.support.sboms.vexes import content, openvex, statement
from verifier.core.errors import Refused
from verifier.sbom.vex.inventory import Inventory
from verifier.sbom.vex.reading import read_vex
from verifier.sbom.vex.settle import Settled

NOW = datetime(2026, 6, 1, tzinfo=UTC)
APP, LEFT = package("pkg:pypi/app@1.0", ref="root"), package("pkg:pypi/left@2.0", ref="left")
HERE = Inventory.of_catalog(catalog(LEFT, subject=APP))
ABOUT_LEFT = [{"@id": "pkg:pypi/left@2.0"}]


def settled(*documents):
    return Settled([read_vex(content(each), subject="vex.json") for each in documents], HERE, NOW)


def status(found, component=LEFT, *names):
    counts = found.statement(names or ["CVE-2026-1"], component)
    return counts.status if counts else None


def at(month, kind, **said):
    return statement(kind, timestamp=f"2026-{month:02}-01T00:00:00Z", products=ABOUT_LEFT, **said)


@pytest.mark.parametrize(
    ("statements", "counts"),
    [
        ([at(1, "affected"), at(2, "fixed")], "fixed"),
        ([at(2, "affected"), at(1, "fixed")], "affected"),
        ([at(1, "not_affected"), at(1, "affected")], "affected"),
        ([at(1, "under_investigation"), at(1, "not_affected")], "under_investigation"),
        ([at(3, "under_investigation"), at(2, "not_affected"), at(1, "affected")], "under_investigation"),
    ],
)
def test_the_newest_counts_and_of_equal_ones_the_one_that_silences_least(statements, counts):
    assert status(settled(openvex(*statements))) == counts
    assert status(settled(*map(openvex, reversed(statements)))) == counts


def test_a_statement_about_the_artifact_is_about_everything_in_it():
    assert status(settled(openvex())) == "not_affected"
    assert status(settled(openvex()), None) == "not_affected"


def test_a_statement_about_a_component_is_not_about_the_artifact():
    assert status(settled(openvex(at(1, "fixed"))), None) is None


def test_a_newer_word_about_a_component_counts_before_an_older_one_about_the_whole():
    assert status(settled(openvex(at(2, "affected"), statement()))) == "affected"


def test_a_vulnerability_is_found_by_any_of_its_names():
    named = {"name": "GHSA-1", "aliases": ["CVE-2026-1"]}
    found = settled(openvex(at(1, "fixed", vulnerability=named)))
    assert (status(found), status(found, LEFT, "GHSA-1"), status(found, LEFT, "CVE-2026-2")) == ("fixed", "fixed", None)


def test_what_is_dated_in_the_future_does_not_count_and_is_told():
    found = settled(openvex(at(7, "not_affected"), at(1, "affected")))
    assert status(found) == "affected"
    assert [reason.code for reason in found.reasons] == ["vex.elsewhere"]


def test_what_is_about_something_else_silences_nothing_and_is_told():
    found = settled(openvex(statement(products=[{"@id": "pkg:pypi/left@1.0"}])))
    assert status(found) is None
    assert found.count == 0
    (reason,) = found.reasons
    assert (reason.code, reason.is_error, reason.subject) == ("vex.elsewhere", False, "CVE-2026-1")
    assert "here it is 2.0" in reason.message


def test_of_very_many_statements_about_something_else_the_rest_is_counted():
    many = [statement(products=[{"@id": "pkg:pypi/other@1.0"}])] * 500
    found = settled(openvex(*many))
    assert len(found.reasons) == 101
    assert "400 more" in found.reasons[-1].message


def test_statements_that_would_take_for_ever_are_refused_and_what_is_only_much_is_not():
    versions = [package(f"pkg:npm/x@{number}.0.0", ref=f"r{number}") for number in range(2_000)]
    exact = [statement(products=[{"@id": f"pkg:npm/x@{number}.0.0"}]) for number in range(2_000)]
    found = Settled([read_vex(content(openvex(*exact)), subject="v")], Inventory(versions), NOW)
    assert found.count == 2_000
    product = {"@id": "pkg:pypi/app@1.0", "subcomponents": [{"@id": "pkg:npm/x"}]}
    endless = openvex(*[statement(products=[product])] * 300)
    with pytest.raises(Refused) as refused:
        Settled([read_vex(content(endless), subject="v")], Inventory(versions, subject=APP), NOW)
    assert codes(refused) == ["input.too-costly"]


def test_a_chain_of_dependencies_is_not_walked_again_for_each_statement():
    chain = [package(f"pkg:npm/n{number}@1.0.0", ref=f"r{number}") for number in range(2_000)]
    edges = tuple((f"r{number}", (f"r{number + 1}",)) for number in range(1_999))
    product = {"@id": "pkg:npm/n0@1.0.0", "subcomponents": [{"@id": "pkg:npm/n1999@1.0.0"}]}
    same = openvex(*[statement(products=[product])] * 300)
    assert Settled([read_vex(content(same), subject="v")], Inventory(chain, dependencies=edges), NOW).count == 300
