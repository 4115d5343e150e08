"""A mirror of OSV: of an ecosystem of which it shows nothing, its silence says nothing."""

from __future__ import annotations

from tests.support.audit.made import NOW, package
from tests.support.audit.services.osv import osv, record
from verifier.audit.answers import Answers
from verifier.audit.asking import merged
from verifier.audit.online.osv import OsvService
from verifier.net.access import Access

LEFT, RIGHT = (package(name, "1.0", ecosystem="npm") for name in ("left", "right"))


def of_npm(identifier, name):
    """A record about a package of npm that its first version is not in."""
    events = [{"introduced": "2.0.0"}]
    affected = [{"package": {"name": name, "ecosystem": "npm"}, "ranges": [{"type": "SEMVER", "events": events}]}]
    return {**record(identifier, name), "affected": affected}


def answered(*records, packages=(LEFT, RIGHT)):
    with osv(*records) as site:
        return OsvService(url=site.url, access=Access(), pause=lambda _: None).ask(packages, NOW)


def test_a_mirror_that_shows_no_record_of_an_ecosystem_says_nothing_of_it():
    found = answered()
    assert set(found.unknown) == {LEFT.purl, RIGHT.purl}
    assert all("no record of its ecosystem" in why for why in found.unknown.values())


def test_one_that_shows_a_record_of_it_has_it():
    found = answered(of_npm("GHSA-1", "left"))
    assert not found.unknown
    assert found.records[RIGHT.purl] == ()


def test_packages_of_the_canarys_ecosystem_are_answered_for():
    fine = package("fine", "1.0")
    found = answered(packages=(fine, LEFT))
    assert (found.records[fine.purl], set(found.unknown)) == ((), {LEFT.purl})


def test_where_another_source_has_the_ecosystem_it_answers():
    elsewhere = Answers(records={LEFT.purl: (), RIGHT.purl: ()})
    told = merged((LEFT, RIGHT), (answered(), elsewhere), ("", ""))
    assert [each.unknown for each in told] == ["", ""]
