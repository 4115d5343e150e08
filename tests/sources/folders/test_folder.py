"""The files of a folder, as contents: what is outside is never read, and nothing inside is left out unsaid."""

import contextlib
import hashlib
import os
import socket

import pytest

from tests.support.sboms.installed import go_build_info
from verifier.core.errors import Refused
from verifier.core.limits import Limits
from verifier.files.place import MAX_LINKS
from verifier.formats.golang.build_info import GO_BUILD_INFO, MAX_GO_BUILD_INFO, MAX_GO_PLACES
from verifier.sources.folders.folder import FolderFiles


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "root"
    (made / "a" / "b").mkdir(parents=True)
    (made / "a" / "b" / "c").write_bytes(b"content")
    (tmp_path / "secret").write_bytes(b"secret")
    return made


def refused(act):
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.reasons[0]


def test_every_entry_is_listed_sorted_a_directory_before_what_is_in_it(folder):
    (folder / "z").write_bytes(b"")
    (folder / "a" / "link").symlink_to("b")
    assert [(fact.path, fact.type) for fact in FolderFiles(folder)] == [
        ("a", "directory"),
        ("a/b", "directory"),
        ("a/b/c", "file"),
        ("a/link", "symlink"),
        ("z", "file"),
    ]


def test_so_many_levels_are_listed_as_are_asked_for(folder):
    files = FolderFiles(folder, levels=1)
    assert [fact.path for fact in files] == ["a"]
    assert files.find("a/b/c").size == 7


def test_what_is_not_to_be_looked_at_is_named_and_not_entered(folder):
    assert [fact.path for fact in FolderFiles(folder, without=["a"])] == ["a"]


@pytest.mark.parametrize("listed", [False, True])
class TestFinding:
    def files(self, folder, listed, **said):
        files = FolderFiles(folder, **said)
        if listed:
            assert list(files)
        return files

    def test_links_are_followed_within_the_folder(self, folder, listed):
        (folder / "a" / "link").symlink_to("../a/./b")
        (folder / "again").symlink_to("a/link")
        assert self.files(folder, listed).resolve("again/c").path == "a/b/c"

    def test_no_link_is_followed_by_finding_and_reading(self, folder, listed):
        (folder / "link").symlink_to("a/b/c")
        (folder / "way").symlink_to("a")
        files = self.files(folder, listed)
        assert files.find("link").type == "symlink"
        assert files.find("way/b/c") is None
        assert files.digest("link", "sha256") is None
        assert refused(lambda: files.read("link", max_bytes=100)).code == "input.unreadable"
        assert refused(lambda: files.read("way/b/c", max_bytes=100)).code == "input.unreadable"

    @pytest.mark.parametrize("target", ["../secret", "/etc/passwd", "a/../../secret", "nothing", "loop"])
    def test_a_link_that_leads_out_or_nowhere_leads_nowhere(self, folder, listed, target):
        (folder / "loop").symlink_to(target)
        assert self.files(folder, listed).resolve("loop") is None

    def test_an_absolute_link_into_the_folder_leads_there(self, folder, listed):
        (folder / "link").symlink_to(folder.resolve() / "a" / "b")
        assert self.files(folder, listed).resolve("link/c").path == "a/b/c"

    def test_links_of_a_file_system_begin_and_end_at_its_root(self, folder, listed):
        (folder / "absolute").symlink_to("/a/b/c")
        (folder / "up").symlink_to("../../a")
        files = self.files(folder, listed, is_root=True)
        assert files.resolve("absolute").path == "a/b/c"
        assert files.resolve("up/b/c").path == "a/b/c"

    def test_more_links_than_a_system_follows_lead_nowhere(self, folder, listed):
        (folder / "l0").symlink_to("a/b/c")
        for number in range(1, MAX_LINKS + 1):
            (folder / f"l{number}").symlink_to(f"l{number - 1}")
        files = self.files(folder, listed)
        assert files.resolve(f"l{MAX_LINKS - 1}").path == "a/b/c"
        assert files.resolve(f"l{MAX_LINKS}") is None

    @pytest.mark.parametrize("path", ["..", "../secret", "a/../../secret", "", ".", "a/b/c/d", "/etc/passwd", "a//b"])
    def test_what_is_no_path_inside_is_not_there(self, folder, listed, path):
        files = self.files(folder, listed)
        assert files.find(path) is None
        assert files.digest(path, "sha256") is None


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "sha1", "md5"])
def test_files_are_hashed_when_that_is_asked(folder, algorithm):
    files = FolderFiles(folder)
    assert files.digest("a/b/c", algorithm) == hashlib.new(algorithm, b"content").digest()
    (folder / "a" / "b" / "c").write_bytes(b"changed")
    assert files.digest("a/b/c", algorithm) == hashlib.new(algorithm, b"content").digest()


def test_content_is_bounded_before_it_is_read(folder):
    files = FolderFiles(folder)
    assert files.read("a/b/c", max_bytes=7) == b"content"
    assert refused(lambda: files.read("a/b/c", max_bytes=6)).code == "input.too-large"


def test_a_fifo_and_a_socket_are_listed_and_never_opened(folder):
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket"))
        files = FolderFiles(folder)
        assert [fact.type for fact in files if fact.path in {"fifo", "socket"}] == ["other", "other"]
        for path in ("fifo", "socket"):
            assert refused(lambda path=path: files.read(path, max_bytes=1)).code == "input.unreadable"
            assert files.digest(path, "sha256") is None


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_read(folder):
    files = FolderFiles(folder)
    assert list(files)
    (folder / "a" / "b" / "c").unlink()
    (folder / "a" / "b" / "c").symlink_to("../../../secret")
    assert refused(lambda: files.digest("a/b/c", "sha256")).code == "input.unreadable"
    assert refused(lambda: files.read("a/b/c", max_bytes=100)).code == "input.unreadable"


def test_a_folder_that_becomes_a_link_after_it_was_listed_is_not_entered(folder):
    (folder.parent / "c").write_bytes(b"other")
    files = FolderFiles(folder)
    assert list(files)
    (folder / "a" / "b").rename(folder / "a" / "was")
    (folder / "a" / "b").symlink_to("../..")
    assert refused(lambda: files.read("a/b/c", max_bytes=100)).code == "input.unreadable"


@contextlib.contextmanager
def as_nobody():
    """For root, who may read everything, as somebody who may not; for others as they are."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_folder_that_may_not_be_read_is_a_refusal(folder):
    (folder / "a" / "b").chmod(0)
    files = FolderFiles(folder)
    with as_nobody():
        assert refused(lambda: list(files)).subject == f"{folder}/a/b"
    (folder / "a" / "b").chmod(0o755)


def test_a_file_that_may_not_be_read_is_a_refusal(folder):
    (folder / "a" / "b" / "c").chmod(0)
    files = FolderFiles(folder)
    assert list(files)
    with as_nobody():
        for read in (lambda: files.read("a/b/c", max_bytes=100), lambda: files.digest("a/b/c", "sha256")):
            assert refused(read).code == "input.unreadable"


def test_a_name_that_no_document_can_hold_is_a_refusal(folder):
    (folder / os.fsdecode(b"caf\xe9")).write_bytes(b"")
    reason = refused(lambda: list(FolderFiles(folder)))
    assert (reason.code, reason.subject) == ("input.unreadable", f"{folder}/caf\\xe9")


def test_entries_depth_and_hashed_bytes_are_bounded(folder):
    few = FolderFiles(folder, limits=Limits(image_entries=2))
    assert refused(lambda: list(few)).code == "input.too-large"
    small = FolderFiles(folder, limits=Limits(image_bytes=6))
    assert refused(lambda: small.digest("a/b/c", "sha256")).code == "input.too-large"
    deep = folder / "/".join(["d"] * 300)
    deep.mkdir(parents=True)
    assert refused(lambda: list(FolderFiles(folder))).code == "input.too-large"


@pytest.mark.parametrize("name", ["nothing", "a/b/c", "\0"])
def test_what_is_no_folder_is_a_refusal(folder, name):
    assert refused(lambda: FolderFiles(folder / name)).code == "input.unreadable"


def test_a_closed_folder_gives_nothing(folder):
    files = FolderFiles(folder)
    files.close()
    assert refused(lambda: files.read("a/b/c", max_bytes=100)).code == "input.unreadable"


class TestPrograms:
    def excerpts(self, folder, content):
        (folder / "program").write_bytes(content)
        return FolderFiles(folder).excerpts("program")

    @pytest.mark.parametrize("before", [16, 1024 * 1024 - 16, 1024 * 1024, 2 * 1024 * 1024 - 6 * 16])
    def test_what_a_compiler_has_left_is_found_wherever_it_lies(self, folder, before):
        left = go_build_info([("path", "a")])
        assert self.excerpts(folder, b"\x7fELF".ljust(before, b"\0") + left) == (left,)

    def test_only_at_multiples_of_sixteen_and_so_often_and_so_much(self, folder):
        one = GO_BUILD_INFO.ljust(32, b"x")
        found = self.excerpts(folder, b"\x7fELF".ljust(16) + one * 100 + bytes(2 * MAX_GO_BUILD_INFO))
        assert len(found) == MAX_GO_PLACES
        assert {len(each) for each in found} == {MAX_GO_BUILD_INFO}
        assert self.excerpts(folder, b"\x7fELF".ljust(17) + one) == ()

    def test_what_is_no_program_has_none(self, folder):
        assert self.excerpts(folder, b"#!/bin/sh\n".ljust(16) + GO_BUILD_INFO.ljust(64)) == ()
        (folder / "link").symlink_to("program")
        os.mkfifo(folder / "fifo")
        for path in ("link", "fifo", "a", "gone"):
            assert FolderFiles(folder).excerpts(path) == ()
