"""The threat model has every part of its form, and each part names what there is."""

import re
from datetime import date

import pytest

from tests.support.docs.tables import rows
from tests.support.docs.threats import TEXT, names_in
from tests.support.places import ROOT

SECTIONS = ("Scope", "Assets", "Actors", "Attack surface", "Threats", "Residual risks", "Review log")
SHARED = {
    *(f"T-{number}" for number in range(201, 218)),
    *(f"T-{number}" for number in (303, 304, 305, 306, 401, 402, 403, 404)),
}
"""The threats that this tool is there to answer."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def section(name: str) -> str:
    return TEXT.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def body(name: str) -> list[list[str]]:
    return rows(section(name))[1:]


THREATS = {row[0]: row for row in body("Threats")}


def test_it_says_which_version_it_is_who_owns_it_and_when_it_was_reviewed():
    said = dict(row[:2] for row in rows(TEXT.partition("\n## ")[0]) if len(row) == 2)
    assert set(said) >= {"version", "owner", "last reviewed", "reviewed again"}
    assert date.fromisoformat(said["last reviewed"]) >= max(date.fromisoformat(row[1]) for row in body("Review log"))


def test_reviewers_are_roles_that_look_at_something():
    reviewers = [row for row in rows(TEXT.partition("\n## ")[0]) if len(row) == 3][1:]
    assert len(reviewers) >= 4
    assert all(role and looks and (DAY.fullmatch(last) or "nobody" in last) for role, looks, last in reviewers)


def test_it_has_every_part_in_the_order_of_the_form():
    assert tuple(re.findall(r"^## (.*)$", TEXT, re.MULTILINE)) == SECTIONS


def test_the_scope_says_what_is_in_it_and_what_is_not():
    assert re.findall(r"^\*\*(\w+):\*\*", section("Scope"), re.MULTILINE) == ["In", "Out"]


@pytest.mark.parametrize(("part", "cells"), [("Assets", 3), ("Actors", 4), ("Attack surface", 4), ("Threats", 6)])
def test_every_row_is_whole(part, cells):
    assert [row[0] for row in body(part) if len(row) != cells] == []
    assert [row[0] for row in body(part) if not all(row[: cells - 1])] == []


def test_no_threat_of_those_that_this_tool_is_there_for_is_left_out():
    assert set(THREATS) >= SHARED
    assert list(THREATS) == sorted(THREATS)


def test_every_threat_says_what_remains():
    assert [name for name, row in THREATS.items() if not row[5]] == []


def test_every_surface_leads_to_threats_and_every_threat_has_a_surface():
    met = {threat for row in body("Attack surface") for threat in row[3].split()}
    assert met == set(THREATS)


def test_whatever_reads_a_surface_first_is_there():
    paths = [path for row in body("Attack surface") for path in re.findall(r"`([^`]+)`", row[2])]
    assert len(paths) > len(body("Attack surface"))
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("threat", THREATS)
def test_where_a_mitigation_is_there_is_code(threat):
    named = re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", THREATS[threat][2])
    assert [path for path in named if not ((ROOT / "verifier" / path).exists() or (ROOT / path).exists())] == []


@pytest.mark.parametrize("threat", THREATS)
def test_a_record_that_is_named_is_there(threat):
    linked = re.findall(r"\[(\d+)\]\(\.\./(adr/(\d{4})-[a-z-]+\.md)\)", THREATS[threat][4])
    assert linked or THREATS[threat][4] == "—"
    assert all(int(number) == int(start) for number, _, start in linked)
    assert [path for _, path, _ in linked if not (ROOT / "docs" / path).exists()] == []


@pytest.mark.parametrize("threat", THREATS)
def test_a_test_that_is_named_has_tests(threat):
    files = re.findall(r"`(tests/[a-z_/]+\.py)(?:::(\w+))?`", THREATS[threat][3])
    assert all(any(name.rpartition("::")[2].startswith("test_") for name in names_in(path)) for path, _ in files)
    assert all(not test or test in names_in(path) for path, test in files)


def test_every_risk_is_about_threats_and_has_a_sign_off_and_a_plan():
    for number, row in enumerate(body("Residual risks"), 1):
        risk, what, threats, likelihood, impact, accepted, plan = row
        assert risk == f"R-{number:02}"
        assert what
        assert plan
        assert {likelihood, impact} <= {"low", "medium", "high"}
        assert threats == "all" or set(threats.split(", ")) <= set(THREATS)
        assert re.match(r"[a-z ]+, \d{4}-\d\d-\d\d", accepted), risk


def test_a_risk_that_is_named_elsewhere_is_there():
    assert set(re.findall(r"R-\d\d", TEXT)) == {row[0] for row in body("Residual risks")}


def test_every_release_has_been_looked_at():
    changes = (ROOT / "CHANGELOG.md").read_text()
    releases = set(re.findall(r"^## (\d+\.\d+\.\d+)", changes, re.MULTILINE))
    assert releases <= {row[0] for row in body("Review log")}
