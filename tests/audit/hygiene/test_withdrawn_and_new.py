"""Hygiene: what an index has taken back, and what is too new."""

from datetime import timedelta

import pytest

from tests.support.audit.made import NOW, package
from verifier.audit.hygiene.rules import HygieneRules
from verifier.audit.hygiene.table import judge_hygiene
from verifier.core.errors import ConfigurationError
from verifier.formats.bom.component import Distribution, Hash

FILES = (Distribution("", (Hash("SHA-256", "a" * 64),)),)
NOTHING = HygieneRules()
WEEK = HygieneRules(cool_down=timedelta(days=7))


def judged(rules=NOTHING, **more):
    return judge_hygiene([package(distributions=FILES, **more)], rules, NOW)


def test_a_yanked_release_is_denied_with_its_makers_reason():
    [reason] = judged(yanked="broken wheel")
    assert (reason.code, reason.is_error) == ("dependency.yanked", True)
    assert reason.message == "requirements.txt:1: it was yanked by its makers: broken wheel"


def test_a_release_that_was_yanked_without_a_reason_is_denied_too():
    [reason] = judged(yanked="")
    assert reason.message == "requirements.txt:1: it was yanked by its makers"


@pytest.mark.parametrize("status", ["", "active", "archived", "deprecated"])
def test_other_states_of_a_project_deny_nothing(status):
    assert judged(project_status=status) == ()


def test_a_project_in_quarantine_is_denied():
    [reason] = judged(project_status="quarantined")
    assert (reason.code, reason.is_error) == ("dependency.quarantined", True)


def test_what_is_old_enough_is_fine():
    assert judged(WEEK, uploaded=NOW - timedelta(days=7)) == ()


@pytest.mark.parametrize("age", [timedelta(days=7) - timedelta(seconds=1), timedelta(0), -timedelta(minutes=1)])
def test_what_is_younger_than_the_cool_down_is_denied(age):
    [reason] = judged(WEEK, uploaded=NOW - age)
    assert (reason.code, reason.is_error) == ("dependency.too-new", True)
    assert "a cool-down of 7 days is asked for" in reason.message


def test_an_unknown_time_is_not_long_ago():
    [reason] = judged(WEEK)
    assert (reason.code, reason.is_error) == ("dependency.too-new", True)
    assert "does not say when it was uploaded" in reason.message


def test_a_time_in_the_future_is_not_long_ago_either():
    [reason] = judged(WEEK, uploaded=NOW + timedelta(days=400))
    assert "in the future" in reason.message


@pytest.mark.parametrize("source", ["git", "url", "path"])
def test_the_cool_down_is_not_passed_by_leaving_the_index(source):
    codes = [each.code for each in judged(WEEK, source=source, location="https://acme.example/x")]
    assert "dependency.too-new" in codes


def test_the_projects_own_folder_needs_no_cool_down():
    assert judged(WEEK, source="path", local=True) == ()


def test_without_a_cool_down_nobody_asks_when_it_was_uploaded():
    assert judged(uploaded=NOW) == ()


@pytest.mark.parametrize("time", [timedelta(0), -timedelta(days=1), timedelta(days=4000)])
def test_a_cool_down_that_is_none_is_refused(time):
    with pytest.raises(ConfigurationError, match="cool_down"):
        HygieneRules(cool_down=time)


def test_the_longest_cool_down_overflows_nothing():
    early = NOW.replace(year=1)
    [reason] = judge_hygiene(
        [package(distributions=FILES, uploaded=early)], HygieneRules(cool_down=timedelta(days=3650)), early
    )
    assert reason.code == "dependency.too-new"
