"""A service that speaks OSV: what it lists is fetched whole, and judged again here."""

from __future__ import annotations

import json

import pytest

from tests.support.audit.made import NOW, package
from tests.support.audit.services.osv import CANARY, osv, record
from verifier.audit.matching import Affected, judge
from verifier.audit.online.canary import Canary
from verifier.audit.online.osv import OsvService
from verifier.net.access import Access


def service(url, **more):
    """A service that does not wait between two attempts."""
    return OsvService(**({"url": url, "access": Access(), "pause": lambda _: None} | more))


def ids(answers, purl):
    return sorted(each.id for each in answers.records[purl])


def messages(answers):
    return [each.message for each in answers.reasons]


ACME = package("acme", "1.0")


class TestWhatIsAnswered:
    def test_every_record_about_a_name_is_there_whatever_version_it_affects(self):
        with osv(record("PYSEC-1-1", "acme"), record("PYSEC-1-2", "acme", introduced="3.0", fixed="3.1")) as site:
            answers = service(site.url).ask([ACME], NOW)
        assert ids(answers, ACME.purl) == ["PYSEC-1-1", "PYSEC-1-2"]
        assert (answers.unknown, answers.refused, answers.reasons) == ({}, {}, ())
        assert [type(judge(each, ACME)).__name__ for each in answers.records[ACME.purl]] == ["Affected", "NotAffected"]

    def test_a_package_without_records_has_none(self):
        with osv() as site:
            answers = service(site.url).ask([ACME], NOW)
        assert answers.records == {ACME.purl: ()}
        assert not answers.unknown
        assert not answers.reasons

    def test_every_page_is_asked_for(self):
        records = [record(f"PYSEC-1-{number}", "acme") for number in range(7)]
        with osv(*records, page=2) as site:
            answers = service(site.url).ask([ACME], NOW)
        assert ids(answers, ACME.purl) == sorted(each["id"] for each in records)
        assert not answers.reasons

    def test_a_name_is_asked_about_once_and_a_record_fetched_once(self):
        both = record("PYSEC-1-1", "acme")
        both["affected"] += record("", "other")["affected"]
        packages = [package("acme", "1.0"), package("acme", "1.1"), package("other", "1.0")]
        with osv(both) as site:
            answers = service(site.url).ask(packages, NOW)
        assert all(ids(answers, each.purl) == ["PYSEC-1-1"] for each in packages)
        fetched = [each.path for each in site.asked if each.method == "GET"]
        assert sorted(fetched) == ["/v1/vulns/PYSEC-1-1", "/v1/vulns/PYSEC-2019-217"]
        (batch,) = [json.loads(each.body)["queries"] for each in site.asked if each.method == "POST"]
        names = [(each["package"]["name"], each.get("version")) for each in batch]
        assert names.count(("acme", None)) == 1
        assert {("acme", "1.0"), ("acme", "1.1"), ("other", "1.0"), ("other", None)} <= set(names)

    def test_no_request_has_more_than_a_thousand_queries(self):
        packages = [package(f"acme-{number}", "1.0") for number in range(1_100)]
        with osv() as site:
            answers = service(site.url).ask(packages, NOW)
        sizes = [len(json.loads(each.body)["queries"]) for each in site.asked if each.method == "POST"]
        assert len(sizes) == 3
        assert max(sizes) == 1_000
        assert answers.records == {each.purl: () for each in packages}

    def test_a_name_is_compared_as_its_ecosystem_compares_it(self):
        with osv(record("PYSEC-1-1", "Acme.Tools")) as site:
            answers = service(site.url).ask([tools := package("acme-tools", "1.0")], NOW)
        assert ids(answers, tools.purl) == ["PYSEC-1-1"]

    @pytest.mark.parametrize(
        ("asked", "ecosystem", "name"),
        [
            (package("left", "1", ecosystem="npm", namespace="@acme"), "npm", "@acme/left"),
            (package("lib", "1", ecosystem="golang", namespace="github.com/acme"), "Go", "github.com/acme/lib"),
            (package("lib", "1", ecosystem="maven", namespace="org.acme"), "Maven", "org.acme:lib"),
            (package("curl", "1", ecosystem="deb", namespace="debian", release="12"), "Debian:12", "curl"),
        ],
        ids=["npm", "Go", "Maven", "Debian"],
    )
    def test_a_package_is_asked_about_as_its_ecosystem_calls_it(self, asked, ecosystem, name):
        with osv() as site:
            answers = service(site.url).ask([asked], NOW)
        queries = [each for post in site.asked if post.method == "POST" for each in json.loads(post.body)["queries"]]
        assert {"package": {"name": name, "ecosystem": ecosystem}, "version": "1"} in queries
        assert {"package": {"name": name, "ecosystem": ecosystem}} in queries
        assert not answers.records.get(asked.purl)

    def test_the_url_may_be_that_of_a_query(self):
        with osv(record("PYSEC-1-1", "acme")) as site:
            answers = service(f"{site.url}/v1/query").ask([ACME], NOW)
        assert ids(answers, ACME.purl) == ["PYSEC-1-1"]

    def test_a_package_of_no_ecosystem_of_osv_or_without_a_version_is_unknown(self):
        nobody, unpinned = package("acme", "1", ecosystem="swid"), package("acme", None)
        with osv() as site:
            answers = service(site.url).ask([nobody, unpinned], NOW)
        assert set(answers.unknown) == {nobody.purl, unpinned.purl}
        assert not answers.reasons

    def test_the_canary_itself_may_be_asked_about(self):
        with osv() as site:
            answers = service(site.url).ask([jinja := package("jinja2", "2.10")], NOW)
        assert ids(answers, jinja.purl) == ["PYSEC-2019-217"]

    def test_another_canary_is_for_mirrors_of_ones_own(self):
        canary = Canary(ecosystem="pypi", name="acme", version="1.0", id="ACME-1")
        with osv(record("ACME-1", "acme"), canary=False) as site:
            assert not service(site.url, canary=canary).ask([package("other", "1.0")], NOW).reasons
            assert service(site.url).ask([package("other", "1.0")], NOW).reasons


class TestWhatIsNotBelieved:
    def test_a_record_about_another_package(self):
        with osv(record("PYSEC-1-1", "acme"), record("PYSEC-1-2", "django")) as site:
            site.by_name[("PyPI", "acme")].append(site.records["PYSEC-1-2"])
            answers = service(site.url).ask([ACME], NOW)
        assert ids(answers, ACME.purl) == ["PYSEC-1-1"]
        assert ACME.purl in answers.unknown
        assert messages(answers) == ["it lists PYSEC-1-2 for acme, which is about something else"]
        assert [each.code for each in answers.reasons] == ["vulnerability.source-unavailable"]

    def test_a_version_with_more_than_its_name_has(self):
        with osv(record("PYSEC-1-1", "acme"), record("PYSEC-1-2", "acme")) as site:
            honest = site.listed
            site.listed = lambda query: honest(query) if "version" in query else (honest(query)[0][:1], "")
            answers = service(site.url).ask([ACME], NOW)
        assert ids(answers, ACME.purl) == ["PYSEC-1-1", "PYSEC-1-2"]
        assert messages(answers) == ["it lists PYSEC-1-2 for acme 1.0, and not for acme: a part is missing"]

    def test_a_service_that_knows_of_no_canary(self):
        with osv(record("PYSEC-1-1", "acme"), canary=False) as site:
            answers = service(site.url).ask([ACME], NOW)
        assert answers.records == {}
        assert ACME.purl in answers.unknown
        assert messages(answers) == ["knows nothing of jinja2, which has a record"]

    def test_a_service_whose_canary_was_made_harmless(self):
        harmless = {**CANARY, "affected": record("", "jinja2", introduced="3.0")["affected"]}
        with osv(record("PYSEC-1-1", "acme")) as site:
            site.records["PYSEC-2019-217"] = harmless
            answers = service(site.url).ask([ACME], NOW)
        assert messages(answers) == ["its record PYSEC-2019-217 does not say that jinja2 is affected"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"schema_version": "2.0.0"},
            {"affected": None},
            {"affected": [{"package": {"name": "acme", "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM"}]}]},
            {"modified": "yesterday"},
        ],
        ids=["another major version", "nothing affected", "a range without events", "no time"],
    )
    def test_a_record_that_cannot_be_read_is_named_and_not_passed_over(self, wrong):
        with osv(record("PYSEC-1-1", "acme"), record("PYSEC-1-2", "acme")) as site:
            site.records["PYSEC-1-2"] = {**site.records["PYSEC-1-2"], **wrong}
            answers = service(site.url).ask([ACME], NOW)
        assert ids(answers, ACME.purl) == ["PYSEC-1-1"]
        assert answers.refused == {ACME.purl: ("PYSEC-1-2",)}

    def test_what_was_found_before_a_failure_is_kept(self):
        records = [record(f"PYSEC-1-{number}", "acme") for number in range(4)]
        with osv(*records, page=2) as site:
            honest = site.listed
            site.listed = lambda query: (["no record"], "") if query.get("page_token") else honest(query)
            answers = service(site.url).ask([ACME], NOW)
        assert len(answers.records[ACME.purl]) == 2
        assert any(isinstance(judge(each, ACME), Affected) for each in answers.records[ACME.purl])
        assert ACME.purl in answers.unknown
        assert answers.reasons

    @pytest.mark.parametrize("tokens", [["1"], [str(number) for number in range(500)]], ids=["again", "without end"])
    def test_pages_without_end_are_given_up(self, tokens):
        with osv(record("PYSEC-1-1", "acme")) as site:
            honest, left = site.listed, list(tokens)

            def listed(query):
                token = left.pop() if len(left) > 1 else left[0]
                return honest(query)[0], token if query["package"]["name"] == "acme" else ""

            site.listed = listed
            answers = service(site.url).ask([ACME], NOW)
        assert ids(answers, ACME.purl) == ["PYSEC-1-1"]
        assert ACME.purl in answers.unknown
        assert "of what it knows of acme" in messages(answers)[0]


class TestWhoCannotBeAsked:
    @pytest.mark.parametrize(
        "url", ["ftp://osv.acme.example", "https://user:secret@osv.acme.example", "osv", "http://"]
    )
    def test_a_url_that_is_none(self, url):
        answers = service(url).ask([ACME], NOW)
        assert [each.code for each in answers.reasons] == ["vulnerability.source-unavailable"]
        assert ACME.purl in answers.unknown
        assert "secret" not in str(answers.reasons)

    def test_nobody_listens(self):
        with osv() as site:
            url = site.url
        answers = service(url).ask([ACME], NOW)
        assert [each.code for each in answers.reasons] == ["vulnerability.source-unavailable"]

    def test_once_several_requests_have_failed_nothing_more_is_asked(self):
        records = [record(f"PYSEC-1-{number}", "acme") for number in range(300)]
        with osv(*records) as site:
            for each in records:
                site.records.pop(each["id"])
            answers = service(site.url).ask([ACME], NOW)
        assert answers.unknown
        assert len(site.asked) < 40

    def test_the_time_for_all_of_it_has_an_end(self):
        with osv(record("PYSEC-1-1", "acme")) as site:
            answers = service(site.url, whole_s=0.0).ask([ACME], NOW)
        assert messages(answers) == ["not asked: the 0 s for all of it are over"]
