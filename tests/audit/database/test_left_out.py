"""Records that are left out: remembered, with the packages that they name."""

import json

import pytest

from tests.support.audit.databases import about, code_of, document, entry, folder_of, info, make
from tests.support.audit.made import NOW, package
from verifier.audit.database import importing
from verifier.audit.database.fetched.broken import named_by
from verifier.audit.database.opening import open_database

JINJA, FLASK, NPM = package(), package("flask"), package("left-pad", "1.0.0", ecosystem="npm")
GOOD = [about("jinja2", "A-1"), about("flask", "A-2"), about("left-pad", "A-3", ecosystem="npm")]
TWO = document(id="B-1", schema_version="9.0", affected=[entry(name="Jinja2"), entry(name="left-pad", ecosystem="npm")])
ANY = ("", "")


def undecided(tmp_path, broken, form="json"):
    """The names of packages that a broken record makes undecided."""
    folder = folder_of(tmp_path / "records", *GOOD, **{f"broken_{form}": broken})
    imported = make(tmp_path / "db", folder, skip_invalid=True)
    assert imported.refused == info(tmp_path / "db").refused == 1
    with open_database(tmp_path / "db") as opened:
        answers = opened.ask([JINJA, FLASK, NPM], NOW)
    assert [each.code for each in answers.reasons] == ["vulnerability.record-invalid"]
    assert not answers.reasons[0].is_error
    return {purl.partition("/")[2].partition("@")[0] for purl in answers.refused}


class TestOfARecordThatCanBeRead:
    def test_the_packages_that_it_names_are_undecided_and_no_others(self, tmp_path):
        assert undecided(tmp_path, TWO) == {"jinja2", "left-pad"}

    def test_what_stands_under_either_of_two_equal_keys_counts(self, tmp_path):
        first, second = (json.dumps([entry(name=name)]) for name in ("flask", "jinja2"))
        assert undecided(tmp_path, f'{{"affected": {first}, "affected": {second}}}'.encode()) == {"flask", "jinja2"}

    def test_keys_in_another_case_count(self, tmp_path):
        assert undecided(tmp_path, {"Affected": [{"PACKAGE": {"Name": "flask", "ecosystem": "pypi"}}]}) == {"flask"}

    def test_it_is_remembered_by_its_id_or_else_by_its_file(self, tmp_path):
        folder = folder_of(tmp_path / "records", *GOOD, TWO, x_json=document(id=None))
        make(tmp_path / "db", folder, skip_invalid=True)
        with open_database(tmp_path / "db") as opened:
            refused = opened.ask([JINJA, NPM], NOW).refused
        assert refused == {JINJA.purl: (str(folder / "x.json"), "B-1"), NPM.purl: ("B-1",)}

    @pytest.mark.parametrize(
        "broken",
        [{}, [], {"id": "B-1"}, {"affected": []}, {"affected": ["x"]}, {"affected": [{"package": {"name": "x"}}]}],
        ids=str,
    )
    def test_where_nobody_can_tell_any_package_is_undecided(self, tmp_path, broken):
        assert undecided(tmp_path, broken) == {"jinja2", "flask", "left-pad"}

    @pytest.mark.parametrize("name", [None, 7, "", "a\ud800b", "a\nb", "x" * 2000])
    def test_a_package_without_a_name_is_any_of_its_ecosystem(self, tmp_path, name):
        assert undecided(tmp_path, {"affected": [{"package": {"name": name, "ecosystem": "npm"}}]}) == {"left-pad"}

    def test_an_ecosystem_that_cannot_be_read_is_any(self, tmp_path):
        broken = json.dumps(about("flask", "B-1")).encode().replace(b"PyPI", b"Py\xffI")
        assert undecided(tmp_path, broken) == {"jinja2", "flask", "left-pad"}

    def test_yaml_is_read_likewise(self, tmp_path):
        broken = b"id: B-1\nid: B-2\naffected:\n- package: {name: Flask, ecosystem: PyPI}\nsummary: x\n"
        assert undecided(tmp_path, broken, "yaml") == {"flask"}


class TestOfARecordThatBreaksOff:
    WHOLE = json.dumps(TWO).encode()

    def test_behind_its_list_of_packages_that_list_counts(self, tmp_path):
        cut = json.dumps({"id": "B-1", "affected": [entry(name="flask")], "details": "x"}).encode()[:-3]
        assert undecided(tmp_path, cut) == {"flask"}

    def test_within_it_any_package_of_the_ecosystems_that_are_left_is_undecided(self, tmp_path):
        cut = self.WHOLE[: self.WHOLE.index(b"left-pad") - 40]
        assert undecided(tmp_path, cut) == {"jinja2", "flask"}

    def test_before_it_any_package_is(self, tmp_path):
        assert undecided(tmp_path, self.WHOLE[:30]) == {"jinja2", "flask", "left-pad"}

    def test_yaml_behind_its_list_counts_by_the_list(self, tmp_path):
        cut = b'id: B-1\naffected:\n- package:\n    name: flask\n    ecosystem: PyPI\n\ndetails: "cut'
        assert undecided(tmp_path, cut, "yaml") == {"flask"}

    def test_yaml_that_ends_with_its_list_may_have_been_cut(self, tmp_path):
        broken = (
            b"id: B-1\naffected:\n- package: {name: left-pad, ecosystem: npm}\n- package: {name: x, ecosystem: npm}\n"
        )
        folder = folder_of(tmp_path / "records", *GOOD, about("right-pad", "A-4", ecosystem="npm"), b_yaml=broken)
        make(tmp_path / "db", folder, skip_invalid=True)
        right_pad = package("right-pad", "1.0.0", ecosystem="npm")
        with open_database(tmp_path / "db") as opened:
            assert list(opened.ask([JINJA, right_pad], NOW).refused) == [right_pad.purl]

    def test_yaml_that_ends_within_an_ecosystem_may_be_of_any(self, tmp_path):
        broken = b"id: B-1\naffected:\n- package:\n    name: flask\n    ecosystem: Py"
        assert undecided(tmp_path, broken, "yaml") == {"jinja2", "flask", "left-pad"}

    def test_yaml_within_its_list_is_any_of_the_ecosystem(self, tmp_path):
        assert undecided(tmp_path, b"id: B-1\naffected:\n- package:\n    ecosystem: npm\n    name: 'le", "yaml") == {
            "left-pad"
        }

    def test_wherever_it_breaks_off_what_it_names_is_among_the_undecided(self):
        for length in range(len(self.WHOLE)):
            packages = named_by(self.WHOLE[:length], "json").packages
            assert ANY in packages or ("PyPI", "") in packages or ("PyPI", "jinja2") in packages, length


class TestOfWhatCannotBeRead:
    @pytest.mark.parametrize(
        "content",
        [b"", b"\xff\xfe\x00", b"[" * 100_000, b'{"a":' * 50_000, bytes(range(256)) * 40, b"- " * 50_000, b"? " * 9000],
        ids=range(7),
    )
    @pytest.mark.parametrize("form", ["json", "yaml"])
    def test_nothing_is_raised_and_any_package_is_undecided(self, content, form):
        assert named_by(content, form).packages == {ANY}

    def test_a_file_that_is_too_large_may_name_any(self, tmp_path):
        assert undecided(tmp_path, b" " * (10 * 1024 * 1024 + 1)) == {"jinja2", "flask", "left-pad"}

    def test_a_link_may_stand_for_any(self, tmp_path):
        folder = folder_of(tmp_path / "records", *GOOD)
        (folder / "z.json").symlink_to(tmp_path / "nowhere")
        make(tmp_path / "db", folder, skip_invalid=True)
        with open_database(tmp_path / "db") as opened:
            assert len(opened.ask([JINJA, NPM], NOW).refused) == 2

    def test_a_name_that_is_no_text_is_told(self, tmp_path):
        folder = folder_of(tmp_path / "records", *GOOD)
        (folder / b"\xff\xfe.json".decode("utf-8", "surrogateescape")).write_bytes(b"{")
        make(tmp_path / "db", folder, skip_invalid=True)
        with open_database(tmp_path / "db") as opened:
            assert [each.file for each in opened.refusals()] == [f"{folder}/\\udcff\\udcfe.json"]


def test_of_many_that_may_name_anything_a_few_are_told(tmp_path):
    folder = folder_of(tmp_path / "records", *GOOD, *[b"{"] * 50)
    make(tmp_path / "db", folder, skip_invalid=True)
    with open_database(tmp_path / "db") as opened:
        assert len(opened.ask([JINJA], NOW).refused[JINJA.purl]) == 20
        assert len(opened.refusals()) == 50


def test_what_is_hardly_ever_sound_is_no_export(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "MAX_REFUSED", 3)
    folder = folder_of(tmp_path / "records", *GOOD, *[b"{"] * 4)
    assert code_of(make, tmp_path / "db", folder, skip_invalid=True) == "json.invalid"
