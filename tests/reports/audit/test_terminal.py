"""The report for a person: what decides first, tables that fit, nothing that counts left out."""

import pytest
from hypothesis import given, settings

from tests.support.audit.made import package
from tests.support.audit.results import audited, every_kind, finding, result, results
from verifier.core.outcome import Reason
from verifier.reports.audit.terminal import render
from verifier.reports.media.columns import width_of
from verifier.reports.table import Screen

ESCAPES = ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[1m", "\x1b[2m", "\x1b[0m")
NARROW = Screen(columns=80)


def shown(*findings, screen=NARROW, **more):
    return render(result(*findings, **more), screen)


def words(text):
    """The text without its line breaks and indents."""
    return " ".join(text.split())


class TestTheAnswerComesFirst:
    def test_clean(self):
        assert shown().startswith("PASSED  no known vulnerability in 1 package\n")

    def test_vulnerable(self):
        first = shown(finding(), finding("CVE-2020-28493")).splitlines()[0]
        assert first == "FAILED  2 known vulnerabilities in 1 of 1 package"

    def test_undecided(self):
        text = shown(packages=(audited(status="unknown", why="git"),))
        assert text.startswith("UNDECIDED  nobody can say: 1 package unknown\n")
        assert "ends with status 3" in text

    def test_nothing_at_all(self):
        assert shown(packages=(), outcome="undecided").startswith("UNDECIDED  nobody can say: 0 packages audited\n")

    def test_hygiene_alone_fails_as_well(self):
        weak = Reason(code="dependency.hash-weak", subject="a.txt:1", message="MD5")
        assert shown(reasons=(weak, weak)).startswith("FAILED  2 faults of hygiene\n")

    def test_a_target_that_could_not_be_read_is_no_fault_of_hygiene(self):
        torn = Reason(code="dependency.lock-invalid", subject="uv.lock", message="a merge was not finished")
        text = shown(packages=(), reasons=(torn,), outcome="undecided")
        assert text.startswith("UNDECIDED  nobody can say: a lock file is not sound, 0 packages audited\n")

    def test_what_is_long_goes_on_below_itself(self):
        lines = render(every_kind(), NARROW).splitlines()
        assert lines[0].startswith("FAILED  2 known vulnerabilities in 1 of 6 packages, ")
        assert lines[1].startswith(" " * 8)
        assert all(width_of(line) <= 80 for line in lines[:2])


def test_a_clean_one_is_a_few_lines():
    assert len(shown().splitlines()) < 10


@pytest.mark.parametrize("screen", [NARROW, Screen(columns=100), Screen(columns=60)])
def test_nothing_is_wider_than_the_screen_but_what_is_one_word(screen):
    lines = render(every_kind(), screen).splitlines()
    assert [line for line in lines if width_of(line) > screen.columns and len(line.split()) > 2] == []


def test_the_most_severe_come_first_and_unknown_ones_right_behind_the_critical():
    severities = ("low", "unknown", "medium", "critical", "none", "high")
    lines = shown(*(finding(f"CVE-2024-{each}", severity=each, score="") for each in severities)).splitlines()
    table = [line.split()[3] for line in lines if line.startswith("    jinja2   2.10  ")]
    assert table == ["critical", "unknown", "high", "medium", "low", "none"]


def test_what_is_exploited_comes_before_everything():
    text = render(every_kind(), NARROW)
    assert "critical KEV" in text
    assert text.index("CVE-2021-35042") < text.index("PYSEC-2022-1")


class TestTheTable:
    def test_a_row_has_package_version_id_severity_fix_and_whether_it_is_new(self):
        lines = render(every_kind(), NARROW).splitlines()
        row = next(line for line in lines if "CVE-2021-35042" in line)
        assert words(row) == "django 3.2.1 CVE-2021-35042 critical KEV 3.2.25 NEW"

    def test_nothing_is_broken_where_there_is_no_room(self):
        long = package("a-package-whose-name-takes-forty-characters", "2024.1.2.post3+local.version.of.it")
        text = shown(finding("GHSA-xxxx-yyyy-zzzz", of=long, minimal_fix="2024.12.31.post4"))
        for piece in (long.name, long.version, "GHSA-xxxx-yyyy-zzzz", "2024.12.31.post4"):
            assert piece in text
        assert all(width_of(line) <= 80 for line in text.splitlines())

    def test_columns_stand_below_each_other_whatever_width_a_character_has(self):
        rows = shown(finding(of=package("字字字")), finding(of=package("e\u0301e\u0301e\u0301abc"))).splitlines()
        rows = [row for row in rows if "CVE-2019-10906" in row]
        assert len({width_of(row[: row.index("CVE")]) for row in rows}) == 1

    def test_all_that_counts_is_there_however_much(self):
        text = shown(*(finding(f"CVE-2024-{number}") for number in range(300)))
        assert all(f"CVE-2024-{number} " in text for number in range(300))


class TestWhatNobodyKnows:
    UNKNOWN = tuple(audited(package(f"p{number}", None), "unknown", why="it has no version") for number in range(8))

    def test_it_is_grouped_and_counted_and_the_first_are_named(self):
        text = words(shown(packages=(*self.UNKNOWN, audited(package("q", "1"), "unknown", why="git"))))
        assert "8 packages: it has no version p0 (requirements.txt:1)," in text
        assert "p4 (requirements.txt:1) and 3 more (--format json names all)" in text
        assert "1 package: git q 1 (requirements.txt:1)" in text

    def test_one_that_a_finding_names_already_is_not_named_twice(self):
        odd = package("odd", "1x")
        text = shown(finding(of=odd, status="undecided", why="1x"), packages=(audited(odd, "undecided", why="1x"),))
        assert "a record about these cannot be evaluated" not in text
        assert "1 package undecided" in text.splitlines()[0]


def test_what_is_accepted_is_there_with_owner_and_end():
    text = words(render(every_kind(), NARROW))
    assert "accepted, and still there: 2" in text
    assert "no sandbox is used, accepted by team-web@acme.example, until 2024-12-31T00:00:00Z (audit.toml:4)" in text
    assert "accepted by team-ml@acme.example" in text


def test_what_to_do_is_said_once_a_package():
    path = ("pkg:pypi/flask@1.0", "pkg:pypi/jinja2@2.10")
    of = package(direct=False, paths=(path,))
    text = words(shown(finding(of=of), finding("CVE-2020-28493", of=of)))
    assert "jinja2 2.10 -> 2.10.1 (2 findings, requirements.txt:1, through flask@1.0)" in text


def test_what_is_gone_and_new_is_said_where_there_is_something_to_compare_with():
    assert "since the previous report: 1 new, 1 gone" in render(every_kind(), NARROW)
    assert "previous report" not in shown(finding())


def test_many_reasons_of_one_code_are_said_together():
    weak = [Reason(code="dependency.hash-weak", subject=f"a.txt:{number}", message="MD5") for number in range(9)]
    text = shown(reasons=weak)
    assert text.count("dependency.hash-weak") == 1
    assert "and 4 more (--format json names all)" in text


@settings(max_examples=40)
@given(results())
def test_colours_add_only_colours(what):
    coloured = render(what, Screen(columns=80, colours=True))
    for escape in ESCAPES:
        coloured = coloured.replace(escape, "")
    assert coloured == render(what, NARROW)


@settings(max_examples=40)
@given(results())
def test_hostile_text_cannot_forge_the_answer(what):
    answers = ("PASSED", "FAILED", "UNDECIDED")
    lines = render(what, NARROW).splitlines()
    assert [line for line in lines if line.startswith(answers)] == [lines[0]]
