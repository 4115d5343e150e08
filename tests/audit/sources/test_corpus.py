"""Genuine locks: every one comes to what an independent reading found in it, or is refused as that says."""

import json

import pytest

from tests.support.audit.sources import pins
from tests.support.material import corpus
from verifier.core.errors import Refused
from verifier.engine.audits.opening import collect

PYTHON = (
    *("flask/uv.lock", "ichnaea/requirements.txt", "kuma/poetry.lock", "pdm/pdm.lock", "pip-audit/pylock.basic.toml"),
    *("pip-audit/pylock.skipped.toml", "pipenv/Pipfile.lock", "pipenv/pylock.toml", "requests-html/Pipfile.lock"),
    *("uv-benchmark/uv.lock", "warehouse/main.txt"),
)
BROKEN = (
    *("pylock.invalid-version.toml", "pylock.invalid.toml", "pylock.missing-packages.toml"),
    *("pylock.missing-version.toml", "pylock.package-missing-name.toml"),
)
OTHERS = {
    "osv-scanner/alpine-zlib-16.cdx.json": ["pkg:apk/alpine/zlib@1.2.12-r1?distro=3.22.0"],
    "osv-scanner/only-unimportant.spdx.json": ["pkg:deb/ubuntu/pcre3@2:8.39-12ubuntu0.1?distro=focal"],
    "osv-scanner/package-lock.json": [
        "pkg:npm/babel@6.23.0",
        "pkg:npm/human-signals@5.0.0",
        "pkg:npm/ms@2.1.3",
        "pkg:npm/type-fest@4.26.1",
    ],
    "osv-schema/go.mod": ["pkg:golang/stdlib@1.25.8", "pkg:golang/google.golang.org/protobuf@v1.36.11"],
}
EXPORTED = ("bom.cdx.json", "Pipfile.lock", "pylock.toml", "requirements.pip-compile.txt", "requirements.txt")


def expected():
    return json.loads((corpus("audit") / "expected-locks.json").read_text())


def lock(name):
    return collect(str(corpus("audit") / "locks" / name))


@pytest.mark.corpus
def test_every_lock_that_is_expected_is_tried():
    assert expected().keys() == {*PYTHON, *OTHERS, *(f"pip-audit/{each}" for each in BROKEN)}


@pytest.mark.corpus
@pytest.mark.parametrize("name", PYTHON)
def test_a_genuine_lock_has_every_row_in_some_package(name):
    found, wanted = lock(name), expected()[name]
    assert sum(len(each.places) for each in found.packages) == wanted["packages"]
    assert all(place.line > 0 for each in found.packages for place in each.places)
    assert {each.ecosystem for each in found.packages} == {"pypi"}


@pytest.mark.corpus
@pytest.mark.parametrize("name", sorted({*PYTHON} - {"pipenv/pylock.toml"}))
def test_what_is_unknown_and_unhashed_in_a_genuine_lock_is_what_was_expected(name):
    found, wanted = lock(name), expected()[name]
    unknown = [each.name for each in found.packages if each.version is None or each.source != "index"]
    assert unknown == wanted["without_version_or_not_from_index"]
    indexed = [each for each in found.packages if each.version is not None and each.source == "index"]
    assert [each.name for each in indexed if not any(file.hashes for file in each.distributions)] == wanted["unhashed"]


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["pdm/pdm.lock", "pipenv/Pipfile.lock", "requests-html/Pipfile.lock"])
def test_markers_of_a_genuine_lock_are_kept_and_leave_nothing_out(name):
    found, wanted = lock(name), expected()[name]
    assert sum(len(each.places) for each in found.packages if each.markers) == wanted["with_marker"]


@pytest.mark.corpus
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_lock_is_refused(name):
    with pytest.raises(Refused) as refused:
        lock(f"pip-audit/{name}")
    assert refused.value.reasons[0].code == "dependency.lock-invalid"
    assert refused.value.reasons[0].subject.startswith(str(corpus("audit")))


@pytest.mark.corpus
def test_names_that_are_not_normalised_are_read_with_a_warning():
    found = lock("pipenv/pylock.toml")
    assert len(found.packages) == expected()["pipenv/pylock.toml"]["packages"]
    assert [(each.code, each.severity.value) for each in found.reasons] == [("dependency.lock-irregular", "warning")]
    assert {"jaraco-classes", "jaraco-context", "jaraco-functools"} <= {each.name for each in found.packages}


@pytest.mark.corpus
@pytest.mark.parametrize("name", OTHERS)
def test_other_ecosystems_have_their_own_purls(name):
    assert [each.purl for each in lock(name).packages] == OTHERS[name]


@pytest.mark.corpus
def test_a_document_with_faults_is_read_and_its_faults_are_errors():
    found = lock("osv-scanner/only-unimportant.spdx.json")
    assert [(each.code, each.severity.value) for each in found.unread] == [("sbom.invalid", "error")]
    (package,) = found.packages
    assert (package.name, package.version, package.release) == ("pcre3", "2:8.39-12ubuntu0.1", "20.04")


@pytest.mark.corpus
def test_one_project_is_the_same_packages_in_every_file():
    folder = corpus("audit") / "one-project"
    found = {name: pins(collect(str(folder / name))) for name in (*EXPORTED, "uv.lock", "poetry.lock")}
    known = found["requirements.txt"]
    assert len(known) == 7
    assert all(found[name] == known for name in EXPORTED)
    assert found["uv.lock"] - known == {("demo", "0")}
    assert found["poetry.lock"] ^ known == {("urllib3", "1.22"), ("urllib3", "1.23")}


@pytest.mark.corpus
def test_a_folder_is_all_of_its_locks_each_package_once():
    found = collect(str(corpus("audit") / "one-project"))
    assert [each.format for each in found.sources] == [
        *("pipenv", "poetry", "pylock", "requirements", "requirements", "uv")
    ]
    jinja2 = next(each for each in found.packages if each.name == "jinja2")
    assert (len(jinja2.places), jinja2.direct) == (6, True)
    assert len(found.packages) == 9  # seven, the project itself, and the urllib3 of poetry.lock
    assert found.reasons == ()
