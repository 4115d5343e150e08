"""The pairs of the corpus, each of an awkward kind, and what an independent reference says of them."""

import json

import pytest

from tests.support.audit.made import package
from tests.support.audit.osv import genuine
from tests.support.material import corpus
from verifier.audit.matching import Affected, Undecided, is_live, judge, names
from verifier.formats.osv.ecosystems import compared_name

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def records():
    return genuine()


@pytest.fixture(scope="module")
def pairs():
    return json.loads((corpus("audit") / "expected-pairs.json").read_bytes())


def test_every_pair_comes_to_what_the_reference_says(records, pairs):
    assert len(pairs) == 101
    assert {pair["requirement"]: found(records, pair) for pair in pairs} == {
        pair["requirement"]: [pair[each] for each in ("affected", "undecided", "withdrawn", "known_package")]
        for pair in pairs
    }


def found(records, pair):
    asked = package(compared_name("pypi", pair["name"]), pair["version"])
    about = [each for each in records.get(asked.name, ()) if names(each, asked)]
    live = [(each.id, type(judge(each, asked))) for each in about if is_live(each)]
    affected = sorted(identifier for identifier, kind in live if kind is Affected)
    undecided = sorted(identifier for identifier, kind in live if kind is Undecided)
    return [affected, undecided, sorted(each.id for each in about if not is_live(each)), bool(about)]


def test_every_version_that_a_genuine_record_lists_is_affected_by_it(records):
    pairs = [
        (record, version, package(name, version))
        for name, about in records.items()
        for record in about
        for version in record.affected[0].versions[::7]
    ]
    assert len(pairs) > 15_000
    assert {type(judge(record, asked)) for record, _, asked in pairs} == {Affected}


def test_only_two_genuine_records_have_an_event_that_no_order_defines(records):
    judged = {
        (record.id, type(judge(record, package(name, "0.0.0.1.dev0"))))
        for name, about in records.items()
        for record in about
        if is_live(record)
    }
    assert {identifier for identifier, kind in judged if kind is Undecided} == {"PYSEC-2019-125", "PYSEC-2021-371"}
