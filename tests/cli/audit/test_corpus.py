"""Genuine lock files against genuine records: what an independent reference says, and nothing else."""

import json
from pathlib import Path

import pytest

from tests.support.audit.scene import NOW, audited
from tests.support.command import run
from tests.support.material import corpus

pytestmark = [pytest.mark.corpus, pytest.mark.usefixtures("place")]


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    place = tmp_path_factory.mktemp("records") / "records.db"
    made = run("audit", "db", "import", corpus("pypa-advisories"), "--db", place, "--now", NOW)
    assert made.status == 0, made.err
    return place


def expected_locks():
    try:
        return json.loads((corpus("audit") / "expected-locks.json").read_text())
    except pytest.skip.Exception:
        return {}


LOCKS = expected_locks()


def found(report):
    """By name and version: the ids of the records, and the fix."""
    said: dict[tuple[str, str], tuple[set[str], set[str | None]]] = {}
    for each in report["audit"]["findings"]:
        ids, fixes = said.setdefault((each["package"]["name"], each["package"]["version"]), (set(), set()))
        ids.update(each["records"])
        fixes.add(each["minimalFix"])
    return said


@pytest.mark.parametrize("name", LOCKS)
def test_every_lock_is_audited_as_the_reference_has_it(name, records):
    wanted = LOCKS[name]
    answer = audited(corpus("audit") / "locks" / name, db=records)
    packages = answer.report["audit"]["packages"]
    if "expect" in wanted:
        assert answer.status == 3
        assert packages
        assert {each["status"] for each in packages} == {"unknown"}
        return
    if "kinds" not in wanted and "packages" not in wanted:
        assert (answer.status, packages) == (3, [])
        return
    rows = wanted.get("affected", [])
    affected = {(each["name"], each["version"]): (set(each["ids"]), {each["minimal_fix"]}) for each in rows}
    unknown = sorted(each["name"] for each in packages if each["status"] == "unknown")
    assert len(packages) == wanted["packages"]
    assert found(answer.report) == affected
    assert unknown == wanted.get("without_version_or_not_from_index", [])
    assert answer.status == (1 if affected else 3 if unknown else 0)


PROJECT = json.loads((corpus("audit") / "one-project" / "expected.json").read_text()) if LOCKS else {}
FILES = ("uv.lock", "requirements.txt", "pylock.toml", "bom.cdx.json", "requirements.pip-compile.txt", "Pipfile.lock")


@pytest.mark.parametrize("name", [*FILES, "poetry.lock"])
def test_one_project_has_the_same_findings_in_every_format(name, records, tmp_path):
    wanted = {each["name"]: each for each in PROJECT["affected"]}
    if name == "poetry.lock":
        wanted.update(PROJECT[name])
    place = tmp_path / name  # alone: beside the others it would be held against its project
    place.write_bytes((corpus("audit") / "one-project" / name).read_bytes())
    answer = audited(place, db=records)
    assert found(answer.report) == {
        (name, each["version"]): (set(each["affected"]), {each["minimal_fix"]}) for name, each in wanted.items()
    }
    assert answer.status == 1


def test_every_awkward_pin_is_judged_as_the_reference_has_it(records):
    pairs = json.loads((corpus("audit") / "expected-pairs.json").read_text())
    for number, pair in enumerate(pairs):
        path = Path(f"{number}.txt")
        path.write_text(pair["requirement"] + "\n")
        (package,) = (report := audited(path, db=records).report)["audit"]["packages"]
        findings = report["audit"]["findings"]
        affected = {each for one in findings if one["status"] == "affected" for each in one["records"]}
        undecided = {each for one in findings if one["status"] == "undecided" for each in one["records"]}
        assert affected == set(pair["affected"]), pair["requirement"]
        assert undecided == set(pair["undecided"]), pair["requirement"]
        assert set(package["withdrawn"]) == set(pair["withdrawn"]), pair["requirement"]
        assert {one["minimalFix"] for one in findings} <= {pair["minimal_fix"]}, pair["requirement"]
