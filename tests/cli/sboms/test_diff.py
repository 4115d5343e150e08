"""`verify sbom diff`."""

import json

import pytest

from tests.support.command import run
from tests.support.material import corpus

OLD, NEW = "1.9.0", "1.10.0"


def bom(*components, **said):
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "name": "app", "version": "1"}},
        "components": [{"type": "library", "bom-ref": str(at), **each} for at, each in enumerate(components)],
        **said,
    }


def library(version, name="a", **said):
    return {"name": name, "version": version, "purl": f"pkg:npm/{name}@{version}", **said}


@pytest.fixture
def diff(tmp_path):
    def compare(old, new, *options):
        for name, document in (("old.json", old), ("new.json", new)):
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            (tmp_path / name).write_bytes(content)
        return run("sbom", "diff", tmp_path / "old.json", tmp_path / "new.json", *options)

    return compare


def test_what_changed_is_told_and_changes_nothing_else(diff):
    answer = diff(bom(library(OLD)), bom(library(NEW), library("1.0.0", "b")))
    assert answer.status == 0
    assert answer.err == ""
    assert "app@1 -> app@1\n  1 added, 1 upgraded; 0 in both" in answer.out
    assert "  pkg:npm/a@1.10.0  1.9.0 -> 1.10.0" in answer.out


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (("--fail-on", "downgraded"), 1),
        (("--fail-on", "added,downgraded,confusion"), 1),
        (("--fail-on", "added", "--fail-on", "downgraded"), 1),
        (("--fail-on", "added,upgraded"), 0),
        ((), 0),
    ],
)
def test_it_fails_on_what_it_is_asked_to_fail_on(diff, asked, status):
    answer = diff(bom(library(NEW)), bom(library(OLD)), *asked)
    assert answer.status == status
    assert ("--fail-on downgraded" in answer.err) == bool(status)


@pytest.mark.parametrize("asked", ["downgrade", "added,,removed", "all"])
def test_a_kind_of_change_that_there_is_not_is_wrong_usage(diff, asked):
    answer = diff(bom(), bom(), "--fail-on", asked)
    assert answer.status == 2
    assert "There are: added, removed, upgraded" in answer.err


def test_a_kind_of_change_that_is_empty_is_wrong_usage(diff):
    answer = diff(bom(), bom(), "--fail-on", "")
    assert answer.status == 2
    assert "--fail-on: is empty" in answer.err


def test_programs_and_pages_get_the_same(diff):
    told = json.loads(diff(bom(library(OLD)), bom(library(NEW)), "--format", "json").out)
    assert told["counts"] == {"upgraded": 1}
    page = diff(bom(library(OLD)), bom(library(NEW)), "--format", "markdown").out
    assert "| `pkg:npm/a@1.10.0` | `1.9.0` | `1.10.0` |" in page
    assert diff(bom(), bom(), "--format", "xml").status == 2


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe{", b'{"bomFormat": "CycloneDX"}', b"<bom/>"])
def test_what_is_no_sbom_is_refused_and_named(diff, content):
    answer = diff(content, bom())
    assert answer.status != 0
    assert answer.out == ""
    assert "old.json" in answer.err
    assert "internal.error" not in answer.err


def test_a_file_that_is_not_there_is_named(tmp_path):
    answer = run("sbom", "diff", tmp_path / "no.json", tmp_path / "no.json")
    assert answer.status == 3
    assert "no.json" in answer.err


@pytest.mark.corpus
def test_two_releases_of_a_real_program_are_compared(diff):
    """Of CycloneDX 1.2, which nobody writes any more; it reads the same as 1.4."""
    folder = corpus("sbom/documents/bom-examples")
    documents = [json.loads((folder / f"proton-bridge-{each}.json").read_bytes()) for each in ("v1.6.3", "v1.8.0")]
    old, new = (each | {"specVersion": "1.4"} for each in documents)
    told = json.loads(diff(old, new, "--format", "json").out)
    assert told["counts"] == {"upgraded": 7}
    assert told["kept"] == 194
    assert diff(new, old, "--fail-on", "downgraded").status == 1
