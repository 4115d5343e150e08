"""`verify sbom generate`: documents of every kind of target, and what is said of them."""

import gzip
import hashlib
import json
import sys

import pytest
from lxml import etree

from tests.support.archives.tars import tarball
from tests.support.command import run
from tests.support.net.registries import registry
from tests.support.net.servers import server
from tests.support.sboms.databases import dpkg, paragraph
from tests.support.sboms.installed import dist_info, laid_out
from tests.support.sboms.layers import layout_of

pytestmark = pytest.mark.usefixtures("place")
LOCK = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "acme-core"
version = "1.2.0"
source = { registry = "https://pypi.acme.example/simple" }
"""


@pytest.fixture(autouse=True)
def when(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return monkeypatch


@pytest.fixture
def archive(place):
    assert run("sign", "bundle", "src", "--key", "release", "--out", "authz.tar.gz").status == 0
    return place / "authz.tar.gz"


def generated(*arguments):
    answer = run("sbom", "generate", *arguments)
    assert answer.status == 0, answer.err
    return json.loads(answer.out)


def refused(*arguments):
    answer = run("sbom", "generate", *arguments)
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert "internal.error" not in answer.err
    return answer.status, answer.err


class TestBundles:
    def test_an_archive_is_listed_file_by_file(self, archive):
        document = generated("authz.tar.gz")
        files = {each["name"] for each in document["components"] if each["type"] == "file"}
        assert files == {".manifest", ".signatures.json", "authz/policy.rego"}
        digests = {each["alg"]: each["content"] for each in document["metadata"]["component"]["hashes"]}
        assert digests["SHA-256"] == hashlib.sha256(archive.read_bytes()).hexdigest()

    def test_a_directory_goes_by_the_digest_of_its_canonical_archive(self):
        document = generated("src")
        packed = [
            each["value"]
            for each in document["metadata"]["component"]["properties"]
            if each["name"] == "verifier:opa:packed"
        ]
        assert packed == ["canonical archive of a directory"]
        said = run("bundle", "src", "--key", "release.pub", "--format", "json")
        (digest,) = [each for each in document["metadata"]["component"]["hashes"] if each["alg"] == "SHA-256"]
        assert digest["content"] in said.out

    def test_what_verify_bundle_refuses_is_refused(self, place):
        (place / "bad.tar.gz").write_bytes(tarball({"a/data.json": b'{"a": 1, "a": 2}'}))
        status, said = refused("bad.tar.gz")
        assert status == 1
        assert "json.duplicate-key" in said

    def test_a_module_that_is_no_rego_leaves_the_list_incomplete(self, place):
        (place / "src" / "authz" / "policy.rego").write_text("package authz\n\nallow if {\n")
        answer = run("sbom", "generate", "src")
        assert answer.status == 0
        assert json.loads(answer.out)["compositions"][0]["aggregate"] == "incomplete"
        assert "bundle.rego-unanalysed: authz/policy.rego" in answer.err

    def test_no_engine_is_said_too(self):
        answer = run("sbom", "generate", "src", "--rego-engine", "none")
        assert json.loads(answer.out)["compositions"][0]["aggregate"] == "incomplete"
        assert "no Rego engine was given" in answer.err

    @pytest.mark.parametrize(
        ("what", "content"),
        [
            ("empty", b""),
            ("no archive", b"hello"),
            ("cut short", None),
            ("endless", gzip.compress(bytes(64 << 20))),
            ("doubled", None),
        ],
    )
    def test_what_is_no_bundle_is_refused_by_name(self, archive, place, what, content):
        whole = archive.read_bytes()
        made = {"cut short": whole[:-20], "doubled": whole + whole}.get(what, content)
        (place / "x.tar.gz").write_bytes(made)
        status, said = refused("x.tar.gz")
        assert status in {1, 3}
        assert "verify: " in said


class TestOtherTargets:
    def test_an_image_is_listed_package_by_package(self, place):
        layout_of(place / "app", dpkg(paragraph("bash", "5.2-1")))
        document = generated("oci-layout:app")
        assert document["metadata"]["component"]["type"] == "container"
        assert ("bash", "5.2-1") in {(each["name"], each.get("version")) for each in document["components"]}

    def test_files_that_are_not_what_their_package_says_are_counted_and_listed(self, place):
        files = dpkg(paragraph("bash"), bash={"bin/bash": b"as it was"}) | {"bin/bash": b"changed", "opt/x": b"x"}
        layout_of(place / "app", files)
        answer = run("sbom", "generate", "oci-layout:app", "--files")
        assert "1 altered, 0 missing" in answer.err
        said = [(each["name"], each["value"]) for each in json.loads(answer.out)["metadata"]["properties"]]
        assert ("verifier:file:altered", "bin/bash") in said
        assert ("verifier:file:unowned", "opt/x") in said
        assert "bin/bash" in {each["name"] for each in json.loads(answer.out)["components"]}

    def test_a_lock_file_is_listed_row_by_row(self, place):
        (place / "project").mkdir()
        (place / "project" / "uv.lock").write_text(LOCK)
        for target in ("project/uv.lock", "project"):
            (found,) = generated(target)["components"]
            assert (found["name"], found["version"], found["purl"].partition("?")[0]) == (
                "acme-core",
                "1.2.0",
                "pkg:pypi/acme-core@1.2.0",
            )

    def test_the_locks_that_were_read_are_said(self, place):
        (place / "uv.lock").write_text(LOCK)
        answer = run("sbom", "generate", "uv.lock")
        assert "lock: uv.lock (uv 1.0, 1 component)" in answer.err

    def test_what_is_installed_is_listed(self, place):
        laid_out(place / "site", dist_info("requests", "2.32.0", {"requests/__init__.py": b"x"}, site=""))
        found = generated("site", "--kind", "environment")["components"]
        assert ("requests", "2.32.0") in {(each["name"], each.get("version")) for each in found}

    def test_a_folder_that_may_be_several_things_is_asked_about(self, place):
        (place / "src" / "uv.lock").write_text(LOCK)
        status, said = refused("src")
        assert status == 2
        assert "--kind" in said

    def test_a_folder_without_anything_is_no_empty_list(self, place):
        (place / "nothing").mkdir()
        assert refused("nothing")[0] == 2
        assert refused("nothing", "--kind", "project")[0] in {1, 2, 3}

    def test_what_is_not_there_is_said(self):
        status, said = refused("nowhere.tar.gz")
        assert status == 2
        assert "nowhere.tar.gz" in said


class TestForms:
    @pytest.mark.parametrize("version", ["1.5", "1.6", "1.7"])
    def test_a_version_of_cyclonedx_is_written_where_it_is_asked_for(self, version):
        assert generated("src", "--spec-version", version)["specVersion"] == version
        answer = run("sbom", "generate", "src", "--as", "cyclonedx-xml", "--spec-version", version)
        assert etree.fromstring(answer.out.encode()).tag == f"{{http://cyclonedx.org/schema/bom/{version}}}bom"

    def test_spdx_has_no_such_version(self):
        status, said = refused("src", "--as", "spdx", "--spec-version", "1.6")
        assert status == 2
        assert "--spec-version" in said

    def test_spdx_needs_a_time(self, when):
        status, said = refused("src", "--as", "spdx")
        assert status == 2
        assert "SOURCE_DATE_EPOCH" in said
        when.setenv("SOURCE_DATE_EPOCH", "1700000000")
        assert generated("src", "--as", "spdx")["creationInfo"]["created"] == "2023-11-14T22:13:20Z"

    def test_cyclonedx_states_a_time_only_where_one_is_given(self, when):
        assert "timestamp" not in generated("src")["metadata"]
        when.setenv("SOURCE_DATE_EPOCH", "1700000000")
        assert generated("src")["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"

    @pytest.mark.parametrize("given", ["now", "-1", "1.5", "٣", "9" * 30, "1700000000 "])
    def test_a_time_that_is_none_is_refused(self, when, given):
        when.setenv("SOURCE_DATE_EPOCH", given)
        status, said = refused("src")
        assert status == 2
        assert "SOURCE_DATE_EPOCH" in said

    @pytest.mark.usefixtures("archive")
    def test_ten_runs_make_the_same_bytes(self):
        assert len({run("sbom", "generate", "authz.tar.gz").out for _ in range(10)}) == 1

    def test_without_the_extra_the_list_is_made_and_that_is_said(self, when):
        from verifier.formats.cyclonedx import schema  # noqa: PLC0415 - its memory is emptied

        schema._json_validator.cache_clear()
        for name in ("jsonschema_rs", "cyclonedx", "cyclonedx.schema", "lxml", "lxml.etree"):
            when.setitem(sys.modules, name, None)
        answer = run("sbom", "generate", "src")
        assert answer.status == 0
        assert "pip install 'policy-verifier[sbom]'" in answer.err


class TestWhereItGoes:
    def test_standard_output_has_the_document_and_nothing_else(self):
        answer = run("sbom", "generate", "src")
        assert json.loads(answer.out)["bomFormat"] == "CycloneDX"
        assert "CycloneDX 1.6 JSON of bundle src: 4 components" in answer.err

    def test_a_file_is_written_whole_and_an_earlier_one_replaced(self, place):
        for _ in range(2):
            answer = run("sbom", "generate", "src", "--output", "sbom.json")
            assert (answer.status, answer.out) == (0, "")
        assert "wrote sbom.json" in answer.err
        assert json.loads((place / "sbom.json").read_text())["bomFormat"] == "CycloneDX"

    @pytest.mark.parametrize("name", ["release", "trust.toml", "notes.json", "authz.tar.gz", "src/sbom.json"])
    @pytest.mark.usefixtures("archive")
    def test_nothing_else_is_overwritten(self, place, name):
        (place / "notes.json").write_text('{"mine": true}')
        before = {each: each.read_bytes() for each in place.rglob("*") if each.is_file()}
        target = "src" if name.startswith("src") else "authz.tar.gz"
        assert run("sbom", "generate", target, "--output", name).status == 2
        assert {each: each.read_bytes() for each in place.rglob("*") if each.is_file()} == before

    def test_a_file_is_not_written_where_the_target_cannot_be_read(self, place):
        (place / "x.tar.gz").write_bytes(b"no archive")
        assert run("sbom", "generate", "x.tar.gz", "--output", "sbom.json").status == 1
        assert not (place / "sbom.json").exists()

    def test_an_sbom_may_lie_beside_the_locks_that_it_is_of(self, place):
        (place / "uv.lock").write_text(LOCK)
        assert run("sbom", "generate", "uv.lock", "--output", "sbom.json").status == 0
        (place / "project").mkdir()
        (place / "project" / "uv.lock").write_text(LOCK)
        assert run("sbom", "generate", "project", "--output", "project/sbom.json").status == 0
        assert run("sbom", "generate", "project", "--output", "project/uv.lock").status == 2


class TestWhatIsSaidOfIt:
    def test_a_name_and_a_revision_may_be_given(self, place):
        (place / "src" / ".manifest").write_text('{"roots": ["authz"]}')
        subject = generated("src", "--name", "acme/authz", "--revision", "2.0.0")["metadata"]["component"]
        assert (subject["group"], subject["name"], subject["version"]) == ("acme", "authz", "2.0.0")
        assert subject["purl"].startswith("pkg:generic/acme/authz@2.0.0?checksum=sha256:")

    def test_a_revision_does_not_contradict_the_bundle(self):
        status, said = refused("src", "--revision", "2.0.0")
        assert status == 2
        assert "1.0.0" in said

    @pytest.mark.parametrize("flag", ["--name", "--revision"])
    @pytest.mark.parametrize("value", ["", " ", "a\x1b[31m", "a\nb"])
    def test_what_nobody_could_see_is_no_name(self, flag, value):
        assert refused("src", flag, value)[0] == 2

    @pytest.mark.parametrize(
        "option", [("--platform", "linux/amd64"), ("--all-layers",), ("--platform", "nonsense/of/too/many")]
    )
    def test_an_option_that_means_nothing_here_is_refused(self, option):
        assert refused("src", *option)[0] == 2

    def test_an_engine_means_nothing_for_an_image(self, place):
        layout_of(place / "app", {"etc/x": b"x"})
        assert refused("oci-layout:app", "--rego-engine", "none")[0] == 2

    def test_a_name_full_of_escapes_reaches_no_terminal(self, place):
        content = tarball({"a/\x1b[31mred\x9b.txt": b"x", ".manifest": b'{"revision": "\\u001b]0;x\\u0007"}'})
        (place / "x.tar.gz").write_bytes(content)
        for form in ("cyclonedx", "cyclonedx-xml"):
            answer = run("sbom", "generate", "x.tar.gz", "--as", form)
            if answer.status == 0:
                assert answer.out.isascii()
            assert not {each for each in answer.out + answer.err if ord(each) < 32 and each != "\n"}


class TestElsewhere:
    def test_a_bundle_is_listed_by_its_url(self, archive):
        content = archive.read_bytes()
        with server(lambda exchange: exchange.answer(body=content)) as running:
            found = generated(f"{running.url}/authz.tar.gz")
        assert found == generated("authz.tar.gz")

    def test_and_by_its_reference_in_a_registry(self, archive):
        with registry() as held:
            held.hold(archive.read_bytes())
            found = generated(f"oci://{held.reference}")
        assert found["components"] == generated("authz.tar.gz")["components"]

    def test_a_server_that_has_none_is_said(self):
        with server(lambda exchange: exchange.answer(status=404)) as running:
            status, said = refused(f"{running.url}/authz.tar.gz")
        assert status == 3
        assert "404" in said


class TestWhoSaysSo:
    def test_a_supplier_and_an_author_make_the_minimum_of_ntia(self, monkeypatch):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764288000")
        stated = ("--supplier", "ACME Corp", "--author", "ACME Corp")
        assert run("sbom", "generate", "src", *stated, "--output", "said.json").status == 0
        assert run("sbom", "check", "said.json", "--against", "src", "--quality", "ntia").status == 0
        assert run("sbom", "generate", "src", "--output", "bare.json").status == 0
        assert run("sbom", "check", "bare.json", "--against", "src", "--quality", "ntia").status == 1

    def test_a_license_that_is_stated_is_one_that_rules_know(self, place):
        (place / "allowed.toml").write_text('version = 1\nallow = ["Apache-2.0", "MIT"]\n')
        judged = ("--against", "src", "--licenses", "allowed.toml")
        for stated in ("Apache-2.0", "MIT OR GPL-2.0-only"):
            assert run("sbom", "generate", "src", "--license", stated, "--output", "said.json").status == 0
            assert run("sbom", "check", "said.json", *judged).status == 0
        assert run("sbom", "generate", "src", "--license", "GPL-2.0-only", "--output", "said.json").status == 0
        assert run("sbom", "check", "said.json", *judged).status == 1
        assert run("sbom", "generate", "src", "--output", "bare.json").status == 0
        assert "data.authz" in run("sbom", "check", "bare.json", *judged).out

    @pytest.mark.parametrize("stated", ["", " ", "Apache2", "MIT OR", "\x1b[2J", "x" * 100_000, "(" * 10_000 + "MIT"])
    def test_a_license_that_is_none_is_refused(self, stated):
        ran = run("sbom", "generate", "src", "--license", stated)
        assert ran.status == 2
        assert len(ran.err) < 1_000

    @pytest.mark.parametrize("option", ["--supplier", "--author"])
    @pytest.mark.parametrize("name", ["", " ", "\x1b[2J", "\u202e"])
    def test_a_name_that_nobody_could_see_is_refused(self, option, name):
        assert run("sbom", "generate", "src", option, name).status == 2

    @pytest.mark.parametrize("form", ["cyclonedx", "cyclonedx-xml", "spdx"])
    def test_every_form_names_them(self, monkeypatch, form):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764288000")
        made = run("sbom", "generate", "src", "--as", form, "--supplier", "Supplying Ltd", "--author", "Writing Ltd")
        assert made.status == 0
        assert "Supplying Ltd" in made.out
        assert "Writing Ltd" in made.out
