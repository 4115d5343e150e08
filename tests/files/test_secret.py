"""Secrets: from files that are nobody else's, and from descriptors."""

import os
import threading
from pathlib import Path

import pytest

from tests.support.peers.privileges import AS_ROOT
from verifier.core.errors import ConfigurationError
from verifier.files.secret import read_secret_file

SECRET = b"-----BEGIN PRIVATE KEY-----"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_its_owners_alone_is_read(secret, mode):
    secret.chmod(mode)
    assert read_secret_file(secret, max_bytes=100) == SECRET


@pytest.mark.parametrize("mode", [0o666, 0o644, 0o640, 0o660, 0o604, 0o620, 0o602, 0o601])
def test_what_others_may_touch_is_exposed(secret, mode):
    secret.chmod(mode)
    with pytest.raises(ConfigurationError, match=rf"key\.exposed: others may \w+ it \(mode {mode:04o}") as caught:
        read_secret_file(secret, max_bytes=100)
    assert caught.value.hint.startswith("chmod 600")


def test_it_is_the_file_that_counts_and_not_the_link_to_it(secret, tmp_path):
    secret.chmod(0o644)
    (tmp_path / "link").symlink_to(secret)
    with pytest.raises(ConfigurationError, match=r"key\.exposed"):
        read_secret_file(tmp_path / "link", max_bytes=100)


@AS_ROOT
@pytest.mark.parametrize(("mode", "exposed"), [(0o640, False), (0o644, False), (0o660, True), (0o666, True)])
def test_what_another_owns_may_be_read_by_a_group_and_written_by_none(secret, mode, exposed):
    secret.chmod(mode)
    os.chown(secret, 1, 1)
    if exposed:
        with pytest.raises(ConfigurationError, match=r"key\.exposed"):
            read_secret_file(secret, max_bytes=100)
    else:
        assert read_secret_file(secret, max_bytes=100) == SECRET


def test_what_is_no_secret_may_be_anybodys(secret):
    secret.chmod(0o644)
    assert read_secret_file(secret, max_bytes=100, is_secret=lambda content: b"PUBLIC" in content) == SECRET


def test_what_is_too_long_is_refused_and_never_cut(secret):
    secret.chmod(0o600)
    with pytest.raises(ConfigurationError, match="larger than 10 bytes"):
        read_secret_file(secret, max_bytes=10)


@pytest.fixture
def pipe():
    """What a shell's <(...) hands over: a path, and the writing end."""
    reading, writing = os.pipe()
    yield Path(f"/dev/fd/{reading}"), writing
    os.close(reading)


def test_a_descriptor_is_read_to_its_end_however_slowly_it_comes(pipe):
    path, writing = pipe
    first = threading.Event()

    def write():
        with os.fdopen(writing, "wb", buffering=0) as stream:
            stream.write(SECRET[:7])
            first.set()
            stream.write(SECRET[7:])

    writer = threading.Thread(target=write)
    writer.start()
    assert read_secret_file(path, max_bytes=100) == SECRET
    writer.join()
    assert first.is_set()


def test_a_descriptor_has_a_bound_too(pipe):
    path, writing = pipe
    os.write(writing, b"x" * 101)
    os.close(writing)
    with pytest.raises(ConfigurationError, match="larger than 100 bytes"):
        read_secret_file(path, max_bytes=100)


@pytest.mark.parametrize("path", ["/dev/fd/9999", "/proc/self/fd/9999", "/dev/fd/99999999999999999999", "/dev/fd/x"])
def test_a_descriptor_that_is_not_there_cannot_be_read(path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_secret_file(Path(path), max_bytes=100)


def test_a_named_pipe_that_others_may_read_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pipe").chmod(0o644)
    with pytest.raises(ConfigurationError, match=r"key\.exposed"):
        read_secret_file(tmp_path / "pipe", max_bytes=100)


def test_a_descriptor_of_a_file_is_that_file(secret):
    secret.chmod(0o644)
    with secret.open("rb") as stream, pytest.raises(ConfigurationError, match=r"key\.exposed"):
        read_secret_file(Path(f"/dev/fd/{stream.fileno()}"), max_bytes=100)
