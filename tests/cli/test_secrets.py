"""Secrets that others may read or exchange."""

from pathlib import Path

import pytest

from tests.support.command import run

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture
def sign(place):
    assert run("key", "generate", "mine", "--no-passphrase").status == 0
    (place / "file").write_text("content")
    return lambda *more: run("sign", "artifact", "file", "--key", "mine", "--out", "file.json", *more)


@pytest.mark.parametrize("mode", [0o666, 0o602, 0o622])
def test_a_private_key_that_others_may_exchange_does_not_sign(sign, mode):
    Path("mine").chmod(mode)
    answer = sign()
    assert (answer.status, "chmod 600" in answer.err) == (2, True)
    assert not Path("file.json").exists()


def test_nor_does_one_in_a_folder_of_everybody(sign, place):
    place.chmod(0o777)
    assert sign().status == 2
    place.chmod(0o1777)
    assert sign().status == 0
    place.chmod(0o700)


@pytest.mark.parametrize(("mode", "status"), [(0o600, 0), (0o400, 0), (0o644, 2), (0o604, 2)])
def test_nor_does_one_that_others_may_read(sign, mode, status):
    Path("mine").chmod(mode)
    answer = sign()
    assert (answer.status, "others may read it" in answer.err) == (status, status == 2)


def test_a_file_with_a_passphrase_is_a_secret_too(sign, place):
    (place / "phrase").write_text("a phrase that is long enough\n")
    (place / "phrase").chmod(0o666)
    assert run("key", "generate", "locked", "--passphrase-file", "phrase").status == 2
    assert not Path("locked").exists()
