"""The PyPA's advisory database, imported whole."""

from datetime import UTC, datetime

import pytest

from tests.support.audit.databases import genuine_zip, info, make
from tests.support.audit.made import package
from tests.support.audit.osv import advisories, genuine
from tests.support.material import corpus
from verifier.audit.database.age import judged_age
from verifier.audit.database.opening import open_database
from verifier.core.clock import format_rfc3339

pytestmark = pytest.mark.corpus
NOW = datetime(2024, 10, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """The database of its folder."""
    path = tmp_path_factory.mktemp("database") / "osv.db"
    imported = make(path, corpus("pypa-advisories"))
    assert (imported.records, imported.refused, imported.repeated, imported.reasons) == (2661, 0, 0, ())
    return path


def test_every_record_is_there_and_the_date_is_the_newest_ones(path):
    said = info(path)
    assert said.ecosystems == (("PyPI", 2661),)
    assert format_rfc3339(said.data_date) == "2024-10-10T17:22:00.587279Z"
    assert judged_age(said, NOW) == ()
    assert len(advisories()) == 2661


def test_as_a_zip_it_is_the_same(path, tmp_path):
    make(tmp_path / "zip.db", genuine_zip(tmp_path / "all.zip"))
    assert info(tmp_path / "zip.db").digest == info(path).digest


def test_what_is_read_back_is_what_was_read(path):
    with open_database(path) as opened:
        opened.require_true()


def test_every_name_finds_all_of_its_records(path):
    expected = genuine()
    with open_database(path) as opened:
        answers = opened.ask([package(name, "1.0") for name in expected], NOW)
    assert answers.unknown == {}
    assert {purl.rpartition("@")[0]: sorted(found) for purl, found in answers.records.items()} == {
        f"pkg:pypi/{name}": sorted(found) for name, found in expected.items()
    }
