"""What an index says of releases: yanked, in quarantine, uploaded when, there at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.audit.made import package
from tests.support.audit.services.faults import EVERYWHERE
from tests.support.audit.services.pypi import SIMPLE, Release, pypi
from tests.support.audit.services.site import Asked, answer
from verifier.audit.online.index import IndexService
from verifier.core.value import replace
from verifier.formats.bom.component import Distribution, Hash
from verifier.net.access import Access

ACME = package("acme", "1.0")
RELEASES = {
    "acme": [
        Release("1.0", uploaded="2024-01-02T03:04:05Z"),
        Release("1.1", yanked="broken build"),
        Release("1.2", yanked=True),
        Release("1.3", uploaded=None),
    ],
    "evil": [Release("1.0")],
}


def described(*packages, site=None, **more):
    """What the index of a test says; each package comes from it."""
    own = f"{site.url}/simple"
    return IndexService(url=own, pause=lambda _: None, **more).describe([replace(each, index=own) for each in packages])


@pytest.fixture
def site():
    with pypi(releases=RELEASES, status={"evil": {"status": "quarantined", "reason": "malware"}}) as running:
        yield running


class TestWhatIsSaid:
    def test_when_a_release_was_uploaded(self, site):
        found = described(ACME, site=site)
        assert found.packages[0].uploaded == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert (found.packages[0].yanked, found.unknown, found.reasons, found.silent) == (None, {}, (), ())

    @pytest.mark.parametrize(("version", "why"), [("1.1", "broken build"), ("1.2", "")])
    def test_that_a_release_is_yanked_and_why(self, site, version, why):
        assert described(package("acme", version), site=site).packages[0].yanked == why

    def test_that_a_project_is_in_quarantine(self, site):
        assert described(package("evil", "1.0"), site=site).packages[0].project_status == "quarantined"
        assert described(ACME, site=site).packages[0].project_status == ""

    def test_an_upload_time_that_is_not_said_stays_unknown(self, site):
        assert described(package("acme", "1.3"), site=site).packages[0].uploaded is None

    def test_what_the_lock_says_of_its_own_file_is_kept(self, site):
        ours = datetime(2020, 1, 1, tzinfo=UTC)
        assert described(package("acme", "1.0", uploaded=ours), site=site).packages[0].uploaded == ours

    def test_the_files_that_a_lock_pins_are_those_that_count(self):
        both = [Release("1.0", sha256="a" * 64, yanked="this one"), Release("1.0", sha256="b" * 64)]
        with pypi(releases={"acme": both}) as running:
            pinned = package("acme", "1.0", distributions=(Distribution("", (Hash("SHA-256", "b" * 64),)),))
            assert described(pinned, site=running).packages[0].yanked is None
            assert described(ACME, site=running).packages[0].yanked == "this one"

    def test_versions_are_compared_as_python_does(self, site):
        assert described(package("acme", "1.1.0"), site=site).packages[0].yanked == "broken build"

    def test_a_name_or_a_version_that_is_not_there_is_unknown(self, site):
        typo, later = package("acmee", "1.0"), package("acme", "9.9")
        found = described(typo, later, ACME, site=site)
        assert found.unknown[typo.purl].endswith("/simple does not have acmee")
        assert found.unknown[later.purl].endswith("/simple has no acme 9.9")
        assert set(found.unknown) == {typo.purl, later.purl}

    def test_a_name_is_asked_about_once(self, site):
        described(ACME, package("acme", "1.1"), site=site)
        assert [each.path for each in site.asked] == ["/simple/acme/"]


class TestWhoIsAsked:
    def test_an_index_that_a_target_names_and_nobody_else_is_not_asked(self, site):
        elsewhere = package("acme", "1.0", index=f"{site.url}/simple")
        found = IndexService(url="https://pypi.acme.example/simple").describe([elsewhere])
        assert (found.packages, found.unknown, found.reasons) == ((elsewhere,), {}, ())
        assert site.asked == []

    def test_a_further_index_is_asked_where_it_is_named(self, site):
        further = package("acme", "1.1", index=f"{site.url}/simple/")
        service = IndexService(url="https://pypi.acme.example/simple", also=(f"{site.url}/simple",))
        assert service.describe([further]).packages[0].yanked == "broken build"

    @pytest.mark.parametrize(
        "other",
        [package("acme", "1.0", ecosystem="npm"), package("acme", "1.0", source="git"), package("acme", None)],
        ids=["another ecosystem", "a repository", "no version"],
    )
    def test_what_is_of_no_index_of_python_is_not_asked_about(self, site, other):
        assert described(other, site=site).packages[0].yanked is None
        assert site.asked == []


class TestWhoCannotSay:
    def test_an_index_of_pages_for_people_is_said_to_be_silent(self, site):
        asked = Asked("GET", "/simple/acme/", b"")
        site.faults = {asked: lambda exchange, _: answer(exchange, b"<a href=x>acme-1.0</a>", Content_Type="text/html")}
        found = described(ACME, site=site)
        assert found.silent == (f"{site.url}/simple",)
        assert (found.packages[0].yanked, found.packages[0].uploaded, found.reasons) == (None, None, ())

    @pytest.mark.parametrize("fault", [each for each in EVERYWHERE if each not in {"HTML", "status 404"}])
    def test_what_fails_is_a_failure_and_changes_nothing(self, site, fault):
        site.faults = {Asked("GET", "/simple/acme/", b""): EVERYWHERE[fault]}
        found = described(ACME, site=site, access=Access(timeout_s=0.3 if fault == "hang" else 10.0))
        assert {each.code for each in found.reasons} == {"vulnerability.source-unavailable"}
        assert (found.packages[0].yanked, found.unknown) == (None, {})

    @pytest.mark.parametrize(
        "wrong",
        [
            {"meta": {"api-version": "2.0"}},
            {"meta": {}},
            {"name": "other"},
            {"files": {}},
            {"files": [{}]},
            {"files": [{"filename": "acme-1.0.tar.gz", "hashes": {}, "yanked": 1}]},
            {"files": [{"filename": "acme-1.0.tar.gz", "hashes": {}, "upload-time": "yesterday"}]},
            {"files": [{"filename": "acme-1.0.tar.gz", "hashes": {}, "upload-time": 5}]},
            {"files": [{"filename": 5, "hashes": {}}]},
            {"project-status": "quarantined"},
            {"project-status": {"status": 5}},
            {"versions": 5},
            {"versions": [{}]},
        ],
        ids=str,
    )
    def test_a_page_that_breaks_its_format_is_a_failure(self, site, wrong):
        def fault(exchange, value):
            answer(exchange, {**value, **wrong}, Content_Type=SIMPLE)

        site.faults = {Asked("GET", "/simple/acme/", b""): fault}
        (reason,) = described(ACME, site=site).reasons
        assert reason.code == "vulnerability.source-unavailable"
        assert "its page of acme is not as PEP 691 has it" in reason.message
