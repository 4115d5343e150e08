"""Every dependency is pinned to one version, or one commit, and to its bytes."""

import pytest

from tests.support.sboms.locks import INDEX, SMALL, A, genuine
from verifier.formats.bom.component import Component, Distribution, Hash, Origin
from verifier.sbom.locks.pins import judge_pins
from verifier.sbom.locks.table import read_lock

COMMIT = "d" * 40


def judged(text, name="requirements.txt"):
    return [
        (each.code.removeprefix("dependency."), each.subject) for each in judge_pins(read_lock(name, text).components)
    ]


@pytest.mark.parametrize("name", SMALL)
def test_a_lock_with_versions_and_digests_is_pinned(name):
    assert judged(SMALL[name].encode(), name) == []


@pytest.mark.corpus
def test_a_genuine_hashed_file_is_pinned_whole():
    content, _ = genuine("requirements-warehouse")
    assert judged(content) == []


@pytest.mark.corpus
def test_a_genuine_lock_with_a_commit_is_pinned():
    content, _ = genuine("poetry")
    assert judged(content, "poetry.lock") == []


@pytest.mark.parametrize("asked", ["speed", "speed>=1", "speed==1.*", "speed~=1.0", "speed!=2", "speed==1,==2"])
def test_what_has_no_exact_version_is_unpinned(asked):
    assert judged(f"{asked} --hash=sha256:{A}\n".encode()) == [("unpinned", "pkg:pypi/speed")]


@pytest.mark.parametrize(
    "pinned", ["speed==1.0", "speed===1.0", "speed==1.0,>=0.5", "speed[fast]==1.0; os_name == 'nt'"]
)
def test_what_has_an_exact_version_is_pinned(pinned):
    assert judged(f"{pinned} --hash=sha256:{A}\n".encode()) == []


@pytest.mark.parametrize("revision", ["", "@main", "@v1.0", "@abc1234", f"@{COMMIT[:-1]}"])
def test_a_branch_a_tag_and_a_short_commit_are_no_pins(revision):
    text = f"speed @ git+https://git.acme.example/speed{revision}\n"
    assert judged(text.encode()) == [("unpinned", "pkg:pypi/speed")]


@pytest.mark.parametrize("revision", [COMMIT, "e" * 64])
def test_a_commit_is_a_pin_and_needs_no_digest(revision):
    assert judged(f"speed @ git+ssh://git@git.acme.example/speed@{revision}#egg=speed\n".encode()) == []


@pytest.mark.parametrize("options", ["", f" --hash=md5:{'a' * 32}", f" --hash=sha1:{'a' * 40}"])
def test_what_has_no_digest_or_a_weak_one_alone_has_none(options):
    assert judged(f"speed==1.0{options}\n".encode()) == [("hash-missing", "pkg:pypi/speed@1.0")]


def test_one_file_without_a_digest_among_others_is_told():
    files = (Distribution("https://a", (Hash("SHA-256", A),)), Distribution("https://b", (Hash("MD5", "a" * 32),)))
    listed = Component("library", "pypi", "speed", "1", distributions=files, origin=Origin("registry", INDEX))
    (reason,) = judge_pins([listed])
    assert (reason.code, reason.message) == ("dependency.hash-missing", "1 of 2 files have no digest but by MD5")


@pytest.mark.parametrize(
    ("fragment", "expected"), [("", ["hash-missing"]), (f"#sha256={A}", []), (f"#md5={A[:32]}", ["hash-missing"])]
)
def test_a_url_is_pinned_by_its_digest(fragment, expected):
    text = f"speed @ https://files.acme.example/speed-1.0.tar.gz{fragment}\n"
    assert [code for code, _ in judged(text.encode())] == expected


@pytest.mark.parametrize("local", ["-e .", "./packages/speed", "-e packages/speed"])
def test_a_folder_of_the_project_needs_no_pin(local):
    assert judged(f"{local}\n".encode()) == []


def test_old_pdm_files_without_digests_are_told():
    text = '[metadata]\nlock_version = "4.0"\n[[package]]\nname = "speed"\nversion = "1"\n'
    assert judged(text.encode(), "pdm.lock") == [("hash-missing", "pkg:pypi/speed@1")]


def test_digests_of_a_component_itself_count_as_in_other_tools_documents():
    listed = Component("library", "pypi", "speed", "1", hashes=(Hash("SHA-256", A),))
    assert judge_pins([listed, listed._replace(ecosystem="deb", hashes=())]) == ()
