"""Several targets made one list, and the ways to a package."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.audit.made import package
from tests.support.audit.sources import laid
from verifier.audit.sources.collected import Collected
from verifier.audit.sources.merged import identity, merged, one_each
from verifier.audit.sources.ways import MAX_LENGTH, ways_to
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.engine.audits.opening import collect_all
from verifier.formats.audit.package import Place

PUBLIC = "https://pypi.org/simple"


def test_a_package_of_two_targets_stands_once_with_both_places(tmp_path):
    laid(tmp_path, {"a.txt": "jinja2==2.10\none==1\n", "b/requirements.txt": "Jinja2==2.10\n"})
    found = collect_all([str(tmp_path / "a.txt"), str(tmp_path / "b/requirements.txt"), str(tmp_path / "a.txt")])
    assert [(each.name, len(each.places)) for each in found.packages] == [("jinja2", 2), ("one", 1)]
    assert [each.path.rpartition("/")[2] for each in found.sources] == ["a.txt", "requirements.txt"]


def test_an_index_that_is_not_named_is_the_public_one():
    (one,) = one_each([package(), package(index=PUBLIC, file="uv.lock")])
    assert one.index == PUBLIC
    assert len(one_each([package(), package(index="https://pypi.acme.example/simple")])) == 2


def test_what_one_place_knows_is_known():
    first = package(groups=("a",), direct=None)
    second = package(file="b", groups=("b",), direct=True, yanked="broken")
    (one,) = one_each([first, second])
    assert (one.groups, one.direct, one.yanked) == (("a", "b"), True, "broken")
    assert one.places == (Place("requirements.txt", 1), Place("b", 1))


def test_what_asks_for_different_versions_is_two_packages():
    assert len(one_each([package(version=None, asked=">=1"), package(version=None, asked=">=2")])) == 2


def test_nothing_is_no_package():
    assert merged([]).packages == ()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", None]), st.integers(1, 9)), max_size=30))
def test_the_same_packages_are_the_same_list_in_any_order(rows):
    made = [package(name, version, line=line) for name, version, line in rows]
    there = one_each(made)
    assert [each.purl for each in there] == [each.purl for each in one_each(reversed(made))]
    assert len({identity(each) for each in there}) == len(there)
    assert {(each.purl, place) for each in there for place in each.places} == {
        (each.purl, place) for each in made for place in each.places
    }


def test_too_many_packages_are_refused(monkeypatch):
    monkeypatch.setattr("verifier.audit.sources.merged.MAX_PACKAGES", 3)
    with pytest.raises(Refused) as refused:
        merged([Collected(packages=(package("a"), package("b"))), Collected(packages=(package("c"), package("d")))])
    assert refused.value.reasons[0].code == "input.too-large"


def test_the_shortest_way_comes_first():
    edges = {"a": ["b", "c"], "b": ["c"], "c": ["d"], "x": ["d"]}
    ways = ways_to({"a", "x"}, edges)
    assert ways["d"] == (("x", "d"), ("a", "c", "d"))
    assert ways["c"] == (("a", "c"), ("a", "b", "c"))
    assert "a" not in ways


def test_what_needs_itself_ends():
    assert ways_to({"a"}, {"a": ["b"], "b": ["a", "b"]}) == {"b": (("a", "b"),)}


def test_a_long_chain_has_ways_as_long_as_are_told():
    edges = {str(number): [str(number + 1)] for number in range(50_000)}
    ways = ways_to({"0"}, edges)
    assert max(len(way) for each in ways.values() for way in each) == MAX_LENGTH
    assert len(ways) == MAX_LENGTH - 1


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4), max_size=6))
def test_a_way_is_made_of_edges_and_begins_at_what_is_direct(edges):
    for name, ways in ways_to({"a", "b"}, edges).items():
        assert ways == tuple(sorted(ways, key=len))
        for way in ways:
            assert (way[0] in "ab", way[-1], len(set(way))) == (True, name, len(way))
            assert all(needed in edges[needing] for needing, needed in pairwise(way))


def test_a_package_that_is_changed_stays_what_it_is():
    assert identity(replace(package(), direct=True, groups=("x",))) == identity(package())
