"""Every format from the real command: valid for whoever reads it, and the same findings in each."""

import json
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

from tests.support.audit.scene import NOW, audited, database, osv, requirements
from tests.support.command import run
from tests.support.material import corpus
from tests.support.places import ROOT
from verifier.formats.audit.document import write
from verifier.formats.audit.reading import read
from verifier.formats.json.strict_json import loads
from verifier.reports.audit.table import AUDIT_REPORTS
from verifier.sbom.vex.reading import read_vex

pytestmark = pytest.mark.usefixtures("place")
SARIF = jsonschema.Draft4Validator(json.loads((ROOT / "fixtures/schemas/sarif-2.1.0-rtm.5.json").read_text()))
DOCUMENT = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schemas/audit-v1.json").read_text()))
JINJA = osv("PYSEC-2019-217", "jinja2", fixed="2.10.1", aliases=["CVE-2019-10906"])
HOSTILE = "::error::x ##[error]y | `z` <script>@everyone [a](javascript:b) ]]> \u202e\x1b[31m\n# heading"


def reports(*targets, db="records.db", options=()):
    """What one run has written in each format."""
    further = [part for name in AUDIT_REPORTS for part in ("--output", f"{name}=out/{name}")]
    Path("out").mkdir(exist_ok=True)
    answer = audited(*targets, db=db, options=[*further, *options])
    return answer, {name: Path("out", name).read_text() for name in AUDIT_REPORTS}


def ids_of(written):
    """The primary ids that each format says, as its own readers find them."""
    (run_of,) = json.loads(written["sarif"])["runs"]
    failures = etree.fromstring(written["junit"].encode()).iter("failure")
    return {
        "json": {each["ids"][0] for each in json.loads(written["json"])["audit"]["findings"]},
        "sarif": {each["ruleId"] for each in run_of["results"]},
        "junit": {each.get("type") for each in failures},
        **{form: {each.vulnerability for each in vex(written[form])} for form in ("openvex", "cyclonedx-vex")},
    }


def vex(text):
    return read_vex(text.encode(), subject="vex.json").statements


def hold(written):
    """Hold each format against who reads it."""
    SARIF.validate(json.loads(written["sarif"]))
    tree = loads(written["json"].encode(), subject="report")
    DOCUMENT.validate(tree)
    assert write(read(tree)) == tree


def test_every_format_is_valid_and_has_the_same_findings():
    database(JINJA, osv("PYSEC-2024-2", "django", fixed="3.2.25"))
    answer, written = reports(requirements("jinja2==2.10", "django==3.2.1", "canary==1.0"))
    assert answer.status == 1
    hold(written)
    for name, found in ids_of(written).items():
        assert found == {"CVE-2019-10906", "PYSEC-2024-2"}, name
    for name in ("text", "markdown", "github"):
        assert "CVE-2019-10906" in written[name]
        assert "0 of 3 packages have no record" in written[name]


def test_a_record_full_of_commands_and_markup_does_nothing_anywhere():
    database(osv("PYSEC-2019-217", "jinja2", fixed="2.10.1", summary=HOSTILE, details=HOSTILE))
    _, written = reports(requirements("jinja2==2.10"))
    hold(written)
    assert ids_of(written)["junit"] == {"PYSEC-2019-217"}
    for name, text in written.items():
        assert "##[" not in text, name
        assert not {"\x1b", "\u202e"} & set(text), name
        started = [line for line in text.splitlines() if line.lstrip().startswith("::")]
        assert all(name == "github" and line.startswith(("::error ", "::warning ", "::notice ")) for line in started), (
            name
        )
    assert "<script" not in written["markdown"] + written["junit"]
    assert written["markdown"].count("\n# ") == 0


def test_an_alert_stays_the_same_over_an_upgrade_that_does_not_fix():
    database(JINJA)
    (before,) = sarif_results(requirements("jinja2==2.9"))
    (after,) = sarif_results(requirements("# moved", "left==1.0", "jinja2==2.10"))
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["locations"] != after["locations"]
    assert sarif_results(requirements("jinja2==2.10.1")) == []


def sarif_results(target):
    document = json.loads(run("audit", target, "--db", "records.db", "--now", NOW, "--format", "sarif").out)
    return document["runs"][0]["results"]


@pytest.mark.parametrize("name", AUDIT_REPORTS)
def test_each_format_can_be_printed_and_ends_with_the_same_status(name):
    database(JINJA)
    for line, status in (("jinja2==2.10", 1), ("jinja2==2.10.1", 0), ("jinja2>=2", 3)):
        answer = run("audit", requirements(line), "--db", "records.db", "--now", NOW, "--format", name)
        assert answer.status == status
        assert answer.out.endswith("\n")


@pytest.mark.corpus
def test_a_genuine_lock_is_reported_alike_in_every_format():
    made = run("audit", "db", "import", corpus("pypa-advisories"), "--db", "all.db", "--now", NOW)
    assert made.status == 0
    lock = corpus("audit") / "locks" / "kuma" / "poetry.lock"
    answer, written = reports(lock, db="all.db")
    assert answer.status == 1
    hold(written)
    said = ids_of(written)
    assert len(said["json"]) > 40
    for name, found in said.items():
        assert found == said["json"], name
    assert max(len(line) for line in written["text"].splitlines()) <= 100 + len(str(lock))


@pytest.mark.parametrize("line", ["jinja2==2.11", "jinja2==2.10", "jinja2"])
def test_a_report_takes_the_place_of_every_earlier_one_of_its_kind(line):
    database(JINJA)
    first, _ = reports(requirements(line))
    again, written = reports(requirements("jinja2==2.10"))
    assert first.status == {"jinja2==2.11": 0, "jinja2==2.10": 1, "jinja2": 3}[line]
    assert again.status == 1
    hold(written)


def test_no_further_report_goes_where_the_answer_goes():
    database(JINJA)
    answer = run("audit", requirements("jinja2==2.11"), "--db", "records.db", "--output", "json=/dev/stdout")
    assert (answer.status, answer.out) == (2, "")
    assert "names standard output" in answer.err
