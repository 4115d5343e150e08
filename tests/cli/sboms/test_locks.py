"""`verify sbom generate` and `check` of projects: what is hidden, added, altered or of another project is told."""

import json
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.sboms.locks import INDEX, SMALL, A, C

pytestmark = pytest.mark.usefixtures("place")
CORE, SPEED = "pkg:pypi/acme-core@2.1", "pkg:pypi/speed@1.2%2Bfast"


@pytest.fixture
def project(place):
    folder = place / "app"
    folder.mkdir()
    (folder / "uv.lock").write_text(SMALL["uv.lock"])
    assert run("sbom", "generate", "app", "--output", "sbom.json").status == 0
    return folder


def answer(*options, document="sbom.json", against="app"):
    """Exit status, and the errors as code, subject and message."""
    ran = run("sbom", "check", document, "--against", against, *options, "--format", "json")
    errors = [each for each in json.loads(ran.out)["reasons"] if each["severity"] == "error"]
    return ran.status, [(each["code"], each["subject"].partition("?")[0], each["message"]) for each in errors]


def lie(change, *, place="sbom.json"):
    bom = json.loads(Path(place).read_text())
    change(bom)
    Path(place).write_text(json.dumps(bom))


def component(bom, name):
    return next(each for each in bom["components"] if each["name"] == name)


def hide(bom, name):
    gone = component(bom, name)["bom-ref"]
    bom["components"] = [each for each in bom["components"] if each["bom-ref"] != gone]
    edges = [each for each in bom["dependencies"] if each["ref"] != gone]
    for each in edges:
        each["dependsOn"] = [ref for ref in each.get("dependsOn", []) if ref != gone]
    bom["dependencies"] = edges


def test_the_document_of_a_lock_is_true_of_it_alone_and_in_its_folder(project):
    assert answer() == (0, [])
    assert answer(against="app/uv.lock") == (0, [])


def test_what_was_read_is_said(project):
    said = run("sbom", "generate", "app").err
    assert "lock: uv.lock (uv 1.3, 5 components)" in said
    assert "group: default, test" in said


@pytest.mark.parametrize("name", SMALL)
def test_every_format_makes_a_document_that_is_true_of_it(place, name):
    (place / name).write_text(SMALL[name])
    assert run("sbom", "generate", name, "--output", "sbom.json").status == 0
    assert answer(against=name) == (0, [])


def test_a_hidden_component_is_told_by_its_purl(project):
    lie(lambda bom: hide(bom, "acme-core"))
    status, ((code, subject, message),) = answer()
    assert (status, code, subject) == (1, "sbom.contents-mismatch", CORE)
    assert "uv.lock" in message


def test_an_added_component_is_told_by_its_purl(project):
    added = {"type": "library", "bom-ref": "x", "name": "more", "version": "9", "purl": "pkg:pypi/more@9"}
    lie(lambda bom: bom["components"].append(added))
    assert [(code, subject) for code, subject, _ in answer()[1]] == [("sbom.contents-mismatch", "pkg:pypi/more@9")]


def test_a_component_with_other_digests_is_told(project):
    def exchange(bom):
        for each in component(bom, "acme-core")["externalReferences"]:
            each["hashes"] = [{"alg": "SHA-256", "content": C}]

    lie(exchange)
    ((code, subject, message),) = answer()[1]
    assert (code, subject) == ("sbom.contents-mismatch", CORE)
    assert C[:16] in message


def test_a_component_of_another_version_is_told(project):
    lie(lambda bom: component(bom, "acme-core").update(version="2.2", purl="pkg:pypi/acme-core@2.2"))
    ((code, subject, message),) = answer()[1]
    assert (code, subject) == ("sbom.contents-mismatch", CORE)
    assert "2.2" in message


def test_the_document_of_another_project_is_told_first_and_alone(project):
    lie(lambda bom: bom["metadata"]["component"].update(name="other-app", purl="pkg:pypi/other-app@1.0.0"))
    assert [code for code, _, _ in answer()[1]] == ["sbom.other-artifact"]


def test_a_lock_that_changed_since_is_told(project):
    (project / "uv.lock").write_text(SMALL["uv.lock"].replace(A, C, 1))
    assert [(code, subject) for code, subject, _ in answer()[1]] == [("sbom.contents-mismatch", CORE)]


def test_locks_that_disagree_are_a_warning_where_a_document_is_made_and_an_error_where_it_is_checked(project):
    (project / "requirements.txt").write_text("acme-core==1.0\n")
    made = run("sbom", "generate", "app", "--output", "both.json")
    assert (made.status, "dependency.locks-disagree" in made.err) == (0, True)
    status, ((code, subject, message),) = answer(document="both.json")
    assert (status, code, subject) == (1, "dependency.locks-disagree", "pkg:pypi/acme-core")
    assert message == "requirements.txt pins 1.0; uv.lock pins 2.1"


def test_a_lock_with_the_marks_of_a_merge_is_refused_by_its_line(project):
    (project / "uv.lock").write_text(SMALL["uv.lock"].replace("[[package]]", "<<<<<<< HEAD\n[[package]]", 1))
    ran = run("sbom", "generate", "app")
    assert ran.status == 1
    assert "uv.lock:5" in ran.err
    assert "Traceback" not in ran.err
    assert answer()[1][0][:2] == ("dependency.lock-invalid", "uv.lock:5")


def test_a_folder_without_a_lock_is_no_empty_document(place):
    (place / "empty").mkdir()
    (place / "empty" / "pyproject.toml").write_text("")
    ran = run("sbom", "generate", "empty")
    assert (ran.status, ran.out) == (2, "")
    assert "there is no lock file in this folder" in ran.err


def test_a_private_name_from_another_index_is_denied(project):
    assert answer("--private", f"acme-core={INDEX}") == (0, [])
    ((code, subject, _),) = answer("--private", "acme-core=https://other.acme.example/simple")[1]
    assert (code, subject) == ("dependency.confusion", CORE)
