"""PyPI's own answers, by way of pip-audit: what it says is believed, and what it does not say is not made up."""

from __future__ import annotations

import json

import pytest

from tests.support.audit.made import NOW, package
from tests.support.audit.services.faults import EVERYWHERE
from tests.support.audit.services.osv import record
from tests.support.audit.services.pypi import Release, pypi_org
from tests.support.audit.services.site import Asked, answer
from verifier.audit.matching import Affected, is_live, judge
from verifier.audit.online.children import PipAudit
from verifier.audit.online.pypi import PypiService

pytest.importorskip("pip_audit", reason="the extra `audit` is not installed")

ACME, SOUND = package("acme", "1.0"), package("sound", "1.0")
FIXED_BADLY, NEVER_FIXED, WITHDRAWN = (package(name, "1.0") for name in ("badly", "never", "withdrawn"))
TYPO, NO_VERSION, UNPINNED = package("acmee", "1.0"), package("acme", "2019-09-12"), package("acme", None)
LOCAL = package("acme", "1.0+cu117")
ELSEWHERE = package("acme", "1.0", ecosystem="npm")
RECORDS = (
    record("PYSEC-1-1", "acme", fixed="1.1", aliases=["CVE-1-1"]),
    record("PYSEC-2-1", "sound", introduced="5.0"),
    record("PYSEC-3-1", "badly", fixed="1.1"),
    record("PYSEC-3-2", "badly", introduced="1.1", fixed="1.2"),
    record("PYSEC-4-1", "never", fixed="1.1"),
    record("PYSEC-5-1", "withdrawn", withdrawn="2024-03-01T00:00:00Z"),
)
RELEASES = {
    "jinja2": [Release("2.10")],
    "never": [Release("1.0")],
    **{name: [Release("1.0"), Release("1.1"), Release("1.2")] for name in ("acme", "sound", "badly", "withdrawn")},
}


def service(site, **more):
    return PypiService(pip_audit=PipAudit(environment=site.environment), **more)


def messages(answers):
    return [each.message for each in answers.reasons]


def affecting(answers, of, version=None):
    """The live records that affect a version."""
    found = answers.records[of.purl]
    return sorted(each.id for each in found if is_live(each) and isinstance(judge(each, of, version), Affected))


def fixes(answers, of):
    """The versions that some record of a package calls fixed."""
    ranges = [one for each in answers.records[of.purl] for entry in each.affected for one in entry.ranges]
    return [event.version for one in ranges for event in one.events if event.kind == "fixed"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    packages = [ACME, SOUND, FIXED_BADLY, NEVER_FIXED, WITHDRAWN, TYPO, NO_VERSION, UNPINNED, LOCAL, ELSEWHERE]
    with pypi_org(tmp_path_factory.mktemp("pypi"), *RECORDS, releases=RELEASES) as site:
        return service(site).ask(packages, NOW)


class TestWhatIsAnswered:
    def test_what_pypi_lists_affects_and_what_it_does_not_list_does_not(self, answers):
        assert (affecting(answers, ACME), answers.records[SOUND.purl]) == (["PYSEC-1-1"], ())
        assert answers.reasons == ()
        (found,) = answers.records[ACME.purl]
        assert (found.aliases, found.details) == (("CVE-1-1",), "About acme.")

    def test_a_fix_is_what_pypi_was_asked_about_and_finds_nothing_in(self, answers):
        assert (fixes(answers, ACME), affecting(answers, ACME, "1.1")) == (["1.1"], [])
        assert affecting(answers, FIXED_BADLY) == ["PYSEC-3-1"]
        assert affecting(answers, FIXED_BADLY, "1.1") == ["PYSEC-3-2"]

    def test_a_fix_that_was_never_released_is_none(self, answers):
        assert (affecting(answers, NEVER_FIXED), fixes(answers, NEVER_FIXED)) == (["PYSEC-4-1"], [])

    def test_what_is_withdrawn_is_listed_and_does_not_count(self, answers):
        (found,) = answers.records[WITHDRAWN.purl]
        assert (found.id, is_live(found)) == ("PYSEC-5-1", False)

    def test_what_pypi_does_not_have_is_unknown(self, answers):
        assert answers.unknown[TYPO.purl] == "Dependency not found on PyPI and could not be audited: acmee (1.0)"

    def test_what_pypi_does_not_have_is_not_made_fine_by_another_source(self, answers):
        assert answers.records[TYPO.purl] == ()

    def test_a_local_version_is_asked_about_as_its_public_one(self, answers):
        assert affecting(answers, LOCAL) == ["PYSEC-1-1"]

    def test_what_is_no_version_or_not_of_pypi_is_unknown(self, answers):
        assert set(answers.unknown) == {each.purl for each in (TYPO, NO_VERSION, UNPINNED, ELSEWHERE)}


INFO = {"name": "NAME", "version": "1.0"}
LIES = {
    "without the key": {"info": INFO},
    "the key is null": {"info": INFO, "vulnerabilities": None},
    "about another package": {"info": {**INFO, "name": "other"}, "vulnerabilities": []},
    "about another version": {"info": {**INFO, "version": "1.1"}, "vulnerabilities": []},
    "about nothing": {"vulnerabilities": []},
    "no list": {"info": INFO, "vulnerabilities": {}},
    "an id that is none": {"info": INFO, "vulnerabilities": [{"id": "\x1b[2J", "aliases": [], "fixed_in": []}]},
    "a version that is none": {
        "info": INFO,
        "vulnerabilities": [{"id": "A-1", "aliases": [], "fixed_in": ["2019-09-12"]}],
    },
    "without an id": {"info": INFO, "vulnerabilities": [{"aliases": [], "fixed_in": []}]},
}


class TestWhatIsNotBelieved:
    def test_an_answer_that_says_nothing_is_not_fine(self, tmp_path):
        packages = {lie: package(f"sound-{number}", "1.0") for number, lie in enumerate(LIES)}
        values = {
            each.name: json.loads(json.dumps(LIES[lie]).replace("NAME", each.name)) for lie, each in packages.items()
        }
        with pypi_org(tmp_path, *RECORDS) as site:
            honest = site.described
            site.described = lambda name, version: values.get(name) or honest(name, version)
            answers = service(site, failures=1_000).ask([*packages.values(), ACME], NOW)
        assert set(answers.unknown) == {each.purl for each in packages.values()}
        assert list(answers.records) == [ACME.purl]
        assert "does not say whether" in answers.unknown[packages["without the key"].purl]
        assert set(messages(answers)) == {
            "PyPI was not reached, or its answer makes no sense (KeyError)",
            "PyPI's answer has no list of vulnerabilities",
            "PyPI's answer is about something else",
            "Received malformed version from PyPI: ['2019-09-12']",
            "what it answers is not as it has to be",
        }

    def test_a_service_that_finds_nothing_in_the_canary(self, tmp_path):
        with pypi_org(tmp_path, *RECORDS) as site:
            site.records = []
            answers = service(site).ask([SOUND], NOW)
        assert (answers.records, set(answers.unknown)) == ({}, {SOUND.purl})
        assert messages(answers) == ["it does not list PYSEC-2019-217 of jinja2 2.10, which must be found"]


def asked(name, version="1.0"):
    return Asked("GET", f"/pypi/{name}/{version}/json", b"")


def test_no_fault_at_a_request_makes_its_package_fine(tmp_path):
    packages = {fault: package(f"sound-{number}", "1.0") for number, fault in enumerate(EVERYWHERE)}
    with pypi_org(tmp_path, *RECORDS) as site:
        site.faults = {asked(each.name): EVERYWHERE[fault] for fault, each in packages.items()}
        asking = service(site, timeout_s=2.0, attempts=1, failures=1_000)
        answers = asking.ask([*packages.values(), ACME], NOW)
    assert set(answers.unknown) == {each.purl for each in packages.values()}
    assert [purl for purl, records in answers.records.items() if records] == [ACME.purl]
    assert affecting(answers, ACME) == ["PYSEC-1-1"]
    said = set(messages(answers))
    assert {f"PyPI answered with status {number}" for number in (401, 403, 429, 500, 502, 503)} <= said
    assert "PyPI's answer is no JSON (JSONDecodeError)" in said


@pytest.mark.parametrize("fault", ["status 404", "status 503", "HTML", "{}", "truncated"])
def test_a_fault_at_the_canary_makes_nothing_fine(tmp_path, fault):
    with pypi_org(tmp_path, *RECORDS) as site:
        site.faults = {asked("jinja2", "2.10"): EVERYWHERE[fault]}
        answers = service(site, attempts=1).ask([SOUND], NOW)
    assert (answers.records, set(answers.unknown)) == ({}, {SOUND.purl})
    assert {each.code for each in answers.reasons} == {"vulnerability.source-unavailable"}


def test_no_fault_at_what_may_be_a_fix_makes_it_one(tmp_path):
    packages = {fault: package(f"acme-{number}", "1.0") for number, fault in enumerate(EVERYWHERE)}
    records = [record(f"PYSEC-1-{number}", each.name, fixed="1.1") for number, each in enumerate(packages.values())]
    with pypi_org(tmp_path, *records) as site:
        site.faults = {asked(each.name, "1.1"): EVERYWHERE[fault] for fault, each in packages.items()}
        answers = service(site, timeout_s=2.0, attempts=1, failures=1_000).ask(list(packages.values()), NOW)
    assert all(affecting(answers, each) for each in packages.values())
    assert not any(fixes(answers, each) for each in packages.values())
    assert answers.reasons


def test_what_fails_for_a_moment_is_asked_for_again(tmp_path):
    with pypi_org(tmp_path, *RECORDS) as site:

        def once(exchange, _):
            site.faults.clear()
            answer(exchange, {}, status=503, Retry_After="0")

        site.faults = {asked("sound"): once}
        answers = service(site).ask([SOUND], NOW)
    assert answers.records == {SOUND.purl: ()}
    assert (answers.unknown, answers.reasons) == ({}, ())


def test_once_several_questions_have_failed_nothing_more_is_asked(tmp_path):
    packages = [package(f"acme-{number}", "1.0") for number in range(60)]
    with pypi_org(tmp_path) as site:
        site.faults = {asked(each.name): EVERYWHERE["status 503"] for each in packages}
        answers = service(site, attempts=1).ask(packages, NOW)
    assert set(answers.unknown) == {each.purl for each in packages}
    assert len(site.asked) < 20


class TestTheChild:
    def test_a_python_without_pip_audit_names_the_extra(self, tmp_path):
        bare = tmp_path / "python"
        bare.write_text("#!/bin/sh\nexit 78\n")
        bare.chmod(0o755)
        answers = PypiService(pip_audit=PipAudit(python=str(bare))).ask([SOUND], NOW)
        assert messages(answers) == ["pip-audit is not installed"]
        assert "policy-verifier[audit]" in answers.reasons[0].hint

    def test_it_has_an_end(self, tmp_path):
        endless = tmp_path / "python"
        endless.write_text("#!/bin/sh\nexec sleep 600\n")
        endless.chmod(0o755)
        answers = PypiService(pip_audit=PipAudit(python=str(endless), starts_s=0.2), whole_s=0.1).ask([SOUND], NOW)
        assert messages(answers) == ["pip-audit did not end in time"]

    @pytest.mark.parametrize(
        "line", ["null", "[]", "{", '{"at":0}', '{"at":7,"version":"1"}', '{"end":true,"end":true}']
    )
    def test_lines_that_make_no_sense_are_no_answers(self, tmp_path, line):
        odd = tmp_path / "python"
        odd.write_text(f"#!/bin/sh\nprintf '%s\\n' '{line}'\n")
        odd.chmod(0o755)
        answers = PypiService(pip_audit=PipAudit(python=str(odd))).ask([SOUND], NOW)
        assert SOUND.purl in answers.unknown
        assert {each.code for each in answers.reasons} == {"vulnerability.source-unavailable"}
