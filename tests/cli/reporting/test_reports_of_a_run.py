"""What one run reports where: the format that is printed, files beside it, the summary of a job."""

import json
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource

from tests.support.command import run
from tests.support.places import ROOT
from verifier.formats.json.strict_json import loads
from verifier.formats.verdict.several import read
from verifier.reports.table import REPORTS

SCHEMAS = ROOT / "docs/schemas"
ONE = json.loads((SCHEMAS / "report-v1.json").read_text())
SEVERAL = json.loads((SCHEMAS / "reports-v1.json").read_text())
REGISTRY = Registry().with_resource(ONE["$id"], Resource.from_contents(ONE))


@pytest.fixture(autouse=True)
def signed(place):
    """A bundle that passes, good.tar.gz, and one that does not, bad.tar.gz."""
    for name, key in (("good", "release"), ("bad", "stranger")):
        made = run("sign", "bundle", "src", "--key", key, "--name", "authz", "--out", f"{name}.tar.gz")
        assert made.status == 0, made.err


def judged(*arguments):
    return run("bundle", *arguments, "--policy", "trust.toml", "--name", "authz")


def test_one_run_writes_every_format_and_a_later_one_replaces_them():
    for bundle, status in (("good.tar.gz", 0), ("bad.tar.gz", 1), ("good.tar.gz", 0)):
        further = [part for name in REPORTS for part in ("--output", f"{name}=out.{name}")]
        answer = judged(bundle, *further)
        assert answer.status == status, answer.err
        for name in REPORTS:
            assert ("FAILED" if status else "PASSED") in Path(f"out.{name}").read_text(), name


@pytest.mark.parametrize("name", REPORTS)
def test_each_can_be_printed_with_the_same_exit_status(name):
    assert judged("good.tar.gz", "--format", name).status == 0
    answer = judged("bad.tar.gz", "--format", name)
    assert (answer.status, answer.out[-1:]) == (1, "\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"name": "a package"}', "is not a report"),
        ("# notes\n", "is not a report"),
        ("<html></html>", "is not a report"),
    ],
)
def test_what_is_no_report_of_ours_stays(content, said):
    Path("mine").write_text(content)
    answer = judged("good.tar.gz", "--output", "json=mine")
    assert (answer.status, answer.out, Path("mine").read_text()) == (2, "", content)
    assert said in answer.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("json=-",), "Write --format json, or name a file."),
        (("json=/dev/stdout",), "Write --format json, or name a file."),
        (("json=a", "sarif=a"), "is where --output goes, too"),
        (("json=trust.toml",), "is what --policy names"),
        (("json=good.tar.gz",), "is what REF names"),
        (("json",), "expected FORMAT=FILE"),
        (("sarf=a",), "sarif"),
        (("json=missing/a",), "missing"),
    ],
)
def test_a_place_that_cannot_be_ends_the_run_with_nothing_decided(given, said):
    answer = judged("good.tar.gz", *[part for each in given for part in ("--output", each)])
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
    assert not Path("a").exists()


class TestHowMuchIsSaid:
    def test_quiet_is_the_line_that_decides(self):
        assert judged("good.tar.gz", "-q").out == "PASSED  bundle:authz 1.0.0\n"
        assert judged("bad.tar.gz", "--quiet").out == "FAILED  bundle:authz 1.0.0  signature.algorithm-mismatch\n"

    def test_verbose_is_more_than_usual(self):
        usual, verbose = judged("good.tar.gz").out, judged("good.tar.gz", "-v").out
        assert len(verbose.splitlines()) > len(usual.splitlines())
        assert "policy-verifier " in verbose

    def test_both_are_none(self):
        answer = judged("good.tar.gz", "-q", "-v")
        assert (answer.status, answer.out) == (2, "")

    @pytest.mark.parametrize("flag", ["-q", "-v"])
    def test_what_would_be_ignored_is_refused(self, flag):
        answer = judged("good.tar.gz", flag, "--format", "json")
        assert (answer.status, answer.out) == (2, "")
        assert "about the text" in answer.err
        assert judged("good.tar.gz", flag, "--format", "json", "--output", "text=out.txt").status == 0


@pytest.fixture
def for_many():
    policy = Path("trust.toml").read_text().replace('"bundle:authz"]', '"bundle:*"]\nscope = "each-name"')
    Path("many.toml").write_text(policy)
    return lambda *more: run("bundle", "good.tar.gz", "bad.tar.gz", "--policy", "many.toml", *more)


class TestSeveral:
    def test_json_of_several_is_one_document_by_its_schema(self, for_many):
        answer = for_many("--format", "json")
        jsonschema.Draft202012Validator(SEVERAL, registry=REGISTRY).validate(answer.report)
        assert answer.status == 1
        assert [each["verdict"] for each in answer.report["reports"]] == ["PASSED", "FAILED"]
        assert answer.report["verdict"] == "FAILED"
        assert len(read(loads(answer.out.encode(), subject="report"))) == 2

    def test_text_of_several_counts_them_and_has_a_row_each_what_is_denied_first(self, for_many):
        lines = for_many().out.splitlines()
        assert lines[0] == "FAILED  2 artifacts: 1 passed, 1 denied"
        assert [line.split()[0] for line in lines if line.startswith(("PASSED", "FAILED"))][1:3] == ["FAILED", "PASSED"]

    def test_quiet_of_several_names_what_does_not_pass(self, for_many):
        answer = for_many("-q")
        assert answer.out.splitlines() == [
            "FAILED  2 artifacts: 1 passed, 1 denied",
            "FAILED  bundle:bad 1.0.0  signature.algorithm-mismatch",
        ]


class TestTheSummaryOfAJob:
    @pytest.fixture
    def summary(self, monkeypatch):
        path = Path("summary.md").absolute()
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
        return path

    def test_has_what_was_decided_behind_what_stood_there(self, summary):
        summary.write_text("what an earlier command said\n")
        assert judged("bad.tar.gz", "--format", "github").status == 1
        text = summary.read_text()
        assert text.startswith("what an earlier command said\n\n### ")
        assert "FAILED" in text
        assert judged("good.tar.gz", "--format", "github").status == 0
        assert summary.read_text().startswith(text)

    def test_is_made_where_it_is_not_there(self, summary):
        assert judged("good.tar.gz", "--format", "github").status == 0
        assert summary.read_text().startswith("### ")

    def test_is_written_only_in_the_format_of_a_workflow(self, summary):
        assert judged("good.tar.gz").status == 0
        assert not summary.exists()

    def test_never_grows_beyond_what_github_takes(self, summary):
        summary.write_bytes(b"x" * (1_048_576 - 5_000))
        assert judged("bad.tar.gz", "--format", "github").status == 1
        assert 1_048_576 - 5_000 < summary.stat().st_size <= 1_048_576
        summary.write_bytes(b"x" * (1_048_576 - 10))
        answer = judged("bad.tar.gz", "--format", "github")
        assert (answer.status, summary.stat().st_size) == (1, 1_048_576 - 10)
        assert "is full" in answer.err

    @pytest.mark.parametrize("kind", ["a link", "a hard link", "a folder", "a device", "a policy", "no folder"])
    def test_is_no_file_of_somebody_else(self, summary, monkeypatch, kind):
        before = Path("trust.toml").read_bytes()
        match kind:
            case "a link":
                summary.symlink_to("trust.toml")
            case "a hard link":
                summary.hardlink_to("trust.toml")
            case "a folder":
                summary.mkdir()
            case "a device":
                monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/dev/full")
            case "a policy":
                monkeypatch.setenv("GITHUB_STEP_SUMMARY", "trust.toml")
            case _:
                monkeypatch.setenv("GITHUB_STEP_SUMMARY", "missing/summary.md")
        answer = judged("good.tar.gz", "--format", "github")
        assert (answer.status, answer.out) == (2, "")
        assert "GITHUB_STEP_SUMMARY" in answer.err
        assert Path("trust.toml").read_bytes() == before


def test_publish_and_sbom_check_report_in_every_format():
    sbom = run("sbom", "generate", "src", "--name", "authz", "--output", "bom.json")
    assert sbom.status == 0, sbom.err
    run("ledger", "init")
    for name in REPORTS:
        answer = run("sbom", "check", "bom.json", "--against", "src", "--format", name)
        assert answer.status in {0, 1}, answer.err
        where = f"oci-layout:out-{name}:1"
        gate = ("--gate", "trust.toml", "--name", "authz", "--no-record")
        published = run("publish", "good.tar.gz", where, *gate, "--format", name)
        assert published.status == 0, published.err
        assert published.out


def test_without_a_gate_there_is_no_verdict_to_publish():
    answer = run("publish", "good.tar.gz", "oci-layout:out:1", "--format", "sarif")
    assert (answer.status, answer.out) == (2, "")
    assert "--gate" in answer.err
    assert not Path("out").exists()
