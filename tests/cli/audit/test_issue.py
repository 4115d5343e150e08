"""`verify audit issue`: the command, against a GitHub on loopback."""

import json

import pytest

from tests.support.audit.github import REPOSITORY, TOKEN, answer, github
from tests.support.audit.results import JINJA, audited, finding, result
from tests.support.command import run
from verifier.audit.tracking.state import MARK
from verifier.core.outcome import Reason
from verifier.formats.audit.document import write

STALE = Reason(code="vulnerability.database-stale", subject="the database", message="it is 40 days old")
FOUND = result(finding())
CLEAN = result(outcome="clean")
SILENT = result(packages=(audited(JINJA, status="unknown", why="stale"),), reasons=(STALE,), outcome="undecided")


@pytest.fixture
def hub(monkeypatch):
    with github() as running:
        monkeypatch.setenv("GITHUB_API_URL", running.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield running


@pytest.fixture
def tell(tmp_path):
    """Tell what an audit came to."""

    def told(came_to, *more):
        report = tmp_path / "audit.json"
        report.write_text(json.dumps(write(came_to)) if not isinstance(came_to, str) else came_to)
        return run("audit", "issue", "--repo", REPOSITORY, "--report", report, *more)

    return told


def test_an_issue_is_made_changed_closed_and_opened_again(hub, tell):
    assert tell(FOUND).out.startswith("issue #1 made: https://github.example/")
    assert tell(FOUND).out.startswith("issue #1 changed:")
    assert tell(CLEAN).out.startswith("issue #1 closed:")
    assert tell(CLEAN).out.startswith("issue #1 left as it is:")
    assert tell(FOUND).out.startswith("issue #1 opened again:")
    assert [issue["state"] for issue in hub.issues] == ["open"]
    assert [number for number, _ in hub.comments] == [1, 1]


def test_it_ends_in_0_whatever_the_report_says_where_that_was_told(hub, tell):
    assert [tell(each).status for each in (FOUND, SILENT, CLEAN)] == [0, 0, 0]


def test_nothing_to_tell_is_no_request_to_write(hub, tell):
    answered = tell(CLEAN)
    assert (answered.status, answered.out, hub.changed) == (0, "there is no issue, and nothing to tell\n", [])


def test_where_nobody_could_say_the_issue_stays_open_and_that_is_said(hub, tell):
    tell(FOUND)
    answered = tell(SILENT)
    assert "issue #1 changed, and left open: the audit could not decide" in answered.out
    assert (hub.issues[0]["state"], hub.comments) == ("open", [])
    assert "CVE-2019-10906" in hub.issues[0]["body"]
    assert "it is 40 days old" in hub.issues[0]["body"]


def test_a_strangers_issue_is_left_alone_and_named(hub, tell):
    hub.add(MARK, person="mallory", association="CONTRIBUTOR")
    answered = tell(FOUND)
    assert (answered.status, [each["body"] == MARK for each in hub.issues]) == (0, [True, False])
    assert "warning: issue.ambiguous" in answered.err
    assert "a stranger has opened it" in answered.err


def test_the_run_is_named_in_the_issue(hub, tell):
    url = "https://github.example/acme/shop/actions/runs/1"
    tell(FOUND, "--run-url", url)
    assert f"Run: <{url}>" in hub.issues[0]["body"]


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "https://a.example/> <b>", "https://a.example/\n", "https://a.example/`", "x" * 600],
)
def test_what_is_no_url_of_a_run_is_refused(hub, tell, url):
    answered = tell(FOUND, "--run-url", url)
    assert (answered.status, hub.asked) == (2, [])
    assert "--run-url" in answered.err


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        "[]",
        "{}",
        "<html>",
        '{"schema": "verifier/report/v1"}',
        '{"audit": {}}',
        '{"audit": {"outcome": "clean"}}',
    ],
)
def test_what_is_no_report_of_an_audit_closes_nothing(hub, tell, content):
    hub.add(MARK)
    answered = tell(content)
    assert (answered.status, hub.changed) == (3, [])
    assert answered.err.startswith("verify: ")


def test_a_report_that_was_cut_short_closes_nothing(hub, tell):
    hub.add(MARK)
    whole = json.dumps(write(CLEAN))
    for length in range(0, len(whole), 97):
        assert tell(whole[:length]).status == 3
    assert hub.changed == []


def test_a_report_that_says_clean_beside_a_finding_closes_nothing(hub, tell):
    """Somebody's filter, or a merge: the outcome is what the findings lead to, or the report is refused."""
    hub.add(MARK)
    document = write(FOUND)
    document["audit"]["outcome"] = "clean"
    assert tell(json.dumps(document)).status == 3
    document["verdict"] = "PASSED"
    assert tell(json.dumps(document)).status == 3
    assert hub.changed == []


def test_a_report_of_no_package_that_says_clean_closes_nothing(hub, tell):
    hub.add(MARK)
    document = write(CLEAN)
    document["audit"]["packages"] = []
    assert tell(json.dumps(document)).status == 3
    assert hub.changed == []


def test_a_report_that_is_not_there_closes_nothing(hub, tmp_path):
    hub.add(MARK)
    answered = run("audit", "issue", "--repo", REPOSITORY, "--report", tmp_path / "none.json")
    assert (answered.status, hub.changed) == (3, [])
    assert "input.unreadable" in answered.err


def test_an_older_report_closes_nothing(hub, tell):
    tell(FOUND)
    earlier = result(outcome="clean", now=FOUND.now.replace(year=2023))
    answered = tell(earlier)
    assert (answered.status, hub.issues[0]["state"]) == (3, "open")
    assert "issue.report-outdated" in answered.err


def test_without_a_token_nothing_is_asked(hub, tell, monkeypatch):
    monkeypatch.delenv("GITHUB_TOKEN")
    answered = tell(FOUND)
    assert (answered.status, hub.asked) == (2, [])
    assert "GITHUB_TOKEN" in answered.err


@pytest.mark.parametrize("token", ["ghs_wrong", TOKEN[:-1] + "y"])
def test_a_wrong_token_is_told_and_not_shown(hub, tell, monkeypatch, token):
    monkeypatch.setenv("GITHUB_TOKEN", token)
    answered = tell(FOUND)
    assert answered.status == 3
    assert "issue.tracker-refused" in answered.err
    assert "the token is not accepted" in answered.err
    assert token not in answered.err + answered.out


def broken(exchange):
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{")


FAULTS = {
    "status 401": lambda exchange: exchange.answer(401, b"{}"),
    "status 403": lambda exchange: exchange.answer(403, b"{}"),
    "status 404": lambda exchange: exchange.answer(404, b"{}"),
    "status 429": lambda exchange: exchange.answer(429, b"{}", retry_after="3600"),
    "status 500": lambda exchange: exchange.answer(500, b"<html>"),
    "status 503": lambda exchange: exchange.answer(503, b"", retry_after="3600"),
    "a redirect": lambda exchange: exchange.answer(301, b"", Location="https://elsewhere.example/"),
    "a page": lambda exchange: exchange.answer(200, b"<html>"),
    "nothing": lambda exchange: exchange.answer(200, b""),
    "an object": lambda exchange: answer(exchange, 200, {}),
    "null": lambda exchange: answer(exchange, 200, None),
    "cut short": broken,
    "not HTTP": lambda exchange: exchange.raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "no answer": lambda exchange: exchange.raw(b""),
}


@pytest.mark.parametrize(
    ("fault", "came_to", "before"),
    [
        *((fault, FOUND, None) for fault in FAULTS),
        *(("a page", came_to, before) for came_to, before in ((FOUND, CLEAN), (CLEAN, FOUND), (SILENT, FOUND))),
        *((fault, CLEAN, FOUND) for fault in ("status 500", "status 403", "null")),
    ],
)
def test_a_fault_at_any_request_is_told_and_the_next_run_makes_it_good(hub, tell, fault, came_to, before):
    """Each request of a run fails in turn; afterwards the issue is what it would be without."""

    def prepared():
        hub.issues.clear()
        hub.comments.clear()
        if before is not None:
            tell(FOUND)
            if before is CLEAN:
                tell(CLEAN)
        hub.asked.clear()

    prepared()
    tell(came_to)
    expected, asked = [each["state"] for each in hub.issues], len(hub.asked)
    assert asked >= 2
    for index in range(asked):
        prepared()
        hub.failing = (index, FAULTS[fault])
        answered = tell(came_to)
        hub.failing = None
        assert answered.status == 3, (index, answered)
        assert "issue.tracker-" in answered.err
        assert TOKEN not in answered.err + answered.out
        assert tell(came_to).status == 0
        assert [each["state"] for each in hub.issues] == expected
