"""A rule about known vulnerabilities, answered by a database: over what is in an image, or what a signed SBOM says of a
bundle or a file."""

import json
from datetime import timedelta

import pytest

from tests.support.audit.gated import RELEASE, SCANNER, attested, gated, recent, records, rule
from tests.support.audit.osv import document, entry
from tests.support.audit.scans import finding
from tests.support.images.judged import errors, judge, signed_statement
from tests.support.images.made import MemoryPlace, layer
from tests.support.material import NOW
from tests.support.stories import (
    RULES,
    StubbornEngine,
    codes,
    detached,
    request,
    signed,
    statement,
    verify,
    warnings,
)
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.uris import CYCLONEDX_BOM, VULNERABILITY_SCAN
from verifier.core.verdict import Input
from verifier.engine.examine import examine
from verifier.evidence.vulnerabilities import AUDITED_LEVEL, CLEAN_LEVEL
from verifier.formats.oci.platform import parse_platform
from verifier.kinds.image.wish import ImageWish
from verifier.ledger.view import NOT_CONSULTED
from verifier.trust.sections.version import VersionUnchecked

DAY = timedelta(days=1)
DSSE = "application/vnd.dsse.envelope.v1+json"
JINJA = document(id="PYSEC-2019-217", aliases=["CVE-2019-10906"], affected=[entry(name="jinja2")])
HIGH = {**JINJA, "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:H/A:N"}]}
CONTENT = signed()


def bom(*packages):
    """An SBOM that names Python packages, each as its name and version."""
    components = [
        {
            "type": "library",
            "name": name,
            "version": version,
            "bom-ref": f"pkg:pypi/{name}@{version}",
            "purl": f"pkg:pypi/{name}@{version}",
        }
        for name, version in packages
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "authz", "bom-ref": "it"}},
        "components": components,
    }


def listed(content, *packages, key=RELEASE):
    return statement(content, key, CYCLONEDX_BOM, **bom(*packages))


@pytest.fixture
def database(tmp_path):
    opened = []

    def make(*documents, **more):
        opened.append(records(tmp_path, *documents, **more))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def judged(advisories, *documents, section=None):
    return verify(CONTENT, gated(section), attestations=documents, advisories=advisories).verdict


class TestBundles:
    def test_what_a_signed_sbom_names_is_looked_up(self, database):
        verdict = judged(database(HIGH), listed(CONTENT, ("jinja2", "2.11"), ("flask", "3.0")))
        assert codes(verdict) == []
        assert {AUDITED_LEVEL, CLEAN_LEVEL} <= set(verdict.levels)

    def test_what_is_found_denies_and_says_what_mends_it(self, database):
        verdict = judged(database(HIGH), listed(CONTENT, ("jinja2", "2.10")))
        assert codes(verdict) == ["vulnerability.known"]
        assert "CVE-2019-10906" in verdict.reasons[0].message
        assert "fixed in 2.10.1" in verdict.reasons[0].message

    def test_a_threshold_accepts_it_aloud(self, database):
        verdict = judged(database(HIGH), listed(CONTENT, ("jinja2", "2.10")), section=rule("high"))
        assert codes(verdict) == []
        assert "vulnerability.accepted" in warnings(verdict)
        assert CLEAN_LEVEL not in verdict.levels

    def test_a_severity_that_nobody_states_is_above_every_threshold(self, database):
        verdict = judged(database(JINJA), listed(CONTENT, ("jinja2", "2.10")), section=rule("critical"))
        assert codes(verdict) == ["vulnerability.known"]

    def test_without_an_sbom_nobody_knows_and_it_says_why(self, database):
        verdict = judged(database(HIGH))
        assert (codes(verdict), verdict.undecided) == (["vulnerability.not-audited"], True)
        assert "files of a bundle are policies" in verdict.reasons[0].message

    def test_an_sbom_of_the_bundle_alone_names_nothing_to_look_up(self, database):
        assert codes(judged(database(HIGH), listed(CONTENT))) == ["vulnerability.not-audited"]

    def test_an_sbom_that_nobody_believed_has_signed_is_none(self, database):
        verdict = judged(database(HIGH), listed(CONTENT, ("flask", "3.0"), key="p384"))
        assert "vulnerability.not-audited" in codes(verdict)

    def test_an_sbom_of_another_bundle_is_none(self, database):
        other = signed(now=NOW - DAY)
        assert "vulnerability.not-audited" in codes(judged(database(HIGH), listed(other, ("flask", "3.0"))))

    def test_a_package_that_no_record_could_be_about_denies(self, database):
        content = bom(("flask", "3.0"))
        content["components"][0]["purl"] = "pkg:cargo/serde@1.0"
        verdict = judged(database(HIGH), statement(CONTENT, RELEASE, CYCLONEDX_BOM, **content))
        assert (codes(verdict), verdict.undecided) == (["vulnerability.unknown-dependency"], True)


class TestRecords:
    def test_the_verdict_names_the_database(self, database):
        opened = database(HIGH)
        verdict = judged(opened, listed(CONTENT, ("flask", "3.0")))
        assert Input(kind="advisories", digest=Digest.parse(opened.info.digest)) in verdict.inputs

    @pytest.mark.parametrize("age", [8 * DAY, 800 * DAY])
    def test_records_that_are_too_old_deny_whatever_they_say(self, database, age):
        verdict = judged(database(HIGH, modified=NOW - age), listed(CONTENT, ("flask", "3.0")))
        assert (set(codes(verdict)), verdict.undecided) == ({"vulnerability.database-stale"}, True)

    def test_the_age_is_the_rules(self, database):
        old = database(HIGH, modified=NOW - 8 * DAY)
        assert codes(judged(old, listed(CONTENT, ("flask", "3.0")), section=rule(max_age=9 * DAY))) == []

    def test_records_of_the_future_deny(self, database):
        ahead = database(HIGH, modified=NOW + DAY, now=NOW + DAY)
        assert codes(judged(ahead, listed(CONTENT, ("flask", "3.0")))) == ["vulnerability.database-future"]

    def test_a_database_that_cannot_be_used_denies_though_a_scan_is_clean(self):
        broken = refuse("vulnerability.database-invalid", "records.db", "it is empty")
        for documents in (
            (listed(CONTENT, ("flask", "3.0")), attested(CONTENT, recent())),
            (attested(CONTENT, recent()),),
        ):
            verdict = judged(broken, *documents)
            assert (codes(verdict), verdict.undecided) == (["vulnerability.database-invalid"], True)

    def test_hygiene_that_the_rule_asks_for_is_judged(self, database):
        verdict = judged(database(HIGH), listed(CONTENT, ("flask", "3.0")), section=rule(require_hashes=True))
        assert codes(verdict) == ["dependency.hash-missing"]

    def test_what_is_private_is_asked_of_nobody(self, database):
        verdict = judged(database(HIGH), listed(CONTENT, ("acme-core", "1.0")), section=rule(private=("acme-*",)))
        assert "vulnerability.unknown-dependency" in codes(verdict)


class TestWithScans:
    def test_a_scan_answers_for_what_cannot_be_looked_up(self, database):
        verdict = judged(database(HIGH), attested(CONTENT, recent()))
        assert codes(verdict) == []
        assert AUDITED_LEVEL in verdict.levels
        assert warnings(verdict).count("vulnerability.not-audited") == 1

    def test_what_a_scan_has_found_the_records_silence_does_not_undo(self, database):
        documents = (listed(CONTENT, ("jinja2", "2.11")), attested(CONTENT, recent(finding(version="2.11"))))
        assert codes(judged(database(HIGH), *documents)) == ["vulnerability.known"]

    def test_what_records_have_found_a_scans_silence_does_not_undo(self, database):
        documents = (listed(CONTENT, ("jinja2", "2.10")), attested(CONTENT, recent()))
        assert codes(judged(database(HIGH), *documents)) == ["vulnerability.known"]

    def test_records_answer_where_a_scan_is_too_old(self, database):
        documents = (listed(CONTENT, ("flask", "3.0")), attested(CONTENT, recent(age=20 * DAY)))
        assert codes(judged(database(HIGH), *documents)) == []

    def test_an_exception_of_use_to_one_of_them_is_of_use(self, database):
        exceptions = (
            b'[[exception]]\nid = "CVE-2019-10906"\npackage = "pkg:pypi/jinja2"\nstatus = "affected"\n'
            b'reason = "r"\nowner = "o"\nexpires = 2026-12-01\n'
        )
        section = rule(exceptions="x.toml", excused=exceptions)
        documents = (listed(CONTENT, ("jinja2", "2.10")), attested(CONTENT, recent()))
        verdict = judged(database(HIGH), *documents, section=section)
        assert codes(verdict) == []
        assert "vulnerability.exception-unused" not in warnings(verdict)


class TestFiles:
    def test_a_file_is_what_its_signed_sbom_says(self, database):
        file = b"any file"
        trust = gated(pattern="artifact:app", version=VersionUnchecked())
        documents = [detached(file, RELEASE, kind="artifact", name="app"), listed(file, ("jinja2", "2.10"))]
        asked = {"kind": "artifact", "name": "app", "advisories": database(HIGH)}
        assert codes(verify(file, trust, attestations=tuple(documents), **asked).verdict) == ["vulnerability.known"]
        assert codes(verify(file, trust, attestations=tuple(documents[:1]), **asked).verdict) == [
            "vulnerability.not-audited"
        ]


@pytest.fixture
def place():
    return MemoryPlace()


class _OfImages:
    """What the two classes below are made of."""

    def python(self, *packages):
        files = {
            f"usr/lib/python3/site-packages/{name}-{version}.dist-info/METADATA": (
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
            )
            for name, version in packages
        }
        return layer({"etc/os-release": b"ID=none\n", **files})

    def judged(self, place, image, advisories, *documents, section=None, **asked):
        trust = gated(section, pattern="image:app", version=VersionUnchecked())
        place.pointing_at(image)
        return judge(place, signed_statement(image), *documents, policy=trust, advisories=advisories, **asked)


class TestImages(_OfImages):
    def test_what_is_in_it_is_looked_up_and_no_sbom_is_asked(self, place, database):
        image = place.image([self.python(("jinja2", "2.10"), ("flask", "3.0"))])
        lie = signed_statement(image, RELEASE, CYCLONEDX_BOM, **bom(("flask", "3.0")))
        assert errors(self.judged(place, image, database(HIGH), lie)) == ["vulnerability.known"]

    def test_a_clean_one_is_accepted(self, place, database):
        image = place.image([self.python(("jinja2", "2.11"))])
        found = self.judged(place, image, database(HIGH))
        assert errors(found) == []
        assert CLEAN_LEVEL in found.verdict.levels

    def test_an_image_of_no_packages_is_not_fine(self, place, database):
        image = place.image([layer({"app": b"x"})])
        found = self.judged(place, image, database(HIGH))
        assert errors(found) == ["input.empty"]

    def test_without_records_its_layers_are_not_read(self, place):
        image = place.image([self.python(("jinja2", "2.10"))])
        found = self.judged(place, image, None, signed_statement(image, SCANNER, VULNERABILITY_SCAN, **recent()))
        assert errors(found) == []
        assert [each.read for each in found.verdict.parts] == ["layers: not read"]

    def test_a_scan_beside_it_is_found(self, place):
        image = place.image([self.python(("jinja2", "2.11"))])
        place.refer(image, signed_statement(image, SCANNER, VULNERABILITY_SCAN, **recent()).content, DSSE)
        assert errors(self.judged(place, image, None)) == []


class TestIndexes(_OfImages):
    @pytest.fixture
    def images(self, place):
        return [
            place.image([self.python((name, "2.11"))], platform=platform)
            for name, platform in (("jinja2", "linux/amd64"), ("flask", "linux/arm64"))
        ]

    def scan_of(self, described, *found):
        return signed_statement(described, SCANNER, VULNERABILITY_SCAN, **recent(*found))

    def test_a_scan_of_an_index_is_none_of_its_images(self, place, images):
        index = place.index(*images)
        assert errors(self.judged(place, index, None, self.scan_of(index))) == ["vulnerability.not-audited"] * 2

    def test_each_image_has_one_of_its_own(self, place, images):
        index, scans = place.index(*images), [self.scan_of(each) for each in images]
        assert errors(self.judged(place, index, None, *scans)) == []
        assert errors(self.judged(place, index, None, scans[0])) == ["vulnerability.not-audited"]

    def test_scans_beside_its_images_are_found(self, place, images):
        index = place.index(*images)
        place.refer(index, signed_statement(index).content, DSSE)
        place.refer(images[0], self.scan_of(images[0]).content, DSSE)
        place.refer(images[1], self.scan_of(images[1], finding()).content, DSSE)
        assert errors(self.judged(place, index, None)) == ["vulnerability.known"]

    def test_what_is_found_in_one_of_them_denies(self, place, images):
        scans = [self.scan_of(images[0]), self.scan_of(images[1], finding())]
        assert errors(self.judged(place, place.index(*images), None, *scans)) == ["vulnerability.known"]

    def test_of_one_platform_the_scan_of_that_image_counts(self, place, images):
        index, wish = place.index(*images), ImageWish(platform=parse_platform("linux/arm64"))
        place.refer(index, signed_statement(index).content, DSSE)
        for scans, expected in (
            ([self.scan_of(images[1])], []),
            ([self.scan_of(images[0])], 1),
            ([self.scan_of(index)], 1),
        ):
            found = errors(self.judged(place, index, None, *scans, wish=wish))
            assert found == (["vulnerability.not-audited"] if expected else [])

    def test_records_are_held_against_every_image(self, place, images, database):
        index = place.index(*images)
        assert errors(self.judged(place, index, database(HIGH))) == []

    def test_records_find_what_is_in_one_of_them(self, place, database):
        images = [
            place.image([self.python((name, "2.10"))], platform=platform)
            for name, platform in (("flask", "linux/amd64"), ("jinja2", "linux/arm64"))
        ]
        assert errors(self.judged(place, place.index(*images), database(HIGH))) == ["vulnerability.known"]


def test_the_organisations_rules_see_what_was_found(database):
    engine, opened = StubbornEngine(), database(HIGH)
    trust = gated(rule("high"), organisation=(RULES.path,))
    verify(CONTENT, trust, attestations=(listed(CONTENT, ("jinja2", "2.10")),), advisories=opened, rego=engine)
    known = json.loads(json.dumps(engine.documents[0]["vulnerabilities"]))
    assert known["packages"] == {"audited": 1, "undecided": 0, "unknown": 0}
    assert known["database"]["digest"] == {"sha256": opened.info.digest.removeprefix("sha256:")}
    assert known["findings"] == [
        {
            "package": "pkg:pypi/jinja2@2.10",
            "status": "affected",
            "ids": ["CVE-2019-10906", "PYSEC-2019-217"],
            "severity": "high",
            "exploited": False,
            "counts": False,
            "exception": None,
        }
    ]


def test_a_judgement_ends_when_its_records_are_too_old(database):
    asked = request(CONTENT, gated(), attestations=(listed(CONTENT, ("flask", "3.0")),), advisories=database(HIGH))
    found = examine(asked, asked.policy.artifacts[0])[0](NOT_CONSULTED)
    assert min(each for each in found.moments if each > NOW) == NOW + 6 * DAY + timedelta(microseconds=1)
