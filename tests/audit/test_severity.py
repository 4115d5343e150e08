"""How bad a record says it is: the highest that can be read, and never a guess."""

import pytest

from tests.support.audit.made import NOW, package, record
from tests.support.audit.osv import genuine
from verifier.audit.severity import rating_of
from verifier.core.severity import Severity as Weight
from verifier.formats.audit.result import Rating
from verifier.formats.osv.record import AffectedPackage, Record, Severity

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
MEDIUM = "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"
LOW_4 = "CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"
CRITICAL_4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
HIGH_2 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
NONE = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"


def rated(*scores, **more):
    return rating_of(record(severity=tuple(Severity(*each) for each in scores), **more), package())


@pytest.mark.parametrize(
    ("scores", "rating"),
    [
        ([("CVSS_V3", CRITICAL)], Rating("critical", "9.8", CRITICAL)),
        ([("CVSS_V3", MEDIUM)], Rating("medium", "6.1", MEDIUM)),
        ([("CVSS_V4", CRITICAL_4)], Rating("critical", "9.3", CRITICAL_4)),
        ([("CVSS_V2", HIGH_2)], Rating("high", "7.5", HIGH_2)),
        ([("CVSS_V3", NONE)], Rating("none", "0.0", NONE)),
        ([("CVSS_V4", LOW_4), ("CVSS_V3", CRITICAL), ("CVSS_V2", HIGH_2)], Rating("critical", "9.8", CRITICAL)),
        ([("CVSS_V3", MEDIUM), ("CVSS_V2", HIGH_2)], Rating("high", "7.5", HIGH_2)),
        ([("CVSS_V3", NONE), ("CVSS_V3", MEDIUM)], Rating("medium", "6.1", MEDIUM)),
        ([("Ubuntu", "negligible")], Rating("low")),
        ([("Ubuntu", "High")], Rating("high")),
        ([("Ubuntu", "high"), ("CVSS_V3", MEDIUM)], Rating("high")),
        ([("Ubuntu", "medium"), ("CVSS_V3", MEDIUM)], Rating("medium", "6.1", MEDIUM)),
        ([], Rating()),
    ],
)
def test_the_highest_counts(scores, rating):
    assert rated(*scores) == (rating, ())


@pytest.mark.parametrize(
    ("kind", "score"),
    [
        ("CVSS_V3", ""),
        ("CVSS_V3", "9.8"),
        ("CVSS_V3", "CVSS:3.1"),
        ("CVSS_V3", "CVSS:3.1/"),
        ("CVSS_V3", CRITICAL + " "),
        ("CVSS_V3", CRITICAL + "/"),
        ("CVSS_V3", CRITICAL.lower()),
        ("CVSS_V3", CRITICAL + "/A:N"),
        ("CVSS_V3", CRITICAL.replace("3.1", "3.2")),
        ("CVSS_V3", CRITICAL.removesuffix("/A:H")),
        ("CVSS_V3", CRITICAL.removeprefix("CVSS:3.1/")),
        ("CVSS_V3", CRITICAL_4),
        ("CVSS_V3", HIGH_2),
        ("CVSS_V4", CRITICAL),
        ("CVSS_V2", CRITICAL),
        ("CVSS_V2", f"({HIGH_2})"),
        ("CVSS_V3", "/AV:N" * 100_000),
        ("CVSS_V3", CRITICAL + "\x00"),
        ("CVSS_V5", CRITICAL),
        ("cvss_v3", CRITICAL),
        ("", ""),
        ("Ubuntu", "untriaged"),
        ("Ubuntu", "9.8"),
    ],
    ids=lambda text: text[:40],
)
def test_what_cannot_be_read_is_unknown_and_said_aloud(kind, score):
    rating, reasons = rated((kind, score), database_severity="low")
    assert rating == Rating("unknown")
    assert [(each.code, each.severity, each.subject) for each in reasons] == [
        ("vulnerability.severity-unclear", Weight.WARNING, "PYSEC-2099-1")
    ]


def test_what_cannot_be_read_beside_what_can_is_said_aloud():
    rating, reasons = rated(("CVSS_V3", "x"), ("CVSS_V3", MEDIUM))
    assert (rating.severity, len(reasons)) == ("medium", 1)


@pytest.mark.parametrize("word", ["low", "medium", "high", "critical"])
def test_the_databases_word_counts_where_there_is_no_score(word):
    assert rated(database_severity=word) == (Rating(word), ())
    assert rated(("CVSS_V3", MEDIUM), database_severity=word)[0].severity == "medium"


class TestScoresOfAnEntry:
    def entries(self, *entries):
        return Record("A-1", NOW, affected=entries, severity=(Severity("CVSS_V3", CRITICAL),))

    def test_stand_in_for_those_of_the_record(self):
        ours = AffectedPackage("PyPI", "Jinja2", severity=(Severity("CVSS_V3", MEDIUM),))
        assert rating_of(self.entries(ours), package())[0].severity == "medium"

    def test_of_another_package_do_not_count(self):
        other = AffectedPackage("PyPI", "flask", severity=(Severity("CVSS_V3", MEDIUM),))
        ours = AffectedPackage("PyPI", "jinja2")
        assert rating_of(self.entries(other, ours), package())[0].severity == "critical"

    def test_count_together_where_several_are_about_the_package(self):
        one = AffectedPackage("PyPI", "jinja2", severity=(Severity("CVSS_V3", MEDIUM),))
        two = AffectedPackage("PyPI", "jinja2", severity=(Severity("CVSS_V2", HIGH_2),))
        assert rating_of(self.entries(one, two), package())[0] == Rating("high", "7.5", HIGH_2)
        assert rating_of(self.entries(one, AffectedPackage("PyPI", "jinja2")), package())[0].severity == "critical"


@pytest.mark.corpus
def test_every_genuine_vector_is_read_and_most_records_have_none():
    records = {each.id: each for about in genuine().values() for each in about}
    rated_ = [rating_of(each, package(each.affected[0].name)) for each in records.values()]
    assert [reasons for _, reasons in rated_ if reasons] == []
    assert sum(rating.severity == "unknown" for rating, _ in rated_) == 2_459
