"""Records that are made to take long, or to hide something: judged all the same."""

import pytest

from tests.support.audit.made import NOW, package
from tests.support.audit.osv import document, entry, read
from verifier.audit.matching import Affected, Matcher, NotAffected, Undecided, judge, names
from verifier.formats.osv.reading import MAX_EVENTS
from verifier.formats.osv.record import AffectedPackage, Event, Range, Record

FEW = 1_000


def test_as_many_events_as_there_may_be_are_judged_for_many_versions():
    events = [
        {"introduced": f"1.{number}"} if number % 2 == 0 else {"fixed": f"1.{number}"} for number in range(MAX_EVENTS)
    ]
    matcher = Matcher(read(document(affected=[entry(*events)])), package())
    found = [type(matcher.judge(f"1.{number}.5")) for number in range(0, MAX_EVENTS, MAX_EVENTS // FEW + 1)]
    assert set(found) == {Affected, NotAffected}
    assert [kind is Affected for kind in found] == [
        number % 2 == 0 for number in range(0, MAX_EVENTS, MAX_EVENTS // FEW + 1)
    ]


def test_as_many_events_at_one_version_as_there_may_be_are_one_change():
    events = (Event("introduced", "1"), *[Event("fixed", "2")] * (MAX_EVENTS - 1))
    record = Record("A", NOW, affected=(AffectedPackage("PyPI", "jinja2", ranges=(Range("ECOSYSTEM", events),)),))
    assert isinstance(judge(record, package(version="1.5")), Affected)
    assert isinstance(judge(record, package(version="2")), NotAffected)


def test_many_spellings_of_one_version_are_judged():
    spellings = tuple(f"1.{'0' * (number % 200)}" for number in range(2, 50_000))
    record = Record("A", NOW, affected=(AffectedPackage("PyPI", "jinja2", versions=spellings),))
    matcher = Matcher(record, package())
    assert {type(matcher.judge(each)) for each in ("1", "1.0.0.0", "1.0+local")} == {Affected}
    assert {type(matcher.judge(f"2.{number}")) for number in range(FEW)} == {NotAffected}


@pytest.mark.parametrize(
    "version",
    ["1" * 256, "1." * 127 + "1", "1!" + "9" * 254, "1.0+" + "a." * 125 + "b", "0" * 256, "1.0.post" + "9" * 248],
)
def test_the_longest_versions_are_judged(version):
    record = read(document(affected=[entry({"introduced": "0"})]))
    assert isinstance(judge(record, package(version=version)), Affected)
    assert isinstance(judge(record, package(version=version + "0" * 300)), Undecided)


@pytest.mark.parametrize("ecosystem", ["Root:PyPI", "Root:PyPI:3", "GIT", "npm", "Anything"])
def test_another_ecosystem_with_our_name_is_not_ours(ecosystem):
    assert not names(read(document(affected=[entry(ecosystem=ecosystem)])), package())


@pytest.mark.parametrize("name", ["ｊｉｎｊａ２", "jinjа2", "jinja2\u0301", "ⅉinja2", "jinja２"])
def test_a_name_that_only_looks_like_ours_is_not_ours(name):
    assert not names(read(document(affected=[entry(name=name)])), package())


def test_two_entries_that_contradict_each_other_affect():
    clean, affected = entry({"introduced": "3"}), entry({"introduced": "0"})
    for entries in ([clean, affected], [affected, clean]):
        assert isinstance(judge(read(document(affected=entries)), package()), Affected)


def test_a_range_that_is_closed_before_it_opens_is_open_from_there_on():
    record = read(document(affected=[entry({"introduced": "2.0"}, {"fixed": "1.0"})]))
    assert [type(judge(record, package(version=each))) for each in ("0.5", "1.5", "2.0", "9")] == [
        NotAffected,
        NotAffected,
        Affected,
        Affected,
    ]
