"""The files that the policies under test name, and one way to parse a policy over them."""

from collections.abc import Callable

import pytest

from tests.support.places import ROOT
from verifier.core.errors import ConfigurationError
from verifier.trust.model import TrustPolicy
from verifier.trust.parse import parse_policy
from verifier.versions.jumps import parse_jump
from verifier.versions.schemes import Scheme, order_key


def pem(label: str, body: str) -> bytes:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n".encode()


def public_key(name: str) -> bytes:
    return (ROOT / f"fixtures/keys/{name}.pub").read_bytes()


FILES = {
    "keys/a.pub": public_key("ci"),
    "keys/a-again.pub": b"a comment\r\n" + public_key("ci"),
    "keys/b.pub": public_key("security"),
    "keys/release.pub": public_key("release"),
    "keys/private.pem": pem("PRIVATE KEY", "not one"),
    "keys/certificate.pem": pem("CERTIFICATE", "not one"),
    "keys/hmac.bin": b"0123456789abcdef0123456789abcdef",
    "keys/short.bin": b"secret",
    "rules/release.rego": b"package release\n",
    "rules/owners.rego": b"package owners\n",
    "rules/latin1.rego": b"package caf\xe9\n",
    "audit-exceptions.toml": b"# nothing is excused\n",
}

Parse = Callable[..., TrustPolicy]


def check_order(key: str, scheme: str, text: str) -> object:
    return (order_key if key == "floor" else parse_jump)(Scheme(scheme), text)


@pytest.fixture
def files() -> dict[str, bytes]:
    return dict(FILES)


@pytest.fixture
def parse(files) -> Parse:
    def read_file(path: str) -> bytes:
        if path not in files:
            raise ConfigurationError("cannot be read: No such file or directory")
        return files[path]

    def parse(source: str | bytes) -> TrustPolicy:
        content = source.encode() if isinstance(source, str) else source
        return parse_policy(content, where="trust.toml", read_file=read_file, check_order=check_order)

    return parse
