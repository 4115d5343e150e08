"""Policies and the files that they name, from a disk."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.core.errors import ConfigurationError
from verifier.trust.load import MAX_NAMED_FILE_BYTES, load_policy

POLICY = """version = 1
id = "urn:example:policy"

[signers.a]
key = "keys/a.pub"

[artifacts."bundle:authz"]
signatures.from = ["a"]
version = "none"
organisation = ["rules/release.rego"]
"""


@pytest.fixture
def path(tmp_path):
    pem = generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "keys").mkdir()
    (tmp_path / "rules").mkdir()
    (tmp_path / "keys" / "a.pub").write_bytes(pem)
    (tmp_path / "rules" / "release.rego").write_text("package release\n")
    (tmp_path / "trust.toml").write_text(POLICY)
    return tmp_path / "trust.toml"


def test_paths_are_relative_to_the_policy_and_not_to_the_caller(path, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    policy = load_policy(path)
    assert policy.signers["a"].public_key == (path.parent / "keys" / "a.pub").read_bytes()
    assert policy.organisation[0].source == "package release\n"
    assert policy.base_dir == str(path.parent)


def test_absolute_key_path_is_used_as_it_stands(path, tmp_path):
    key = tmp_path / "keys" / "a.pub"
    path.write_text(POLICY.replace("keys/a.pub", str(key)))
    assert load_policy(path).signers["a"].public_key == key.read_bytes()


def test_missing_policy_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="No such file") as refused:
        load_policy(tmp_path / "absent.toml")
    assert refused.value.where == str(tmp_path / "absent.toml")


def test_directory_is_no_policy(tmp_path):
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load_policy(tmp_path)


@pytest.mark.parametrize(("name", "line"), [("keys/a.pub", 5), ("rules/release.rego", 10)])
def test_missing_file_is_named_at_the_policys_line(path, name, line):
    (path.parent / name).unlink()
    with pytest.raises(ConfigurationError, match=name) as refused:
        load_policy(path)
    assert refused.value.where == f"{path}:{line}"


def test_pipe_in_a_keys_place_is_refused_without_waiting_for_its_writer(path):
    (path.parent / "keys" / "a.pub").unlink()
    os.mkfifo(path.parent / "keys" / "a.pub")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load_policy(path)


def test_endless_file_in_a_keys_place_is_refused(path):
    path.write_text(POLICY.replace("keys/a.pub", "/dev/zero"))
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load_policy(path)


def test_oversized_key_is_refused(path):
    (path.parent / "keys" / "a.pub").write_bytes(b"x" * (MAX_NAMED_FILE_BYTES + 1))
    with pytest.raises(ConfigurationError, match="larger than"):
        load_policy(path)


def test_refusals_leave_no_file_open(path):
    (path.parent / "keys" / "a.pub").unlink()
    (path.parent / "keys" / "a.pub").mkdir()
    before = lowest_free_descriptor()
    for _ in range(5):
        with pytest.raises(ConfigurationError, match="not a regular file"):
            load_policy(path)
    assert lowest_free_descriptor() == before


def lowest_free_descriptor():
    with Path(os.devnull).open("rb") as file:
        return file.fileno()
