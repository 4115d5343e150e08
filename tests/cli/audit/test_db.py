"""`verify audit db`: import, update, show."""

import json

import pytest

from tests.support.audit.databases import about, document, edited, folder_of, zip_of
from tests.support.audit.lists import epss_of, kev_of
from tests.support.command import run

NOW = ("--now", "2024-10-12T00:00:00Z")


@pytest.fixture
def folder(tmp_path):
    """A folder with one record."""
    return folder_of(tmp_path / "records", document())


@pytest.fixture
def db(tmp_path, folder):
    """A database of it."""
    assert run("audit", "db", "import", folder, "--db", tmp_path / "osv.db", *NOW).status == 0
    return tmp_path / "osv.db"


def shown(db):
    answer = run("audit", "db", "show", "--db", db, "--format", "json")
    assert (answer.status, answer.err) == (0, "")
    return json.loads(answer.out)


class TestImport:
    def test_it_says_what_it_has_made(self, tmp_path, folder):
        answer = run("audit", "db", "import", folder, "--db", tmp_path / "osv.db", *NOW)
        assert (answer.status, answer.out) == (0, "")
        assert f"wrote {tmp_path}/osv.db: 1 record (1 of PyPI)" in answer.err
        assert "data of 2024-10-10T00:00:00Z, digest sha256:" in answer.err

    def test_it_says_that_it_has_replaced_one(self, db, folder):
        assert "replaced" in run("audit", "db", "import", folder, "--db", db, *NOW).err

    def test_what_is_refused_is_wrong_usage_and_names_the_file(self, tmp_path, folder):
        (folder / "b.json").write_text(json.dumps(document(id="x y")))
        answer = run("audit", "db", "import", folder, "--db", tmp_path / "osv.db", *NOW)
        assert answer.status == 2
        assert f"vulnerability.record-invalid: {folder}/b.json: id is 'x y'" in answer.err
        assert "--skip-invalid" in answer.err
        assert not (tmp_path / "osv.db").exists()

    def test_what_is_left_out_is_said_then_and_later(self, tmp_path, folder):
        (folder / "b.json").write_text(json.dumps(document(id="x y")))
        (folder / "c.json").write_text("{")
        answer = run("audit", "db", "import", folder, "--db", tmp_path / "osv.db", "--skip-invalid", *NOW)
        assert answer.status == 0
        assert "warning: vulnerability.record-invalid" in answer.err
        assert "nobody can tell which packages it names" in answer.err
        assert "left out, and undecided whatever they name: 2" in answer.err
        said = shown(tmp_path / "osv.db")
        assert said["refused"] == 2
        assert [each["packages"] for each in said["refusals"]] == [
            [{"ecosystem": "PyPI", "name": "jinja2"}],
            [{"ecosystem": "", "name": ""}],
        ]

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("--db", "osv.db"),
            ("records",),
            ("records", "--db", "osv.db", "--now", "today"),
            ("records", "--db", "."),
            ("nowhere", "--db", "osv.db"),
            ("records", "--db", "osv.db", "--kev", "nowhere"),
            ("records", "--db", "osv.db", "--kev", "records/PYSEC-2099-1.json"),
            ("records", "--db", "osv.db", "--epss", "records/PYSEC-2099-1.json"),
            ("records", "--db", "records/PYSEC-2099-1.json"),
            ("records/PYSEC-2099-1.json", "records.txt", "--db", "osv.db"),
        ],
        ids=" ".join,
    )
    @pytest.mark.usefixtures("folder")
    def test_every_mistake_is_wrong_usage(self, tmp_path, monkeypatch, arguments):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "records.txt").write_text("x")
        answer = run("audit", "db", "import", *arguments)
        assert answer.status == 2
        assert answer.err
        assert not (tmp_path / "osv.db").exists()

    def test_records_from_the_future_and_old_ones_are_warned_of(self, db, folder):
        for now, code in (("2024-10-09T00:00:00Z", "future"), ("2024-12-01T00:00:00Z", "stale")):
            answer = run("audit", "db", "import", folder, "--db", db, "--now", now)
            assert answer.status == 0
            assert f"warning: vulnerability.database-{code}" in answer.err

    def test_lists_are_imported_beside(self, tmp_path, folder):
        (tmp_path / "kev.json").write_bytes(kev_of())
        (tmp_path / "epss.csv.gz").write_bytes(epss_of())
        lists = ("--kev", tmp_path / "kev.json", "--epss", tmp_path / "epss.csv.gz")
        assert run("audit", "db", "import", folder, "--db", tmp_path / "osv.db", *lists, *NOW).status == 0
        said = shown(tmp_path / "osv.db")
        assert (said["kev"]["date"], said["epss"]["date"]) == ("2024-10-10T15:00:09.122300Z", "2024-10-11T00:00:00Z")

    def test_names_that_play_with_the_terminal_are_escaped(self, tmp_path, folder):
        (folder / "b\x1b[31m.json").write_text("{")
        answer = run("audit", "db", "import", folder, "--db", tmp_path / "osv.db", "--skip-invalid", *NOW)
        text = run("audit", "db", "show", "--db", tmp_path / "osv.db")
        assert "\x1b" not in answer.err + text.out


class TestUpdate:
    def test_an_older_set_is_wrong_usage(self, db, tmp_path):
        old = zip_of(tmp_path / "old.zip", document(modified="2024-10-01T00:00:00Z"))
        answer = run("audit", "db", "update", old, "--db", db, *NOW)
        assert (answer.status, "vulnerability.database-rollback" in answer.err) == (2, True)

    def test_what_has_vanished_is_said(self, db, tmp_path):
        new = zip_of(tmp_path / "new.zip", about("flask", "A-2"))
        answer = run("audit", "db", "update", new, "--db", db, *NOW)
        assert answer.status == 0
        assert "kept, though not in what was imported: 1" in answer.err

    def test_only_a_list_may_be_brought_up_to_date(self, db, tmp_path):
        (tmp_path / "kev.json").write_bytes(kev_of())
        assert run("audit", "db", "update", "--kev", tmp_path / "kev.json", "--db", db, *NOW).status == 0
        assert shown(db)["kev"] is not None

    @pytest.mark.parametrize("how", ["missing", "damaged"])
    def test_a_database_that_cannot_be_used_is_undecided(self, db, folder, how):
        if how == "missing":
            db.unlink()
        else:
            db.write_bytes(db.read_bytes()[:5000])
        answer = run("audit", "db", "update", folder, "--db", db, *NOW)
        assert (answer.status, "vulnerability.database-invalid" in answer.err) == (3, True)


class TestShow:
    def test_it_says_what_a_database_is_of(self, db):
        answer = run("audit", "db", "show", "--db", db)
        assert answer.status == 0
        for text in ("digest      sha256:", "data of     2024-10-10T00:00:00Z", "records     PyPI 1", "left out    0"):
            assert text in answer.out

    def test_as_json(self, db):
        said = shown(db)
        assert said["ecosystems"] == {"PyPI": 1}
        assert said["importedAt"] == "2024-10-12T00:00:00Z"

    @pytest.mark.parametrize("content", [None, b"", b"text", b"SQLite format 3\0"])
    def test_what_is_none_is_undecided(self, tmp_path, content):
        if content is not None:
            (tmp_path / "db").write_bytes(content)
        answer = run("audit", "db", "show", "--db", tmp_path / "db")
        assert (answer.status, answer.out, "vulnerability.database-invalid" in answer.err) == (3, "", True)

    def test_what_was_changed_with_its_digests_is_found_by_a_check(self, db):
        edited(db, "DELETE FROM name", digests=True)
        assert run("audit", "db", "show", "--db", db).status == 0
        answer = run("audit", "db", "show", "--db", db, "--check")
        assert (answer.status, "by other names than they have" in answer.err) == (3, True)
