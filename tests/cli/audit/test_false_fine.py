"""What other tools call fine though nobody was asked, or not about everything: each is a finding or exit status 3.

Source: formats/audit.md sections 5, 7 and 11.
"""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.audit.scene import audited, database, findings, osv, requirements, statuses
from tests.support.command import run

pytestmark = pytest.mark.usefixtures("place")
JINJA = osv("PYSEC-2019-217", "jinja2", fixed="2.10.1")


def test_a_pin_that_is_affected_is_found_with_its_line():
    database(JINJA)
    answer = audited(requirements("# pins", "jinja2==2.10"))
    assert answer.status == 1
    assert findings(answer) == [("jinja2", "2.10", "PYSEC-2019-217")]
    assert answer.report["audit"]["packages"][0]["from"] == {"file": "requirements.txt", "line": 2}


def test_everything_asked_and_evaluated_is_fine():
    database(JINJA)
    answer = audited(requirements("jinja2==2.10.1", "canary==1.0"))
    assert (answer.status, answer.codes) == (0, [])


def test_a_private_index_is_not_the_public_one():
    database(JINJA)
    answer = audited(requirements("--index-url https://pypi.acme.example/simple", "jinja2==3.0"))
    assert answer.status == 3
    assert "vulnerability.unknown-dependency" in answer.codes


def test_what_a_file_includes_is_audited():
    database(JINJA)
    requirements("jinja2==2.10", path="b.txt")
    answer = audited(requirements("-r b.txt", path="a.txt"))
    assert findings(answer) == [("jinja2", "2.10", "PYSEC-2019-217")]


def test_a_missing_include_is_not_fine():
    database(JINJA)
    assert audited(requirements("-r gone.txt", "canary==1.0", path="a.txt")).status == 3


def test_markers_are_not_judged_by_the_machine():
    database(JINJA)
    answer = audited(requirements("jinja2==2.10; sys_platform == 'win32' and sys_platform == 'linux'"))
    assert findings(answer) == [("jinja2", "2.10", "PYSEC-2019-217")]


@pytest.mark.parametrize(
    "line",
    [
        "git+https://git.acme.example/jinja2@0123456789012345678901234567890123456789#egg=jinja2",
        "jinja2 @ https://files.acme.example/jinja2-3.0-py3-none-any.whl",
        "-e ./jinja2",
        "jinja2>=2.10",
        "jinja2",
        "jinja2==2.*",
    ],
)
def test_what_has_no_release_of_the_index_is_unknown(line):
    Path("jinja2").mkdir()
    database(JINJA)
    answer = audited(requirements(line, "canary==1.0"))
    assert answer.status == 3
    assert answer.codes.count("vulnerability.unknown-dependency") == 1


def test_a_local_version_is_judged_as_its_public_one():
    database(osv("PYSEC-2022-1", "torch", fixed="1.13.1"))
    assert findings(audited(requirements("torch==1.13.0+cu117"))) == [("torch", "1.13.0+cu117", "PYSEC-2022-1")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "dependency.lock-invalid"),
        ("# nothing\n", "input.empty"),
        ("--index-url https://pypi.org/simple\n", "input.empty"),
    ],
)
def test_an_empty_file_is_not_fine(content, code):
    database(JINJA)
    Path("requirements.txt").write_text(content)
    answer = audited("requirements.txt")
    assert answer.status == 3
    assert code in answer.codes


def test_a_project_without_a_lock_is_not_fine():
    database(JINJA)
    Path("pyproject.toml").write_text("[project]\nname = 'app'\nversion = '1'\ndependencies = ['jinja2>=2']\n")
    answer = audited("pyproject.toml")
    assert answer.status == 3
    assert "vulnerability.unknown-dependency" in answer.codes


def test_a_folder_that_is_not_there_is_not_fine():
    database(JINJA)
    assert audited("--environment", "gone").status == 3


def test_a_version_that_the_order_refuses_is_undecided():
    database(JINJA)
    answer = audited(requirements("jinja2===2.10-odd-build"))
    assert answer.status == 3
    assert statuses(answer)["pkg:pypi/jinja2@2.10-odd-build"] == "undecided"


def test_a_record_of_another_schema_refuses_the_import():
    Path("records").mkdir()
    Path("records/a.json").write_text(json.dumps({**JINJA, "schema_version": "2.0.0"}))
    ran = run("audit", "db", "import", "records", "--db", "records.db")
    assert ran.status == 2
    assert "vulnerability.record-invalid" in ran.err
    assert not Path("records.db").exists()


def test_a_record_that_was_left_out_keeps_its_package_undecided():
    database(JINJA)
    broken = {**osv("PYSEC-2024-9", "flask", fixed="1.0"), "schema_version": "2.0.0"}
    Path("records.db.records/broken.json").write_text(json.dumps(broken))
    ran = run("audit", "db", "import", "records.db.records", "--db", "other.db", "--skip-invalid")
    assert ran.status == 0
    answer = audited(requirements("flask==2.0"), db="other.db")
    assert (answer.status, answer.codes) == (3, ["vulnerability.undecided"])
    assert answer.report["audit"]["database"]["refused"] == 1


def test_no_database_is_not_fine():
    answer = audited(requirements("jinja2==2.10"))
    assert answer.status == 3
    assert "vulnerability.database-invalid" in answer.codes


def test_another_ecosystem_is_unknown():
    database(JINJA)
    Path("go.mod").write_text("module acme.example/app\n\ngo 1.22\n\nrequire golang.org/x/text v0.3.0\n")
    answer = audited("go.mod")
    assert answer.status == 3
    assert set(statuses(answer).values()) == {"unknown"}


def test_an_old_export_imported_today_is_old():
    database(JINJA, now="2024-11-20T00:00:00Z")
    answer = audited(requirements("jinja2==3.0"), now="2024-11-20T00:00:00Z")
    assert (answer.status, answer.codes) == (3, ["vulnerability.database-stale"])


def test_records_of_the_future_are_not_fine():
    database(JINJA)
    answer = audited(requirements("jinja2==3.0"), now="2024-10-01T00:00:00Z")
    assert (answer.status, answer.codes) == (3, ["vulnerability.database-future"])


def test_two_spellings_of_a_name_are_one_package():
    database(osv("PYSEC-2020-341", "jw.util", fixed="2.3"))
    answer = audited(requirements("JW_util==2.0", "jw-util==2.0"))
    assert findings(answer) == [("jw-util", "2.0", "PYSEC-2020-341")]
    assert [each["line"] for each in answer.report["audit"]["packages"][0]["places"]] == [1, 2]


def test_a_withdrawn_record_does_not_count_and_is_listed():
    database(osv("PYSEC-2023-141", "pynetbox", withdrawn="2023-11-01T00:00:00Z"))
    answer = audited(requirements("pynetbox==2.0.1"))
    assert answer.status == 0
    assert answer.report["audit"]["packages"][0]["withdrawn"] == ["PYSEC-2023-141"]


def test_a_severity_that_nobody_states_is_above_every_threshold():
    database(JINJA)
    answer = audited(requirements("jinja2==2.10"), options=("--fail-on", "critical"))
    assert answer.status == 1
    assert answer.report["audit"]["findings"][0]["severity"] == "unknown"


def test_a_fix_that_is_itself_affected_is_no_fix():
    again = osv("PYSEC-2021-66", "jinja2", introduced="2.10.1", fixed="2.11.3")
    database(JINJA, again, osv("PYSEC-2021-67", "jinja2", fixed="2.11.3"))
    fixes = {each["minimalFix"] for each in audited(requirements("jinja2==2.10")).report["audit"]["findings"]}
    assert fixes == {"2.11.3"}
    assert findings(audited(requirements("jinja2==2.11.3"))) == []


def test_a_merge_loses_no_id():
    ghsa = osv("GHSA-aaaa-bbbb-cccc", "jinja2", fixed="2.10.1", aliases=["CVE-2019-10906"])
    database({**JINJA, "aliases": ["CVE-2019-10906"]}, ghsa)
    (finding,) = audited(requirements("jinja2==2.10")).report["audit"]["findings"]
    assert finding["ids"] == ["CVE-2019-10906", "PYSEC-2019-217", "GHSA-aaaa-bbbb-cccc"]


def test_a_circle_of_includes_ends():
    database(JINJA)
    requirements("-r a.txt", "jinja2==2.10", path="b.txt")
    assert audited(requirements("-r b.txt", path="a.txt")).status == 3


def test_the_group_for_developers_is_audited():
    database(JINJA)
    row = {"hashes": [f"sha256:{'0' * 64}"], "index": "pypi", "version": "==2.10"}
    pipenv = {"sources": [{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": True}], "pipfile-spec": 6}
    lock = {
        "_meta": {"hash": {"sha256": "0" * 64}, "requires": {}, **pipenv},
        "default": {},
        "develop": {"jinja2": row},
    }
    Path("Pipfile.lock").write_text(json.dumps(lock))
    answer = audited("Pipfile.lock")
    assert findings(answer) == [("jinja2", "2.10", "PYSEC-2019-217")]
    assert answer.report["audit"]["packages"][0]["groups"] == ["develop"]


def test_one_target_that_cannot_be_read_does_not_hide_the_findings_of_another():
    database(JINJA)
    Path("broken.txt").write_text("<<<<<<< ours\njinja2==3.0\n=======\njinja2==2.9\n>>>>>>> theirs\n")
    answer = audited("broken.txt", requirements("jinja2==2.10"))
    assert answer.status == 1
    assert "dependency.lock-invalid" in answer.codes
    assert audited("broken.txt").status == 3


def test_the_report_says_which_records_it_is_by():
    place = database(JINJA)
    told = audited(requirements("jinja2==2.10")).report["audit"]["database"]
    assert (told["dataDate"], told["ecosystems"], told["refused"]) == ("2024-10-10T12:00:00Z", {"PyPI": 2}, 0)
    shutil.copy(place, "copy.db")
    assert audited("requirements.txt", db="copy.db").report["audit"]["database"]["digest"] == told["digest"]
