"""Records in JSON: strict where something follows from it, tolerant of extensions."""

import json
from datetime import UTC, datetime

import pytest

from tests.support.audit.osv import document, entry, outcome, read
from verifier.core.errors import Refused
from verifier.formats.osv.reading import MAX_EVENTS, MAX_RECORD_BYTES
from verifier.formats.osv.record import AffectedPackage, Event, Range, Severity

INVALID = "vulnerability.record-invalid"


class TestARecord:
    def test_is_read_as_it_is_written(self):
        events = [{"introduced": "2.0"}, {"last_affected": "2.9"}, {"limit": "3"}]
        found = read(
            document(
                id="GHSA-1:a_b.c",
                published="2024-01-01T00:00:00+01:00",
                withdrawn="2024-10-11T08:00:00.123456789Z",
                aliases=["CVE-2024-1", "PYSEC-2024-1"],
                related=["CVE-2024-2"],
                upstream=["CVE-2024-3"],
                summary="short",
                details="long\nand more",
                severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}],
                database_specific={"severity": "MODERATE", "github_reviewed": True},
                references=[{"type": "WEB", "url": "https://acme.example/1"}],
                affected=[entry(*events, versions=["2.1"], severity=[{"type": "Ubuntu", "score": "low"}])],
            )
        )
        assert (found.id, found.summary, found.details) == ("GHSA-1:a_b.c", "short", "long\nand more")
        assert (found.aliases, found.related) == (("CVE-2024-1", "PYSEC-2024-1"), ("CVE-2024-2",))
        assert found.published == datetime(2023, 12, 31, 23, tzinfo=UTC)
        assert found.withdrawn == datetime(2024, 10, 11, 8, 0, 0, 123456, tzinfo=UTC)
        assert found.severity == (Severity("CVSS_V3", "CVSS:3.1/AV:N"),)
        assert (found.database_severity, found.references) == ("medium", ("https://acme.example/1",))
        ranges = (Range("ECOSYSTEM", (Event("introduced", "2.0"), Event("last_affected", "2.9"), Event("limit", "3"))),)
        low = (Severity("Ubuntu", "low"),)
        assert found.affected == (AffectedPackage("PyPI", "jinja2", "", ranges, ("2.1",), low),)

    @pytest.mark.parametrize(
        ("written", "ecosystem", "release"),
        [
            ("PyPI", "PyPI", ""),
            ("Debian:12", "Debian", "12"),
            ("Alpine:v3.18", "Alpine", "v3.18"),
            ("Ubuntu:Pro:16.04:LTS", "Ubuntu", "Pro:16.04:LTS"),
            ("Root:PyPI", "Root", "PyPI"),
        ],
    )
    def test_has_an_ecosystem_and_what_stands_behind_its_colon(self, written, ecosystem, release):
        (found,) = read(document(affected=[entry(ecosystem=written)])).affected
        assert (found.ecosystem, found.release) == (ecosystem, release)

    def test_of_commits_alone_names_no_package(self):
        commits = {"ranges": [{"type": "GIT", "repo": "https://acme.example/r", "events": [{"introduced": "0"}]}]}
        (found,) = read(document(affected=[commits])).affected
        assert (found.ecosystem, found.name) == ("", "")

    def test_that_says_neither_ranges_nor_versions_is_read(self):
        bare = {"package": {"ecosystem": "PyPI", "name": "jinja2"}}
        assert read(document(affected=[bare])).affected == (AffectedPackage("PyPI", "jinja2"),)

    def test_that_was_withdrawn_may_be_about_nothing(self):
        assert read(document(affected=None, withdrawn="2024-10-10T00:00:00Z")).affected == ()

    @pytest.mark.parametrize("version", [None, "1.0.0", "1.6", "1", "1.7.3", "1.0.0-rc.1"])
    def test_is_of_the_first_major_version_of_the_schema(self, version):
        assert read(document(schema_version=version)).id == "PYSEC-2099-1"

    def test_may_have_what_other_databases_add(self):
        extended = document(
            credits=[{"name": "somebody"}],
            database_specific={"anything": [1, 2.50, None, True]},
            something_new={"a": 1},
            affected=[entry(ecosystem_specific={"imports": [{"path": "p"}]}, database_specific={"source": "s"})],
        )
        assert read(extended)._replace(digest="") == read(document())._replace(digest="")

    def test_may_say_null_for_what_is_absent(self):
        absent = ("published", "withdrawn", "aliases", "related", "summary", "details", "severity", "references")
        given = json.dumps(document() | dict.fromkeys(absent)).encode()
        assert read(given)._replace(digest="") == read(document())._replace(digest="")

    def test_with_a_number_for_a_score_keeps_it_as_text(self):
        assert read(document(severity=[{"type": "CVSS_V3", "score": 9.8}])).severity == (Severity("CVSS_V3", "9.8"),)

    @pytest.mark.parametrize("word", ["", "SEVERE", 3, None, ["HIGH"]])
    def test_with_another_word_of_its_database_has_none(self, word):
        assert read(document(database_specific={"severity": word})).database_severity == ""


class TestOneDigest:
    def test_is_of_what_is_said_and_not_of_how(self):
        one, other = document(summary="é", aliases=["A", "B"]), document(aliases=["A", "B"], summary="é")
        spelt = json.dumps(other, indent=4, ensure_ascii=False).encode()
        assert read(one).digest == read(spelt).digest

    @pytest.mark.parametrize(
        "change", [{"details": "x"}, {"database_specific": {"x": 1}}, {"affected": [entry(), entry()]}]
    )
    def test_is_another_where_anything_else_is_said(self, change):
        assert read(document(**change)).digest != read(document()).digest


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": ""},
        {"id": 7},
        {"id": "-A"},
        {"id": "PYSEC 1"},
        {"id": "PYSEC-1\n"},
        {"id": "PYSEC-\x1b[31m1"},
        {"id": "PYSEC-1\u202e"},
        {"id": "../../etc/passwd"},
        {"id": "A" * 257},
        {"schema_version": "2.0.0"},
        {"schema_version": "0.9"},
        {"schema_version": "10.0"},
        {"schema_version": 1.6},
        {"schema_version": ""},
        {"schema_version": "1.x"},
        {"modified": None},
        {"modified": "2024-10-10"},
        {"modified": "2024-10-10T00:00:00"},
        {"modified": "2024-02-30T00:00:00Z"},
        {"modified": 1728518400},
        {"published": "yesterday"},
        {"withdrawn": ""},
        {"withdrawn": False},
        {"aliases": "CVE-2024-1"},
        {"aliases": ["CVE-2024-1", ""]},
        {"aliases": ["CVE-2024-1\x00"]},
        {"aliases": [["CVE-2024-1"]]},
        {"summary": ["x"]},
        {"severity": {"type": "CVSS_V3", "score": "x"}},
        {"severity": [{"type": "CVSS_V3"}]},
        {"severity": [{"score": "x"}]},
        {"severity": [{"type": "CVSS_V3", "score": True}]},
        {"references": [{"type": "WEB"}]},
        {"references": ["https://acme.example"]},
        {"affected": None},
        {"affected": []},
        {"affected": {}},
        {"affected": [None]},
        {"affected": [entry() | {"package": {"name": "jinja2"}}]},
        {"affected": [entry() | {"package": {"ecosystem": "PyPI"}}]},
        {"affected": [entry() | {"package": "jinja2"}]},
        {"affected": [entry(ecosystem=":PyPI")]},
        {"affected": [entry(ecosystem="pypi")]},
        {"affected": [entry(ecosystem="PyPI ")]},
        {"affected": [entry(ecosystem="DEBIAN:12")]},
        {"affected": [entry(name="jin\nja2")]},
        {"affected": [entry(name="x" * 1025)]},
        {"affected": [entry(versions=["1.0", 1.1])]},
        {"affected": [entry(versions=["1.0", ""])]},
        {"affected": [entry(versions=["1.0\n"])]},
        {"affected": [entry(versions="1.0")]},
        {"affected": [entry() | {"ranges": [{"type": "ECOSYSTEM"}]}]},
        {"affected": [entry() | {"ranges": [{"type": "ECOSYSTEM", "events": []}]}]},
        {"affected": [entry() | {"ranges": {"type": "ECOSYSTEM"}}]},
        {"affected": [entry(kind="COMMIT")]},
        {"affected": [entry(kind="ecosystem")]},
        {"affected": [entry(kind=["GIT"])]},
        {"affected": [entry(kind=None)]},
        {"affected": [entry({"fixed": "2.10.1"})]},
        {"affected": [entry({"introduced": "0", "fixed": "2.10.1"})]},
        {"affected": [entry({"introduced": "0"}, {})]},
        {"affected": [entry({"introduced": "0"}, {"repaired": "2.10.1"})]},
        {"affected": [entry({"introduced": "0"}, {"fixed": "2.10.1", "database_specific": {}})]},
        {"affected": [entry({"introduced": "0"}, {"fixed": None})]},
        {"affected": [entry({"introduced": 0}, {"fixed": "2.10.1"})]},
        {"affected": [entry({"introduced": "0"}, {"fixed": ""})]},
        {"affected": [entry({"introduced": "0"}, {"fixed": "2.10.1"}, {"last_affected": "2.10.0"})]},
        {"affected": [entry({"introduced": "0"}, {"fixed": "2.10.1\x07"})]},
        {"affected": [entry({"introduced": "0"}, "fixed")]},
    ],
    ids=lambda change: json.dumps(change)[:70],
)
def test_what_breaks_the_schema_is_refused(change):
    assert outcome(lambda: read(document(**change))) == INVALID


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"id": "A-1", "id": "A-2"}', "json.duplicate-key"),
        (b'{"affected": [{"package": {"name": "a", "name": "b"}}]}', "json.duplicate-key"),
        (b"", "json.invalid"),
        (b'{"id": "A-1"', "json.invalid"),
        (b"\xef\xbb\xbf{}", "json.invalid"),
        ('{"id": "A-1"}'.encode("utf-16"), "json.invalid"),
        (b'{"id": "A-1", "x": NaN}', "json.invalid"),
        (b'{"id": "\\ud800"}', "json.invalid"),
        (b"{}{}", "json.trailing-data"),
        (b"[" * 65 + b"]" * 65, "json.too-deep"),
        (b"[" * 100_000, "json.too-deep"),
        (b"[" + b"1," * 500_000 + b"1]", "json.too-many-values"),
        (b"[]", INVALID),
        (b"null", INVALID),
        (b'"PYSEC-2099-1"', INVALID),
        (b'{"ID": "PYSEC-2099-1"}', "json.case-variant-key"),
        (json.dumps(document(Withdrawn=None) | {"Withdrawn": "x"}).encode(), "json.case-variant-key"),
        (json.dumps(document(affected=[entry(Versions=["1"])])).encode(), "json.case-variant-key"),
        (b" " * (MAX_RECORD_BYTES + 1), "input.too-large"),
    ],
    ids=lambda given: given[:40] if isinstance(given, bytes) else "",
)
def test_what_is_no_sound_document_is_refused(content, code):
    assert outcome(lambda: read(content)) == code


def test_every_beginning_of_a_record_is_refused():
    whole = json.dumps(document()).encode()
    assert {type(outcome(lambda end=end: read(whole[:end]))) for end in range(len(whole))} == {str}


def test_a_record_of_nearly_ten_mebibytes_is_read():
    long = "x" * (MAX_RECORD_BYTES - 1_000)
    assert read(document(details=long)).details == long


def test_as_many_events_as_there_may_be_are_read_and_one_more_is_refused():
    events = [{"introduced": "0"}, *({"fixed": f"1.{number}"} for number in range(MAX_EVENTS - 1))]
    (found,) = read(document(affected=[entry(*events)])).affected
    assert len(found.ranges[0].events) == MAX_EVENTS
    half = [{"introduced": "0"}] * (MAX_EVENTS // 2)
    assert outcome(lambda: read(document(affected=[entry(*half), entry(*half, {"introduced": "1"})]))) == INVALID


def test_a_refusal_says_where_what_was_seen_and_what_was_expected():
    with pytest.raises(Refused) as refused:
        read(document(affected=[entry(), entry({"introduced": "0"}, {"fixed": "1", "last_affected": "1"})]))
    (reason,) = refused.value.reasons
    assert reason.subject == "record.json"
    assert reason.message == (
        "affected[1].ranges[0].events[1] is an object with 'fixed', 'last_affected', "
        "expected an object with exactly one of introduced, fixed, last_affected and limit"
    )
