"""`verify ledger history`: the events that are asked for, for people, programs and spreadsheets."""

import csv
import io
import json

import pytest

from tests.support import workplace
from tests.support.command import ask, run
from tests.support.publishing.releases import VERIFY, recorded, release

place = workplace.place
pytestmark = pytest.mark.usefixtures("place", "filled")
SCOPE = "bundle:authz"


@pytest.fixture
def filled(place):
    recorded(release("1.0.0"))
    recorded(release("1.1.0"))
    assert ask("bundle", release("1.0.0"), *VERIFY, "--record", "--correlation-id", "run-17").status == 1
    assert run("ledger", "floor", SCOPE, "1.1.0", "--reason", "=HYPERLINK(0)", "--actor", "@eve").status == 0


def events(*asked):
    return [json.loads(line) for line in run("ledger", "history", *asked, "--format", "json").out.splitlines()]


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ((), ["accepted", "accepted", "denied", "floor"]),
        (("--kind", "denied"), ["denied"]),
        (("--kind", "denied", "--kind", "floor"), ["denied", "floor"]),
        (("--kind", "accepted", "--limit", "1"), ["accepted"]),
        (("--code", "version.rollback"), ["denied"]),
        (("--code", "version"), ["denied"]),
        (("--code", "version.*"), ["denied"]),
        (("--code", "vers"), []),
        (("--code", "signature.invalid"), []),
        (("--correlation-id", "run-17"), ["denied"]),
        (("--correlation-id", "run-1"), []),
        (("--since", "7d"), ["accepted", "accepted", "denied", "floor"]),
        (("--since", "2999-01-01T00:00:00Z"), []),
        (("--since", "1999-01-01T00:00:00+02:00", "--kind", "floor"), ["floor"]),
    ],
)
def test_what_is_asked_for_is_shown(asked, kinds):
    assert [each["kind"] for each in events(*asked)] == kinds


def test_the_newest_of_those_that_fit_are_shown():
    (one,) = events("--kind", "accepted", "--limit", "1")
    assert one["version"] == "1.1.0"


def test_events_are_found_by_what_they_are_about():
    digest = events("--kind", "accepted")[0]["digest"].removeprefix("sha256:")
    for written in (digest, f"sha256:{digest}"):
        assert [each["kind"] for each in events("--digest", written)][:1] == ["accepted"]
    assert events("--digest", "0" * 64) == []


def test_nothing_that_fits_is_said():
    answer = run("ledger", "history", "--code", "signature.invalid")
    assert (answer.status, answer.out, "no event fits" in answer.err) == (0, "", True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--since", "yesterday"), "--since 7d"),
        (("--since", "2026-01-01"), "--since 2026-07-01T00:00:00Z"),
        (("--digest", "abc"), "sha256:HEX"),
        (("--kind", "deny"), "denied"),
        (("--limit", "0"), "--limit"),
        (("--format", "xlsx"), "csv"),
    ],
)
def test_what_cannot_be_asked_is_2_and_says_how(asked, said):
    answer = run("ledger", "history", *asked)
    assert (answer.status, answer.out, said in answer.err) == (2, "", True), answer.err


def table(*asked):
    return list(csv.DictReader(io.StringIO(run("ledger", "history", *asked, "--format", "csv").out)))


def test_a_table_has_a_line_for_each_event():
    assert [(each["kind"], each["version"], each["codes"]) for each in table()] == [
        ("accepted", "1.0.0", ""),
        ("accepted", "1.1.0", ""),
        ("denied", "1.0.0", "version.rollback"),
        ("floor", "", ""),
    ]
    assert run("ledger", "history", "--kind", "import", "--format", "csv").out.startswith("sequence,time,kind,")


def test_no_cell_is_a_formula():
    last = table()[-1]
    assert (last["comment"], last["actor"]) == ("'=HYPERLINK(0)", "'@eve")


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "|calc", "%0", "\r\n=1"])
def test_whatever_an_operator_writes_is_text(hostile):
    run("ledger", "floor", SCOPE, "1.1.0", "--reason", hostile)
    assert table()[-1]["comment"].startswith(("'", "\\"))
