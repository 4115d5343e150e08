"""A GitHub with the five requests about issues that the audit uses, as the real one answers them.

* a list has pages (`Link`), is filtered by label and state, and has pull requests in it
* a request without the token is answered with 404 (a private repository), with a wrong one with 401
* a new label is made with an issue; an issue's text has at most 65,536 characters (422)
* `faults` are answers in the place of the next ones, one each, by method; `failing` is what answers from the request of
  that number on

Source: https://docs.github.com/rest/issues, version 2022-11-28.
"""

import json
import re
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.net.servers import server

TOKEN = "ghs_" + "x" * 36
REPOSITORY = "acme/shop"
LONGEST = 65_536
_ISSUE = re.compile(r"/repos/acme/shop/issues(?:/(\d+))?(/comments)?\Z")


class GitHub:
    """`issues` as GitHub shows them, `comments` as (number, text), `asked` as (method, path, what was sent)."""

    def __init__(self):
        self.issues, self.comments, self.asked, self.faults = [], [], [], []
        self.failing = None
        self.labels_kept = True
        self.url = ""

    def add(self, body, *, labels=("verifier-audit",), state="open", person="", association="NONE", **more):
        """An issue that is there already; `person` is who has opened it, a workflow where nobody is named."""
        issue = {
            "id": 10_000 + len(self.issues),
            "number": len(self.issues) + 1,
            "title": "an issue",
            "body": body,
            "state": state,
            "state_reason": None,
            "labels": [{"id": 1, "name": each, "color": "ededed"} for each in labels],
            "user": {"login": person or "github-actions[bot]", "type": "User" if person else "Bot"},
            "author_association": association,
            "html_url": f"https://github.example/{REPOSITORY}/issues/{len(self.issues) + 1}",
            **more,
        }
        self.issues.append(issue)
        return issue

    @property
    def changed(self):
        """What was asked for besides reading."""
        return [(method, path) for method, path, _ in self.asked if method != "GET"]

    def say(self, exchange):
        sent = exchange.sent()
        self.asked.append((exchange.command, exchange.path, json.loads(sent) if sent else None))
        if self.failing is not None and len(self.asked) > self.failing[0]:
            self.failing[1](exchange)
            return
        if self.faults and self.faults[0][0] in {exchange.command, "any"}:
            self.faults.pop(0)[1](exchange)
            return
        authorization = exchange.headers.get("authorization")
        split = urlsplit(exchange.path)
        match = _ISSUE.match(split.path)
        if authorization != f"Bearer {TOKEN}":
            answer(
                exchange,
                401 if authorization else 404,
                {"message": "Bad credentials" if authorization else "Not Found"},
            )
        elif match is None:
            answer(exchange, 404, {"message": "Not Found", "status": "404"})
        else:
            self._issue(exchange, match, parse_qs(split.query))

    def _issue(self, exchange, match, query):
        number, comments = match[1], match[2]
        sent = self.asked[-1][2]
        if sent is not None and len(sent.get("body", "")) > LONGEST:
            answer(exchange, 422, {"message": "Validation Failed"})
        elif number is None and exchange.command == "GET":
            self._list(exchange, query)
        elif number is None:
            labels = sent["labels"] if self.labels_kept else ()
            answer(exchange, 201, self.add(sent["body"], labels=labels, title=sent["title"]))
        elif not 0 < int(number) <= len(self.issues):
            answer(exchange, 404, {"message": "Not Found"})
        elif comments:
            self.comments.append((int(number), sent["body"]))
            answer(exchange, 201, {"id": len(self.comments), "body": sent["body"]})
        else:
            issue = self.issues[int(number) - 1]
            if exchange.command == "PATCH":
                issue.update(sent)
            answer(exchange, 200, issue)

    def _list(self, exchange, query):
        label, state = query.get("labels", [""])[0], query.get("state", ["open"])[0]
        found = [
            each
            for each in self.issues
            if (not label or label in {one["name"] for one in each["labels"]}) and state in {"all", each["state"]}
        ]
        size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        link = {}
        if len(found) > page * size:
            onward = urlencode({**{name: values[0] for name, values in query.items()}, "page": page + 1})
            last = f'<{self.url}/repos/{REPOSITORY}/issues?page=9>; rel="last"'
            link = {"Link": f'<{self.url}/repos/{REPOSITORY}/issues?{onward}>; rel="next", {last}'}
        answer(exchange, 200, found[(page - 1) * size : page * size], **link)


def answer(exchange, status, value, **headers):
    """An answer of JSON."""
    body = json.dumps(value).encode()
    exchange.answer(status, body, Content_Type="application/json; charset=utf-8", **headers)


@contextmanager
def github():
    """A GitHub that runs until the end of the test, with the repository `acme/shop`."""
    hub = GitHub()
    with server(hub.say) as running:
        hub.url = running.url
        yield hub
