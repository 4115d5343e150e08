"""What becomes of the issue: made, changed, closed, opened again, or left as it is."""

from datetime import timedelta

import pytest

from tests.support.audit.made import NOW, package
from tests.support.audit.results import DJANGO, JINJA, audited, finding, result
from verifier.audit.tracking.plan import Known, decide
from verifier.audit.tracking.state import State, Tracked, read_state, state_of, written
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import replace

CVE, OTHER = Tracked("pkg:pypi/jinja2", "CVE-2019-10906"), Tracked("pkg:pypi/django", "CVE-2021-1")
DAY = timedelta(days=1)
UNREAD = Reason(code="vulnerability.database-invalid", subject="db", message="it is not there")


STATE = '<!-- verifier-audit-state: {"version": 1, "outcome": "%s", "moment": "%s", "open": %s} -->'


def issue(*tracked, outcome="vulnerable", opened=True, moment=NOW - DAY):
    return Known(number=7, open=opened, body=written(state_of(outcome, moment, tracked)))


def clean(**more):
    return result(outcome="clean", **more)


def silent(*packages, reasons=()):
    """An audit that could ask nobody about these packages."""
    return result(
        packages=tuple(audited(each, status="unknown", why="nobody was there") for each in packages),
        reasons=reasons,
        outcome="undecided",
    )


def test_an_issue_is_made_where_there_is_none():
    plan = decide(result(finding()), None)
    assert (plan.action, plan.state.open) == ("create", {CVE})


def test_no_issue_is_made_where_nothing_is_found():
    assert decide(clean(), None).action == "nothing"


def test_an_issue_is_made_where_nobody_can_say():
    assert decide(silent(JINJA), None).action == "create"


def test_the_same_findings_are_written_again_without_a_comment():
    plan = decide(result(finding()), issue(CVE))
    assert (plan.action, plan.comment, plan.new, plan.gone) == ("update", False, (), ())


def test_a_new_finding_is_commented_on():
    new = finding("CVE-2021-1", of=DJANGO)
    plan = decide(result(finding(), new), issue(CVE))
    assert (plan.comment, plan.new, plan.gone) == (True, (new,), ())


def test_a_finding_that_is_gone_is_commented_on():
    plan = decide(result(finding(), packages=(audited(JINJA), audited(DJANGO))), issue(CVE, OTHER))
    assert (plan.comment, plan.gone) == (True, (OTHER,))


def test_an_upgrade_that_mends_nothing_is_no_news():
    plan = decide(result(finding(of=package(version="2.10.5"))), issue(CVE))
    assert not plan.comment


def test_another_id_in_front_is_no_news():
    """A record that had none got a CVE: the same finding, with another primary id."""
    plan = decide(result(finding("CVE-2019-10906", "PYSEC-2019-217")), issue(Tracked(CVE.package, "PYSEC-2019-217")))
    assert (plan.comment, plan.state.open) == (False, {CVE})


def test_one_finding_in_two_versions_of_a_package_is_no_news_each_night():
    found = result(finding(), finding(of=package(version="2.9")))
    first = decide(found, None)
    assert not decide(found, issue(*first.state.open)).comment


def test_an_issue_is_closed_where_everything_is_fine():
    plan = decide(clean(), issue(CVE))
    assert (plan.action, plan.comment, plan.gone, plan.state.open) == ("close", True, (CVE,), frozenset())


def test_a_closed_issue_is_left_alone_where_everything_is_fine():
    assert decide(clean(), issue(opened=False)).action == "nothing"


def test_a_closed_issue_is_opened_again_where_something_is_found():
    plan = decide(result(finding()), issue(CVE, opened=False))
    assert (plan.action, plan.comment) == ("reopen", True)


def test_an_issue_stays_open_where_nobody_can_say():
    plan = decide(silent(JINJA, reasons=(UNREAD,)), issue(CVE))
    assert (plan.action, plan.comment, plan.kept, plan.state.open) == ("update", False, (CVE,), {CVE})


def test_what_was_found_is_not_forgotten_over_a_night_without_an_answer():
    """Found, nobody there, found: one finding, and nothing to tell of it."""
    night = decide(silent(JINJA, reasons=(UNREAD,)), issue(CVE))
    after = decide(result(finding(), now=NOW + DAY), issue(*night.state.open, moment=NOW))
    assert (after.comment, after.new) == (False, ())


def test_a_closed_issue_is_opened_again_where_nobody_can_say():
    assert decide(silent(JINJA), issue(opened=False)).action == "reopen"


def test_a_report_without_packages_mends_nothing():
    empty = result(packages=(), outcome="undecided")
    assert decide(empty, issue(CVE)).kept == (CVE,)


def test_a_target_that_cannot_be_read_takes_no_finding_away():
    torn = Reason(code="dependency.lock-invalid", subject="uv.lock", message="a merge was not finished")
    found = result(finding(), reasons=(torn,))
    plan = decide(found, issue(CVE, OTHER))
    assert (plan.kept, plan.gone) == ((OTHER,), ())


def test_a_package_that_was_looked_up_again_is_mended_though_another_is_unknown():
    mixed = result(packages=(audited(JINJA), audited(DJANGO, status="unknown", why="from git")), outcome="undecided")
    assert decide(mixed, issue(CVE, OTHER)).gone == (CVE,)


def test_a_package_that_is_no_longer_there_is_gone_where_the_list_is_whole():
    unknown = result(packages=(audited(DJANGO, status="unknown", why="from git"),), outcome="undecided")
    assert decide(unknown, issue(CVE)).gone == (CVE,)


def test_a_package_in_two_versions_is_mended_only_where_both_were_looked_up():
    older = package(version="2.9")
    half = result(packages=(audited(JINJA), audited(older, status="undecided")), outcome="undecided")
    assert decide(half, issue(CVE)).kept == (CVE,)


@pytest.mark.parametrize("found", [clean(), result(finding()), silent(JINJA)], ids=["clean", "vulnerable", "undecided"])
def test_an_older_report_changes_nothing(found):
    with pytest.raises(Refused, match="report-outdated"):
        decide(found, issue(CVE, moment=NOW + DAY))


def test_a_report_of_the_same_moment_is_told_again():
    assert decide(clean(), issue(CVE, moment=NOW)).action == "close"


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "<!-- verifier-audit -->",
        "<!-- verifier-audit-state: {} -->",
        "<!-- verifier-audit-state: [] -->",
        '<!-- verifier-audit-state: {"version": 2} -->',
        STATE % ("fine", "2024-10-11T00:00:00Z", "{}"),
        STATE % ("clean", "yesterday", "{}"),
        STATE % ("clean", "2024-10-11T00:00:00Z", "[]"),
        '<!-- verifier-audit-state: {"version": 1, "version": 1} -->',
        "<!-- verifier-audit-state: {" + "[" * 100_000 + "} -->",
        "<!-- verifier-audit-state: {" * 10_000,
        '<!-- verifier-audit-state: {"a": "\ud800"} -->',
    ],
)
def test_an_issue_that_somebody_has_changed_is_written_anew(body):
    plan = decide(result(finding()), Known(number=7, open=True, body=body))
    assert (plan.action, plan.comment, plan.state.open) == ("update", True, {CVE})


@pytest.mark.parametrize("hostile", ["x -->", "x<!--", "--!>", "-\n->", "\ud800", "\u2028", '"}', "a" * 5_000])
def test_nothing_in_an_id_ends_the_comment(hostile):
    state = State(outcome="vulnerable", moment=NOW, open=frozenset({Tracked("pkg:pypi/a", hostile)}))
    text = written(state)
    assert text.count("-->") == 2
    assert "\n" not in text.partition("\n")[2]
    read = read_state(f"before\r\n{text}\r\nafter")
    assert read == state or "\ud800" in hostile


def test_an_issue_keeps_apart_what_line_ends_a_browser_makes_of_it():
    state = state_of("vulnerable", NOW, [CVE])
    assert read_state(written(state).replace("\n", "\r\n")) == state


MANY = [finding(f"CVE-2024-{each}", of=package(f"package-{each}")) for each in range(2_000)]


def test_too_many_findings_are_kept_as_their_digest():
    first = decide(result(*MANY), None)
    assert first.state.digest
    assert len(written(first.state)) < 500
    known = Known(number=7, open=True, body=written(replace(first.state, moment=NOW - DAY)))
    assert not decide(result(*MANY), known).comment
    assert decide(result(*MANY[1:]), known).comment
    assert decide(result(MANY[0]), known).comment


def test_too_many_findings_are_kept_over_a_night_without_an_answer():
    first = decide(result(*MANY), None)
    known = Known(number=7, open=True, body=written(replace(first.state, moment=NOW - DAY)))
    night = decide(silent(JINJA), known)
    assert (night.state.digest, night.comment) == (first.state.digest, False)


@pytest.mark.parametrize("name", ["%40acme/auth", "jinja2"])
def test_a_package_is_known_without_its_version(name):
    one = package(name, version="1.0", ecosystem="npm")
    plan = decide(result(finding(of=one)), None)
    assert plan.state.open == {Tracked(f"pkg:npm/{name}", "CVE-2019-10906")}
