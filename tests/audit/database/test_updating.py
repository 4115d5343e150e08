"""Bringing a database up to date: whole ecosystems are replaced, and nothing goes back."""

import pytest

from tests.support.audit.databases import about, code_of, database, document, folder_of, ids, info, make, update, zip_of
from tests.support.audit.lists import epss_of, kev_of
from tests.support.audit.made import NOW, package
from verifier.audit.database.opening import open_database
from verifier.core.clock import format_rfc3339

ROLLBACK = "vulnerability.database-rollback"
OLD, NEW = "2024-10-01T00:00:00Z", "2024-10-08T00:00:00Z"
LEFT_PAD = package("left-pad", "1.0.0", ecosystem="npm")


@pytest.fixture
def path(tmp_path):
    """A database of two ecosystems, of an old date."""
    pypi = zip_of(tmp_path / "pypi.zip", about("jinja2", "A-1", modified=OLD), about("flask", "A-2", modified=OLD))
    npm = zip_of(tmp_path / "npm.zip", about("left-pad", "N-1", ecosystem="npm", modified=OLD))
    make(tmp_path / "db", pypi, npm)
    return tmp_path / "db"


def newer(tmp_path, *documents):
    return zip_of(tmp_path / "new.zip", *documents)


def test_an_ecosystem_is_replaced_and_the_others_stay(path, tmp_path):
    new = newer(tmp_path, about("jinja2", "A-1", modified=NEW, summary="new"), about("flask", "A-2", modified=OLD))
    imported = update(path, new)
    assert (imported.records, imported.vanished, imported.reasons) == (3, 0, ())
    with open_database(path) as opened:
        assert {record.id: record.summary for record, _ in opened.records()} == {"A-1": "new", "A-2": "", "N-1": ""}
        opened.require_true()
    assert [(name, format_rfc3339(date)) for name, date in info(path).dates] == [("PyPI", NEW), ("npm", OLD)]
    assert ids(path, LEFT_PAD) == {LEFT_PAD.purl: ["N-1"]}


def test_a_record_that_has_vanished_stays_and_is_counted(path, tmp_path):
    imported = update(path, newer(tmp_path, about("flask", "A-2", modified=NEW)))
    assert (imported.vanished, [each.code for each in imported.reasons]) == (1, ["vulnerability.records-vanished"])
    assert ids(path, package()) == {package().purl: ["A-1"]}
    assert update(path, tmp_path / "new.zip").vanished == 1


def test_a_set_that_is_older_is_refused(path, tmp_path):
    before = path.read_bytes()
    older = newer(
        tmp_path,
        about("jinja2", "A-1", modified="2024-09-30T00:00:00Z"),
        about("x", "A-9", modified="2024-09-30T00:00:00Z"),
    )
    assert code_of(update, path, older) == ROLLBACK
    assert code_of(update, path, older, skip_invalid=True) == ROLLBACK
    assert path.read_bytes() == before


def test_the_same_set_again_changes_nothing_but_the_day(path, tmp_path):
    before = info(path)
    update(path, tmp_path / "pypi.zip")
    assert info(path) == before


def test_an_old_set_is_not_hidden_by_a_new_one_of_another_ecosystem(path, tmp_path):
    new = newer(tmp_path, about("left-pad", "N-1", ecosystem="npm", modified=NEW))
    old = zip_of(tmp_path / "old.zip", about("jinja2", "A-1", modified="2024-09-01T00:00:00Z"))
    assert code_of(update, path, new, old) == ROLLBACK


def test_of_a_record_the_newer_version_stays(path, tmp_path):
    new = newer(tmp_path, about("jinja2", "A-1", modified="2024-09-01T00:00:00Z"), about("flask", "A-3", modified=NEW))
    imported = update(path, new)
    assert [each.code for each in imported.reasons] == [
        "vulnerability.record-repeated",
        "vulnerability.records-vanished",
    ]
    with open_database(path) as opened:
        assert {record.id: format_rfc3339(record.modified) for record, _ in opened.records()}["A-1"] == OLD


def test_other_content_of_the_same_moment_is_refused(path, tmp_path):
    new = newer(tmp_path, about("jinja2", "A-1", modified=OLD, summary="else"), about("flask", "A-2", modified=NEW))
    assert code_of(update, path, new) == "vulnerability.record-invalid"
    update(path, new, skip_invalid=True)
    with open_database(path) as opened:
        assert opened.ask([package()], NOW).refused == {package().purl: ("A-1",)}


def test_what_records_only_name_does_not_replace_another_ecosystem(path, tmp_path):
    both = document(
        id="G-1", modified=NEW, affected=[*about("jinja2")["affected"], *about("left-pad", ecosystem="npm")["affected"]]
    )
    update(path, newer(tmp_path, both, about("flask", "A-2", modified=NEW)))
    assert [(name, format_rfc3339(date)) for name, date in info(path).dates] == [("PyPI", NEW), ("npm", OLD)]
    assert ids(path, LEFT_PAD) == {LEFT_PAD.purl: ["G-1", "N-1"]}


class TestLists:
    def test_they_stay_where_they_are_not_named(self, path, tmp_path):
        (tmp_path / "kev.json").write_bytes(kev_of())
        (tmp_path / "e.csv.gz").write_bytes(epss_of())
        update(path, kev=tmp_path / "kev.json", epss=tmp_path / "e.csv.gz")
        before = info(path)
        update(path, tmp_path / "pypi.zip")
        assert info(path) == before
        with open_database(path) as opened:
            assert list(opened.kev(["CVE-2019-10906"])) == list(opened.epss(["CVE-2019-10906"])) == ["CVE-2019-10906"]

    def test_an_older_one_is_refused(self, path, tmp_path):
        for name, date in (("new", "2024-10-10T00:00:00Z"), ("old", "2024-10-09T00:00:00Z")):
            (tmp_path / name).write_bytes(kev_of(dateReleased=date))
        update(path, kev=tmp_path / "new")
        assert code_of(update, path, kev=tmp_path / "old") == ROLLBACK


class TestLeftOut:
    BROKEN = about("jinja2", "B-1", schema_version="9.0")

    def left_out(self, path):
        with open_database(path) as opened:
            return [each.id or each.file.rpartition("/")[2] for each in opened.refusals()]

    def make(self, tmp_path, *broken):
        folder = folder_of(tmp_path / "a", about("flask", "A-2", modified=OLD), *broken)
        make(tmp_path / "db", folder, skip_invalid=True)
        return tmp_path / "db"

    def test_it_stays_left_out_while_nothing_sound_takes_its_place(self, tmp_path):
        path = self.make(tmp_path, self.BROKEN)
        update(path, newer(tmp_path, about("flask", "A-2", modified=NEW)))
        assert self.left_out(path) == ["B-1"]
        update(path, newer(tmp_path, about("jinja2", "B-1", modified=NEW)))
        assert self.left_out(path) == []
        assert ids(path, package()) == {package().purl: ["B-1"]}

    def test_it_is_remembered_once(self, tmp_path):
        path = self.make(tmp_path, self.BROKEN)
        update(path, tmp_path / "a", skip_invalid=True)
        assert self.left_out(path) == ["B-1"]

    def test_without_an_id_it_goes_with_its_ecosystem(self, tmp_path):
        path = self.make(tmp_path, about("jinja2", None, schema_version="9.0"))
        update(path, newer(tmp_path, about("left-pad", "N-1", ecosystem="npm", modified=NEW)))
        assert self.left_out(path) == ["1.json"]
        update(path, newer(tmp_path, about("flask", "A-2", modified=NEW)))
        assert self.left_out(path) == []

    def test_what_may_name_anything_stays(self, tmp_path):
        path = self.make(tmp_path, b"{")
        update(path, newer(tmp_path, about("flask", "A-2", modified=NEW)))
        assert self.left_out(path) == ["1.json"]


class TestNothingToUpdate:
    def test_without_a_database_there_is_nothing_to_bring_up_to_date(self, tmp_path):
        new = newer(tmp_path, document())
        assert code_of(update, tmp_path / "nowhere.db", new) == "vulnerability.database-invalid"
        assert not (tmp_path / "nowhere.db").exists()

    def test_a_damaged_one_is_not_built_upon(self, path, tmp_path):
        path.write_bytes(path.read_bytes()[:-4096])
        assert code_of(update, path, tmp_path / "pypi.zip") == "vulnerability.database-invalid"


class TestImportingInstead:
    def test_what_was_newer_and_is_replaced_is_said(self, tmp_path):
        path = database(tmp_path, about("jinja2", "A-1", modified=NEW))
        (tmp_path / "kev.json").write_bytes(kev_of())
        update(path, kev=tmp_path / "kev.json")
        imported = make(path, folder_of(tmp_path / "old", about("jinja2", "A-1", modified=OLD)))
        assert [(each.code, each.is_error) for each in imported.reasons] == [(ROLLBACK, False)] * 2
        assert info(path).kev is None
