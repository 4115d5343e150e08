"""What a bundle gives of its contents: the bytes that were read, each under its path."""

import hashlib

import pytest

from tests.support.archives.tars import bundle
from tests.support.inspections import blob, inspect
from tests.support.stories import archive, signed
from verifier.core.errors import Refused
from verifier.core.rego import NO_ENGINE, ModuleAnalysis
from verifier.kinds.bundle.contents import BundleFiles, contents, contents_of
from verifier.kinds.table import kind_of

FILES = {"a/b/m.rego": b"package a", ".signatures.json": b"{}", "a/data.json": b"{}"}


@pytest.fixture
def files():
    return BundleFiles(bundle(FILES))


def test_there_are_files_and_no_folders(files):
    assert [each.path for each in files] == [".signatures.json", "a/b/m.rego", "a/data.json"]


def test_a_file_is_read_whole_or_not_at_all(files):
    assert files.read("a/b/m.rego", max_bytes=9) == b"package a"
    with pytest.raises(Refused, match="too-large"):
        files.read("a/b/m.rego", max_bytes=8)


@pytest.mark.parametrize("path", ["", "a", "a/b/m", "../a/b/m.rego", "/a/b/m.rego"])
def test_what_is_no_file_is_not_read(files, path):
    with pytest.raises(Refused, match="unreadable"):
        files.read(path, max_bytes=100)
    assert files.digest(path, "sha256") is None


def test_digests_are_of_the_bytes(files):
    assert files.digest("a/data.json", "sha512") == hashlib.sha512(b"{}").digest()
    assert files.resolve("a/data.json") == files.find("a/data.json")
    assert files.excerpts("a/data.json") == ()


def test_a_module_that_nobody_analysed_says_so():
    (found,) = contents_of(bundle(FILES), ()).rego.analyses
    assert found == ModuleAnalysis(path="a/b/m.rego", problem=NO_ENGINE)


def test_the_kind_gives_what_was_found_while_verifying():
    inspection = inspect(signed(archive("1.2.3")))
    (found,) = kind_of("bundle").contents(inspection.artifact, inspection.evidence)
    assert (found.kind, found.version) == ("bundle", "1.2.3")
    assert found.digests[0] == inspection.artifact.digest


def test_what_is_no_bundle_has_none():
    other = blob(inspect())
    assert contents(other.artifact, other.evidence) == ()
