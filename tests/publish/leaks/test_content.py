"""What a file holds: private keys and credentials, whatever way they are written, and nothing that is none."""

import base64
import random
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.core.secrets_made import credentials, honest, private_keys, written_otherwise
from tests.support.material import corpus
from tests.support.places import ROOT
from verifier.publish.leaks.content import sights_in_content


def codes(content):
    return sorted({each.code for each in sights_in_content(content)})


@pytest.mark.parametrize("name", private_keys())
def test_a_private_key_is_seen_in_every_form(name):
    assert codes(private_keys()[name]) == ["leak.private-key"]


@pytest.mark.parametrize("name", written_otherwise())
def test_a_private_key_is_seen_whatever_way_it_is_written(name):
    assert "leak.private-key" in codes(written_otherwise()[name])


@pytest.mark.parametrize("name", credentials())
def test_credentials_are_seen(name):
    assert codes(credentials()[name]) == ["leak.credentials"]


@pytest.mark.parametrize("name", honest())
def test_what_speaks_of_secrets_and_holds_none_is_not_seen(name):
    assert codes(honest()[name]) == []


def test_a_bare_repository_is_told_by_its_configuration():
    assert codes(b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n") == ["leak.version-control"]
    assert codes(b"# the key core.repositoryformatversion says which\n") == []


def test_the_modules_and_policies_of_this_project_hold_nothing():
    files = [*(ROOT / "policies").rglob("*"), *(ROOT / "fixtures" / "attacks").rglob("*"), *(ROOT / "docs").rglob("*")]
    assert [path for path in files if path.is_file() and codes(path.read_bytes())] == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04", "zip"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"(\xb5/\xfd", "zstd"),
        (bytes(257) + b"ustar\x00" + b"00", "tar"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"7z\xbc\xaf'\x1c", "7z"),
    ],
)
def test_what_is_packed_is_said_to_be_hidden(content, kind):
    (seen,) = sights_in_content(content)
    assert (seen.code, kind in seen.what) == ("leak.unexamined", True)
    assert list(sights_in_content(content, packed_is_seen=False)) == []


def test_a_sight_says_where_and_nothing_of_the_secret():
    key = private_keys()["pkcs8"]
    (seen,) = sights_in_content(b"a\nb\n" + key)
    assert str(seen) == "a private key in PEM, line 3"
    body = key.splitlines()[1].decode()
    assert body not in repr(seen)


@given(st.binary(max_size=600), st.binary(max_size=600))
def test_a_private_key_is_seen_wherever_it_stands(before, behind):
    key = private_keys()["pkcs8 of ed25519"]
    assert "leak.private-key" in codes(before + b"\n" + key + behind)


@given(st.binary(max_size=2000))
def test_whatever_is_looked_at_is_looked_at_to_the_end(content):
    for seen in sights_in_content(content):
        assert seen.code.startswith("leak.")


HOSTILE = {
    "headers": b"-----BEGIN PRIVATE KEY-----",
    "headers and comments": b"-----BEGIN PRIVATE KEY-----\nComment: " + b" " * 180 + b"\n",
    "braces": b'{"kty":',
    "escapes": b"\\u0041",
    "logins": b"http://a:bcdefgh",
    "base64 of base64": base64.b64encode(base64.b64encode(b"LS0tLS1CRUdJTi" * 8)),
    "token prefixes": b"ghp_xoxb-AKIA",
    "zeros": b"\0",
    "machines": b"machine ",
    "settings": b"PrivateKey        ",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_key_behind_hostile_text_is_seen(name):
    unit = HOSTILE[name]
    key = private_keys()["pkcs8"]
    assert "leak.private-key" in codes(unit * (1_000_000 // len(unit)) + b"\n" + key)


def test_random_files_and_digests_hold_nothing():
    noise = random.Random(7).randbytes(300_000)  # noqa: S311 - the same in every run
    assert codes(noise) == []
    assert codes(base64.b64encode(noise)) == []
    assert codes(noise.hex().encode()) == []


@pytest.mark.corpus
def test_genuine_bundles_hold_nothing():
    bundles = sorted(corpus("opa-bundles").glob("*.tar.gz"))
    assert bundles
    for path in bundles:
        with tarfile.open(path) as opened:
            found = {each.name: codes(opened.extractfile(each).read()) for each in opened if each.isfile()}
        assert {name: seen for name, seen in found.items() if seen} == {}
