"""Unmodified pip-audit and uv against the same services: the same findings, but for what they are known to lose."""

from __future__ import annotations

import json
import re

import pytest
from packaging.version import InvalidVersion, Version

from tests.support.audit.peers import pip_audit, uv
from tests.support.audit.services.corpus import advisories
from tests.support.audit.services.osv import osv, record
from tests.support.audit.services.pypi import pypi_org
from tests.support.command import ask
from tests.support.material import corpus

pytestmark = [pytest.mark.interop, pytest.mark.corpus]
NOW = "2024-10-12T00:00:00Z"


def pins():
    """Pinned versions of genuine locks and every awkward pair, where pip-audit reads them: name to versions."""
    text = (corpus("audit") / "locks/ichnaea/requirements.txt").read_text()
    found = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", text, re.MULTILINE))
    for pair in json.loads((corpus("audit") / "expected-pairs.json").read_text()):
        found.setdefault(pair["name"], pair["version"])
    return {name: version for name, version in found.items() if _is_version(version)}


def _is_version(text):
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def of_pip_audit(said):
    """By name: every id that pip-audit names."""
    return {
        each["name"]: {one for vuln in each["vulns"] for one in (vuln["id"], *vuln["aliases"])}
        for each in said.report["dependencies"]
        if each.get("vulns")
    }


def ours(answer):
    """By name: every id that we name."""
    found: dict[str, set[str]] = {}
    for each in answer.report["audit"]["findings"]:
        if each["status"] == "affected":
            found.setdefault(each["package"]["name"], set()).update(each["ids"])
    return found


def test_the_same_findings_as_pip_audit_by_its_osv_service(tmp_path):
    listed = pins()
    file = tmp_path / "requirements.txt"
    file.write_text("".join(f"{name}=={version}\n" for name, version in sorted(listed.items())))
    with osv(*advisories(), canary=False) as site:
        site.lists_withdrawn = True
        service = ("--vulnerability-service", "osv", "--osv-url", f"{site.url}/v1/query")
        theirs = pip_audit("-r", file, "--disable-pip", "--no-deps", "-f", "json", *service, cwd=tmp_path)
        answer = ask("audit", file, "--service", "osv", "--service-url", site.url, "--now", NOW)
    assert theirs.status == 1
    assert answer.status == 1
    them, us = of_pip_audit(theirs), ours(answer)
    assert len(them) > 40
    local = {name for name, version in listed.items() if "+" in version}
    assert {name: ids for name, ids in us.items() if name not in local} == {
        name: ids for name, ids in them.items() if name not in local
    }
    # What is withdrawn counts for neither; only we say that it is there.
    assert {one for each in answer.report["audit"]["packages"] for one in each["withdrawn"]}
    # A local version lies above every range that ends with its public one: what is listed so is what they miss.
    assert all(them.get(name, set()) <= us.get(name, set()) for name in local)


def test_pip_audit_reads_the_first_page_only_and_we_read_all(tmp_path):
    records = [record(f"PYSEC-1-{number}", "acme") for number in range(3)]
    file = tmp_path / "requirements.txt"
    file.write_text("acme==1.0\n")
    with osv(*records, page=2) as site:
        service = ("--vulnerability-service", "osv", "--osv-url", f"{site.url}/v1/query")
        theirs = pip_audit("-r", file, "--disable-pip", "--no-deps", "-f", "json", *service, cwd=tmp_path)
        answer = ask("audit", file, "--service", "osv", "--service-url", site.url)
    assert of_pip_audit(theirs) == {"acme": {"PYSEC-1-0", "PYSEC-1-1"}}
    assert ours(answer) == {"acme": {"PYSEC-1-0", "PYSEC-1-1", "PYSEC-1-2"}}


def test_the_same_findings_as_pip_audit_by_pypi(tmp_path, monkeypatch):
    listed = dict(sorted(pins().items())[::6])
    file = tmp_path / "requirements.txt"
    file.write_text("".join(f"{name}=={version}\n" for name, version in sorted(listed.items())))
    with pypi_org(tmp_path, *advisories()) as site:
        for name, value in site.environment.items():
            monkeypatch.setenv(name, value)
        theirs = pip_audit(
            "-r", file, "--disable-pip", "--no-deps", "-f", "json", cwd=tmp_path, environment=site.environment
        )
        answer = ask("audit", file, "--service", "pypi", "--now", NOW)
    assert theirs.status == 1
    local = {name for name, version in listed.items() if "+" in version}
    them, us = of_pip_audit(theirs), ours(answer)
    assert {name: ids for name, ids in us.items() if name not in local} == {
        name: ids for name, ids in them.items() if name not in local
    }


def test_the_same_findings_as_uv_audit(tmp_path):
    lock = corpus("audit") / "one-project"
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((lock / name).read_bytes())
    with osv(*advisories(), canary=False) as site:
        theirs = uv(
            *("audit", "--preview-features", "audit", "--service-url", site.url, "--frozen", "--output-format", "json"),
            cwd=tmp_path,
        )
        answer = ask("audit", tmp_path / "uv.lock", "--service", "osv", "--service-url", site.url, "--now", NOW)
    assert (theirs.status, answer.status) == (1, 1), theirs.err
    assert of_uv(theirs) == {
        (each["package"]["name"], each["package"]["version"], record)
        for each in answer.report["audit"]["findings"]
        for record in each["records"]
    }


def of_uv(said):
    """(name, version, record) of each of uv's findings."""
    return {
        (each["dependency"]["name"], each["dependency"]["version"], each["id"])
        for each in said.report["vulnerabilities"]
    }
