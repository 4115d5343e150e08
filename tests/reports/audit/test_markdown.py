"""Markdown: nothing of a stranger is markup, and it fits into the summary of a job."""

import pytest
from hypothesis import given, settings

from tests.support.audit.made import package
from tests.support.audit.markdown import outside, rows, spans
from tests.support.audit.results import every_kind, finding, result, results
from verifier.reports.audit.markdown import MAX_SUMMARY, bounded, render


@settings(max_examples=40)
@given(results())
def test_no_text_of_a_stranger_is_markup(what):
    text = render(what)
    assert all(len(row) in {2, 4, 5, 7} for row in rows(text))
    left = outside(text)
    for mark in ("<", "@", "](", "`", "://", "evil.example", "&#"):
        assert mark not in left.replace("`dependency.", "").replace("`vulnerability.", "").replace("` |", ""), mark
    lines = text.splitlines()
    assert all(line.startswith(("#", "-", "|", "**")) or not line for line in lines)
    assert sum(line.startswith("### ") for line in lines) == 1


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        "`code`",
        "<script>alert(1)</script>",
        "@everyone",
        "[x](javascript:alert(1))",
        "https://evil.example www.evil.example",
        "**bold** ~~x~~ $y$",
        "</code>",
        "&lt;&#64;",
        "\\| \\",
    ],
)
def test_a_text_is_shown_as_it_is_in_a_code_span(text):
    shown = render(result(finding(summary=text)))
    assert text in spans(shown)
    assert [len(row) for row in rows(shown)] == [7, 7, 7]


def test_an_address_is_no_link():
    """GitHub looks for them in what it shows: `cmark-gfm` makes `a&#64;b.example` one, and none over two spans."""
    shown = render(result(finding(summary="mailto:a@b.example xmpp:c@d.example")))
    assert shown.count("&#64;") == shown.count("</code><code>&#64;") == 2
    assert "@" not in shown


def test_a_line_break_is_no_new_row():
    shown = render(result(finding(summary="a\n| b |\r\n# c")))
    assert len(rows(shown)) == 3
    assert shown.count("\n#") == 1


def test_everything_is_there_under_its_heading():
    shown = render(every_kind())
    for heading in (
        "#### Errors: 1",
        "#### Known vulnerabilities: 2",
        "#### Undecided: nobody can say whether these apply: 1",
        "#### Unknown or undecided packages: 3",
        "#### Below the threshold: 1",
        "#### Accepted, and still there: 1",
        "#### Gone since the previous report: 1",
        "#### Warnings: 1",
    ):
        assert heading in shown
    assert "**NEW** <code>CVE-2021-35042</code>" in shown


class TestItsSize:
    MANY = result(*(finding(f"CVE-2000-{number}", severity="low", summary="字" * 250) for number in range(3_000)))

    def test_it_is_cut_to_what_a_summary_takes_and_says_so(self):
        text = render(self.MANY)
        assert len(text.encode()) <= MAX_SUMMARY
        assert len(text.encode()) > MAX_SUMMARY * 0.9
        shown = len(rows(text)) - 2
        assert f"**{3_000 - shown:,} rows are left out**" in text

    def test_the_most_severe_are_kept(self):
        worst = finding("CVE-2024-1", severity="critical", of=package("zz"))
        text = bounded(result(worst, *(finding(f"CVE-2000-{number}", severity="low") for number in range(99))), 8_000)
        assert "CVE-2024-1" in text
        assert len(text.encode()) <= 8_000

    def test_what_fits_is_not_cut(self):
        assert "left out" not in render(every_kind())
