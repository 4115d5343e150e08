"""The issues of a repository on GitHub, over real HTTP: found, made, changed, and never mistaken."""

import pytest

from tests.support.audit.github import LONGEST, REPOSITORY, TOKEN, answer, github
from tests.support.net.servers import server
from verifier.audit.tracking.github import GitHubIssues
from verifier.audit.tracking.state import MARK
from verifier.core.errors import ConfigurationError, Refused
from verifier.net.access import Access


@pytest.fixture
def hub():
    with github() as running:
        yield running


@pytest.fixture
def issues(hub):
    tracker = tracked(hub)
    yield tracker
    tracker.close()


def tracked(hub, *, token=TOKEN, repository=REPOSITORY, **access):
    return GitHubIssues(repository, api=hub.url, token=token, access=Access(**{"attempts": 1, **access}))


def test_nothing_is_found_where_nothing_is(issues):
    assert issues.find().issue is None


def test_the_marked_and_labelled_issue_is_found(hub, issues):
    hub.add("somebody's")
    hub.add(f"{MARK}\nbody", labels=("other",))
    hub.add(f"{MARK}\nbody")
    found = issues.find()
    assert (found.issue.number, found.issue.open, found.warnings) == (3, True, ())


def test_a_pull_request_is_no_issue(hub, issues):
    hub.add(f"{MARK}\nbody", pull_request={"url": "x"})
    assert issues.find().issue is None


def test_the_issue_is_found_on_a_later_page(hub, issues):
    for _ in range(250):
        hub.add("somebody's")
    hub.add(f"{MARK}\nbody")
    assert issues.find().issue.number == 251
    assert len(hub.asked) == 3


def test_an_issue_without_a_text_is_none_of_ours(hub, issues):
    hub.add(None)
    assert issues.find().issue is None


def test_an_open_issue_comes_before_a_closed_one_and_the_oldest_of_several(hub, issues):
    for state in ("closed", "open", "open"):
        hub.add(MARK, state=state)
    found = issues.find()
    assert found.issue.number == 2
    assert [each.message for each in found.warnings] == ["issue #3 is marked as well, and left as it is"]


@pytest.mark.parametrize("association", ["NONE", "CONTRIBUTOR", "FIRST_TIME_CONTRIBUTOR"])
def test_a_strangers_issue_is_not_the_audits_whatever_it_is_marked_with(hub, issues, association):
    hub.add(MARK, person="mallory", association=association)
    found = issues.find()
    assert found.issue is None
    assert [each.code for each in found.warnings] == ["issue.ambiguous"]


@pytest.mark.parametrize("association", ["OWNER", "MEMBER", "COLLABORATOR"])
def test_the_issue_of_somebody_who_may_write_is_the_audits(hub, issues, association):
    hub.add(MARK, person="release-engineer", association=association)
    assert issues.find().issue.number == 1


def test_an_issue_is_made_changed_commented_on_and_closed(hub, issues):
    made = issues.create("title", "body")
    issues.comment(made.number, "a comment")
    issues.update(made.number, title="other", body="text")
    closed = issues.update(made.number, title="other", body="text", state="closed")
    assert (closed.open, hub.issues[0]["title"], hub.issues[0]["state_reason"]) == (False, "other", "completed")
    assert hub.comments == [(1, "a comment")]
    assert [each["name"] for each in hub.issues[0]["labels"]] == ["verifier-audit"]


def test_a_text_that_is_too_long_is_told(issues):
    with pytest.raises(Refused, match="what was sent is not taken"):
        issues.create("title", "a" * (LONGEST + 1))


def test_a_dropped_label_is_told(hub, issues):
    """Whoever may not label makes a new issue every night."""
    hub.labels_kept = False
    with pytest.raises(Refused, match="without its label"):
        issues.create("title", "body")


STATUSES = {
    401: ("issue.tracker-refused", "the token is not accepted"),
    403: ("issue.tracker-refused", "the token may not do this"),
    404: ("issue.tracker-refused", "there is no such repository"),
    410: ("issue.tracker-refused", "issues are turned off"),
    422: ("issue.tracker-refused", "what was sent is not taken"),
    301: ("issue.tracker-refused", "the repository has another name now"),
    302: ("issue.tracker-refused", "the repository has another name now"),
    307: ("issue.tracker-refused", "the repository has another name now"),
    429: ("issue.tracker-unavailable", "status 429"),
    500: ("issue.tracker-unavailable", "status 500"),
    502: ("issue.tracker-unavailable", "status 502"),
    503: ("issue.tracker-unavailable", "status 503"),
    204: ("issue.tracker-unavailable", "status 204"),
}
ASKED = {
    "GET": lambda issues: issues.find(),
    "PATCH": lambda issues: issues.update(1, title="t", body="b", state="closed"),
    "POST": lambda issues: issues.create("t", "b"),
    "POST of a comment": lambda issues: issues.comment(1, "b"),
}


@pytest.mark.parametrize("method", ASKED)
@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_told_at_every_request(hub, issues, method, status):
    hub.add(MARK)
    fault = lambda exchange: exchange.answer(status, b"", Location="https://elsewhere.example/")  # noqa: E731
    hub.faults.append((method.partition(" ")[0], fault))
    with pytest.raises(Refused) as caught:
        ASKED[method](issues)
    code, message = STATUSES[status]
    assert caught.value.reasons[0].code == code
    assert message in caught.value.reasons[0].message
    assert caught.value.reasons[0].is_undecided
    assert TOKEN not in repr(caught.value.reasons)


@pytest.mark.parametrize("headers", [{"x_ratelimit_remaining": "0"}, {"retry_after": "60"}])
def test_the_limit_of_requests_is_told_apart_from_a_missing_right(hub, issues, headers):
    hub.faults.append(("GET", lambda exchange: exchange.answer(403, b"{}", **headers)))
    with pytest.raises(Refused, match="the limit of requests is reached"):
        issues.find()


BODIES = {
    "a page": b"<html><body>Unicorn!</body></html>",
    "nothing": b"",
    "cut short": b'[{"number": 1, "state": "open", "bo',
    "null": b"null",
    "a text": b'"fine"',
    "an object": b"{}",
    "a list of texts": b'["issue"]',
    "a list of lists": b"[[]]",
    "another encoding": '{"number": 1}'.encode("utf-16"),
    "a key twice": b'{"number": 1, "number": 2, "state": "open"}',
    "a number as text": b'{"number": "1", "state": "open", "id": "1"}',
    "another state": b'{"number": 1, "state": "merged", "id": true}',
    "a boolean": b'{"number": true, "state": "open", "id": -1}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("method", ASKED)
@pytest.mark.parametrize("kind", BODIES)
def test_what_is_no_answer_of_githubs_is_told_at_every_request(hub, issues, method, kind):
    hub.add(MARK)
    status = {"GET": 200, "PATCH": 200}.get(method, 201)
    hub.faults.append((method.partition(" ")[0], lambda exchange: exchange.answer(status, BODIES[kind])))
    with pytest.raises(Refused) as caught:
        ASKED[method](issues)
    assert caught.value.reasons[0].code == "issue.tracker-unavailable"


def test_an_answer_that_ends_early_is_told(hub, issues):
    hub.faults.append(("GET", lambda exchange: exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]")))
    with pytest.raises(Refused, match="before its stated length"):
        issues.find()


def test_an_issue_that_was_to_be_closed_and_is_not_is_told(hub, issues):
    hub.add(MARK)
    hub.faults.append(("PATCH", lambda exchange: answer(exchange, 200, {**hub.issues[0], "state": "open"})))
    with pytest.raises(Refused, match="the answer says otherwise"):
        issues.update(1, title="t", body="b", state="closed")


def test_the_answer_about_another_issue_is_told(hub, issues):
    hub.add(MARK)
    hub.add(MARK)
    hub.faults.append(("PATCH", lambda exchange: answer(exchange, 200, hub.issues[1])))
    with pytest.raises(Refused, match="the answer says otherwise"):
        issues.update(1, title="t", body="b")


def linking(to):
    return lambda exchange: answer(exchange, 200, [], Link=f'<{to}>; rel="next"')


def test_the_token_goes_to_no_other_server(hub, issues):
    with server(lambda exchange: answer(exchange, 200, [])) as other:
        hub.faults.append(("GET", linking(f"{other.url}/repos/acme/shop/issues?page=2")))
        with pytest.raises(Refused, match="another server"):
            issues.find()
        assert other.seen == []


@pytest.mark.parametrize("to", ["not a url", "file:///etc/passwd", "https://me:secret@127.0.0.1/", "/repos?page=2", ""])
def test_a_next_page_that_is_none_is_told(hub, issues, to):
    hub.faults.append(("GET", linking(to)))
    with pytest.raises(Refused, match="another server"):
        issues.find()


def test_a_list_that_leads_back_to_itself_ends(hub, issues):
    hub.faults += [("GET", linking(f"{hub.url}/repos/acme/shop/issues?page=2"))] * 3
    with pytest.raises(Refused, match="does not end"):
        issues.find()


def test_a_list_without_an_end_ends(hub, issues):
    hub.faults += [("GET", linking(f"{hub.url}/repos/acme/shop/issues?page={page}")) for page in range(200)]
    with pytest.raises(Refused, match="does not end after 50 pages"):
        issues.find()


def test_nobody_there_is_told():
    with server(lambda _: None) as gone:
        url = gone.url
    tracker = GitHubIssues(REPOSITORY, api=url, token=TOKEN, access=Access())
    with pytest.raises(Refused) as caught:
        tracker.find()
    assert caught.value.reasons[0].code == "issue.tracker-unavailable"
    tracker.close()


def test_reading_and_changing_are_tried_again_and_making_is_not(hub):
    tracker = tracked(hub, attempts=3)
    busy = lambda exchange: exchange.answer(503, b"", retry_after="0")  # noqa: E731
    hub.add(MARK)
    hub.faults += [("GET", busy), ("GET", busy)]
    assert tracker.find().issue.number == 1
    hub.faults += [("PATCH", busy)]
    tracker.update(1, title="t", body="b")
    hub.faults += [("POST", busy)]
    with pytest.raises(Refused, match="status 503"):
        tracker.comment(1, "b")
    assert hub.comments == []
    tracker.close()


@pytest.mark.parametrize(
    "repository",
    [
        *("", "acme", "acme/", "/shop", "acme/shop/x", "acme/..", "acme/.", "../shop", "acme/sh op", "acme/shop\n"),
        *("a" * 500 + "/x", "acme/shop?x=1", "acme/shop#x", "acme/%2e%2e", "acmе/shop", "-acme/shop"),
    ],
)
def test_what_is_no_repository_is_refused(repository):
    with pytest.raises(ConfigurationError, match="--repo"):
        GitHubIssues(repository, api="https://api.github.example", token=TOKEN, access=Access())


@pytest.mark.parametrize("token", ["", " ", "a b", "a\nb", "a\r\nHost: evil.example", "ü" * 40, "a" * 5_000, "\x7f"])
def test_what_is_no_token_is_refused_and_not_repeated(token):
    with pytest.raises(ConfigurationError, match="GITHUB_TOKEN") as caught:
        GitHubIssues(REPOSITORY, api="https://api.github.example", token=token, access=Access())
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize("api", ["", "api.github.example", "ftp://api.github.example", "https://me:secret@a.example"])
def test_what_is_no_api_is_refused_and_no_password_shown(api):
    with pytest.raises(ConfigurationError, match="GITHUB_API_URL") as caught:
        GitHubIssues(REPOSITORY, api=api, token=TOKEN, access=Access())
    assert "secret" not in str(caught.value)


def test_the_token_goes_to_nobody_by_plain_http():
    tracker = GitHubIssues(REPOSITORY, api="http://192.0.2.1", token=TOKEN, access=Access())
    with pytest.raises(Refused, match="tracker-unavailable"):
        tracker.find()
    tracker.close()
