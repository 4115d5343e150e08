"""How one document differs from another."""

import pytest

from tests.support.sboms.listed import ONE, THREE, TWO, document, file, locked, package
from verifier.formats.bom.component import Component, License, Origin
from verifier.sbom.difference.changes import CATEGORIES, FAILING, Change
from verifier.sbom.difference.difference import difference

A = package("pkg:pypi/a@1.9")


def changes(old, new):
    return list(difference(document(*old), document(*new)).changes)


def categories(old, new):
    return [each.category for each in changes(old, new)]


def licensed(component, *texts):
    return component._replace(licenses=tuple(License(text, "id") for text in texts))


def indexed(component, index, kind="registry", revision=""):
    return component._replace(origin=Origin(kind, index, revision))


INDEX, PUBLIC = "https://index.acme.example/simple", "https://public.example/simple"


def test_the_same_components_in_another_order_are_no_difference():
    old, new = [A, file("x"), locked("pkg:npm/b@1.0.0", ONE)], [locked("pkg:npm/b@1.0.0", ONE), A, file("x")]
    found = difference(document(*old), document(*new))
    assert found.changes == ()
    assert found.kept == 3
    assert found.failing(FAILING) == ()


def test_what_is_only_in_one_is_added_or_removed():
    assert changes([A], []) == [Change("removed", "pypi", "pkg:pypi/a@1.9", "1.9", "")]
    assert changes([], [A]) == [Change("added", "pypi", "pkg:pypi/a@1.9", "", "1.9")]


@pytest.mark.parametrize(
    ("old", "new", "category"),
    [
        ("pkg:pypi/a@1.9", "pkg:pypi/a@1.10", "upgraded"),
        ("pkg:pypi/a@1.10", "pkg:pypi/a@1.9", "downgraded"),
        ("pkg:pypi/a@1.0", "pkg:pypi/a@1.0rc1", "downgraded"),
        ("pkg:pypi/a@1.0", "pkg:pypi/a@1.0.0", "respelled"),
        ("pkg:npm/a@1.0.0", "pkg:npm/a@1.0.0-rc.1", "downgraded"),
        ("pkg:deb/debian/a@1:1.0", "pkg:deb/debian/a@2.0", "downgraded"),
        ("pkg:rpm/fedora/a@1-1?epoch=1", "pkg:rpm/fedora/a@2-1", "downgraded"),
        ("pkg:apk/alpine/a@1.2.3-r1", "pkg:apk/alpine/a@1.2.3_rc1-r9", "downgraded"),
        ("pkg:golang/acme.example/a@v1.9.0", "pkg:golang/acme.example/a@v1.10.0", "upgraded"),
        ("pkg:maven/org.acme/a@1", "pkg:maven/org.acme/a@2", "unordered"),
        ("pkg:npm/a@1.0.0", "pkg:npm/a@UNKNOWN", "unordered"),
        ("pkg:npm/a@1.0.0", "pkg:npm/a", "unordered"),
    ],
)
def test_versions_go_up_and_down_by_their_own_order(old, new, category):
    assert categories([package(old)], [package(new)]) == [category]


def test_of_several_versions_the_highest_are_held_against_each_other():
    def version(number):
        return package(f"pkg:pypi/a@{number}")

    found = changes([version("1.2"), version("1.10")], [version("1.9")])
    assert [(each.category, each.old, each.new) for each in found] == [
        ("downgraded", "1.10", "1.9"),
        ("removed", "1.2", ""),
    ]
    assert categories([version("1"), version("2")], [version("2"), version("3")]) == ["upgraded"]


def test_other_bytes_under_the_same_version_are_told():
    (change,) = changes([locked("pkg:pypi/a@1", ONE, TWO)], [locked("pkg:pypi/a@1", ONE, THREE)])
    assert change.category == "hash"
    assert (TWO in change.old, THREE in change.new) == (True, True)
    assert categories([file("x", ONE)], [file("x", TWO)]) == ["hash"]
    assert categories([locked("pkg:pypi/a@1", ONE)], [locked("pkg:pypi/a@2", TWO)]) == ["upgraded"]


def test_a_digest_that_is_gone_is_told():
    other = package("pkg:pypi/b@1", TWO)
    assert categories([package("pkg:pypi/a@1", ONE), other], [package("pkg:pypi/a@1"), other]) == ["hash"]


def test_a_licence_that_changed_is_told_beside_the_version():
    old, new = licensed(A, "MIT"), licensed(package("pkg:pypi/a@1.10"), "AGPL-3.0-only")
    assert categories([old], [new]) == ["upgraded", "license"]
    assert changes([old], [new])[1][3:] == ("MIT", "AGPL-3.0-only")


def test_a_name_of_one_index_that_comes_from_another_is_confusion():
    (change,) = changes([indexed(A, INDEX)], [indexed(A, PUBLIC)])
    assert change[0:1] + change[3:] == ("confusion", f"registry {INDEX}", f"registry {PUBLIC}")
    assert categories([indexed(A, INDEX)], [indexed(package("pkg:pypi/a@2"), PUBLIC)]) == ["confusion", "upgraded"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://index.acme.example.evil.example/simple",
        "https://index.acme.example:8443/simple",
        "http://index.acme.example/simple",
        "https://index.acme.example/simple/other",
        "",
    ],
)
def test_an_index_is_the_whole_address(elsewhere):
    assert categories([indexed(A, INDEX)], [indexed(A, elsewhere)]) == ["confusion"]


@pytest.mark.parametrize(
    "spelled", ["https://INDEX.acme.example/simple", "https://index.acme.example:443/simple/", f"{INDEX}/"]
)
def test_one_address_may_be_spelled_in_several_ways(spelled):
    assert changes([indexed(A, INDEX)], [indexed(A, spelled)]) == []


def test_a_repository_in_the_place_of_an_index_is_confusion_and_another_commit_is_a_source():
    at = [indexed(A, "https://git.acme.example/a", "git", revision) for revision in ("1" * 40, "2" * 40)]
    assert categories([indexed(A, INDEX)], [at[0]]) == ["confusion"]
    assert categories([at[0]], [at[1]]) == ["source"]


def test_hosts_of_files_are_a_source_where_nothing_else_is_said():
    old, new = (locked("pkg:pypi/a@1", ONE, host=f"https://{host}.example") for host in ("acme", "evil"))
    assert categories([old], [new]) == ["confusion"]


def test_what_our_own_documents_say_of_an_origin_counts():
    def written(location):
        properties = (("verifier:origin", "registry"), ("verifier:origin:location", location))
        return A._replace(properties=properties)

    assert categories([written(INDEX)], [written(PUBLIC)]) == ["confusion"]
    assert categories([written(INDEX)], [indexed(A, INDEX)]) == []


def test_a_source_that_one_component_no_longer_has_is_confusion():
    other = indexed(package("pkg:pypi/b@1"), INDEX)
    assert categories([indexed(A, INDEX), other], [A, other]) == ["confusion"]


def test_what_a_tool_never_says_is_said_once_and_fails_where_it_is_asked_for():
    old = [licensed(indexed(locked(f"pkg:pypi/p{each}@1", ONE), INDEX), "MIT") for each in range(50)]
    new = [package(f"pkg:pypi/p{each}@1") for each in range(50)]
    found = difference(document(*old), document(*new))
    assert found.changes == ()
    assert found.unsaid == ("source", "hash", "license")
    assert found.failing({"confusion", "hash", "added"}) == ("hash", "confusion")
    assert difference(document(*old), document()).unsaid == ()


def able(component, *builtins):
    return component._replace(properties=tuple(("verifier:rego:builtin", each) for each in builtins))


def test_what_a_bundle_can_do_is_told_of_each_package_and_of_the_whole():
    package_ = Component("library", "", "data.authz")
    network = (("verifier:rego:builtin", "http.send"), ("verifier:rego:capability", "network"))
    (change,) = changes([able(package_, "time.now_ns")], [package_._replace(properties=network)])
    assert change == Change("capability", "library", "data.authz", "time.now_ns", "http.send, network")
    authz = package("pkg:generic/authz@1")
    found = difference(document(subject=authz), document(subject=authz._replace(properties=network)))
    assert [each.category for each in found.changes] == ["capability"]
    assert categories([], [package_._replace(properties=network)]) == ["capability", "added"]


def test_the_most_telling_changes_come_first():
    old = [A, file("x"), indexed(package("pkg:pypi/b@1"), INDEX), package("pkg:pypi/c@2")]
    new = [package("pkg:pypi/a@2"), indexed(package("pkg:pypi/b@1"), PUBLIC), package("pkg:pypi/c@1"), file("y")]
    assert categories(old, new) == ["confusion", "downgraded", "removed", "added", "upgraded"]


@pytest.mark.parametrize("category", FAILING)
def test_only_what_is_asked_for_fails(category):
    pairs = {
        "added": ([], [A]),
        "removed": ([A], []),
        "upgraded": ([A], [package("pkg:pypi/a@2")]),
        "downgraded": ([A], [package("pkg:pypi/a@1")]),
        "license": ([licensed(A, "MIT")], [licensed(A, "ISC")]),
        "source": ([indexed(A, INDEX, "git", "1")], [indexed(A, INDEX, "git", "2")]),
        "hash": ([file("x", ONE)], [file("x", TWO)]),
        "capability": ([able(A, "x")], [able(A, "y")]),
        "confusion": ([indexed(A, INDEX)], [indexed(A, PUBLIC)]),
    }
    for each, (old, new) in pairs.items():
        failing = difference(document(*old), document(*new)).failing({category})
        # Another place is another source, too.
        assert failing == ((category,) if each == category or (category, each) == ("source", "confusion") else ())


@pytest.mark.parametrize("category", ["upgraded", "downgraded"])
def test_a_version_that_went_nobody_knows_where_fails_both_ways(category):
    old, new = package("pkg:maven/org.acme/a@1"), package("pkg:maven/org.acme/a@2")
    assert difference(document(old), document(new)).failing({category}) == (category,)


def test_every_category_says_what_it_means():
    assert set(FAILING) <= CATEGORIES.keys()
    assert all(CATEGORIES.values())
