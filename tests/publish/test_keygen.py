"""Making key pairs and putting them into files."""

import stat

import pytest

from verifier.core.errors import ConfigurationError
from verifier.publish.keygen import KeyType, generate_key_pair, write_key_pair
from verifier.signatures import keys


@pytest.mark.parametrize("key_type", list(KeyType))
@pytest.mark.parametrize("passphrase", [None, b"correct horse"])
def test_a_generated_pair_signs_and_verifies(key_type, passphrase):
    pair = generate_key_pair(key_type, passphrase=passphrase)
    private = keys.load_private_key(pair.private_pem, passphrase=passphrase, where="k")
    public = keys.load_public_key(pair.public_pem, where="k")
    algorithm = keys.algorithms_of(public)[0]
    assert keys.verify(public, algorithm, b"m", keys.sign(private, algorithm, b"m", raw_ecdsa=True))


def test_a_passphrase_encrypts_the_private_key():
    pair = generate_key_pair(passphrase=b"correct horse")
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in pair.private_pem
    with pytest.raises(ConfigurationError, match="encrypted"):
        keys.load_private_key(pair.private_pem, passphrase=None, where="k")


def test_an_empty_passphrase_is_not_taken_for_none():
    with pytest.raises(ConfigurationError, match="empty"):
        generate_key_pair(passphrase=b"")


def test_the_representation_does_not_show_the_private_key():
    assert "PRIVATE" not in repr(generate_key_pair(passphrase=None))


def test_a_private_key_is_readable_by_its_owner_only(tmp_path):
    pair = generate_key_pair(passphrase=None)
    write_key_pair(pair, private_path=tmp_path / "k.pem", public_path=tmp_path / "k.pub.pem")
    assert stat.S_IMODE((tmp_path / "k.pem").stat().st_mode) == 0o600
    assert (tmp_path / "k.pem").read_bytes() == pair.private_pem
    assert (tmp_path / "k.pub.pem").read_bytes() == pair.public_pem


def test_a_pair_is_written_as_a_whole_or_not_at_all(tmp_path):
    (tmp_path / "k.pub.pem").write_bytes(b"taken")
    with pytest.raises(ConfigurationError):
        write_key_pair(
            generate_key_pair(passphrase=None), private_path=tmp_path / "k.pem", public_path=tmp_path / "k.pub.pem"
        )
    assert [path.name for path in tmp_path.iterdir()] == ["k.pub.pem"]
