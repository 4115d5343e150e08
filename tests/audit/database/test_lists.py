"""The lists of CVEs beside the records: exploited ones, and probabilities."""

import gzip
import json

import pytest

from tests.support.audit.databases import code_of, document, edited, folder_of, info, make
from tests.support.audit.lists import EPSS, KEV, epss_of, kev_of
from verifier.audit.database import epss
from verifier.audit.database.opening import open_database
from verifier.core.clock import format_rfc3339
from verifier.formats.audit.database import EpssEntry, KevEntry

INVALID = "vulnerability.record-invalid"


@pytest.fixture
def folder(tmp_path):
    """A folder with one record."""
    return folder_of(tmp_path / "records", document())


def written(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


@pytest.fixture
def path(tmp_path, folder):
    """A database with both lists."""
    kev, listed = written(tmp_path, "kev.json", kev_of()), written(tmp_path, "epss.csv.gz", epss_of())
    make(tmp_path / "db", folder, kev=kev, epss=listed)
    return tmp_path / "db"


def test_they_are_kept_with_dates_of_their_own(path):
    said = info(path)
    assert (format_rfc3339(said.kev), format_rfc3339(said.epss)) == (
        "2024-10-10T15:00:09.122300Z",
        "2024-10-11T00:00:00Z",
    )
    assert said.kev_digest.startswith("sha256:")
    assert said.epss_digest.startswith("sha256:")


def test_they_are_asked_by_cve(path):
    with open_database(path) as opened:
        assert opened.kev(["CVE-2019-10906", "CVE-1", "CVE-2019-10906"]) == {
            "CVE-2019-10906": KevEntry("CVE-2019-10906", "2024-10-01", "2024-10-22", ransomware=True)
        }
        assert opened.epss(["CVE-2019-10906", "GHSA-1"]) == {
            "CVE-2019-10906": EpssEntry("CVE-2019-10906", "0.00123", "0.41")
        }


def test_they_are_known_by_their_content(tmp_path, folder):
    (folder / "known_exploited_vulnerabilities.json").write_bytes(kev_of())
    (folder / "epss_scores-current.csv.gz").write_bytes(epss_of())
    imported = make(tmp_path / "db", folder)
    assert imported.records == 1
    assert None not in (info(tmp_path / "db").kev, info(tmp_path / "db").epss)


def test_without_them_nothing_is_said(tmp_path, folder):
    make(tmp_path / "db", folder)
    with open_database(tmp_path / "db") as opened:
        assert (opened.info.kev, opened.kev(["CVE-2019-10906"]), opened.epss(["CVE-2019-10906"])) == (None, {}, {})


def test_a_list_is_no_record(tmp_path):
    kev = written(tmp_path, "kev.json", kev_of())
    assert code_of(make, tmp_path / "db", kev) == INVALID


@pytest.mark.parametrize("name", ["kev", "epss"])
def test_two_of_one_kind_are_refused(tmp_path, folder, name):
    content = {"kev": kev_of(), "epss": epss_of()}[name]
    ending = {"kev": "json", "epss": "csv.gz"}[name]
    (folder / f"a.{ending}").write_bytes(content)
    assert code_of(make, tmp_path / "db", folder, **{name: written(tmp_path, f"b.{ending}", content)}) == "usage"


@pytest.mark.parametrize(
    "changes",
    [
        {"count": 2},
        {"count": None},
        {"dateReleased": None},
        {"dateReleased": "2024-10-10"},
        {"vulnerabilities": [], "count": 0},
        {"vulnerabilities": [*KEV["vulnerabilities"], *KEV["vulnerabilities"]], "count": 2},
        {"vulnerabilities": [{"cveID": "cve-2019-10906", "dateAdded": "2024-10-01"}]},
        {"vulnerabilities": [{"cveID": "CVE-2019-10906", "dateAdded": "yesterday"}]},
        {"vulnerabilities": [{"dateAdded": "2024-10-01"}]},
        {"vulnerabilities": {}},
    ],
    ids=range(10),
)
@pytest.mark.parametrize("named", [True, False])
def test_a_list_of_exploited_ones_that_is_not_as_published_is_refused(tmp_path, folder, changes, named):
    kev = written(tmp_path if named else folder, "kev.json", kev_of(**changes))
    assert code_of(make, tmp_path / "db", folder, kev=kev if named else None) == INVALID


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"{}", kev_of()[:-20], kev_of() + b"{}", gzip.compress(kev_of())]
)
def test_what_is_no_list_of_exploited_ones_is_refused(tmp_path, folder, content):
    kev = written(tmp_path, "kev.json", content)
    assert code_of(make, tmp_path / "db", folder, kev=kev).startswith(("json.", INVALID))


@pytest.mark.parametrize(
    "text",
    [
        "",
        EPSS.partition("\n")[2],
        EPSS.replace("cve,epss", "cve,risk"),
        EPSS.replace("2024-10-11T00:00:00+0000", "today"),
        EPSS.replace("0.00123", "1.00123"),
        EPSS.replace("0.00123", "nan"),
        EPSS.replace("0.00123", "-0.1"),
        EPSS.replace("0.00123", "0.1,0.2"),
        EPSS.replace("CVE-2019", "cve-2019"),
        EPSS + EPSS.splitlines()[2] + "\n",
        EPSS + "\n",
        "\n".join(EPSS.splitlines()[:2]) + "\n",
        EPSS + "x" * 5000,
        EPSS.replace("CVE-2019-10906", "CVE-2019-\u0661\u0662\u0663\u0664"),
    ],
    ids=range(14),
)
def test_probabilities_that_are_not_as_published_are_refused(tmp_path, folder, text):
    listed = written(tmp_path, "epss.csv.gz", gzip.compress(text.encode()))
    assert code_of(make, tmp_path / "db", folder, epss=listed, skip_invalid=True) == INVALID


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "archive.not-gzip"),
        (EPSS.encode(), "archive.not-gzip"),
        (epss_of()[:-9], "archive.truncated"),
        (epss_of()[:-1], "archive.truncated"),
        (epss_of() + epss_of(), "archive.trailing-data"),
        (gzip.compress(b"#" + b"x" * 3_000_000), INVALID),
    ],
    ids=range(6),
)
def test_what_is_packed_otherwise_is_refused(tmp_path, folder, content, code):
    listed = written(tmp_path, "epss.csv.gz", content)
    assert code_of(make, tmp_path / "db", folder, epss=listed) == code


def test_what_unpacks_to_more_than_anybody_publishes_is_refused(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(epss, "_MOST_BYTES", 100)
    assert code_of(make, tmp_path / "db", folder, epss=written(tmp_path, "e.gz", epss_of())) == "archive.bomb"


def test_a_small_probability_is_read_as_it_is_written(tmp_path, folder):
    listed = written(tmp_path, "e.csv.gz", gzip.compress(EPSS.replace("0.00123", "1e-05").encode()))
    make(tmp_path / "db", folder, epss=listed)
    with open_database(tmp_path / "db") as opened:
        assert opened.epss(["CVE-2019-10906"])["CVE-2019-10906"].probability == "1e-05"


def test_exploited_ones_that_are_gone_from_the_file_are_missed(path):
    edited(path, "DELETE FROM kev")
    with open_database(path) as opened:
        assert code_of(opened.kev, ["CVE-2019-10906"]) == "vulnerability.database-invalid"


@pytest.mark.parametrize("statement", ["DELETE FROM kev", "UPDATE epss SET probability = '0.9'"])
def test_a_check_finds_a_list_that_was_changed(path, statement):
    edited(path, statement)
    with open_database(path) as opened:
        assert code_of(opened.require_true) == "vulnerability.database-invalid"


def test_the_catalogue_may_have_more_members(tmp_path, folder):
    more = json.loads(kev_of())
    more["title"] = "CISA Catalog"
    make(tmp_path / "db", folder, kev=written(tmp_path, "kev.json", json.dumps(more).encode()))
    assert info(tmp_path / "db").kev is not None
