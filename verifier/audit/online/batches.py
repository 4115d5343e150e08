"""Which records a service knows of many packages: OSV's `querybatch`, to the last page.

* an answer has one result for each query; one that has another number is no answer at all
* every page is asked for until none is left; a token that was there before, or too many pages, is a failure
* the canary is asked about in every request: an answer that says nothing of it says nothing of the others
* what fails is said for each question that it concerns; ids that were listed until then are kept

Source: https://google.github.io/osv.dev/post-v1-querybatch/; formats/audit.md section 6.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from verifier.audit.online.canary import ID
from verifier.audit.online.client import JsonClient
from verifier.core.errors import Refused, refuse
from verifier.formats.json import strict_json
from verifier.formats.json.strict_json import JsonValue

AT_MOST: Final = 1_000
"""Queries in one request, the canary's among them."""
MAX_PAGES: Final = 100
"""Pages of one question."""
_MAX_ANSWER: Final = 64 * 1024 * 1024
_MAX_TOKEN: Final = 4_096


class Question(NamedTuple):
    """What is known of a package, or (`version` is None) of its name. `ecosystem` and `name` are as OSV writes them."""

    ecosystem: str
    name: str
    version: str | None = None

    def asked(self, token: str) -> JsonValue:
        """The query, of the page that `token` stands for."""
        query: dict[str, JsonValue] = {"package": {"name": self.name, "ecosystem": self.ecosystem}}
        if self.version is not None:
            query["version"] = self.version
        if token:
            query["page_token"] = token
        return query


class Listed:
    """What was listed so far: the ids by question, in order, and why a question has no whole answer. Changes."""

    def __init__(self) -> None:
        self.ids: dict[Question, dict[str, None]] = {}
        self.failed: dict[Question, Refused] = {}
        self._tokens: dict[Question, set[str]] = {}

    def take(self, question: Question, result: tuple[tuple[str, ...], str], subject: str) -> str:
        """Note one page; the token of the next one, "" where it was the last."""
        ids, token = result
        self.ids.setdefault(question, {}).update(dict.fromkeys(ids))
        if not token:
            return ""
        seen = self._tokens.setdefault(question, set())
        if token in seen or len(seen) >= MAX_PAGES:
            how = "the same page comes again" if token in seen else f"more than {MAX_PAGES} pages"
            self.failed[question] = refuse("input.unreachable", subject, f"{how} of what it knows of {question.name}")
            return ""
        seen.add(token)
        return token


def listed(client: JsonClient, questions: Iterable[Question], canary: tuple[Question, ...]) -> Listed:
    """Every id that the service lists for each question, and each of the `canary`; raises nothing."""
    found = Listed()
    waiting = deque((question, "") for question in dict.fromkeys((*canary, *questions)))
    room = AT_MOST - len(canary)
    while waiting:
        part = [waiting.popleft() for _ in range(min(room, len(waiting)))]
        try:
            results = _asked(client, part, canary)
        except Refused as refusal:
            found.failed.update(dict.fromkeys((question for question, _ in part), refusal))
            continue
        for (question, _), result in zip(part, results, strict=True):
            if token := found.take(question, result, client.shown):
                waiting.append((question, token))
    return found


def _asked(
    client: JsonClient, part: list[tuple[Question, str]], canary: tuple[Question, ...]
) -> list[tuple[tuple[str, ...], str]]:
    """The results for `part`, without those for the canary."""
    queries = [question.asked(token) for question, token in (*part, *((each, "") for each in canary))]
    answer = client.post("v1/querybatch", {"queries": queries}, max_bytes=_MAX_ANSWER)
    tree = strict_json.loads(answer.body, subject=client.shown)
    if not isinstance(tree, dict) or not isinstance(results := tree.get("results"), list):
        raise refuse("input.unreachable", client.shown, "its answer to v1/querybatch has no list of results")
    if len(results) != len(queries):
        message = f"{len(results)} results for {len(queries)} queries"
        raise refuse("input.unreachable", client.shown, message)
    read = [_result(each, client.shown) for each in results]
    for question, (ids, token) in zip(canary, read[len(part) :], strict=True):
        if not ids and not token:
            raise refuse("input.unreachable", client.shown, f"knows nothing of {question.name}, which has a record")
    return read[: len(part)]


def _result(result: JsonValue, subject: str) -> tuple[tuple[str, ...], str]:
    """The ids of one result, and the token of its next page."""
    if not isinstance(result, Mapping):
        raise refuse("input.unreachable", subject, f"a result is {_kind(result)}, expected an object")
    vulns, token = result.get("vulns", []), result.get("next_page_token", "")
    if not isinstance(vulns, list) or not isinstance(token, str) or len(token) > _MAX_TOKEN:
        raise refuse("input.unreachable", subject, "a result is not a list of ids, and a token where more follow")
    return tuple(_id(each, subject) for each in vulns), token


def _id(vuln: Any, subject: str) -> str:
    identifier = vuln.get("id") if isinstance(vuln, dict) else None
    if not isinstance(identifier, str) or not ID.match(identifier):
        raise refuse("input.unreachable", subject, "a result lists something that has no id")
    return identifier


def _kind(value: JsonValue) -> str:
    return "null" if value is None else f"a {type(value).__name__}"
