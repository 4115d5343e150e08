"""A difference on a screen, in a page, and for a program: hostile text stays text."""

import json
import re

import pytest

from tests.support.sboms.listed import document, package
from verifier.formats.bom.component import Component, License
from verifier.formats.json.write import page
from verifier.sbom.difference.difference import difference
from verifier.sbom.difference.shown import markdown, text

HOSTILE = [
    "a\x1b[2J\x1b]0;title\x07",
    "a\u202eb\u200b",
    "a\r\nadded",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "`` ` ``` a `",
    "a`b",
    "| a | b |",
    "a`|`b",
    "\\| a",
    "`",
    "\ud800",
    "@everyone #1 https://evil.example",
]
CODE = re.compile(r"(`+)(?:.|\n)*?(?<!`)\1(?!`)")


def hostile(text_):
    old = Component("library", "pypi", text_, "1", licenses=(License(text_, "name"),))
    new = old._replace(version=text_ + "2", licenses=(License("x" + text_, "name"),))
    subject = Component("application", "", text_, text_)
    return difference(document(old, subject=subject), document(new, subject=subject))


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hostile_reaches_a_terminal(name):
    shown = text.render(hostile(name))
    assert all(each.isprintable() for each in shown.split("\n"))
    assert "unordered" in shown


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hostile_is_markdown(name):
    shown = markdown.render(hostile(name))
    assert all(each.isprintable() for each in shown.split("\n"))
    outside = CODE.sub("", shown)
    for sign in ("<", "](", "`", "@", "evil"):
        assert sign not in outside


@pytest.mark.parametrize("name", HOSTILE)
def test_a_cell_of_a_table_is_not_ended_from_within(name):
    rows = [line for line in markdown.render(hostile(name)).splitlines() if line.startswith("| `")]
    assert rows
    assert {line.count("|") for line in rows} == {4}


def test_a_name_as_long_as_a_document_is_cut():
    found = hostile("x" * 1_000_000)
    assert len(text.render(found)) < 5_000
    assert len(markdown.render(found)) < 5_000


def test_a_program_gets_every_change():
    found = difference(document(package("pkg:pypi/a@2")), document(package("pkg:pypi/a@1"), package("pkg:pypi/b@1")))
    told = json.loads(page(found.document()))
    assert told["counts"] == {"downgraded": 1, "added": 1}
    assert told["changes"][0] == {
        "category": "downgraded",
        "ecosystem": "pypi",
        "subject": "pkg:pypi/a@1",
        "old": "2",
        "new": "1",
    }


def test_where_nothing_differs_that_is_said():
    same = document(package("pkg:pypi/a@1"))
    assert "no component differs; 1 in both" in text.render(difference(same, same))
    assert "No component differs; 1 in both" in markdown.render(difference(same, same))
