"""Which version mends a finding."""

import json
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from tests.support.audit.judged import findings
from tests.support.audit.made import NOW, package, record
from tests.support.material import corpus
from verifier.audit.matching import Affected, NotAffected, judge
from verifier.formats.osv.record import AffectedPackage, Event, Range
from verifier.formats.osv.yaml_reading import record_of_yaml
from verifier.formats.pypi.names import normalised


def ranged(identifier, *events, **more):
    spans = (Range("ECOSYSTEM", tuple(Event(*each) for each in events)),)
    return record(identifier, affected=(AffectedPackage("PyPI", "jinja2", ranges=spans),), **more)


def fix(records, version="2.10"):
    fixes = {each.minimal_fix for each in findings(records, package(version=version))}
    assert len(fixes) == 1
    return fixes.pop()


def test_it_is_what_the_record_calls_fixed():
    assert fix([record("A", fixed="2.10.1")]) == "2.10.1"


def test_a_fix_that_has_a_vulnerability_of_its_own_is_none():
    assert fix([record("A", fixed="2.10.1"), record("B", fixed="2.11.3")]) == "2.11.3"


def test_nor_is_one_that_brings_another_vulnerability():
    later = ranged("B", ("introduced", "2.10.1"), ("fixed", "2.10.2"))
    assert (
        fix([ranged("A", ("introduced", "0"), ("fixed", "2.10.1"), ("introduced", "2.10.3"), ("fixed", "2.11"))])
        == "2.10.1"
    )
    assert fix([ranged("A", ("introduced", "0"), ("fixed", "2.10.1")), later]) is None
    both = ranged("A", ("introduced", "0"), ("fixed", "2.10.1"), ("introduced", "2.10.3"), ("fixed", "2.11"))
    assert fix([both, later]) == "2.11"


def test_nor_is_one_of_which_nobody_can_say():
    unclear = ranged("B", ("introduced", "2.10.1"), ("fixed", "2019-09-12"))
    assert {each.minimal_fix for each in findings([record("A", fixed="2.10.1"), unclear])} == {None}


def test_what_was_withdrawn_rules_none_out():
    assert fix([record("A", fixed="2.10.1"), record("B", fixed="2.11", withdrawn=NOW)]) == "2.10.1"


def test_it_is_never_below_the_packages_own_version():
    branches = ranged("A", ("introduced", "0"), ("fixed", "2.9.6"), ("introduced", "2.10"), ("fixed", "2.10.1"))
    assert fix([branches]) == "2.10.1"


def test_versions_are_compared_as_versions_and_not_as_texts():
    assert fix([ranged("A", ("introduced", "0"), ("fixed", "2.9")), record("B", fixed="2.100")], "2.10") == "2.100"


def test_without_a_fixed_version_none_is_known():
    assert fix([record("A", fixed=None)]) is None


def test_a_local_version_is_judged_as_its_public_one():
    assert fix([record("A", fixed="2.10.1")], "2.10+cu118") == "2.10.1"


def test_above_a_version_that_cannot_be_ordered_any_fix_counts():
    listed = AffectedPackage(
        "PyPI",
        "jinja2",
        ranges=(Range("ECOSYSTEM", (Event("introduced", "0"), Event("fixed", "3.0"))),),
        versions=("0.7p1",),
    )
    assert fix([record("A", affected=(listed,))], "0.7p1") == "3.0"


def test_a_commit_is_no_version():
    commits = Range("GIT", (Event("introduced", "0"), Event("fixed", "195c.patch")))
    versions = Range("ECOSYSTEM", (Event("introduced", "0"), Event("fixed", "2.10.1")))
    (found,) = findings([record("A", affected=(AffectedPackage("PyPI", "jinja2", ranges=(commits, versions)),))])
    assert (found.fixed_in, found.minimal_fix) == (("2.10.1",), "2.10.1")


def test_all_fixed_versions_of_a_finding_are_told_in_their_order():
    branches = ranged("A", ("introduced", "0"), ("fixed", "2.9"), ("introduced", "2.10"), ("fixed", "2.100"))
    odd = ranged("B", ("introduced", "2.10"), ("fixed", "2.11"), ("fixed", "2.9"), aliases=("A",))
    (found,) = findings([branches, odd])
    assert found.fixed_in == ("2.9", "2.11", "2.100")


def test_a_fix_of_another_package_of_the_same_record_is_none():
    theirs = AffectedPackage(
        "PyPI", "flask", ranges=(Range("ECOSYSTEM", (Event("introduced", "0"), Event("fixed", "9"))),)
    )
    ours = AffectedPackage("PyPI", "jinja2", ranges=(Range("ECOSYSTEM", (Event("introduced", "0"),)),))
    (found,) = findings([record("A", affected=(theirs, ours))])
    assert (found.fixed_in, found.minimal_fix) == ((), None)


@pytest.fixture(scope="module")
def advisories():
    """All records of the corpus by name."""
    found = defaultdict(list)
    for path in sorted(corpus("pypa-advisories").rglob("*.yaml")):
        read = record_of_yaml(path.read_bytes(), subject=path.name)
        for name in {normalised(each.name) for each in read.affected}:
            found[name].append(read)
    return found


def expected():
    """(name, version, affected, undecided, minimal fix) of every row of the corpus."""
    folder = corpus("audit")
    for each in json.loads((folder / "expected-pairs.json").read_text()):
        yield normalised(each["name"]), each["version"], each["affected"], each["undecided"], each["minimal_fix"]
    for lock in json.loads((folder / "expected-locks.json").read_text()).values():
        for each in lock.get("affected", ()):
            yield each["name"], each["version"], each["ids"], [], each["minimal_fix"]
    for each in json.loads((folder / "one-project" / "expected.json").read_text())["affected"]:
        yield each["name"], each["version"], each["affected"], [], each["minimal_fix"]


@pytest.mark.corpus
def test_every_row_of_the_reference_is_met(advisories):
    told = []
    for name, version, affected, undecided, fix_ in expected():
        found = findings(advisories[name], package(name, version))
        of = {
            word: sorted(each for one in found if one.status == word for each in one.records)
            for word in ("affected", "undecided")
        }
        fixes = {one.minimal_fix for one in found if one.status == "affected"} or {None}
        if (of, fixes) != ({"affected": sorted(affected), "undecided": sorted(undecided)}, {fix_}):
            told.append((name, version, of, fixes))
    assert told == []


VERSIONS = ["0.9", "1.0rc1", "1.0", "1.0.1", "1.1", "2.0", "2.0.post1", "1!0.1", "odd"]
EVENTS = st.lists(st.tuples(st.sampled_from(["introduced", "fixed"]), st.sampled_from(["0", *VERSIONS])), max_size=4)


@given(st.lists(st.tuples(EVENTS, st.booleans()), max_size=5), st.sampled_from([*VERSIONS, "1.0+local"]))
def test_it_is_the_lowest_that_a_naive_search_finds(drawn, own):
    records = [
        ranged(f"A-{number}", ("introduced", "0"), *events, withdrawn=NOW if withdrawn else None)
        for number, (events, withdrawn) in enumerate(drawn)
    ]
    about = package(version=own)
    live = [each for each in records if each.withdrawn is None]
    affecting = [each for each in live if isinstance(judge(each, about), Affected)]
    named = {
        event.version for each in affecting for event in each.affected[0].ranges[0].events if event.kind == "fixed"
    } - {"odd"}
    above = [each for each in named if own == "odd" or Version(each) > Version(own.partition("+")[0])]
    clean = [each for each in above if all(judge(one, about, each) == NotAffected() for one in live)]
    wanted = min(map(Version, clean), default=None)
    found = {each.minimal_fix for each in findings(records, about) if each.status == "affected"}
    assert {each and Version(each) for each in found} <= {wanted}


def interleaved(identifier, shift, count):
    """A record that affects every other of many versions, up to the last, which is fixed."""
    steps = range(1 + shift, count + shift, 2)
    events = [event for step in steps for event in (("fixed", f"1.{step}"), ("introduced", f"1.{step + 1}"))]
    return ranged(identifier, ("introduced", "0"), *events, ("fixed", "2.0"))


def test_two_records_that_take_turns_leave_the_version_that_both_are_fixed_in():
    assert fix([interleaved("A", 0, 1_000), interleaved("B", 1, 1_000)], "0.5") == "2.0"


def test_where_looking_would_take_too_long_none_is_known():
    assert fix([interleaved("A", 0, 10_000), interleaved("B", 1, 10_000)], "0.5") is None


def test_thousands_of_records_about_one_package_are_looked_through():
    assert fix([record(f"A-{number}", fixed=f"3.{number}") for number in range(5_000)]) == "3.4999"
