"""Targets that are made to cost: what is known is still told, and what was not judged is never fine."""

import pytest

from tests.support.audit.scene import audited, database, findings, osv, requirements, statuses
from verifier.audit import run

pytestmark = pytest.mark.usefixtures("place")


def test_after_too_many_findings_the_rest_is_unknown_and_it_is_no_less_vulnerable(monkeypatch):
    database(*(osv(f"PYSEC-2024-{number}", "jinja2") for number in range(10, 15)))
    monkeypatch.setattr(run, "MAX_FOUND", 10)
    answer = audited(requirements(*(f"jinja2==2.{number}" for number in range(4)), "zope==1.0"))
    assert answer.status == 1
    assert {"vulnerability.known", "vulnerability.unknown-dependency"} == {*answer.codes}
    assert len(findings(answer)) == 10
    assert sorted(statuses(answer).values()) == ["audited", "audited", "unknown", "unknown", "unknown"]


def test_as_many_findings_as_are_told_are_all_of_them(monkeypatch):
    database(*(osv(f"PYSEC-2024-{number}", "jinja2") for number in range(10, 15)))
    monkeypatch.setattr(run, "MAX_FOUND", 11)
    assert len(findings(audited(requirements("jinja2==2.0", "jinja2==2.1", "canary==1.0")))) == 10
