"""`verify audit --service`: what a service says counts, and what it does not say is not fine."""

from __future__ import annotations

import socket

import pytest

from tests.support.audit.scene import audited, database, findings, requirements, statuses
from tests.support.audit.scene import osv as local
from tests.support.audit.services.faults import EVERYWHERE, OF_BATCHES, OF_RECORDS
from tests.support.audit.services.osv import osv, record
from tests.support.audit.services.pypi import Release, pypi, pypi_org
from tests.support.audit.services.site import Asked
from tests.support.command import ask, run

pytestmark = pytest.mark.usefixtures("place")
NOW = "2024-10-12T00:00:00Z"
ACME = record("PYSEC-1-1", "acme", fixed="1.1", aliases=["CVE-1-1"])


def online(target, *options):
    """The answer of an audit by a service alone."""
    return ask("audit", target, "--now", NOW, *options)


class TestOsv:
    def test_a_finding_whose_fix_has_a_vulnerability_of_its_own_has_none(self):
        requirements("acme==1.0")
        with osv(ACME, record("PYSEC-1-2", "acme", introduced="1.1", fixed="1.2")) as site:
            answer = online("requirements.txt", "--service", "osv", "--service-url", site.url)
        assert (answer.status, findings(answer)) == (1, [("acme", "1.0", "CVE-1-1")])
        assert answer.report["audit"]["findings"][0]["minimalFix"] is None

    def test_fine_once_everything_was_asked_and_judged(self):
        requirements("acme==1.1", "other==1")
        with osv(ACME) as site:
            answer = online("requirements.txt", "--service", "osv", "--service-url", site.url)
        assert (answer.status, set(statuses(answer).values())) == (0, {"audited"})

    @pytest.mark.parametrize("fault", {**EVERYWHERE, **OF_BATCHES, **OF_RECORDS})
    def test_no_fault_at_any_request_ends_in_0(self, fault):
        requirements("acme==1.0", "other==1.0")
        records = [ACME, record("PYSEC-1-3", "acme", introduced="7"), record("PYSEC-1-4", "acme", introduced="8")]
        with osv(*records, page=2) as site:
            options = ("--service", "osv", "--service-url", site.url)
            assert online("requirements.txt", *options).status == 1
            recorded = sorted(set(site.asked))
            for each in recorded:
                if (fault in OF_BATCHES and each.method != "POST") or (fault in OF_RECORDS and each.method != "GET"):
                    continue
                site.faults = {each: {**EVERYWHERE, **OF_BATCHES, **OF_RECORDS}[fault]}
                patience = ("--service-timeout", "1s") if fault == "hang" else ()
                answer = online("requirements.txt", *options, *patience)
                assert answer.status in {1, 3}, str(each)
                assert answer.status == 1 or "vulnerability.source-unavailable" in answer.codes

    def test_service_and_database_are_merged_and_affected_wins(self):
        database(local("PYSEC-9-9", "other", fixed="2"))
        requirements("acme==1.0", "other==1.0")
        with osv(ACME) as site:
            answer = audited("requirements.txt", options=("--service", "osv", "--service-url", site.url))
        assert sorted(findings(answer)) == [("acme", "1.0", "CVE-1-1"), ("other", "1.0", "PYSEC-9-9")]

    def test_a_service_that_fails_is_not_made_good_by_a_database(self):
        database()
        requirements("acme==1.0")
        with osv(canary=False) as site:
            answer = audited("requirements.txt", options=("--service", "osv", "--service-url", site.url))
        assert (answer.status, answer.codes) == (3, ["vulnerability.source-unavailable"])

    def test_nobody_is_asked_about_a_private_name(self):
        requirements("acme-secret==1.0", "other==1.0")
        with osv() as site, pypi(releases={"other": [Release("1.0")]}) as index:
            options = ("--service", "osv", "--service-url", site.url, "--private", "acme-*", "--resolve")
            answer = online("requirements.txt", *options, "--index-url", f"{index.url}/simple")
        assert answer.status != 0
        assert site.asked
        assert not [each for each in (*site.asked, *index.asked) if "secret" in f"{each.path}{each.body.decode()}"]


class TestPypi:
    def test_what_pypi_says_counts_and_what_it_does_not_have_is_unknown(self, tmp_path, monkeypatch):
        pytest.importorskip("pip_audit", reason="the extra `audit` is not installed")
        requirements("acme==1.0", "typo==1.0", "sound==1.0")
        releases = {name: [Release("1.0"), Release("1.1")] for name in ("acme", "sound")}
        with pypi_org(tmp_path, ACME, releases={**releases, "jinja2": [Release("2.10")]}) as site:
            for name, value in site.environment.items():
                monkeypatch.setenv(name, value)
            answer = online("requirements.txt", "--service", "pypi")
        assert (answer.status, findings(answer)) == (1, [("acme", "1.0", "CVE-1-1")])
        assert answer.report["audit"]["findings"][0]["minimalFix"] == "1.1"
        assert statuses(answer) == {
            "pkg:pypi/acme@1.0": "audited",
            "pkg:pypi/sound@1.0": "audited",
            "pkg:pypi/typo@1.0": "unknown",
        }

    def test_a_typo_is_not_fine_only_because_a_database_has_no_record_of_it(self):
        database()
        requirements("acmee==1.0", "sound==1.0")
        with pypi(releases={"sound": [Release("1.0")]}) as site:
            answer = audited("requirements.txt", options=("--index-url", f"{site.url}/simple"))
        # The packages name no index: the one that is named is where they come from.
        assert statuses(answer)["pkg:pypi/acmee@1.0"] == "unknown"
        assert answer.status == 3


class TestTheIndex:
    def test_what_it_says_is_judged(self):
        database()
        requirements("acme==1.0", "evil==1.0")
        status = {"evil": {"status": "quarantined"}}
        with pypi(
            releases={"acme": [Release("1.0", yanked="broken")], "evil": [Release("1.0")]}, status=status
        ) as site:
            answer = audited("requirements.txt", options=("--index-url", f"{site.url}/simple"))
        assert {"dependency.yanked", "dependency.quarantined"} <= set(answer.codes)

    def test_one_that_cannot_say_is_warned_of(self):
        database()
        requirements("acme==1.0")
        with pypi(releases={"acme": [Release("1.0")]}) as site:
            site.faults = {Asked("GET", "/simple/acme/", b""): EVERYWHERE["HTML"]}
            answer = audited("requirements.txt", options=("--index-url", f"{site.url}/simple"))
        assert "dependency.index-silent" in {each["code"] for each in answer.report["reasons"]}


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("options", "named"),
        [
            (("--service", "ovs"), "--service"),
            (("--service-url", "https://osv.acme.example"), "--service-url"),
            (("--service", "pypi", "--service-url", "https://osv.acme.example"), "--service-url"),
            (("--service", "osv", "--service-canary", "jinja2"), "--service-canary"),
            (("--service-canary", "pkg:pypi/jinja2@2.10=X-1"), "--service-canary"),
            (("--service-timeout", "5m"), "--service-timeout"),
            (("--service", "osv", "--service-timeout", "soon"), "--service-timeout"),
            (("--resolve",), "--db"),
            (("--index-url", "https://pypi.acme.example/simple"), "--db"),
        ],
    )
    def test_it_is_named(self, options, named):
        requirements("acme==1.0")
        answer = run("audit", "requirements.txt", *options)
        assert (answer.status, answer.out) == (2, "")
        assert named in answer.err

    def test_without_pip_audit_the_extra_is_named(self, monkeypatch):
        requirements("acme==1.0")
        monkeypatch.setattr("verifier.cli.audits.reached.find_spec", lambda _: None)
        for options in (("--service", "pypi"), ("--service", "osv", "--resolve")):
            answer = run("audit", "requirements.txt", *options)
            assert answer.status == 2
            assert "pip install 'policy-verifier[audit]'" in answer.err


def test_with_a_database_alone_no_socket_is_opened(monkeypatch):
    database()
    requirements("acme==1.0")

    def refused(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert audited("requirements.txt").status == 0
