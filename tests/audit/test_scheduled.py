"""The scheduled workflows, their own steps in bash, night after night against services on loopback.

The export is served by https, GitHub by http; `verify` is the installed command. What is not here is said by its place:
actions do what a test lets them do, and the name of the export's host is exchanged.
"""

import json
import shutil
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from tests.support.audit.github import REPOSITORY, TOKEN, github
from tests.support.audit.runner import Runner, workflow
from tests.support.net.servers import Authority, server
from tests.support.places import ROOT
from verifier.core.clock import format_rfc3339

WORKFLOWS = ROOT / ".github" / "workflows"
HASH = "--hash=sha256:" + "0" * 64
AFFECTED, MENDED = f"jinja2==2.10 {HASH}\n", f"jinja2==2.10.1 {HASH}\n"
FOUND = ("PYSEC-2099-1", "CVE-2099-1")


def record(identifier, alias, fixed, modified):
    """A record in OSV's form."""
    affected = {
        "package": {"ecosystem": "PyPI", "name": "jinja2"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
    }
    return {
        "schema_version": "1.7.0",
        "id": identifier,
        "aliases": [alias],
        "modified": format_rfc3339(modified),
        "summary": "Sandbox | escape @octocat",
        "affected": [affected],
    }


class Night:
    """The services, the repository and the cache of a workflow that runs every night."""

    def __init__(self, folder, name, hub, export, authority):
        self.hub, self.export, self.name = hub, export, name
        self.workspace, self.cache = folder / "shop", folder / "cache"
        self.workspace.mkdir()
        self.cache.mkdir()
        self.records = [record(*FOUND, "2.10.1", datetime.now(UTC) - timedelta(hours=1))]
        self.there = True
        self.uploaded = []
        self._authority = authority
        self._runs = 0
        self.locked(AFFECTED)

    def locked(self, text):
        for each in ("requirements.lock", "requirements-dev.lock"):
            (self.workspace / each).write_text(text)

    def say(self, exchange):
        """The export's answers."""
        if not self.there or not exchange.path.endswith("/PyPI/all.zip"):
            exchange.answer(404, b"<html>gone</html>")
            return
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for each in self.records:
                archive.writestr(f"{each['id']}.json", json.dumps(each))
        exchange.answer(200, packed.getvalue())

    def run(self, **inputs):
        """One night."""
        self._runs += 1
        for left in ("osv.db", "all.zip", "audit.json", "audit.sarif", "audit.md"):
            (self.workspace.parent / "runner" / left).unlink(missing_ok=True)
        contexts = {
            "github": {
                "token": TOKEN,
                "repository": REPOSITORY,
                "run_id": str(self._runs),
                "server_url": "https://github.example",
            },
            "inputs": {**self._defaults(), "export": self.export.url, **inputs},
        }
        runner = Runner(
            WORKFLOWS / self.name,
            self.workspace,
            contexts=contexts,
            environment={
                "PATH": f"{Path(sys.executable).parent}:{Path(shutil.which('curl')).parent}:/usr/bin:/bin",
                "GITHUB_API_URL": self.hub.url,
                "GITHUB_REPOSITORY": REPOSITORY,
                "CURL_CA_BUNDLE": str(self._authority.file),
            },
            without=("Install",),
            does={
                "actions/cache/restore": self._restore,
                "actions/cache/save": self._save,
                "github/codeql-action/upload-sarif": self._upload,
            },
            instead={} if "export" in self._defaults() else {"EXPORT": f"{self.export.url}/PyPI/all.zip"},
        )
        return runner.run()

    def _defaults(self):
        called = workflow(WORKFLOWS / self.name)["on"].get("workflow_call", {"inputs": {}})
        return {key: each.get("default", "requirements.lock\n") for key, each in called["inputs"].items()}

    def _restore(self, inputs):
        if (self.cache / "osv.db").exists():
            shutil.copy(self.cache / "osv.db", self.workspace / inputs["path"])

    def _save(self, inputs):
        if (self.workspace / inputs["path"]).exists():
            shutil.copy(self.workspace / inputs["path"], self.cache / "osv.db")

    def _upload(self, inputs):
        self.uploaded.append(json.loads((self.workspace / inputs["sarif_file"]).read_text()))

    @property
    def issue(self):
        [found] = self.hub.issues
        return found


BOTH = pytest.mark.parametrize("night", ["scheduled-audit.yml", "audit.yml"], indirect=True)
CALLED = pytest.mark.parametrize("night", ["audit.yml"], indirect=True)


@pytest.fixture(params=["scheduled-audit.yml"])
def night(request, tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("the workflows fetch with curl")
    authority = Authority(tmp_path)
    nights = []

    def say(exchange):
        nights[0].say(exchange)

    with (
        github() as hub,
        server(say, authority.server_context("127.0.0.1")) as export,
    ):
        nights.append(Night(tmp_path, request.param, hub, export, authority))
        yield nights[0]


def said(job):
    return "\n".join(f"{each.name or each.uses}: {each.outcome}\n{each.out}" for each in job.steps)


@BOTH
def test_what_is_found_fails_the_job_and_is_told_everywhere(night):
    job = night.run()
    assert job.status == 1, said(job)
    assert job.outcomes["Audit"] == "failure"
    assert {outcome for name, outcome in job.outcomes.items() if name != "Audit"} == {"success"}
    assert "CVE-2099-1" in job.summary
    assert "::error" in job.step("Audit").out
    [run] = night.uploaded[0]["runs"]
    assert [each["ruleId"] for each in run["results"]]
    assert "CVE-2099-1" in night.issue["body"]
    assert "actions/runs/1" in night.issue["body"]
    assert night.issue["state"] == "open"
    assert night.hub.comments == []


def test_the_same_findings_of_the_next_night_are_no_news(night):
    night.run()
    job = night.run()
    assert job.status == 1, said(job)
    assert (len(night.hub.issues), night.hub.comments) == (1, [])
    assert "actions/runs/2" in night.issue["body"]


def test_a_new_finding_is_commented_on(night):
    night.run()
    night.records.append(record("PYSEC-2099-2", "CVE-2099-2", "2.11", datetime.now(UTC)))
    night.run()
    [(number, comment)] = night.hub.comments
    assert number == 1
    assert "CVE-2099-2" in comment
    assert "CVE-2099-1" not in comment


@BOTH
def test_what_is_mended_closes_the_issue_and_passes(night):
    night.run()
    night.locked(MENDED)
    job = night.run()
    assert job.status == 0, said(job)
    assert (night.issue["state"], night.issue["state_reason"]) == ("closed", "completed")
    assert "CVE-2099-1" in night.hub.comments[0][1]
    assert night.uploaded[1]["runs"][0]["results"] == []


def test_what_is_found_again_opens_the_issue_again(night):
    night.run()
    night.locked(MENDED)
    night.run()
    night.locked(AFFECTED)
    job = night.run()
    assert job.status == 1, said(job)
    assert (len(night.hub.issues), night.issue["state"]) == (1, "open")


def test_nothing_is_told_where_nothing_was_ever_found(night):
    night.locked(MENDED)
    job = night.run()
    assert (job.status, night.hub.issues) == (0, []), said(job)


@BOTH
def test_a_night_without_the_export_goes_by_the_records_of_the_night_before(night):
    night.run()
    night.there = False
    job = night.run()
    assert job.status == 1, said(job)
    assert "::warning title=Records::" in job.step("Fetch the records").out
    assert "CVE-2099-1" in night.issue["body"]


@BOTH
def test_a_source_that_is_down_closes_nothing_even_where_it_was_mended(night):
    night.run()
    (night.cache / "osv.db").unlink()
    night.there = False
    night.locked(MENDED)
    job = night.run()
    assert job.status == 3, said(job)
    assert night.issue["state"] == "open"
    assert "left open: the audit could not decide" in job.step("Keep the issue up to date").out
    assert "this issue stays open" in night.issue["body"]
    assert "CVE-2099-1" in night.issue["body"]
    assert night.hub.comments == []
    assert night.uploaded[1]["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_records_that_are_too_old_close_nothing(night):
    night.run()
    (night.cache / "osv.db").unlink()
    night.records = [record(*FOUND, "2.10.1", datetime.now(UTC) - timedelta(days=30))]
    night.locked(MENDED)
    job = night.run()
    assert job.status == 3, said(job)
    assert night.issue["state"] == "open"


def test_after_a_night_without_an_answer_the_same_findings_are_no_news(night):
    night.run()
    (night.cache / "osv.db").unlink()
    night.there = False
    night.run()
    night.there = True
    job = night.run()
    assert job.status == 1, said(job)
    assert night.hub.comments == []


def test_an_export_that_is_cut_short_is_not_imported(night):
    night.run()
    night.records = [{"id": "PYSEC-2099-1"}]
    job = night.run()
    assert job.status == 1, said(job)
    assert "CVE-2099-1" in night.issue["body"]


def test_a_github_that_is_down_fails_the_job_and_keeps_the_audits_status(night):
    night.locked(MENDED)
    night.hub.faults += [("any", lambda exchange: exchange.answer(500, b""))] * 20
    job = night.run()
    assert job.status == 3, said(job)
    assert job.outcomes["Audit"] == "success"
    assert job.outcomes["Keep the issue up to date"] == "failure"
    assert "issue.tracker-unavailable" in job.step("Keep the issue up to date").out
    assert TOKEN not in said(job)


@CALLED
def test_whoever_calls_it_says_what_is_audited_and_how(night):
    (night.workspace / "a folder").mkdir()
    shutil.copy(night.workspace / "requirements.lock", night.workspace / "a folder" / "requirements.txt")
    night.locked(MENDED)
    job = night.run(targets="requirements.lock\na folder/requirements.txt\n", arguments="--require-hashes", issue=False)
    assert job.status == 1, said(job)
    assert job.outcomes["Keep the issue up to date"] == "skipped"
    assert "a folder/requirements.txt" in job.summary


@CALLED
@pytest.mark.parametrize("hostile", ["$(touch pwned)", "`touch pwned`", "x; touch pwned", '"; touch pwned; "', "*"])
def test_an_input_is_a_text_and_no_command(night, hostile):
    job = night.run(targets=hostile, ecosystems=hostile, arguments=hostile, export=hostile)
    assert job.status in {1, 2, 3}
    assert not list(night.workspace.parent.rglob("pwned"))
