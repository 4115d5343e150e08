"""The issues of a repository on GitHub: found, made, changed, commented on. Five requests, and nothing else.

* the token goes to the API that was named, and nowhere else: no redirect is followed
* an answer is believed where it is what GitHub says it sends, and says that what was asked for is done; anything else
  is `issue.tracker-unavailable` or `issue.tracker-refused`, with what to do, and never "there is no issue"
* every page of the list is read; pull requests in it are none of ours
* an issue that a stranger has opened is not the audit's, whatever it is marked with
* what may be sent twice is tried again; a new issue and a comment are not, for they would be there twice

Source: https://docs.github.com/rest/issues, version 2022-11-28.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal
from urllib.parse import quote, urlencode

from verifier.audit.tracking.plan import Known
from verifier.audit.tracking.state import MARK
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import compact
from verifier.net.access import Access
from verifier.net.address import NotAllowedError, parse_web_address
from verifier.net.answers import Answer
from verifier.net.http import REDIRECTS, Body, Request, Session
from verifier.net.retries import tried

LABEL: Final = "verifier-audit"
_UNAVAILABLE, _REFUSED = "issue.tracker-unavailable", "issue.tracker-refused"
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}\Z")
_TOKEN: Final = re.compile(r"[!-~]{1,1024}\Z")
_SAID: Final = frozenset({401, 403, 404, 410, 422}) | REDIRECTS
"""Statuses that GitHub documents, and that are told in words of our own."""
_STRANGERS: Final = frozenset({"NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "CONTRIBUTOR", "MANNEQUIN"})
_A_PAGE: Final = 100
_MOST_PAGES: Final = 50
_PAGE_BYTES: Final = 48 * 1024 * 1024
"""A hundred issues of 65,536 characters, each written with up to six bytes."""
_NEXT: Final = re.compile(r"<([^<>]*)>[^,<]*;\s*rel=\"?next\"?")
_WHOLE_S: Final = 120.0


class Found(Value):
    """The audit's issue, None where there is none, and warnings about others that are marked like it."""

    issue: Known | None
    warnings: tuple[Reason, ...] = ()


class GitHubIssues:
    """The issues of one repository, `OWNER/NAME`, at an API ("https://api.github.com"). `close` it in the end.

    Raises `ConfigurationError` for a repository, an API or a token that is none; a token is never repeated.
    """

    def __init__(self, repository: str, *, api: str, token: str, access: Access) -> None:
        if not _REPOSITORY.match(repository):
            raise ConfigurationError(f"{repository[:200]!r} is no repository", where="--repo", hint="Write OWNER/NAME.")
        if not _TOKEN.match(token):
            hint = "In a workflow: env: GITHUB_TOKEN: ${{ github.token }}."
            raise ConfigurationError("is empty, or no token", where="GITHUB_TOKEN", hint=hint)
        try:
            address = parse_web_address(api)
        except NotAllowedError as error:
            raise ConfigurationError(str(error), where="GITHUB_API_URL") from None
        self._session = Session(address.origin, access)
        self._origin, self._subject = address.origin, f"{repository} at {address.origin.host}"
        self._issues = f"{api.rstrip('/')}/repos/{repository}/issues"
        self._authorization = f"Bearer {token}"
        self._attempts = access.attempts

    def close(self) -> None:
        """Ask nothing more."""
        self._session.close()

    def find(self) -> Found:
        """The audit's issue: marked, labelled, and opened by somebody who may; an open one before a closed one, and the
        oldest of several."""
        marked: list[Known] = []
        strange: list[Known] = []
        for fields in self._listed():
            if "pull_request" in fields.value or MARK not in (fields.optional_string("body") or ""):
                continue
            (strange if _is_strangers(fields) else marked).append(_known(fields))
        marked.sort(key=lambda each: (not each.open, each.number))
        others = [each for each in marked[1:] if each.open]
        warnings = [self._warning(each, "is marked as well, and left as it is") for each in others]
        warnings += [self._warning(each, "is marked, but a stranger has opened it: ignored") for each in strange]
        return Found(issue=marked[0] if marked else None, warnings=tuple(warnings))

    def create(self, title: str, body: str) -> Known:
        """A new issue, with the label by which it is found again."""
        fields = self._ask("POST", "", {"title": title, "body": body, "labels": [LABEL]}, status=201)
        made = _known(fields)
        if LABEL not in _labels(fields):
            message = f"issue #{made.number} was made without its label {LABEL!r}, and would not be found again"
            hint = "GitHub drops labels of whoever may not set any: give the token write access, and label the issue."
            raise refuse(_REFUSED, self._subject, message, hint)
        return made

    def update(self, number: int, *, title: str, body: str, state: Literal["open", "closed"] | None = None) -> Known:
        """The issue with another title and text, and open or closed where that is said."""
        change: dict[str, JsonValue] = {"title": title, "body": body}
        if state is not None:
            change |= {"state": state, "state_reason": "completed" if state == "closed" else "reopened"}
        changed = _known(self._ask("PATCH", f"/{number}", change, status=200))
        if changed.number != number or (state is not None and changed.open != (state == "open")):
            raise refuse(
                _UNAVAILABLE, self._subject, f"issue #{number} was to be {state}, and the answer says otherwise"
            )
        return changed

    def comment(self, number: int, body: str) -> None:
        """A comment on the issue."""
        self._ask("POST", f"/{number}/comments", {"body": body}, status=201).count("id")

    def _listed(self) -> Iterator[Fields]:
        query = {"labels": LABEL, "state": "all", "sort": "created", "direction": "asc", "per_page": str(_A_PAGE)}
        url, seen = f"{self._issues}?{urlencode(query, quote_via=quote)}", set[str]()
        while url:
            if url in seen or len(seen) >= _MOST_PAGES:
                raise refuse(_UNAVAILABLE, self._subject, f"the list of issues does not end after {len(seen)} pages")
            seen.add(url)
            answer = self._answer(url)
            page = self._json(answer, 200)
            if not isinstance(page, list):
                raise refuse(_UNAVAILABLE, self._subject, "the list of issues is no list")
            for index, item in enumerate(page):
                yield Fields.of(item, code=_UNAVAILABLE, subject=self._subject, path=f"issues[{index}]")
            url = self._next(answer)

    def _next(self, answer: Answer) -> str:
        """The next page; "" where there is none. It has to lie where the first one did: the token goes along."""
        match = _NEXT.search(", ".join(answer.fields.get_all("link", [])))
        if match is None:
            return ""
        try:
            own = parse_web_address(match[1]).origin == self._origin
        except NotAllowedError:
            own = False
        if not own:
            raise refuse(_UNAVAILABLE, self._subject, "the next page of the list of issues lies on another server")
        return match[1]

    def _ask(self, method: str, path: str, document: Mapping[str, JsonValue], *, status: int) -> Fields:
        """What became of a change, as GitHub describes it."""
        answer = self._answer(f"{self._issues}{path}", method=method, sent=dict(document), status=status)
        value = self._json(answer, status)
        return Fields.of(value, code=_UNAVAILABLE, subject=self._subject)

    def _answer(self, url: str, *, method: str = "GET", sent: JsonValue = None, status: int = 200) -> Answer:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

        def attempt(left_s: float) -> Answer:
            request = Request(
                url=url,
                method=method,
                headers=headers if sent is None else {**headers, "Content-Type": "application/json"},
                authorization=self._authorization,
                statuses=frozenset({status}) | _SAID,
                whole_s=left_s,
                body=None if sent is None else Body.of(compact(sent).encode()),
            )
            return self._session.ask(request, max_bytes=_PAGE_BYTES)

        attempts = 1 if method == "POST" else self._attempts
        try:
            return tried(attempt, attempts=attempts, whole_s=_WHOLE_S, pause=self._session.pause)
        except Refused as refusal:
            raise refuse(_UNAVAILABLE, self._subject, refusal.reasons[0].message) from refusal

    def _json(self, answer: Answer, status: int) -> JsonValue:
        if answer.status != status:
            raise refuse(_REFUSED, self._subject, *_told(answer))
        try:
            return strict_json.loads(answer.body, subject=self._subject)
        except Refused as refusal:
            message = f"the answer is not JSON as GitHub sends it: {refusal.reasons[0].message}"
            raise refuse(_UNAVAILABLE, self._subject, message) from refusal

    def _warning(self, issue: Known, what: str) -> Reason:
        return Reason(code="issue.ambiguous", subject=self._subject, message=f"issue #{issue.number} {what}")


def _known(fields: Fields) -> Known:
    state = fields.text("state")
    if state not in {"open", "closed"}:
        raise fields.refusal("state", "is neither open nor closed")
    return Known(
        number=fields.count("number"),
        open=state == "open",
        body=fields.optional_string("body"),
        url=fields.optional_string("html_url") or "",
    )


def _labels(fields: Fields) -> frozenset[str]:
    """The names of the labels, which are texts or objects."""
    labels = fields.array("labels", most=_A_PAGE, required=False)
    return frozenset(str(each.get("name") if isinstance(each, dict) else each) for each in labels)


def _is_strangers(fields: Fields) -> bool:
    """Whether a person has opened it who may not write to the repository. A workflow's token is a "Bot"."""
    user = fields.optional_object("user")
    person = user is not None and user.optional_string("type") == "User"
    return person and fields.optional_string("author_association") in _STRANGERS


def _told(answer: Answer) -> tuple[str, str]:
    """What a status says, and what to do."""
    limited = answer.fields.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.fields
    if answer.status == 403 and limited:
        return "the limit of requests is reached (status 403)", "Run it again later."
    said, hint = _SAYS.get(answer.status, _MOVED)
    return f"{said} (status {answer.status})", hint


_MAY: Final = "give the job `permissions: issues: write`"
_SAYS: Final = {
    401: ("the token is not accepted", "Pass the job's own: env: GITHUB_TOKEN: ${{ github.token }}."),
    403: ("the token may not do this", f"{_MAY.capitalize()}."),
    404: ("there is no such repository or issue, or the token may not see it", f"Compare --repo, and {_MAY}."),
    410: ("issues are turned off, or this one was deleted", "Turn them on in the repository's settings."),
    422: ("what was sent is not taken", "Report this, with the report that it was made of."),
}
_MOVED: Final = ("the repository has another name now", "Pass its new name as --repo.")
