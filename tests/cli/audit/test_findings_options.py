"""What counts, until when, what is new and what to run: by the command line."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.audit.scene import CANARY, NOW, audited, database, findings, osv, requirements
from tests.support.command import run
from tests.support.sboms.vexes import openvex, statement

pytestmark = pytest.mark.usefixtures("place")
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
EXCEPTION = """[[exception]]
id = "CVE-2019-10906"
package = "pkg:pypi/jinja2@2.10"
status = "affected"
reason = "until the next release"
owner = "platform@acme.example"
expires = {expires}
"""
JINJA2 = osv("PYSEC-2019-217", "jinja2", fixed="2.10.1", aliases=["CVE-2019-10906"])
IDNA = osv("PYSEC-2024-60", "idna", fixed="3.7", severity=[{"type": "CVSS_V3", "score": HIGH}])


@pytest.fixture
def target():
    database(JINJA2, IDNA)
    return requirements("jinja2==2.10", "idna==3.7")


def excepted(expires="2024-12-31"):
    Path("exceptions.toml").write_text(EXCEPTION.format(expires=expires))
    return ("--exceptions", "exceptions.toml")


def codes(answer):
    return [(each["code"], each["severity"]) for each in answer.report["reasons"] if each["code"].startswith("vuln")]


class TestExceptions:
    def test_what_is_covered_does_not_count_and_stays_in_the_report(self, target):
        answer = audited(target, options=excepted())
        (finding,) = answer.report["audit"]["findings"]
        assert answer.status == 0
        assert codes(answer) == [("vulnerability.accepted", "warning")]
        assert (finding["counts"], finding["exception"]["where"]) == (False, "exceptions.toml:1")

    def test_the_report_names_the_file_by_its_digest(self, target):
        inputs = audited(target, options=excepted()).report["inputs"]
        digest = sha256(Path("exceptions.toml").read_bytes()).hexdigest()
        assert {"kind": "exceptions", "digest": {"sha256": digest}} in inputs

    def test_what_has_ended_counts_again(self, target):
        answer = audited(target, options=excepted("2024-10-12"))
        assert answer.status == 1
        assert codes(answer) == [("vulnerability.known", "error"), ("vulnerability.exception-expired", "warning")]

    def test_what_covers_nothing_is_said(self):
        database(JINJA2)
        answer = audited(requirements("jinja2==3.1.4"), options=excepted())
        assert answer.status == 0
        assert codes(answer) == [("vulnerability.exception-unused", "warning")]

    @pytest.mark.parametrize("text", ["", "[[exception]]\n", "[exceptions]\n", EXCEPTION.format(expires="2030-01-01")])
    def test_a_file_that_is_wrong_is_wrong_usage(self, target, text):
        Path("exceptions.toml").write_text(text)
        answer = run("audit", target, "--db", "records.db", "--now", NOW, "--exceptions", "exceptions.toml")
        assert (answer.status, answer.out) == (2, "")
        assert answer.err.startswith("verify: error: exceptions.toml")

    def test_what_nobody_can_be_asked_about_is_accepted_by_name(self):
        database(JINJA2)
        ours = "acme-core @ git+https://git.acme.example/core@" + "0" * 40
        target = requirements(ours, "canary==1.0")
        assert audited(target).status == 3
        rest = 'reason = "ours"\nowner = "core@acme.example"\nexpires = 2024-12-31\n'
        Path("exceptions.toml").write_text(f'[[unknown]]\npackage = "acme-core"\n{rest}')
        answer = audited(target, options=("--exceptions", "exceptions.toml"))
        package, _ = answer.report["audit"]["packages"]
        assert answer.status == 0
        assert package["status"] == "unknown"
        assert package["accepted"].startswith("core@acme.example until 2024-12-31")
        alone = audited(requirements(ours), options=("--exceptions", "exceptions.toml"))
        assert (alone.status, alone.codes) == (3, ["input.empty"])

    def test_what_nobody_can_decide_is_excepted_by_its_record(self):
        only_commits = {"package": {"name": "jinja2", "ecosystem": "PyPI"}}
        ranges = [{"type": "GIT", "repo": "https://git.acme.example/j", "events": [{"introduced": "0"}]}]
        database({**JINJA2, "affected": [{**only_commits, "ranges": ranges}]})
        target = requirements("jinja2==2.10")
        assert audited(target).status == 3
        assert audited(target, options=excepted()).status == 0


class TestVex:
    def test_a_statement_about_the_package_covers_it(self, target):
        stated = statement(vulnerability={"name": "CVE-2019-10906"}, products=[{"@id": "pkg:pypi/jinja2@2.10"}])
        Path("vex.json").write_text(json.dumps(openvex(stated, timestamp="2024-10-01T00:00:00Z")))
        assert audited(target, options=("--vex", "vex.json")).status == 0
        answer = audited(target, options=("--vex", "vex.json", "--max-exception-days", "10"))
        assert answer.status == 1
        assert ("vulnerability.exception-expired", "warning") in codes(answer)

    @pytest.mark.parametrize("style", ["openvex", "cyclonedx-vex"])
    def test_what_an_audit_has_written_covers_the_same_in_the_next(self, target, style):
        covered = EXCEPTION.replace('"affected"', '"not_affected"\njustification = "vulnerable_code_not_present"')
        Path("exceptions.toml").write_text(covered.format(expires="2024-12-31"))
        written = run(
            "audit", target, "--db", "records.db", "--now", NOW, "--exceptions", "exceptions.toml", "--format", style
        )
        assert written.status == 0
        Path("vex.json").write_text(written.out)
        answer = audited(target, options=("--vex", "vex.json"))
        assert answer.status == 0
        assert answer.report["audit"]["findings"][0]["exception"]["by"] == "vex"

    @pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\x00", b"not one", b"<xml/>"])
    def test_what_is_no_vex_is_wrong_usage(self, target, content):
        Path("vex.json").write_bytes(content)
        answer = run("audit", target, "--db", "records.db", "--now", NOW, "--vex", "vex.json")
        assert (answer.status, answer.out) == (2, "")
        assert answer.err.startswith("verify: error: --vex:")


class TestTheThreshold:
    @pytest.mark.parametrize(("fail_on", "status"), [("high", 1), ("critical", 0), ("none", 1)])
    def test_what_is_below_it_passes_and_is_said(self, fail_on, status):
        database(IDNA)
        answer = audited(requirements("idna==2.7"), options=("--fail-on", fail_on))
        assert answer.status == status
        assert codes(answer) == [
            ("vulnerability.accepted", "warning") if status == 0 else ("vulnerability.known", "error")
        ]

    def test_what_has_no_severity_does_not_pass(self, target):
        assert audited(target, options=("--fail-on", "critical")).status == 1

    @pytest.mark.parametrize("word", ["unknown", "HIGH", "", "9.8"])
    def test_another_word_is_wrong_usage(self, target, word):
        answer = run("audit", target, "--db", "records.db", "--fail-on", word)
        assert answer.status == 2
        assert "--fail-on" in answer.err

    def test_a_vector_that_cannot_be_read_is_said_and_counts(self):
        database({**IDNA, "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/nonsense"}]})
        answer = audited(requirements("idna==2.7"), options=("--fail-on", "critical"))
        assert answer.status == 1
        assert ("vulnerability.severity-unclear", "warning") in codes(answer)


class TestWhatIsNew:
    def test_an_upgrade_that_mends_nothing_is_nothing_new(self, target):
        Path("before.json").write_text(audited(target).out)
        requirements("jinja2==2.9", "idna==2.7")
        answer = audited(target, options=("--new-since", "before.json"))
        assert [(each["package"]["name"], each["novelty"]) for each in answer.report["audit"]["findings"]] == [
            ("jinja2", "unchanged"),
            ("idna", "new"),
        ]
        assert answer.status == 1

    def test_what_was_mended_is_gone(self, target):
        Path("before.json").write_text(audited(target).out)
        answer = audited(requirements("jinja2==3.1.4"), options=("--new-since", "before.json"))
        assert answer.report["audit"]["gone"] == [{"id": "CVE-2019-10906", "purl": "pkg:pypi/jinja2@2.10"}]
        assert answer.status == 0

    def test_nothing_is_gone_where_the_database_is(self, target):
        Path("before.json").write_text(audited(target).out)
        answer = audited(target, db="nowhere.db", options=("--new-since", "before.json"))
        assert answer.report["audit"]["gone"] == []
        assert answer.status == 3

    def test_another_document_is_wrong_usage(self, target):
        Path("before.json").write_text(json.dumps(CANARY))
        answer = run("audit", target, "--db", "records.db", "--now", NOW, "--new-since", "before.json")
        assert (answer.status, answer.out) == (2, "")
        assert "before.json" in answer.err


class TestThePlan:
    def test_it_is_printed_beside_the_report(self, target):
        answer = run("audit", target, "--db", "records.db", "--now", NOW, "--fix-plan", "--format", "json")
        assert json.loads(answer.out)["audit"]["findings"]
        assert "# requirements.txt:1: write jinja2==2.10.1" in answer.err

    def test_nothing_is_edited(self, target):
        before = Path(target).read_bytes()
        run("audit", target, "--db", "records.db", "--now", NOW, "--fix-plan")
        assert Path(target).read_bytes() == before


def test_what_one_record_says_is_affected_is_not_undecided_because_another_gives_only_commits():
    package = {"name": "jinja2", "ecosystem": "PyPI"}
    ranges = [{"type": "GIT", "repo": "https://git.acme.example/j", "events": [{"introduced": "0"}]}]
    commits = osv("GHSA-462w-v97r-4m45", "jinja2", aliases=["CVE-2019-10906"])
    database(JINJA2, {**commits, "affected": [{"package": package, "ranges": ranges}]})
    answer = audited(requirements("jinja2==2.10"))
    assert answer.status == 1
    assert codes(answer) == [("vulnerability.known", "error")]
    assert [each["status"] for each in answer.report["audit"]["packages"]] == ["audited"]


def test_two_records_of_one_vulnerability_are_told_once():
    database(JINJA2, osv("GHSA-462w-v97r-4m45", "jinja2", fixed="2.10.1", aliases=["CVE-2019-10906"]))
    answer = audited(requirements("jinja2==2.10"))
    assert findings(answer) == [("jinja2", "2.10", "CVE-2019-10906")]
    assert answer.report["audit"]["findings"][0]["ids"] == ["CVE-2019-10906", "PYSEC-2019-217", "GHSA-462w-v97r-4m45"]
