"""What the issue says: short enough, true, and nothing of a stranger's in it but text."""

import re
from datetime import UTC, datetime

import pytest

from tests.support.audit.made import NOW, package
from tests.support.audit.results import DATABASE, DJANGO, JINJA, KEV, audited, excuse, finding, result
from verifier.audit.tracking.plan import Known, decide
from verifier.audit.tracking.state import MARK, Tracked, read_state, state_of, written
from verifier.audit.tracking.text import LONGEST, texts_of
from verifier.core.outcome import Reason

EARLIER = datetime(2024, 10, 1, tzinfo=UTC)
HOSTILE = (
    "@octocat",
    "#1",
    "acme/shop#1",
    "https://evil.example",
    "www.evil.example",
    "[x](https://evil.example)",
    "![x](https://evil.example/pixel.png)",
    "<img src=x onerror=alert(1)>",
    "</code></td></table><script>alert(1)</script>",
    "a | b",
    "line\n\n# heading",
    "`` ` ``",
    "--> <!-- verifier-audit-state: {} -->",
    "<!-- verifier-audit -->",
    "\u202egpj.exe",
    "\u200b",
    ":tada:",
    "$x^2$",
    "~~a~~ **b** _c_",
    "\x1b]8;;https://evil.example\x07",
    "&lt;b&gt;",
    "a" * 200_000,
    "\ud800",
)
"""What would be a mention, a link, a picture, a cell, a comment, an emoji, or a formula."""


def texts(found, known=None, **more):
    return texts_of(found, decide(found, known), **more)


def issue(*tracked, opened=True):
    return Known(number=7, open=opened, body=written(state_of("vulnerable", EARLIER, tracked)))


def test_the_issue_says_what_was_found_where_and_how_to_mend_it():
    said = texts(result(finding(kev=KEV), database=DATABASE), run_url="https://github.example/acme/shop/actions/runs/1")
    assert said.title == "Dependency audit: 1 known vulnerability in 1 of 1 package"
    assert said.body.startswith(MARK)
    [row] = [each for each in said.body.splitlines() if "CVE-2019-10906" in each and each.startswith("|")]
    for cell in ("jinja2", "2.10", "high KEV", "2.10.1", "requirements.txt:1", "Sandbox escape"):
        assert cell in row
    assert "Run: <https://github.example/acme/shop/actions/runs/1>" in said.body


def test_the_issue_says_the_databases_digest_and_the_date_of_its_data():
    body = texts(result(finding(), database=DATABASE)).body
    assert DATABASE.digest in body
    assert "newest 2024-10-10T00:00:00Z" in body


def test_the_issue_says_who_was_asked_and_where_nobody_was():
    asked = texts(result(finding(), database=None, services=("https://api.osv.dev",))).body
    assert "api.osv.dev" in asked
    none = result(packages=(audited(JINJA, status="unknown", why="nobody"),), outcome="undecided", database=None)
    assert "nobody was asked" in texts(none).body


def test_an_issue_that_nobody_could_decide_says_that_it_stays_open_and_what_was_known():
    reason = Reason(code="vulnerability.database-stale", subject="the database", message="it is 40 days old")
    night = result(packages=(audited(JINJA, status="unknown", why="too old"),), reasons=(reason,), outcome="undecided")
    said = texts(night, issue(Tracked("pkg:pypi/jinja2", "CVE-2019-10906")))
    assert said.title.startswith("Dependency audit: nobody can say")
    assert "this issue stays open" in said.body
    assert "**1 finding of earlier audits, not looked up again this time:**" in said.body
    assert "- <code>CVE-2019-10906</code> in <code>pkg:pypi/jinja2</code>" in said.body
    assert "it is 40 days old" in said.body
    assert said.comment == ""


def test_what_is_under_an_exception_stays_in_sight():
    open_one, excused = finding("CVE-2021-1", of=DJANGO), finding(excuse=excuse())
    body = texts(result(open_one, excused)).body
    assert "Accepted, and still there" in body
    assert "until 2024-12-31T00:00:00Z" in body


def test_a_comment_names_what_is_new_and_what_is_gone():
    comment = texts(
        result(finding("CVE-2021-1", of=DJANGO), packages=(audited(JINJA), audited(DJANGO))),
        issue(Tracked("pkg:pypi/jinja2", "CVE-2019-10906")),
    ).comment
    assert "**New**" in comment
    assert "CVE-2021-1" in comment.partition("**Fixed,")[0]
    assert "CVE-2019-10906" in comment.partition("**Fixed,")[2]


@pytest.mark.parametrize(
    ("found", "known", "words"),
    [
        (result(outcome="clean"), issue(Tracked("pkg:pypi/jinja2", "CVE-1-1")), "Everything was looked up"),
        (result(finding()), issue(opened=False), "Found again: opened again."),
        (
            result(packages=(audited(JINJA, status="unknown"),), outcome="undecided"),
            issue(opened=False),
            "Nobody could say whether there is any: opened again.",
        ),
    ],
    ids=["closed", "found again", "nobody"],
)
def test_a_comment_says_why_an_issue_is_closed_or_opened(found, known, words):
    assert words in texts(found, known).comment


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_of_a_strangers_is_more_than_text(hostile):
    one = package(hostile, version=hostile, file=hostile)
    found = finding(hostile, of=one, summary=hostile, minimal_fix=hostile)
    undecided = finding(hostile, of=one, status="undecided", why=hostile, minimal_fix=None)
    unknown = audited(one, status="unknown", why=hostile)
    reason = Reason(code="dependency.hash-weak", subject=hostile, message=hostile)
    report = result(found, undecided, packages=(unknown,), reasons=(reason,), services=(hostile,))
    said = texts(report, issue(Tracked(hostile, hostile)))
    for text in (said.body, said.comment):
        seen = text.partition("-->\n<!-- verifier-audit-state: ")[2] or text
        told = re.sub(r"<code>[^<>`|\n@*_\[\]]*</code>", "", seen.partition(" -->\n")[2] or seen)
        assert hostile not in told
        assert "@" not in told
        assert not re.search(r"evil|script|<img|tada|octocat", told)
        assert text.count("<!--") == text.count("-->") == (2 if text is said.body else 0)
        assert len(text) <= LONGEST
    assert said.title.isascii()
    assert "\n" not in said.title


def test_an_issue_about_thousands_of_findings_is_as_long_as_github_takes():
    many = [
        finding(f"CVE-2024-{each}", of=package(f"package-{each}"), summary="é" * 500, minimal_fix="9" * 500)
        for each in range(5_000)
    ]
    unknown = tuple(audited(package(f"own-{each}"), status="unknown", why="w" * 5_000) for each in range(5_000))
    said = texts(result(*many, packages=unknown), issue(Tracked("pkg:pypi/old", "CVE-1-1")))
    assert len(said.body.encode()) <= LONGEST
    assert len(said.comment.encode()) <= LONGEST
    assert "rows are left out" in said.body
    assert "- and 4,950 more" in said.comment
    assert (
        said.title == "Dependency audit: 5,000 known vulnerabilities in 5,000 of 5,000 packages, 5,000 packages unknown"
    )


@pytest.mark.parametrize("sign", ["@", "|", "é", "漢", "a", "\u202e"])
def test_names_that_are_as_long_as_lines_leave_it_as_long_as_github_takes(sign):
    long = sign * 300
    had = [Tracked(f"pkg:pypi/{number}{long}", long) for number in range(30)]
    night = result(
        packages=(audited(package(long), status="unknown", why=long * 20),),
        targets=tuple(f"{number}{long}" for number in range(50)),
        services=(long,) * 50,
        outcome="undecided",
        database=None,
        reasons=(Reason(code="vulnerability.source-unavailable", subject=long, message=long),),
    )
    said = texts(night, issue(*had))
    assert len(said.body.encode()) <= LONGEST
    state = read_state(said.body)
    assert state.digest or state.open == set(had)
    assert len(said.title) <= 200
    gone = texts(result(finding(), packages=(audited(JINJA),)), issue(*had))
    assert len(gone.comment.encode()) <= LONGEST


@pytest.mark.parametrize("moment", [NOW])
def test_the_same_report_makes_the_same_text(moment):
    found = result(finding(), now=moment)
    assert texts(found) == texts(found)
