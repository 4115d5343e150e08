"""`verify report`: what was decided before is shown again, and nothing is verified or made more lenient by it."""

import json
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.material import public_pem
from tests.support.pages.page import Page
from tests.support.stories import archive, signed

LEDGER = ("--ledger", "sqlite:ledger.db")
TERMS = ("--key", "key.pem", "--name", "authz", "--version-from", "manifest.revision", "--version-scheme", "semver")
SBOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "components": [{"type": "library", "name": "left", "version": "1.0", "purl": "pkg:pypi/left@1.0"}],
}


@pytest.fixture(autouse=True)
def made(place):
    """Three releases, judged in an order that the last of them is a rollback in."""
    Path("key.pem").write_bytes(public_pem("p256"))
    assert run("ledger", "init", *LEDGER).status == 0
    for version in ("1.0.0", "1.2.0", "1.1.0"):
        Path(f"{version}.tar.gz").write_bytes(signed(archive(version)))
        answer = run("bundle", f"{version}.tar.gz", *TERMS, *LEDGER, "--record", "--format", "json")
        Path(f"{version}.json").write_text(answer.out)


def page(path):
    return Page(Path(path).read_text())


class TestTheExitStatus:
    @pytest.mark.parametrize(("report", "status"), [("1.0.0.json", 0), ("1.1.0.json", 1)])
    def test_is_the_reports_own(self, report, status):
        assert run("report", report).status == status

    def test_of_several_is_the_worst(self):
        assert run("report", "1.0.0.json", "1.1.0.json", "1.2.0.json").status == 1

    @pytest.mark.parametrize("style", ["text", "json", "sarif", "markdown", "github", "gitlab", "junit", "html"])
    def test_is_the_same_in_every_format(self, style):
        assert run("report", "1.1.0.json", "--format", style).status == 1


def test_that_nothing_is_verified_is_said_aloud_and_on_the_page():
    answer = run("report", "1.0.0.json", "--output", "html=out.html")
    assert "nothing is verified again" in answer.err
    assert "nobody has signed it" in answer.err
    assert "nothing was verified for this page" in page("out.html").text


@pytest.mark.parametrize("style", ["text", "markdown", "github", "gitlab", "junit", "sarif"])
@pytest.mark.parametrize("reports", [("1.0.0.json",), ("1.0.0.json", "1.2.0.json")], ids=["one", "several"])
def test_no_format_says_to_use_what_was_only_shown_again(style, reports):
    shown_again = " ".join(run("report", *reports, "--format", style).out.split())
    assert "nothing was verified for this" in shown_again
    assert "Use it by its digest" not in shown_again
    judged = " ".join(run("bundle", "1.2.0.tar.gz", *TERMS, "--format", style).out.split())
    assert "nothing was verified for this" not in judged


def test_a_page_that_a_verification_writes_says_nothing_of_the_kind():
    run("bundle", "1.2.0.tar.gz", *TERMS, "--output", "html=out.html")
    assert "nothing was verified for this page" not in page("out.html").text


def test_what_is_read_is_written_as_it_was():
    assert run("report", "1.1.0.json", "--format", "json").out == Path("1.1.0.json").read_text()


def test_several_reports_are_one():
    document = json.loads(run("report", "1.0.0.json", "1.1.0.json", "--format", "json").out)
    Path("both.json").write_text(json.dumps(document))
    assert json.loads(run("report", "both.json", "--format", "json").out) == document
    assert [each["artifact"]["version"] for each in document["reports"]] == ["1.0.0", "1.1.0"]


class TestTheHistory:
    def test_of_a_ledger_is_on_the_page(self):
        run("report", "1.1.0.json", *LEDGER, "--output", "html=out.html")
        assert "All 3 events as a table" in page("out.html").text

    def test_of_an_export_is_the_same(self):
        Path("export.jsonl").write_text(run("ledger", "export", *LEDGER).out)
        run("report", "1.1.0.json", "export.jsonl", "--output", "html=exported.html")
        run("report", "1.1.0.json", *LEDGER, "--output", "html=asked.html")
        assert Path("exported.html").read_text() == Path("asked.html").read_text()

    def test_of_an_export_that_does_not_hold_together_is_refused(self):
        lines = run("ledger", "export", *LEDGER).out.splitlines(keepends=True)
        Path("cut.jsonl").write_text("".join(lines[:-1]))
        answer = run("report", "1.1.0.json", "cut.jsonl", "--output", "html=out.html")
        assert (answer.status, Path("out.html").exists()) == (3, False)
        assert "ledger.corrupt" in answer.err

    def test_of_a_ledger_that_is_not_there_is_refused(self):
        answer = run("report", "1.1.0.json", "--ledger", "sqlite:none.db")
        assert (answer.status, answer.out) == (3, "")
        assert "ledger.unavailable" in answer.err

    def test_nobody_is_asked_where_none_is_named(self):
        assert run("report", "1.1.0.json", "--output", "html=out.html").status == 1
        assert "No history was at hand" in page("out.html").text


class TestComponents:
    def test_of_an_sbom_are_listed_and_compared(self):
        Path("new.json").write_text(json.dumps(SBOM))
        Path("old.json").write_text(json.dumps({**SBOM, "components": []}))
        answer = run("report", "1.2.0.json", "new.json", "--before", "old.json", "--output", "html=out.html")
        assert answer.status == 0
        assert "pkg:pypi/left@1.0" in page("out.html").by_id("components-table").text
        assert "leftadded" in page("out.html").by_id("changes-table").text

    def test_of_before_alone_are_refused(self):
        Path("old.json").write_text(json.dumps(SBOM))
        answer = run("report", "1.2.0.json", "--before", "old.json")
        assert (answer.status, answer.out) == (2, "")
        assert "--before" in answer.err


class TestWhatIsNoReport:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "empty"),
            (b"PASSED  bundle:authz 1.0.0\n", "nothing that is known"),
            (b"[]", "nothing that is known"),
            (b"{}", "nothing that is known"),
            (public_pem("p256"), "a public key"),
            (b"\x1f\x8b\x08\x00", "gzip"),
        ],
    )
    def test_is_named_with_what_to_do(self, content, said):
        Path("other").write_bytes(content)
        answer = run("report", "other")
        assert (answer.status, answer.out) == (2, "")
        assert said in answer.err
        assert "--format json" in answer.err

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (lambda text: text[: len(text) // 2], "json.invalid"),
            (lambda text: text + text, "json.trailing-data"),
            (lambda text: text.replace('"FAILED"', '"PASSED"', 1), "verdict.malformed"),
            (lambda text: text.replace("report/v1", "report/v2"), "verdict.malformed"),
            (lambda text: text.replace('"verdict"', '"Verdict"', 1), "json.case-variant-key"),
            (lambda text: text.replace("version.rollback", "version.rolled"), "verdict.malformed"),
            (lambda text: text.replace("{", '{"verdict": "PASSED",', 1), "json.duplicate-key"),
        ],
        ids=["cut short", "doubled", "turned", "another version", "another spelling", "another code", "said twice"],
    )
    def test_that_was_changed_is_refused_and_nothing_is_written(self, change, code):
        Path("changed.json").write_text(change(Path("1.1.0.json").read_text()))
        answer = run("report", "changed.json", "--output", "html=out.html")
        assert (answer.status, answer.out, Path("out.html").exists()) == (1, "", False)
        assert code in answer.err

    def test_alone_is_not_shown(self):
        Path("new.json").write_text(json.dumps(SBOM))
        answer = run("report", "new.json")
        assert (answer.status, answer.out) == (2, "")
        assert "Name the report too" in answer.err

    def test_is_never_written_over(self):
        before = Path("1.1.0.json").read_text()
        assert run("report", "1.1.0.json", "--output", "html=1.1.0.json").status == 2
        assert Path("1.1.0.json").read_text() == before


def test_a_format_of_audits_is_refused_for_a_verdict():
    answer = run("report", "1.0.0.json", "--format", "openvex")
    assert (answer.status, answer.out) == (2, "")
    assert "openvex is a format of an audit" in answer.err


class TestWhatIsLookedUp:
    def test_is_the_history_where_a_page_is_asked_for(self):
        run("bundle", "1.2.0.tar.gz", *TERMS, *LEDGER, "--output", "html=out.html")
        assert "All 3 events as a table" in page("out.html").text

    def test_of_the_first_verdict_is_also_printed(self):
        answer = run("bundle", "1.2.0.tar.gz", *TERMS, *LEDGER, "--format", "html")
        assert "All 3 events as a table" in Page(answer.out).text
