"""How old records may be: by their own dates, and never from the future."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.audit.databases import about, info, make, zip_of
from verifier.audit.database.age import judged_age
from verifier.formats.audit.database import MAX_AGE, DatabaseInfo

NOW = datetime(2024, 10, 12, tzinfo=UTC)
STALE, FUTURE = "vulnerability.database-stale", "vulnerability.database-future"
SECOND = timedelta(seconds=1)


def of(date, **more):
    return DatabaseInfo(digest="", data_date=date, imported_at=NOW, ecosystems=(("PyPI", 1),), **more)


def codes(said, now=NOW, **how):
    return [each.code for each in judged_age(said, now, **how)]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (NOW, []),
        (NOW - MAX_AGE, []),
        (NOW - MAX_AGE - SECOND, [STALE]),
        (NOW + timedelta(minutes=10), []),
        (NOW + timedelta(minutes=10) + SECOND, [FUTURE]),
        (datetime(1, 1, 1, tzinfo=UTC), [STALE]),
        (datetime(9999, 12, 31, tzinfo=UTC), [FUTURE]),
    ],
)
def test_records_are_of_the_last_seven_days_and_not_of_tomorrow(date, expected):
    assert codes(of(date)) == expected
    assert all(each.is_undecided for each in judged_age(of(date), NOW))


def test_an_age_without_end_is_no_overflow():
    assert codes(of(NOW), max_age=timedelta.max) == []
    assert codes(of(NOW), datetime.min.replace(tzinfo=UTC)) == [FUTURE]
    assert codes(of(NOW), datetime.max.replace(tzinfo=UTC)) == [STALE]


def test_another_age_may_be_asked_for():
    assert codes(of(NOW - timedelta(days=3)), max_age=timedelta(days=2)) == [STALE]


def test_the_day_of_the_import_does_not_count(tmp_path):
    """An old export that is imported today is old."""
    make(tmp_path / "db", zip_of(tmp_path / "all.zip", about("jinja2", modified="2020-01-01T00:00:00Z")), now=NOW)
    assert codes(info(tmp_path / "db")) == [STALE]


def test_a_fresh_export_does_not_make_another_one_fresh(tmp_path):
    old = zip_of(tmp_path / "pypi.zip", about("jinja2", modified="2020-01-01T00:00:00Z"))
    new = zip_of(tmp_path / "npm.zip", about("left-pad", "A-2", ecosystem="npm", modified="2024-10-11T00:00:00Z"))
    make(tmp_path / "db", old, new, now=NOW)
    (reason,) = judged_age(info(tmp_path / "db"), NOW)
    assert "the set with PyPI is of 2020-01-01T00:00:00Z" in reason.message
    assert codes(info(tmp_path / "db"), asked={"npm"}) == []
    assert codes(info(tmp_path / "db"), asked={"npm", "pypi"}) == [STALE]


def test_a_rare_ecosystem_is_as_fresh_as_its_export(tmp_path):
    """Of some, nothing has happened for months."""
    rare = about("base", "A-2", ecosystem="Hex", modified="2020-01-01T00:00:00Z")
    make(tmp_path / "db", zip_of(tmp_path / "all.zip", rare, about("jinja2", modified="2024-10-11T00:00:00Z")))
    assert codes(info(tmp_path / "db")) == []


@pytest.mark.parametrize("name", ["kev", "epss"])
def test_lists_of_cves_are_warned_of_by_their_own_dates(name):
    for date, code in ((NOW - MAX_AGE - SECOND, STALE), (NOW + timedelta(hours=1), FUTURE)):
        (reason,) = judged_age(of(NOW, **{name: date}), NOW)
        assert (reason.code, reason.subject, reason.is_error) == (code, name.upper(), False)
    assert codes(of(NOW, **{name: NOW})) == []
