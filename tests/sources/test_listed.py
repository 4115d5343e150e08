"""The files that a list of checksums names: read once, below its folder, and all that is not as it says is named."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from verifier.core.errors import ConfigurationError
from verifier.sources.listed import ListedFiles

FILES = {"app": b"an application", "lib/a b": b"a library"}


def listing(files, algorithm="sha256"):
    return "".join(
        f"{hashlib.new(algorithm, content).hexdigest()}  {name}\n" for name, content in files.items()
    ).encode()


@pytest.fixture
def release(tmp_path):
    """A folder with the files; whoever is asked about it finds the list there, too."""
    folder = tmp_path / "release"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "SHA256SUMS").write_bytes(listing(FILES))
    return folder


def judge(folder, content=None, **asked):
    place = folder / "SHA256SUMS"
    found = ListedFiles(place=place, **asked).judge(place.read_bytes() if content is None else content)
    return [(reason.code, reason.subject) for reason in found]


VERIFIED = [("checksums.verified", "app"), ("checksums.verified", "lib/a b")]


def test_all_that_it_lists_is_verified_and_named_with_its_digest(release):
    assert judge(release) == judge(release, nothing_else=True) == VERIFIED
    first, _ = ListedFiles(place=release / "SHA256SUMS").judge(listing(FILES))
    assert hashlib.sha256(FILES["app"]).hexdigest() in first.message
    assert judge(release, listing(FILES, "sha512")) == VERIFIED


@pytest.mark.parametrize("content", [b"", b"an applicatioN", b"an application\n", b"an"])
def test_an_altered_file_is_a_denial(release, content):
    (release / "app").write_bytes(content)
    assert judge(release) == [("checksums.altered", "app"), VERIFIED[1]]


def test_every_digest_of_a_file_has_to_be_its_own(release):
    right, wrong = listing(FILES, "sha512"), hashlib.md5(b"other", usedforsecurity=False).hexdigest()
    assert judge(release, right + f"{wrong}  app\n".encode()) == [("checksums.altered", "app"), VERIFIED[1]]
    own = hashlib.md5(FILES["app"], usedforsecurity=False).hexdigest()
    assert judge(release, right + f"{own}  app\nWHIRLPOOL (app) = {own}\n".encode()) == VERIFIED


def test_a_missing_file_is_a_denial_unless_that_is_asked_for_and_something_is_there(release):
    (release / "app").unlink()
    assert judge(release) == [("checksums.missing", "app"), VERIFIED[1]]
    assert judge(release, missing_ok=True) == [("checksums.not-here", "app"), VERIFIED[1]]
    (release / "lib" / "a b").unlink()
    assert judge(release, missing_ok=True)[-1] == ("checksums.missing", str(release / "SHA256SUMS"))


def test_a_file_that_is_not_listed_is_a_denial_where_that_is_asked(release):
    (release / "lib" / "more").write_bytes(b"")
    (release / "folder").symlink_to("/")
    assert judge(release) == VERIFIED
    named = [("checksums.unlisted", "folder"), ("checksums.unlisted", "lib/more")]
    assert judge(release, nothing_else=True) == [*VERIFIED, *named]
    assert judge(release, nothing_else=True, known=(release / "lib",)) == [*VERIFIED, named[0]]


def test_files_that_are_named_are_found_in_the_list_wherever_they_lie(release, tmp_path):
    (tmp_path / "app").write_bytes(FILES["app"])
    (tmp_path / "other").write_bytes(FILES["app"])
    assert judge(release, only=(tmp_path / "app",)) == [("checksums.verified", "app")]
    assert judge(release, only=(release / "lib" / "a b",)) == [VERIFIED[1]]
    assert judge(release, only=(tmp_path / "other",)) == [("checksums.unlisted", str(tmp_path / "other"))]
    (tmp_path / "a b").write_bytes(FILES["lib/a b"])
    assert judge(release, only=(tmp_path / "a b",)) == [("checksums.unlisted", str(tmp_path / "a b"))]
    assert judge(release, only=(tmp_path / "missing" / "app",)) == [("checksums.missing", "app")]
    with pytest.raises(ConfigurationError, match="--listed"):
        judge(release, only=(tmp_path / "app",), missing_ok=True)


def test_a_link_is_followed_below_the_folder_and_nowhere_else(release, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    links = {
        "inside": "app",
        "deep": "lib/../lib/a b",
        "out": "../secret",
        "absolute": str(release / "app"),
        "circle": "circle",
        "up": "..",
        "lib/back": "../app",
    }
    for name, target in links.items():
        (release / name).symlink_to(target)
    content = {"inside": FILES["app"], "deep": FILES["lib/a b"], "lib/back": FILES["app"]}
    assert judge(release, listing(content)) == [("checksums.verified", name) for name in content]
    outside = dict.fromkeys(["out", "absolute", "circle", "up/secret"], b"secret")
    assert judge(release, listing(outside)) == [("checksums.outside", name) for name in outside]


def test_what_is_no_regular_file_is_not_read(release, tmp_path, monkeypatch):
    os.mkfifo(release / "pipe")
    monkeypatch.chdir(release)
    server = socket.socket(socket.AF_UNIX)
    server.bind("socket")
    files = dict.fromkeys(["pipe", "socket", "lib", "app/x"], b"")
    try:
        assert judge(release, listing(files)) == [("input.unreadable", name) for name in files]
    finally:
        server.close()


def test_a_folder_that_is_exchanged_for_a_link_leads_nowhere(release, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a b").write_bytes(FILES["lib/a b"])
    opened = os.open

    def exchanging(path, flags, mode=0o777, *, dir_fd=None):
        if path == "lib" and not (release / "lib").is_symlink():
            (release / "lib").rename(tmp_path / "old")
            (release / "lib").symlink_to(tmp_path / "elsewhere")
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", exchanging)
    assert judge(release) == [VERIFIED[0], ("checksums.outside", "lib/a b")]


def test_a_file_that_grows_while_it_is_read_is_not_verified(release, monkeypatch):
    read = os.read

    def growing(descriptor, size):
        with Path(release / "app").open("ab") as file:
            file.write(b"more")
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", growing)
    assert judge(release)[0] == ("checksums.altered", "app")


def test_no_descriptor_is_left_open(release):
    (release / "out").symlink_to("../x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    judge(release, listing({**FILES, "out": b"", "lib": b"", "lib/x/y": b"", "app/x": b""}), nothing_else=True)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_is_no_list_says_why(release):
    assert judge(release, b"<html>") == [("checksums.malformed", f"{release / 'SHA256SUMS'}:1")]
