"""Whether a record affects a version, case by case: formats/audit.md section 2."""

import pytest

from tests.support.audit.made import NOW, package, record
from verifier.audit.matching import Affected, Matcher, NotAffected, Undecided, is_live, judge, names
from verifier.formats.osv.record import AffectedPackage, Event, Range, Record
from verifier.formats.osv.yaml_reading import record_of_yaml

COMMITS = Range("GIT", (Event("introduced", "0"), Event("fixed", "33ccdfb0a12690af5bb49bda2319ec0907fa7827")))


def events(text):
    """`"+1 -2 =3 <4"` is introduced 1, fixed 2, last affected 3, limit 4."""
    kinds = {"+": "introduced", "-": "fixed", "=": "last_affected", "<": "limit"}
    return tuple(Event(kinds[each[0]], each[1:]) for each in text.split())


def about(*ranges, versions=(), ecosystem="PyPI", name="jinja2", kind="ECOSYSTEM", release=""):
    """A record with one entry; a range is text as `events` reads it, or whole."""
    made = tuple(each if isinstance(each, Range) else Range(kind, events(each)) for each in ranges)
    return Record("A-1", NOW, affected=(AffectedPackage(ecosystem, name, release, made, tuple(versions)),))


def word(record, version, **more):
    """ "yes", "no" or "?"."""
    judgement = judge(record, package(version=version, **more))
    return {Affected: "yes", NotAffected: "no", Undecided: "?"}[type(judgement)]


@pytest.mark.parametrize(
    ("range_", "yes", "no"),
    [
        (
            "+1.0 -2.0",
            ["1.0", "1.5", "1.0.0", "2.0rc1", "2.0.dev1", "1.99.post1"],
            ["0.9", "1.0rc1", "2.0", "2.0.0", "3"],
        ),
        ("+0 -2.0", ["0.dev0", "0a0", "0", "1.9"], ["2.0", "1!0"]),
        ("+0", ["0.dev0", "99", "1!1"], []),
        ("+1.0", ["1.0", "99"], ["0.9"]),
        ("+1.0 =2.0", ["1.0", "2.0", "2.0.0", "2.0rc1"], ["2.0.post1", "2.0.1", "0.9"]),
        ("=2.0 +0", ["0", "2.0"], ["2.1"]),
        ("+1.0 =1.0", ["1.0"], ["0.9", "1.0.1"]),
        ("=1.0 +1.0", ["1.0"], ["0.9", "1.0.1"]),
        ("+1 =2 +2 =3", ["1", "2", "2.5", "3"], ["0", "3.1"]),
        ("+1 -2 +3 -4", ["1", "3", "3.9"], ["2", "2.9", "4", "0"]),
        ("-4 +3 -2 +1", ["1", "3", "3.9"], ["2", "2.9", "4", "0"]),
        ("+1 +3 -2 -4", ["1", "3"], ["2", "4"]),
        ("+1 -2 -3", ["1"], ["2", "3", "4"]),
        ("+1 +2 -3", ["1", "2", "2.9"], ["3", "0.9"]),
        (
            "+0.13.0 -0.14.0rc1 +0.12.2 -0.13.0",
            ["0.12.2", "0.12.9", "0.13.0", "0.13.9"],
            ["0.14.0rc1", "0.14", "0.12.1"],
        ),
        ("-1.0 +1.0", ["1.0", "1.1"], ["0.9"]),
        ("+1.0 -1.0", ["1.0", "1.1"], ["0.9"]),
        ("+2 -1", ["2", "3"], ["1", "1.5", "0"]),
        ("+0 <2", ["0", "1.9"], ["2", "3"]),
        ("+0 <*", ["0", "99"], []),
        ("+0 <1 <*", ["0", "99"], []),
        ("+1 <2 +3 <4", ["1", "2.5", "3.5"], ["4", "0"]),
        ("+0 -1 <2", ["0.5"], ["1", "2"]),
        ("+0 -2 <1", ["0.5"], ["1", "1.5", "2"]),
    ],
)
def test_a_range_holds(range_, yes, no):
    assert {each: word(about(range_), each) for each in yes} == dict.fromkeys(yes, "yes")
    assert {each: word(about(range_), each) for each in no} == dict.fromkeys(no, "no")


def test_a_commit_range_before_the_other_is_no_end():
    assert word(about(COMMITS, "+0 -2.0"), "1.0") == "yes"
    assert word(about("+0 -2.0", COMMITS), "1.0") == "yes"
    assert word(about(COMMITS, "+0 -2.0"), "2.0") == "no"


@pytest.mark.parametrize("ranges", [(), (COMMITS,), (COMMITS, COMMITS)])
def test_only_commits_or_nothing_at_all_is_undecided(ranges):
    assert word(about(*ranges), "1.0") == "?"


def test_commits_beside_a_list_leave_the_list_to_decide():
    listing = about(COMMITS, versions=["1.0", "1.1"])
    assert [word(listing, each) for each in ("1.0", "1.0.0", "1.2")] == ["yes", "yes", "no"]


def test_a_commit_that_is_a_file_name_does_no_harm():
    odd = Range("GIT", events("+0 -195c3b6e4d1a.patch"))
    assert word(about(odd, "+0 -2.0"), "1.0") == "yes"


@pytest.mark.parametrize(
    ("listed", "version"),
    [
        ("3.1", "3.1.0"),
        ("3.1.0", "3.1"),
        ("1.0a1", "1.0alpha1"),
        ("1.0-1", "1.0.post1"),
        ("v1.0", "1.0"),
        ("1.0rc1", "1.0RC1"),
        ("1.0c1", "1.0rc1"),
        ("0!1.0", "1.0"),
        ("2.0.0", "2.0.0+cu118"),
        ("2.0.0+cu118", "2.0.0+cu118"),
        ("2.0.0+cu118", "2.0.0+CU118"),
        ("2.0+1.01", "2.0+1-1"),
        ("0.7.10p1", "0.7.10p1"),
        ("1.0.dev", "1.0.dev0"),
    ],
)
def test_a_list_counts_by_text_or_as_an_equal_version(listed, version):
    assert word(about("+5 -6", versions=["0.1", listed, "7"]), version) == "yes"
    assert word(about(versions=["0.1", listed]), version) == "yes"


@pytest.mark.parametrize(
    ("listed", "version"),
    [("3.1", "3.10"), ("3.1", "31"), ("2.0.0+cu118", "2.0.0"), ("1.0a1", "1.0b1"), ("2.0+a", "2.0+b")],
)
def test_a_list_does_not_count_for_another_version(listed, version):
    assert word(about(versions=["0.1", listed]), version) == "no"


@pytest.mark.parametrize(
    ("range_", "version", "expected"),
    [
        ("+0 =2.0.0", "2.0.0+cu118", "yes"),
        ("+0 -2.0.0", "2.0.0+cu118", "no"),
        ("+0 -2.0.0", "1.13.0+cu117", "yes"),
        ("+2.0.0 -3", "2.0.0+cpu", "yes"),
        ("+0 -2.0.0+cu118", "2.0.0+cu118", "yes"),
    ],
)
def test_a_local_version_is_judged_as_its_public_version(range_, version, expected):
    assert word(about(range_), version) == expected


def test_versions_listed_outside_of_every_range_count():
    assert word(about("+3.2 -3.2.19", versions=["3.2a1"]), "3.2a1") == "yes"


def test_versions_in_a_range_that_are_not_listed_count():
    assert word(about("+2.0 -3.0", versions=["2.0", "2.1"]), "2.5") == "yes"


class TestWhatNoOrderDefines:
    @pytest.mark.parametrize("range_", ["+0 -0.2.0-n653", "+0 -2019-09-12", "+x -1", "+0 =y", "+0 <z", "+0 <* -z"])
    def test_in_an_event_is_undecided_whatever_the_version(self, range_):
        assert [word(about(range_), each) for each in ("0.1", "99")] == ["?", "?"]

    def test_in_an_event_is_decided_where_the_list_says_so(self):
        listing = about("+0 -2019-09-12", versions=["0.1"])
        assert [word(listing, each) for each in ("0.1", "0.1.0", "0.2")] == ["yes", "yes", "?"]

    def test_in_one_range_is_decided_where_another_says_so(self):
        assert word(about("+0 -2019-09-12", "+1 -2"), "1.5") == "yes"
        assert word(about("+0 -2019-09-12", "+1 -2"), "2.5") == "?"

    @pytest.mark.parametrize(
        "version",
        ["0.7.10p1", "", " 1.0", "1.0 ", "1.0\n", "١.٠", "==1.0", "1.*", "1" * 300, "1.0+", "1.0+é", "1.0+a+b"],
    )
    def test_in_the_package_is_undecided(self, version):
        assert word(about("+0 -2"), version) == "?"
        assert word(about("+0"), version) == "?"
        assert word(about(versions=["1.0"]), version) == "?"

    def test_in_the_package_is_decided_where_the_list_says_so(self):
        assert word(about("+0 -2", versions=["0.7.10p1"]), "0.7.10p1") == "yes"

    def test_in_the_list_is_no_obstacle(self):
        assert word(about("+0 -2", versions=["0.7.10p1"]), "3.0") == "no"

    def test_says_what_it_was(self):
        assert judge(about("+0 -2019-09-12"), package()) == Undecided(
            "the order of its ecosystem does not define '2019-09-12', at which a range ends"
        )
        assert judge(about("+0 -2"), package(version="0.7p1")) == Undecided(
            "the order of its ecosystem does not define the version '0.7p1'"
        )

    def test_is_a_package_without_a_version(self):
        assert word(about("+0 -2"), None) == "?"


class TestSeveralEntries:
    def test_count_together(self):
        first = about("+1 -2").affected[0]
        both = about("+3 -4")._replace(affected=(first, *about("+3 -4").affected))
        assert [word(both, each) for each in ("1.5", "2.5", "3.5", "4.5")] == ["yes", "no", "yes", "no"]

    def test_of_which_one_is_undecided_are_undecided_unless_another_affects(self):
        both = about()._replace(affected=(about().affected[0], about("+3 -4").affected[0]))
        assert [word(both, each) for each in ("1.5", "3.5")] == ["?", "yes"]

    def test_of_other_packages_and_ecosystems_do_not_count(self):
        others = (about("+0", name="flask"), about("+0", ecosystem="npm"), about("+0", ecosystem="Root:PyPI"))
        entries = tuple(each.affected[0] for each in others)
        ours = about("+1 -2").affected[0]
        assert word(Record("A-1", NOW, affected=(*entries, ours)), "3") == "no"
        assert not names(Record("A-1", NOW, affected=entries), package())


@pytest.mark.parametrize(
    ("written", "asked", "ours"),
    [
        ("jw.util", "jw-util", True),
        ("Jinja2", "jinja2", True),
        ("jinja-2", "jinja2", False),
        ("jinja2x", "jinja2", False),
    ],
)
def test_names_are_normalised_on_both_sides(written, asked, ours):
    assert names(about("+0", name=written), package(asked)) is ours
    assert names(about("+0", name=asked), package(written)) is ours


@pytest.mark.parametrize(
    ("ecosystem", "given", "ours"),
    [
        ("Debian:12", {"ecosystem": "deb", "namespace": "debian", "release": "12"}, True),
        ("Debian:12", {"ecosystem": "deb", "namespace": "debian", "release": "11"}, False),
        ("Debian", {"ecosystem": "deb", "namespace": "debian", "release": "11"}, True),
        ("Debian:12", {"ecosystem": "deb", "namespace": "debian"}, True),
        ("Debian:12", {"ecosystem": "deb", "namespace": "ubuntu", "release": "12"}, False),
        ("Alpine:v3.18", {"ecosystem": "apk", "namespace": "alpine", "release": "3.18.4"}, True),
        ("Alpine:v3.18", {"ecosystem": "pypi"}, False),
        ("Root:Debian:12", {"ecosystem": "deb", "namespace": "debian", "release": "12"}, False),
        ("Root", {"ecosystem": ""}, False),
    ],
)
def test_a_record_is_about_the_release_that_both_name(ecosystem, given, ours):
    base, _, release = ecosystem.partition(":")
    assert names(about("+0", ecosystem=base, release=release, name="x"), package("x", "1", **given)) is ours


@pytest.mark.parametrize(
    ("ecosystem", "kind", "range_", "given", "expected"),
    [
        ("npm", "SEMVER", "+0 -1.2.3", {"ecosystem": "npm", "version": "1.2.3-rc.1"}, "yes"),
        ("npm", "SEMVER", "+0 -1.2.3", {"ecosystem": "npm", "version": "1.2.3+build"}, "no"),
        ("npm", "ECOSYSTEM", "+0 -1.2.3", {"ecosystem": "npm", "version": "1.2"}, "?"),
        ("Go", "SEMVER", "+0 -1.2.3", {"ecosystem": "golang", "version": "v1.2.2"}, "yes"),
        ("Go", "SEMVER", "+0 -1.2.3", {"ecosystem": "golang", "version": "1.2.3"}, "no"),
        ("Go", "SEMVER", "+0 -1.2.3", {"ecosystem": "golang", "version": "v1.2.3-0.20200101000000-abcdef"}, "yes"),
        ("Go", "SEMVER", "+0 -2.0.0", {"ecosystem": "golang", "version": "v2.0.0+incompatible"}, "no"),
        ("crates.io", "SEMVER", "+0.0.0-0 -1.0.0", {"ecosystem": "cargo", "version": "0.9.0"}, "yes"),
        ("PyPI", "SEMVER", "+0 -1.10.0", {"ecosystem": "pypi", "version": "1.9.0"}, "yes"),
        ("PyPI", "SEMVER", "+0 -1.10.0", {"ecosystem": "pypi", "version": "1.9"}, "?"),
        ("Debian", "ECOSYSTEM", "+0 -1:2.0-1", {"ecosystem": "deb", "namespace": "debian", "version": "9.9-1"}, "yes"),
        (
            "Debian",
            "ECOSYSTEM",
            "+0 -2.0-1",
            {"ecosystem": "deb", "namespace": "debian", "version": "2.0-1~deb12u1"},
            "yes",
        ),
        ("Debian", "ECOSYSTEM", "+0 -2.0-1", {"ecosystem": "deb", "namespace": "debian", "version": "2.0-1+b1"}, "no"),
        ("Debian", "ECOSYSTEM", "+0 -2.0-1", {"ecosystem": "deb", "namespace": "debian", "version": "not one"}, "?"),
        (
            "Alpine",
            "ECOSYSTEM",
            "+0 -1.36.1-r2",
            {"ecosystem": "apk", "namespace": "alpine", "version": "1.36.1-r1"},
            "yes",
        ),
        (
            "Alpine",
            "ECOSYSTEM",
            "+0 -1.36.1-r2",
            {"ecosystem": "apk", "namespace": "alpine", "version": "1.36.1_git1"},
            "no",
        ),
        (
            "Alpine",
            "ECOSYSTEM",
            "+0 -1.36.1-r2",
            {"ecosystem": "apk", "namespace": "alpine", "version": "1.36.1_x1"},
            "?",
        ),
        (
            "Rocky Linux",
            "ECOSYSTEM",
            "+0 -0:3.0-2.el8",
            {"ecosystem": "rpm", "namespace": "rocky", "version": "3.0-1.el8"},
            "yes",
        ),
        ("Maven", "ECOSYSTEM", "+0 -2.0", {"ecosystem": "maven", "version": "1.0"}, "?"),
        ("Maven", "SEMVER", "+0 -2.0.0", {"ecosystem": "maven", "version": "1.0.0"}, "yes"),
    ],
)
def test_every_ecosystem_has_its_own_order(ecosystem, kind, range_, given, expected):
    assert word(about(range_, ecosystem=ecosystem, kind=kind, name="x"), name="x", **given) == expected


def test_where_an_ecosystem_has_no_order_the_list_counts_by_its_text():
    listing = about("+0 -2.0", ecosystem="Maven", name="g:a", versions=["1.0"])
    given = {"name": "a", "namespace": "g", "ecosystem": "maven"}
    assert [word(listing, each, **given) for each in ("1.0", "1.0.0")] == ["yes", "?"]


def test_a_record_that_was_withdrawn_does_not_live():
    assert is_live(record())
    assert not is_live(record(withdrawn=NOW))


def test_a_record_that_names_nothing_of_ours_affects_nothing():
    assert word(about("+0", name="flask"), "1.0") == "no"


def test_one_matcher_answers_for_many_versions():
    matcher = Matcher(about("+1 -2", versions=["0.5"]), package())
    assert [type(matcher.judge(each)) for each in ("0.5", "1.5", "2", "x")] == [
        Affected,
        Affected,
        NotAffected,
        Undecided,
    ]
    assert judge(about("+1 -2"), package(version="3"), "1.5") == Affected("range")


def test_an_unquoted_number_in_yaml_is_the_text_that_stands_there():
    text = (
        "id: A-1\nmodified: 2024-01-01T00:00:00Z\naffected:\n- package: {ecosystem: PyPI, name: jinja2}\n"
        "  ranges:\n  - type: ECOSYSTEM\n    events: [introduced: 1.10, fixed: 1.20]\n"
    )
    found = record_of_yaml(text.encode(), subject="a.yaml")
    assert [word(found, each) for each in ("1.1", "1.2", "1.10", "1.19", "1.20")] == ["no", "no", "yes", "yes", "no"]
