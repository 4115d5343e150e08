"""What is the signing input of another format is no file."""

import base64
import json

import pytest

from verifier.core.digest import Digest
from verifier.formats.intoto.dsse import pae
from verifier.signatures.domains import signing_input_of


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


TOKEN = part({"alg": "RS256", "kid": "a"}) + b"." + part({"files": []})
NOTE = b"log.example\n42\n" + base64.b64encode(bytes(32)) + b"\n"
IMAGE = {"critical": {"identity": {"docker-reference": "a"}, "image": {"docker-manifest-digest": "b"}, "type": "c"}}

FOREIGN = [
    pae("application/vnd.in-toto+json", b"{}"),
    pae("", b""),
    TOKEN,
    TOKEN + b"\n",
    part({"ALG": "none", "padding": "x" * 40}) + b".",
    NOTE,
    NOTE + b"more\n",
    json.dumps(IMAGE).encode(),
    b" \n" + json.dumps(IMAGE | {"optional": None}).encode(),
    json.dumps({"body": "", "integratedTime": 1, "logID": "", "logIndex": 0}).encode(),
    json.dumps({"_type": "root", "spec_version": "1.0.0", "version": 1, "expires": "2030-01-01T00:00:00Z"}).encode(),
    b"SSHSIG\x00\x00\x00\x04file",
    b"\x84\x6aSignature1\x40\x40\x40",
    b"\x00\x00" + (1_764_000_000_000).to_bytes(8, "big") + b"\x00\x01",
    b" " * 64 + b"TLS 1.3, server CertificateVerify\x00",
]
OWN = [
    b"",
    b"an application",
    b"{}",
    b'{"critical": true}',
    b"eyJhbGciOiJSUzI1NiJ9",
    b"www.example.org",
    b"a.b",
    b"log.example\n42\nnot base64\n",
    b"\x00" * 64,
    b"\x7fELF" + bytes(64),
    b"PK\x03\x04",
    json.dumps({"_type": "https://in-toto.io/Statement/v1"}).encode(),
    b"[" * 100_000,
    b'{"a":' * 20_000,
]


@pytest.mark.parametrize("content", FOREIGN)
def test_what_a_key_signs_as_something_else_is_named(content):
    assert signing_input_of(content)


@pytest.mark.parametrize("content", OWN)
def test_a_file_is_a_file(content):
    assert signing_input_of(content) is None


def test_a_large_file_is_not_read_as_json():
    assert signing_input_of(json.dumps(IMAGE | {"optional": "x" * 100_000}).encode()) is None
    assert Digest.of(TOKEN).algorithm == "sha256"
