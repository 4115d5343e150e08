"""`verify sbom check`: the answer, its exit status, and who has signed."""

import json

import pytest

from tests.support.command import run
from tests.support.sboms.databases import dpkg, paragraph
from tests.support.sboms.layers import layout_of

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture
def signed(place):
    """The bundle, signed, and its SBOM."""
    assert run("sign", "bundle", "src", "--key", "release", "--out", "authz.tar.gz").status == 0
    assert run("sbom", "generate", "authz.tar.gz", "--output", "sbom.json").status == 0
    return place


def attest(place, key="release", artifact="authz.tar.gz", predicate="sbom.json", kind="cyclonedx"):
    options = ("--type", kind, "--predicate", predicate, "--key", key, "--out", "att.json")
    assert run("attest", artifact, *options).status == 0


def answer(*arguments):
    """Exit status, result and codes of errors, by the report for machines."""
    ran = run("sbom", "check", *arguments, "--format", "json")
    said = json.loads(ran.out)
    return ran.status, said["result"], [each["code"] for each in said["reasons"] if each["severity"] == "error"]


def change(path, change):
    bom = json.loads(path.read_text())
    change(bom)
    path.write_text(json.dumps(bom))


def test_a_true_one_is_accepted(signed):
    assert answer("sbom.json", "--against", "authz.tar.gz") == (0, "PASSED", [])
    said = run("sbom", "check", "sbom.json", "--against", "authz.tar.gz").out
    assert said.startswith("PASSED  sbom.json against authz.tar.gz")
    assert "not asked for" in said


def test_one_that_lies_is_denied_by_path(signed):
    change(signed / "sbom.json", lambda bom: bom["components"].append({"type": "file", "name": "authz/more.rego"}))
    assert answer("sbom.json", "--against", "authz.tar.gz") == (1, "FAILED", ["sbom.contents-mismatch"])
    assert "authz/more.rego" in run("sbom", "check", "sbom.json", "--against", "authz.tar.gz").out


def test_alone_it_is_read_and_that_nothing_was_compared_is_said(signed):
    ran = run("sbom", "check", "sbom.json")
    assert ran.status == 0
    assert "nothing was compared" in ran.out


def test_what_is_no_sbom_is_denied(signed):
    (signed / "no.json").write_text('{"hello": "world"}')
    status, result, errors = answer("no.json", "--against", "authz.tar.gz")
    assert (status, result, len(errors)) == (1, "FAILED", 1)


def test_a_target_that_cannot_be_read_is_undecided(signed):
    (signed / "broken.tar.gz").write_bytes(b"")
    status, result, _ = answer("sbom.json", "--against", "broken.tar.gz")
    assert (status != 0, result) == (True, "FAILED")


def test_a_document_that_is_not_there_is_undecided(signed):
    assert run("sbom", "check", "absent.json", "--against", "authz.tar.gz").status == 3


class TestWhoHasSigned:
    BY_KEY = ("sbom.json", "--against", "authz.tar.gz", "--key", "release.pub")

    def test_a_believed_signer_is_named(self, signed):
        attest(signed)
        assert answer(*self.BY_KEY, "--attestation", "att.json") == (0, "PASSED", [])
        assert "release.pub" in run("sbom", "check", *self.BY_KEY, "--attestation", "att.json").out

    def test_a_believed_signer_of_an_image_is_named(self, place):
        two_layers(place)
        attest(place, artifact="oci-layout:image", predicate="image.json")
        asked = ("image.json", "--against", "oci-layout:image", "--key", "release.pub", "--attestation", "att.json")
        assert answer(*asked) == (0, "PASSED", [])
        layout_of(place / "image", {"opt/other": b"app"})
        assert answer(*asked)[2] == ["sbom.other-artifact", "sbom.unsigned", "attestation.subject-mismatch"]

    @pytest.mark.parametrize("kind", ["spdx", "https://spdx.dev/Document"])
    def test_a_document_is_not_signed_as_what_it_is_not(self, signed, kind):
        options = ("--predicate", "sbom.json", "--key", "release", "--out", "att.json")
        ran = run("attest", "authz.tar.gz", "--type", kind, *options)
        assert ran.status == 2
        assert "the predicate is cyclonedx" in ran.err
        assert not (signed / "att.json").exists()

    @pytest.mark.usefixtures("signed")
    def test_nobody_is_denied(self):
        assert answer(*self.BY_KEY) == (1, "FAILED", ["sbom.unsigned"])

    def test_a_stranger_is_nobody(self, signed):
        attest(signed, key="stranger")
        status, _, errors = answer(*self.BY_KEY, "--attestation", "att.json")
        assert (status, errors[0]) == (1, "sbom.unsigned")

    def test_an_attestation_about_another_file_is_none(self, signed):
        (signed / "other").write_bytes(b"other")
        attest(signed, artifact="other")
        _, _, errors = answer(*self.BY_KEY, "--attestation", "att.json")
        assert errors == ["sbom.unsigned", "attestation.subject-mismatch"]

    def test_an_attestation_of_another_document_is_none(self, signed):
        attest(signed)
        change(signed / "sbom.json", lambda bom: bom.update(version=2))
        _, _, errors = answer(*self.BY_KEY, "--attestation", "att.json")
        assert set(errors) == {"sbom.unsigned"}

    def test_an_attestation_of_another_type_is_none(self, signed):
        attest(signed, kind="https://example.org/sbom")
        _, _, errors = answer(*self.BY_KEY, "--attestation", "att.json")
        assert set(errors) == {"sbom.unsigned"}

    def test_the_way_it_is_written_down_makes_no_difference(self, signed):
        attest(signed)
        change(signed / "sbom.json", lambda _: None)
        assert answer(*self.BY_KEY, "--attestation", "att.json") == (0, "PASSED", [])

    def test_a_policy_says_whose_sboms_count(self, signed):
        (signed / "other.toml").write_text(
            (signed / "trust.toml").read_text() + "[artifacts.'bundle:authz'.sbom]\nfrom = ['ci']\n"
        )
        by_policy = ("sbom.json", "--against", "authz.tar.gz", "--policy", "other.toml", "--attestation", "att.json")
        attest(signed)
        assert answer(*by_policy)[:2] == (1, "FAILED")
        attest_again(signed)
        assert answer(*by_policy) == (0, "PASSED", [])

    def test_an_artifact_without_a_rule_has_no_signers(self, signed):
        attest(signed)
        by_policy = ("sbom.json", "--against", "authz.tar.gz", "--policy", "trust.toml", "--attestation", "att.json")
        assert answer(*by_policy, "--name", "other")[2] == ["trust.no-policy"]


def attest_again(place):
    (place / "att.json").unlink()
    attest(place, key="ci")


class TestWhatWouldHaveNoEffect:
    @pytest.mark.parametrize(
        "options",
        [
            ("--kind", "bundle"),
            ("--platform", "linux/amd64"),
            ("--strict",),
            ("--min-completeness", "0.5"),
            ("--key", "release.pub"),
            ("--attestation", "att.json"),
            ("--name", "x"),
            ("--against", "authz.tar.gz", "--min-completeness", "2"),
            ("--quality", "good"),
            ("--private", "acme-*"),
        ],
    )
    @pytest.mark.usefixtures("signed")
    def test_is_refused(self, options):
        assert run("sbom", "check", "sbom.json", *options).status == 2


def two_layers(place):
    """An image with a system and a package, and its SBOM; its database says nothing of two files."""
    files = {"etc/os-release": b'ID=debian\nVERSION_ID="12"\n', "opt/app": b"app", "opt/more": b"more"}
    files |= dpkg(paragraph("a"), paragraph("b"))
    layout_of(place / "image", files)
    return run("sbom", "generate", "oci-layout:image", "--output", "image.json")


def test_the_table_of_an_image_is_straight(place):
    two_layers(place)
    said = run("sbom", "check", "image.json", "--against", "oci-layout:image").out
    table = said.partition("same  missing")[2].splitlines()[1:5]
    assert len({line.index("%") for line in table if "%" in line}) == 1
    assert "operating-system " in said


def test_one_thing_to_do_is_said_once_for_all_that_it_mends(place):
    two_layers(place)
    change(place / "image.json", lambda bom: bom.update(components=[], dependencies=[], compositions=[]))
    said = run("sbom", "check", "image.json", "--against", "oci-layout:image").out
    assert said.count("sbom.contents-mismatch") > 1
    assert said.count("-> Make the SBOM of this very artifact again") == 1


def test_a_warning_says_what_to_do_too(place):
    two_layers(place)
    change(place / "image.json", lambda bom: bom["metadata"]["component"].update(purl="pkg:generic/other@7"))
    said = run("sbom", "check", "image.json").out
    assert "sbom.doubtful" in said
    assert "-> Look at what the message names" in said


def test_the_list_of_an_image_says_why_it_is_incomplete(place):
    err = two_layers(place).err
    assert "incomplete: 4 files are of no package" in err
    assert "named below" not in err


def test_a_list_of_licences_that_is_not_there_is_named(signed):
    ran = run("sbom", "check", "sbom.json", "--licenses", "absent.toml")
    assert ran.status == 2
    assert "--licenses: absent.toml: cannot be read" in ran.err


def test_an_index_that_is_no_url_is_said_in_whole_words(signed):
    err = run("sbom", "check", "sbom.json", "--private", "acme-*=pypi").err
    assert "must be the URL of an index, as https://pypi.acme.example/simple, not 'pypi'; expected PREFIX=INDEX" in err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", "version = 1\n"),
        ("poetry.lock", '[[package]]\nname = "a"\n'),
        ("requirements.txt", "six==1.17.0\n"),
        ("Pipfile.lock", '{"_meta": {}}'),
    ],
)
def test_a_lock_in_the_place_of_an_sbom_is_called_that(place, name, text):
    (place / name).write_text(text)
    ran = run("sbom", "check", name)
    assert ran.status == 1
    assert "this is a lock file" in ran.out
    assert "--against" in ran.out


def test_npm_s_lock_in_the_place_of_an_sbom_is_told_of_npm_s_sbom(place):
    (place / "package-lock.json").write_text('{"lockfileVersion": 3}')
    assert "npm sbom --sbom-format cyclonedx" in run("sbom", "check", "package-lock.json").out


def test_a_folder_that_is_not_there_is_to_be_made(place):
    ran = run("sbom", "generate", "src", "--output", "absent/sbom.json")
    assert ran.status == 2
    assert "Make its folder first." in ran.err
