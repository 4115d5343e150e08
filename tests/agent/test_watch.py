"""What a configuration was read from is watched: nothing that would be read otherwise now goes unseen."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from verifier.agent.watch import Watch

LATER = timedelta(minutes=1)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "key.pub").write_bytes(b"key")
    return tmp_path / "folder" / "key.pub"


@pytest.fixture
def watch(file):
    made = Watch(datetime.now(UTC) + LATER)
    made.file(file)
    assert made.unchanged()
    return made


def same_times(path, change):
    before = path.stat()
    change()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_bytes(b"another"),
        lambda file: same_times(file, lambda: file.write_bytes(b"yek")),
        lambda file: file.unlink(),
        lambda file: file.chmod(0o666),
        lambda file: file.parent.chmod(0o777),
        lambda file: file.parent.rename(file.parent.with_name("moved")),
        lambda file: (file.rename(file.with_name("x")), file.write_bytes(b"key")),
        lambda file: (file.rename(file.with_name("x")), file.symlink_to("x")),
    ],
    ids=["content", "content-and-times", "gone", "writable", "folder-writable", "moved", "exchanged", "a-link-to-it"],
)
def test_a_change_is_seen(file, watch, change):
    change(file)
    assert not watch.unchanged()


def test_a_file_that_was_not_there_and_comes_is_seen(tmp_path):
    watch = Watch(datetime.now(UTC) + LATER)
    watch.file(tmp_path / "later")
    assert watch.unchanged()
    (tmp_path / "later").write_bytes(b"")
    assert not watch.unchanged()


def test_a_link_on_the_way_that_leads_elsewhere_is_seen(tmp_path, file):
    (tmp_path / "other").mkdir()
    os.link(file, tmp_path / "other" / file.name)
    (tmp_path / "way").symlink_to(file.parent)
    watch = Watch(datetime.now(UTC) + LATER)
    watch.file(tmp_path / "way" / file.name)
    (tmp_path / "way").unlink()
    (tmp_path / "way").symlink_to(tmp_path / "other")
    assert not watch.unchanged()


def test_what_was_changed_just_before_it_was_read_is_read_again(file):
    """It may change once more within the same tick of the file system's clock."""
    watch = Watch(datetime.now(UTC))
    watch.file(file)
    assert not watch.unchanged()


def test_a_database_that_is_written_to_is_the_same(file):
    watch = Watch(datetime.now(UTC))
    watch.store(file)
    file.write_bytes(b"more")
    assert watch.unchanged()
    file.unlink()
    assert not watch.unchanged()
