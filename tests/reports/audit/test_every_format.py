"""What holds for every format of an audit: numbers, determinism, text of strangers, never a false "fine"."""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from lxml import etree

from tests.support.audit.made import package
from tests.support.audit.results import DATABASE, DIGEST, audited, every_kind, finding, result, results
from verifier.core.outcome import Reason
from verifier.reports.audit.table import AUDIT_REPORTS, renderer
from verifier.reports.table import Screen

FORMATS = sorted(AUDIT_REPORTS)
FOR_PEOPLE = ["github", "markdown", "text"]
UNAVAILABLE = Reason(code="vulnerability.database-invalid", subject="audit.db", message="it is no database")


def shown(name, what, **screen):
    return renderer(name)(what, Screen(**screen))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("what", [result(), every_kind(), result(packages=())], ids=["clean", "every kind", "nothing"])
def test_the_same_result_makes_the_same_text_that_ends_in_a_newline(name, what):
    assert shown(name, what) == shown(name, what)
    assert shown(name, what).endswith("\n")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"openvex"}))
def test_a_clean_one_says_the_digest_the_date_and_how_many_packages_have_no_record(name):
    text = shown(name, result(packages=(audited(records=2), audited(package("left", "1.0")))))
    assert DIGEST in text
    assert "2024-10-10T00:00:00Z" in text.replace("&#58;", ":").replace("%3A", ":")
    if name != "json":
        assert "1 of 2 packages has no record" in text


@pytest.mark.parametrize("name", FORMATS)
def test_a_finding_is_in_every_format_with_its_id_and_package(name):
    text = shown(name, result(finding()))
    assert "CVE-2019-10906" in text
    assert "jinja2" in text


@pytest.mark.parametrize("name", FORMATS)
def test_what_an_exception_covers_stays_in_every_format(name):
    text = shown(name, every_kind())
    assert "CVE-2019-10906" in text
    assert "team-web" in text
    assert "2024-12-31T00:00:00Z" in text.replace("&#58;", ":").replace("%3A", ":")


NOBODY_KNOWS = {
    "unknown": result(packages=(audited(status="unknown", why="it has no version"),)),
    "undecided": result(finding(status="undecided", why="only commits")),
    "no database": result(packages=(), reasons=(UNAVAILABLE,), database=None),
    "no packages": result(packages=(), outcome="undecided"),
}


@pytest.mark.parametrize("what", NOBODY_KNOWS.values(), ids=NOBODY_KNOWS)
class TestNobodyKnows:
    def test_people_are_told_in_words(self, what):
        for name in FOR_PEOPLE:
            text = shown(name, what)
            assert "UNDECIDED: " in text or "UNDECIDED  " in text
            assert "nobody can say" in text
            assert "PASSED" not in text

    def test_sarif_was_not_successful(self, what):
        (run,) = json.loads(shown("sarif", what))["runs"]
        (invocation,) = run["invocations"]
        assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
        assert run["results"] == []

    def test_junit_has_an_error_in_a_testcase(self, what):
        root = etree.fromstring(shown("junit", what).encode())
        assert int(root.get("errors")) == 1
        assert len(root.findall("testsuite/testcase/error")) == 1

    def test_vex_has_a_statement_or_says_that_it_is_undecided(self, what):
        document = json.loads(shown("cyclonedx-vex", what))
        said = {each["name"]: each["value"] for each in document["metadata"]["properties"]}
        assert said["verifier:audit:outcome"] == "undecided"
        if what is not NOBODY_KNOWS["no packages"]:
            statuses = {each["status"] for each in json.loads(shown("openvex", what))["statements"]}
            assert statuses == {"under_investigation"}

    def test_github_has_an_error(self, what):
        assert shown("github", what).startswith("::error ")


HIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


@settings(max_examples=30)
@given(what=results())
def test_hostile_text_moves_no_cursor_and_hides_nothing(what):
    for name in FORMATS:
        text = shown(name, what)
        assert not {unicodedata.category(each) for each in set(text) - {"\n"}} & HIDDEN, name
        text.encode()


@settings(max_examples=30)
@given(what=results())
def test_no_line_of_hostile_text_is_a_command_to_a_runner(what):
    for name in FORMATS:
        text = shown(name, what)
        assert "##[" not in text, name
        commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
        if name == "github":
            commands = [each for each in commands if not each.startswith(("::error ", "::warning ", "::notice "))]
        assert commands == [], name


def test_a_format_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        renderer("pdf")


def test_an_unknown_database_is_said_where_there_is_none():
    assert DATABASE.digest not in shown("text", result(database=None))
    assert "none: nobody was asked" in shown("text", result(database=None))
