"""Text of strangers does nothing, in any format of verdicts or of audits: one property over all of them."""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from lxml import etree, html

from tests.support.audit.markdown import outside, rows
from tests.support.audit.results import results
from tests.support.verdicts import dossiers
from verifier.reports.audit import table as audits
from verifier.reports.table import REPORTS, Screen, renderer

HIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
JSON = {"json", "sarif", "gitlab", "cyclonedx-vex", "openvex"}
SCREENS = (Screen(), Screen(columns=20, detail="verbose"), Screen(columns=80, detail="quiet"))


def hold(name, text):
    """Hold a report against what its medium does with text."""
    text.encode()
    assert text.endswith("\n")
    assert not {unicodedata.category(each) for each in set(text) - {"\n"}} & HIDDEN
    assert "##[" not in text
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert name == "github" or commands == []
    MEDIA.get(name, lambda _: None)(text)


def hold_json(text):
    assert text.isascii()
    json.loads(text, parse_constant=pytest.fail)


def hold_github(text):
    """Every line is one command, of a level and with the properties that ours have."""
    for line in text.splitlines():
        level, _, rest = line.removeprefix("::").partition(" ")
        assert level in {"error", "warning", "notice"}
        properties, end, data = rest.partition("::")
        assert end
        assert {each.partition("=")[0] for each in properties.split(",")} <= {"file", "line", "title"}
        assert "\r" not in data


def hold_junit(text):
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    known = {
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "error",
        "skipped",
        "system-out",
    }
    assert {each.tag for each in root.iter()} <= known


def hold_markdown(text):
    left = outside(text)
    for mark in ("<", "](", "://", "evil.example", "&#", "@"):
        assert mark not in left, mark
    assert sum(line.startswith("### ") for line in text.splitlines()) == 1
    assert len({len(row) for row in rows(text)}) < 5


def hold_html(text):
    tree = html.fromstring(text)
    assert [each for each in tree.iter() if any(name.startswith("on") for name in each.attrib)] == []
    assert "<script>alert(1)</script>" not in text
    assert list(tree.iter("img", "iframe", "object", "embed")) == []


MEDIA = {"github": hold_github, "junit": hold_junit, "markdown": hold_markdown, "html": hold_html} | dict.fromkeys(
    JSON, hold_json
)


@pytest.mark.parametrize("name", REPORTS)
@settings(max_examples=20)
@given(dossier=dossiers())
def test_no_text_does_anything_in_a_report_of_verdicts(name, dossier):
    for screen in SCREENS:
        hold(name, renderer(name)(dossier, screen))


@pytest.mark.parametrize("name", audits.AUDIT_REPORTS)
@settings(max_examples=20)
@given(what=results())
def test_no_text_does_anything_in_a_report_of_an_audit(name, what):
    for screen in SCREENS:
        hold(name, audits.renderer(name)(what, screen))


def test_every_format_that_is_structured_is_held_to_its_structure():
    assert set(REPORTS) | set(audits.AUDIT_REPORTS) <= {*MEDIA, "text"}
