"""Reading from this machine: anything may stand at a path."""

import os
from pathlib import Path

import pytest

from tests.support.archives.tars import codes, tarball
from verifier.archives.pack import pack_members
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.kinds.bundle.artifact import read_bundle
from verifier.sources.content import read_content


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "b.tgz").write_bytes(b"abc")
    assert read_content(tmp_path / "b.tgz", limits=DEFAULT_LIMITS) == b"abc"


def test_bytes_are_taken_as_they_are():
    assert read_content(b"abc", limits=DEFAULT_LIMITS) == b"abc"


def test_a_directory_and_its_canonical_archive_are_one_bundle(tmp_path):
    (tmp_path / "a.rego").write_bytes(b"package a")
    bundle = read_bundle(read_content(tmp_path, limits=DEFAULT_LIMITS), name="authz", resource_uri="file:b")
    assert bundle.content == pack_members([("a.rego", b"package a")])
    assert bundle.reference == "bundle:authz"


def test_a_symbolic_link_to_a_bundle_is_a_bundle(tmp_path):
    (tmp_path / "real.tgz").write_bytes(tarball({"/a.rego": b"package a"}))
    (tmp_path / "link.tgz").symlink_to("real.tgz")
    content = read_content(tmp_path / "link.tgz", limits=DEFAULT_LIMITS)
    assert read_bundle(content, name="authz", resource_uri="").modules[0].path == "a.rego"


def test_a_fifo_neither_blocks_nor_is_read(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    assert codes(read_content, tmp_path / "fifo", limits=DEFAULT_LIMITS) == ["input.unreadable"]


@pytest.mark.parametrize("path", ["/dev/zero", "/nonexistent/b.tgz", "/etc/hostname/b", "a\0b"])
def test_devices_and_what_is_not_there_are_unreadable(path):
    assert codes(read_content, Path(path), limits=DEFAULT_LIMITS) == ["input.unreadable"]


def test_a_file_larger_than_the_limit_is_not_read(tmp_path):
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    assert codes(read_content, tmp_path / "huge", limits=DEFAULT_LIMITS) == ["input.too-large"]
    (tmp_path / "b").write_bytes(b"abc")
    assert codes(read_content, tmp_path / "b", limits=Limits(archive_bytes=2)) == ["input.too-large"]
