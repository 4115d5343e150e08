"""What a database answers: for what its records cover, and for nothing else."""

import pytest

from tests.support.audit.databases import about, database, document, entry, folder_of, ids, info, make, zip_of
from tests.support.audit.made import NOW, package
from verifier.audit.database.opening import open_database

PYPI = [about(f"name-{number}", f"PYSEC-{number}") for number in range(5)]
BOTH = document(id="GHSA-1", affected=[entry(name="jinja2"), entry(name="left-pad", ecosystem="npm", kind="SEMVER")])
LEFT_PAD = package("left-pad", "1.0.0", ecosystem="npm")
OTHER = package("other", "1.0.0", ecosystem="npm")


def asked(path, *packages):
    with open_database(path) as opened:
        return opened.ask(packages, NOW)


class TestNames:
    @pytest.mark.parametrize("written", ["jw.util", "JW_Util", "jw--util", "jw-util"])
    def test_spellings_of_one_name_are_one_name(self, tmp_path, written):
        path = database(tmp_path, about(written))
        assert ids(path, package("jw-util")) == {"pkg:pypi/jw-util@2.10": ["PYSEC-2099-1"]}

    @pytest.mark.parametrize(
        ("ecosystem", "written", "asked"),
        [
            ("npm", "@acme/lib", package("lib", "1", ecosystem="npm", namespace="@acme")),
            ("npm", "@acme/lib", package("@acme/lib", "1", ecosystem="npm", namespace="@acme")),
            ("Go", "github.com/Acme/lib", package("lib", "1", ecosystem="golang", namespace="github.com/acme")),
            ("Maven", "org.acme:lib", package("lib", "1", ecosystem="maven", namespace="org.acme")),
            ("Debian:12", "openssl", package("openssl", "1", ecosystem="deb", namespace="debian", release="12")),
            ("Alpine:v3.18", "openssl", package("openssl", "1", ecosystem="apk", namespace="alpine", release="3.18.4")),
        ],
    )
    def test_names_of_other_ecosystems_are_found(self, tmp_path, ecosystem, written, asked):
        assert list(ids(database(tmp_path, about(written, ecosystem=ecosystem)), asked).values()) == [["PYSEC-2099-1"]]

    def test_a_name_in_another_ecosystem_is_another_name(self, tmp_path):
        path = database(tmp_path, about("left-pad"), about("other", "A-2", ecosystem="npm"))
        assert ids(path, LEFT_PAD) == {LEFT_PAD.purl: []}

    def test_debian_is_not_ubuntu(self, tmp_path):
        path = database(tmp_path, about("openssl", ecosystem="Ubuntu:22.04"))
        debian = package("openssl", "1", ecosystem="deb", namespace="debian", release="12")
        assert asked(path, debian).records == {}
        assert "no records of deb" in asked(path, debian).unknown[debian.purl]

    def test_a_rebuild_is_not_what_it_was_made_of(self, tmp_path):
        path = database(tmp_path, about("jinja2", ecosystem="Root:PyPI"), about("flask", "A-2"))
        assert ids(path, package()) == {package().purl: []}
        assert info(path).incidental == (("Root:PyPI", 1),)

    def test_a_record_that_names_a_package_twice_is_there_once(self, tmp_path):
        path = database(tmp_path, document(affected=[entry(name="jinja2"), entry(name="Jinja2")]))
        assert ids(path, package()) == {package().purl: ["PYSEC-2099-1"]}

    def test_withdrawn_ones_are_among_the_records(self, tmp_path):
        path = database(tmp_path, document(withdrawn="2024-10-01T00:00:00Z"))
        assert ids(path, package()) == {package().purl: ["PYSEC-2099-1"]}


class TestUnknown:
    @pytest.mark.parametrize(
        "unasked",
        [
            package(source="git", location="https://git.example/x"),
            package(source="url", location="https://x.example/x.whl"),
            package(source="path", location="."),
            package(index="https://pypi.acme.example/simple"),
            package(version=None, asked=">=2"),
            package("left-pad", "1", ecosystem="npm"),
            package("x", "1", ecosystem="conan"),
            package("x", "1", ecosystem=""),
        ],
        ids=range(8),
    )
    def test_about_which_no_record_says_anything(self, tmp_path, unasked):
        answers = asked(database(tmp_path, document()), unasked)
        assert list(answers.unknown) == [unasked.purl]
        assert answers.records == {}

    def test_a_package_without_a_record_is_answered_for(self, tmp_path):
        answers = asked(database(tmp_path, document()), package("clean"))
        assert (answers.records, answers.unknown) == ({"pkg:pypi/clean@2.10": ()}, {})


class TestCovered:
    def test_what_records_only_name_beside_their_own_ecosystem_is_not_covered(self, tmp_path):
        """An export of PyPI holds some records about npm, and most of npm's are not in it."""
        path = database(tmp_path, *PYPI, BOTH)
        assert (info(path).ecosystems, info(path).incidental) == ((("PyPI", 6),), (("npm", 1),))
        answers = asked(path, LEFT_PAD, OTHER)
        assert sorted(answers.unknown) == sorted([LEFT_PAD.purl, OTHER.purl])
        assert [each.id for each in answers.records[LEFT_PAD.purl]] == ["GHSA-1"]
        assert OTHER.purl not in answers.records

    def test_what_has_records_of_its_own_is_covered(self, tmp_path):
        path = database(tmp_path, *PYPI, BOTH, about("left-pad", "GHSA-2", ecosystem="npm"))
        assert asked(path, OTHER).unknown == {}

    def test_each_set_is_looked_at_by_itself(self, tmp_path):
        """Beside an export of npm, PyPI's does not cover npm either; npm's own does."""
        pypi = zip_of(tmp_path / "pypi.zip", *PYPI, BOTH)
        npm = zip_of(tmp_path / "npm.zip", BOTH, about("left-pad", "GHSA-2", ecosystem="npm"))
        make(tmp_path / "db", pypi, npm)
        assert asked(tmp_path / "db", OTHER, package("clean")).unknown == {}

    def test_a_record_of_two_alone_covers_both(self, tmp_path):
        assert asked(database(tmp_path, BOTH), OTHER, package("clean")).unknown == {}

    def test_another_release_is_not_covered(self, tmp_path):
        path = database(tmp_path, about("openssl", ecosystem="Debian:12"))
        eleven = package("clean", "1", ecosystem="deb", namespace="debian", release="11")
        twelve = package("dash", "1", ecosystem="deb", namespace="debian", release="12.4")
        assert asked(path, eleven, twelve).unknown == {eleven.purl: "there are no records of Debian 11"}

    def test_an_ecosystem_that_nobody_asks_about_is_kept_and_not_covered(self, tmp_path):
        path = database(tmp_path, about("x", ecosystem="Bitnami"), about("y", "A-2", ecosystem="Android"))
        assert info(path).ecosystems == ()
        assert info(path).incidental == (("Android", 1), ("Bitnami", 1))
        assert asked(path, package("y")).records == {}


def test_one_record_is_read_once_for_all_that_it_names(tmp_path):
    path = database(tmp_path, document(affected=[entry(name=f"n{number}") for number in range(50)]))
    answers = asked(path, *[package(f"n{number}") for number in range(50)])
    assert len({id(found[0]) for found in answers.records.values()}) == 1


def test_the_folder_may_hold_the_database_itself(tmp_path):
    folder = folder_of(tmp_path / "records", document())
    make(folder / "osv.db", folder)
    assert make(folder / "osv.db", folder).records == 1
