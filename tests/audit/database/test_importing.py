"""Making a database: all of what was named, or nothing."""

import json
import os

import pytest

from tests.support.audit.databases import (
    about,
    code_of,
    database,
    document,
    edited,
    entry,
    folder_of,
    ids,
    info,
    make,
    zip_of,
)
from tests.support.audit.made import NOW, package
from verifier.audit.database.opening import open_database
from verifier.core.clock import format_rfc3339
from verifier.core.errors import ConfigurationError, Refused

JINJA = about("jinja2")
FLASK = about("flask", "PYSEC-2099-2", modified="2024-10-11T00:00:00.5Z")
YAML = b"""
id: PYSEC-2099-3
modified: "2024-10-01T00:00:00Z"
affected:
- package: {name: Click, ecosystem: PyPI}
  versions: [1.10, 1.20]
"""


class TestSources:
    def test_a_folder_is_walked(self, tmp_path):
        folder = folder_of(tmp_path / "records", JINJA, click_yml=YAML)
        folder_of(folder / "below", FLASK)
        assert make(tmp_path / "db", folder).records == 3
        assert ids(tmp_path / "db", package("click"), package("flask")) == {
            "pkg:pypi/click@2.10": ["PYSEC-2099-3"],
            "pkg:pypi/flask@2.10": ["PYSEC-2099-2"],
        }

    def test_a_zip_is_read(self, tmp_path):
        assert make(tmp_path / "db", zip_of(tmp_path / "all.zip", JINJA, FLASK)).records == 2

    def test_single_files_are_read(self, tmp_path):
        folder = folder_of(tmp_path / "records", JINJA, click_yaml=YAML)
        assert make(tmp_path / "db", folder / "PYSEC-2099-1.json", folder / "click.yaml").records == 2

    def test_zips_in_a_folder_are_read(self, tmp_path):
        folder = tmp_path / "mirror"
        for name, each in (("PyPI", JINJA), ("npm", about("left-pad", "GHSA-1", ecosystem="npm"))):
            (folder / name).mkdir(parents=True)
            zip_of(folder / name / "all.zip", each)
        make(tmp_path / "db", folder)
        assert info(tmp_path / "db").ecosystems == (("PyPI", 1), ("npm", 1))

    def test_one_set_has_one_digest_in_whatever_form(self, tmp_path):
        make(tmp_path / "folder.db", folder_of(tmp_path / "records", JINJA, FLASK))
        make(tmp_path / "zip.db", zip_of(tmp_path / "all.zip", FLASK, JINJA))
        shuffled = {name: JINJA[name] for name in reversed(JINJA)}
        indented = json.dumps(shuffled, indent=4).encode()
        make(tmp_path / "files.db", folder_of(tmp_path / "other", FLASK, a_json=indented))
        assert len({info(tmp_path / f"{name}.db").digest for name in ("folder", "zip", "files")}) == 1

    def test_yaml_and_json_of_one_record_are_one_record(self, tmp_path):
        tree = {
            "id": "PYSEC-2099-3",
            "modified": "2024-10-01T00:00:00Z",
            "affected": [{"package": {"name": "Click", "ecosystem": "PyPI"}, "versions": ["1.10", "1.20"]}],
        }
        imported = make(tmp_path / "db", folder_of(tmp_path / "records", tree, click_yaml=YAML))
        assert (imported.records, imported.repeated) == (1, 1)

    def test_hidden_files_and_others_are_passed_over_and_counted(self, tmp_path):
        folder = folder_of(tmp_path / "records", JINJA)
        folder_of(folder / ".github", b"not a record")
        (folder / "README.md").write_text("Records.")
        (folder / ".x.json").write_text("{")
        assert make(tmp_path / "db", folder).passed_over == 3

    @pytest.mark.parametrize("to", ["outside.json", "outside"])
    def test_a_link_is_not_followed_and_not_overlooked(self, tmp_path, to):
        (tmp_path / "outside.json").write_text(json.dumps(FLASK))
        folder_of(tmp_path / "outside", FLASK)
        folder = folder_of(tmp_path / "records", JINJA)
        (folder / "link.json").symlink_to(tmp_path / to)
        assert code_of(make, tmp_path / "db", folder) == "input.unreadable"

    def test_a_link_to_what_is_no_record_is_passed_over(self, tmp_path):
        folder = folder_of(tmp_path / "records", JINJA)
        (folder / "LICENSE").symlink_to(tmp_path / "nowhere")
        assert make(tmp_path / "db", folder).records == 1

    def test_a_pipe_is_not_waited_for(self, tmp_path):
        folder = folder_of(tmp_path / "records", JINJA)
        os.mkfifo(folder / "a.json")
        assert code_of(make, tmp_path / "db", folder) == "input.unreadable"

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("nowhere", "input.unreadable"), ("nowhere.zip", "input.unreadable"), ("nowhere.json", "input.unreadable")],
    )
    def test_what_is_not_there_is_said(self, tmp_path, name, expected):
        assert code_of(make, tmp_path / "db", tmp_path / name) == expected

    def test_a_file_of_another_kind_is_said(self, tmp_path):
        (tmp_path / "records.txt").write_text("x")
        assert code_of(make, tmp_path / "db", tmp_path / "records.txt") == "usage"

    def test_folders_without_end_are_refused(self, tmp_path):
        folder = folder_of(tmp_path / "records", JINJA)
        (folder / "/".join("d" * 70)).mkdir(parents=True)
        assert code_of(make, tmp_path / "db", folder) == "input.unreadable"


class TestAllOrNothing:
    @pytest.mark.parametrize(
        ("broken", "code"),
        [
            (document(id=None), "vulnerability.record-invalid"),
            (document(id="a\x1b[2Jb"), "vulnerability.record-invalid"),
            (document(schema_version="2.0.0"), "vulnerability.record-invalid"),
            (document(affected=[entry({"introduced": "0", "fixed": "1"})]), "vulnerability.record-invalid"),
            (document(affected=None), "vulnerability.record-invalid"),
            ([JINJA], "vulnerability.record-invalid"),
            (b'{"id": "A-1", "id": "A-2"}', "json.duplicate-key"),
            (b'{"id": "A-1"}\n{"id": "A-2"}', "json.trailing-data"),
            (b"", "json.invalid"),
            (json.dumps(JINJA).encode("utf-16"), "json.invalid"),
            (b" " * (10 * 1024 * 1024 + 1), "input.too-large"),
        ],
        ids=range(11),
    )
    def test_one_record_that_is_not_sound_refuses_all_and_is_named(self, tmp_path, broken, code):
        path = database(tmp_path, FLASK)
        before = path.read_bytes()
        folder = folder_of(tmp_path / "new", FLASK, broken_json=broken)
        with pytest.raises(Refused) as refused:
            make(path, folder)
        assert refused.value.reasons[0].code == code
        assert refused.value.reasons[0].subject == str(folder / "broken.json")
        assert path.read_bytes() == before
        assert sorted(each.name for each in tmp_path.iterdir()) == [".osv.db.lock", "new", "osv.db", "records"]

    def test_nothing_is_no_database(self, tmp_path):
        (tmp_path / "empty").mkdir()
        assert code_of(make, tmp_path / "db", tmp_path / "empty") == "vulnerability.record-invalid"
        assert not (tmp_path / "db").exists()

    def test_an_empty_set_beside_a_good_one_is_refused(self, tmp_path):
        (tmp_path / "empty").mkdir()
        folder = folder_of(tmp_path / "records", JINJA)
        assert code_of(make, tmp_path / "db", folder, tmp_path / "empty") == "vulnerability.record-invalid"

    def test_nothing_but_broken_records_is_no_database(self, tmp_path):
        folder = folder_of(tmp_path / "records", document(id=None))
        assert code_of(make, tmp_path / "db", folder, skip_invalid=True) == "vulnerability.record-invalid"

    @pytest.mark.parametrize(
        "silent",
        [
            document(withdrawn="2024-10-01T00:00:00Z", affected=[]),
            document(affected=[{"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}]),
        ],
        ids=["withdrawn", "of commits"],
    )
    def test_records_that_name_no_package_are_no_database_and_replace_none(self, tmp_path, silent):
        folder = folder_of(tmp_path / "silent", silent)
        assert code_of(make, tmp_path / "db", folder) == "vulnerability.record-invalid"
        assert not (tmp_path / "db").exists()
        path = database(tmp_path, FLASK)
        before = path.read_bytes()
        assert code_of(make, path, folder) == "vulnerability.record-invalid"
        assert path.read_bytes() == before

    def test_a_database_is_replaced_whole(self, tmp_path):
        path = database(tmp_path, FLASK)
        assert make(path, folder_of(tmp_path / "new", JINJA)).replaced
        assert ids(path, package("flask"), package()) == {
            "pkg:pypi/flask@2.10": [],
            "pkg:pypi/jinja2@2.10": ["PYSEC-2099-1"],
        }

    def test_a_damaged_database_is_replaced(self, tmp_path):
        path = database(tmp_path, FLASK)
        path.write_bytes(path.read_bytes()[:5000])
        make(path, folder_of(tmp_path / "new", JINJA))
        assert info(path).ecosystems == (("PyPI", 1),)

    @pytest.mark.parametrize("content", [b"my thesis", b"SQLite format 3\0" + bytes(4096)])
    def test_what_is_no_database_of_ours_is_never_overwritten(self, tmp_path, content):
        (tmp_path / "db").write_bytes(content)
        with pytest.raises(ConfigurationError, match="not overwritten"):
            make(tmp_path / "db", folder_of(tmp_path / "records", JINJA))
        assert (tmp_path / "db").read_bytes() == content

    @pytest.mark.parametrize("place", ["folder", "nowhere/db", "\0"])
    def test_a_place_that_cannot_be_written_is_said(self, tmp_path, place):
        (tmp_path / "folder").mkdir()
        assert code_of(make, tmp_path / place, folder_of(tmp_path / "records", JINJA)) == "usage"


class TestOneId:
    def test_the_same_content_counts_once(self, tmp_path):
        imported = make(tmp_path / "db", folder_of(tmp_path / "a", JINJA), zip_of(tmp_path / "b.zip", JINJA))
        assert (imported.records, imported.repeated, imported.reasons) == (1, 1, ())

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_newer_one_counts_and_that_is_said(self, tmp_path, order):
        newer = about("flask", modified="2024-10-10T00:00:00.000001Z")
        sources = [folder_of(tmp_path / "a", JINJA), folder_of(tmp_path / "b", newer)]
        imported = make(tmp_path / "db", *[sources[each] for each in order])
        assert [each.code for each in imported.reasons] == ["vulnerability.record-repeated"]
        assert ids(tmp_path / "db", package("flask"), package()) == {
            "pkg:pypi/flask@2.10": ["PYSEC-2099-1"],
            "pkg:pypi/jinja2@2.10": [],
        }

    def test_a_newer_version_of_the_schema_is_no_other_content(self, tmp_path):
        newer = about("jinja2", schema_version="1.7.0")
        make(tmp_path / "db", folder_of(tmp_path / "a", JINJA), folder_of(tmp_path / "b", newer))
        assert ids(tmp_path / "db", package()) == {"pkg:pypi/jinja2@2.10": ["PYSEC-2099-1"]}

    @pytest.mark.parametrize("changes", [{"credits": [{"name": "x"}]}, {"withdrawn": "2024-10-10T00:00:00Z"}], ids=str)
    def test_whatever_else_differs_is_other_content(self, tmp_path, changes):
        sources = [folder_of(tmp_path / "a", JINJA), folder_of(tmp_path / "b", about("jinja2", **changes))]
        assert code_of(make, tmp_path / "db", *sources) == "vulnerability.record-invalid"

    def test_of_one_moment_and_different_they_are_refused(self, tmp_path):
        sources = [folder_of(tmp_path / "a", JINJA), folder_of(tmp_path / "b", about("flask"))]
        assert code_of(make, tmp_path / "db", *sources) == "vulnerability.record-invalid"

    def test_of_one_moment_and_different_both_are_heard_where_invalid_ones_are_left_out(self, tmp_path):
        sources = [folder_of(tmp_path / "a", JINJA), folder_of(tmp_path / "b", about("flask"))]
        make(tmp_path / "db", *sources, skip_invalid=True)
        with open_database(tmp_path / "db") as opened:
            answers = opened.ask([package(), package("flask")], NOW)
        assert [each.id for each in answers.records["pkg:pypi/jinja2@2.10"]] == ["PYSEC-2099-1"]
        assert answers.refused == {"pkg:pypi/flask@2.10": ("PYSEC-2099-1",)}

    def test_moments_are_compared_as_moments(self, tmp_path):
        """As texts, "00.5Z" is before "00Z", and "+02:00" behind it."""
        for number, (older, newer) in enumerate(
            [("2024-10-10T00:00:00Z", "2024-10-10T00:00:00.5Z"), ("2024-10-10T01:00:00+02:00", "2024-10-10T00:00:00Z")]
        ):
            sources = [
                folder_of(tmp_path / f"{number}{each}", document(modified=each, summary=each))
                for each in (older, newer)
            ]
            make(tmp_path / "db", *sources)
            with open_database(tmp_path / "db") as opened:
                assert [each.summary for each, _ in opened.records()] == [newer]


class TestWhatIsSaid:
    def test_the_date_is_that_of_the_newest_record(self, tmp_path):
        said = info(database(tmp_path, JINJA, FLASK, about("click", "PYSEC-2099-3", withdrawn="2024-10-12T00:00:00Z")))
        assert (format_rfc3339(said.data_date), said.imported_at) == ("2024-10-11T00:00:00.500000Z", NOW)

    def test_every_kept_record_is_as_it_was_read(self, tmp_path):
        path = database(tmp_path, JINJA, FLASK)
        with open_database(path) as opened:
            opened.require_true()

    def test_a_record_of_whatever_characters_is_kept(self, tmp_path):
        path = database(tmp_path, document(details="\x00\x1b \U0001f4a9 \u202e ǆ", summary="ü" * 100_000))
        with open_database(path) as opened:
            ((record, _),) = opened.records()
        assert record.details.startswith("\x00\x1b")
        assert edited(path)


def test_records_about_commits_alone_are_no_database(tmp_path):
    commits = {"ranges": [{"type": "GIT", "repo": "https://git.example/x", "events": [{"introduced": "0"}]}]}
    assert code_of(database, tmp_path, document(affected=[commits])) == "vulnerability.record-invalid"


def test_more_ecosystems_than_there_are_is_refused(tmp_path):
    entries = [entry(name="x", ecosystem=f"e{number}") for number in range(1_001)]
    assert code_of(database, tmp_path, document(affected=entries)) == "vulnerability.record-invalid"
