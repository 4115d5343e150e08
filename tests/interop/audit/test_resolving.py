"""--resolve, by the real pip-audit and pip, at a real index of HTML pages (pypiserver)."""

from __future__ import annotations

import pytest

from tests.support.audit.services.osv import osv
from tests.support.audit.services.wheels import pypiserver, wheel
from tests.support.command import ask

pytestmark = pytest.mark.interop


@pytest.fixture
def index(tmp_path):
    """An index with a package that brings another along."""
    pytest.importorskip("pip_audit", reason="the extra `audit` is not installed")
    packages = tmp_path / "packages"
    packages.mkdir()
    wheel(packages, "acme", "1.0", "brought>=1")
    wheel(packages, "acme", "2.0", "brought>=1")
    wheel(packages, "brought", "1.0")
    with pypiserver(packages) as url:
        yield f"{url}/simple"


def test_what_is_not_pinned_is_resolved_and_said_to_be_pinned_nowhere(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.in").write_text("acme<2\nonly-elsewhere>=1; sys_platform == 'win32'\n")
    with osv() as site:
        options = ("--service", "osv", "--service-url", site.url, "--resolve", "--index-url", index)
        answer = ask("audit", "requirements.in", *options)
    packages = {each["name"]: each for each in answer.report["audit"]["packages"]}
    versions = {name: each["version"] for name, each in packages.items()}
    assert versions == {"acme": "1.0", "brought": "1.0", "only-elsewhere": None}
    unpinned = [each["message"] for each in answer.report["reasons"] if each["code"] == "dependency.unpinned"]
    assert any("acme@1.0 is pinned nowhere: its version was chosen here and now" in each for each in unpinned)
    # They come from an index of one's own, about which no record says anything.
    assert {each["status"] for each in packages.values()} == {"unknown"}
    assert "vulnerability.source-unavailable" not in answer.codes
    assert answer.status == 3


def test_what_cannot_be_resolved_is_said_in_the_words_of_pip(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.in").write_text("acme>=3\n")
    with osv() as site:
        options = ("--service", "osv", "--service-url", site.url, "--resolve", "--index-url", index)
        answer = ask("audit", "requirements.in", *options)
    said = [each["message"] for each in answer.report["reasons"] if each["code"] == "vulnerability.source-unavailable"]
    assert answer.status == 3
    assert "acme>=3" in said[0]


def test_no_pip_that_an_index_hands_out_is_run(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mark = tmp_path / "it ran"
    code = f"open({str(mark)!r}, 'w').close()\n"
    files = [("pip/__init__.py", code), ("pip/__main__.py", code), ("evil.pth", f"import os; {code}")]
    for name in ("pip", "wheel", "setuptools"):
        wheel(tmp_path / "packages", name, "99.0", files=files)
    (tmp_path / "requirements.in").write_text("acme<2\n")
    with osv() as site:
        options = ("--service", "osv", "--service-url", site.url, "--resolve", "--index-url", index)
        answer = ask("audit", "requirements.in", *options)
    assert {each["version"] for each in answer.report["audit"]["packages"]} == {"1.0"}
    assert not mark.exists()
