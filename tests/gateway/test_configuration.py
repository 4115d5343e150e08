"""The configuration file: everything that it can say, and everything that it must not."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import ConfigurationError
from verifier.gateway.settings.configuration import load_settings, parse_settings
from verifier.gateway.settings.settings import ListenOn

HEAD = 'version = 1\npolicy = "trust.toml"\nledger = "sqlite:ledger.db"\n'
REGISTRY = '[bundles.authz]\nupstream = "oci://h/authz:1"\nusername = "u"\npassword_file = "token"\n'
BUNDLE = '[bundles.authz]\nupstream = "https://bundles.example.org/authz.tar.gz"\n'
TOKEN = "a-token-of-some-length"


@pytest.fixture
def parse(tmp_path):
    """Reads a configuration in a folder with files in it."""
    files = {
        "token": TOKEN + "\n",
        "short": "short",
        "empty": "",
        "two-lines": "one-line-of-text\nanother-line-of-text",
        "latin1": b"caf\xe9-caf\xe9-caf\xe9-caf\xe9",
        "secret": "s" * 24,
        "whsec": "whsec_" + "QUFB" * 8,
        "whsec-noise": "whsec_!!!!",
        "short-secret": "s" * 23,
        "ca.pem": "x",
        "client.pem": "x",
        "client.key": "x",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def parse(text):
        return parse_settings(text.encode(), where="gateway.toml", folder=tmp_path)

    return parse


def test_what_is_not_said_has_careful_defaults(parse, tmp_path):
    found = parse(HEAD + BUNDLE)
    bundle = found.bundles[0]
    assert (str(found.listen), found.policy, found.cache) == ("127.0.0.1:8282", tmp_path / "trust.toml", None)
    assert (bundle.path, bundle.poll, bundle.fallback) == ("/bundles/authz", timedelta(seconds=30), "deny")
    assert not bundle.access.allow_private
    assert not bundle.access.plain_http


def test_everything_can_be_said(parse, tmp_path):
    found = parse(
        """
        version = 1
        listen = "0.0.0.0:8443"
        policy = "/etc/verifier/trust.toml"
        ledger = "postgresql://loader@db.example.org/verifier"
        cache = "cache"
        hosts = ["gateway.example.org", "gateway"]
        [tls]
        certificate = "client.pem"
        key = "client.key"
        client_ca = "ca.pem"
        [clients]
        bearer_token_files = ["token"]
        [notify]
        secret_files = ["secret", "whsec"]
        window = "2m"
        [limits]
        connections = 100
        connections_per_address = 10
        wait = "60s"
        [bundles.authz]
        upstream = "oci://registry.example.org/policies/authz:stable"
        path = "/authz.tar.gz"
        poll = "10s"
        wait = "30s"
        verdict = "https://bundles.example.org/authz.vsa.json"
        attestations = ["release.json", "https://bundles.example.org/release.json"]
        resource_uri = "https://bundles.example.org/authz.tar.gz"
        fallback = "full"
        levels = ["SLSA_BUILD_LEVEL_2"]
        username = "opa"
        password_file = "token"
        token_host = "auth.example.org:8443"
        token_service = "container_registry"
        ca_file = "ca.pem"
        client_certificate = "client.pem"
        client_key = "client.key"
        allow_private = true
        [bundles."net/ingress"]
        upstream = "dist/ingress.tar.gz"
        token_file = "token"
        """
    )
    one, other = found.bundles
    assert (found.tokens, found.notify.secrets, found.connections) == ((TOKEN,), (b"s" * 24, b"AAA" * 8), 100)
    assert (found.longest_wait, found.notify.window) == (timedelta(minutes=1), timedelta(minutes=2))
    assert (one.access.username, one.access.password, one.access.bearer_token) == ("opa", TOKEN, None)
    assert one.attestations == (str(tmp_path / "release.json"), "https://bundles.example.org/release.json")
    assert (found.hosts, found.connections_per_address) == (("gateway.example.org", "gateway"), 10)
    assert (one.access.token_origin.port, one.access.token_service) == (8443, "container_registry")
    assert (other.path, other.upstream) == ("/bundles/net/ingress", str(tmp_path / "dist/ingress.tar.gz"))
    assert other.access.bearer_token == TOKEN


def test_secrets_do_not_show(parse):
    found = parse(HEAD + '[notify]\nsecret_files = ["secret"]\n[clients]\nbearer_token_files = ["token"]\n' + BUNDLE)
    assert TOKEN not in repr(found)
    assert "s" * 24 not in repr(found)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("version = 2\n", 1, "must be 1"),
        ('version = 1\nlisten = "x:1"\n', 1, "the configuration lacks the required key 'policy'"),
        (HEAD, 1, "from 1 to 100 bundles are needed"),
        (HEAD + 'polcy = "x"\n' + BUNDLE, 4, "unknown key 'polcy' in the configuration"),
        (HEAD + BUNDLE + "pol = 1\n", 6, "unknown key 'pol' in bundles.authz"),
        (HEAD + "[bundles.authz]\n", 4, "lacks the required key 'upstream'"),
        (HEAD + '[bundles."a*"]\nupstream = "x"\n', 4, "cannot be a bundle's name"),
        (HEAD + BUNDLE + 'poll = "0s"\n', 6, "must be from 1s to 86400s"),
        (HEAD + BUNDLE + 'poll = "often"\n', 6, "not a duration"),
        (HEAD + BUNDLE + 'wait = "1h"\n', 6, "must be from 0s to 600s"),
        (HEAD + BUNDLE + 'path = "/status"\n', 6, "a page of the gateway"),
        (HEAD + BUNDLE + 'path = "/a/../b"\n', 6, "must be a path"),
        (HEAD + BUNDLE + 'path = "/a%2fb"\n', 6, "must be a path"),
        (HEAD + BUNDLE + 'fallback = "allow"\n', 6, "must be one of deny, full"),
        (HEAD + BUNDLE + 'username = "opa"\n', 6, "needs its counterpart"),
        (HEAD + BUNDLE + 'client_key = "client.key"\n', 6, "needs its counterpart"),
        (HEAD + BUNDLE + 'token_file = "token"\nusername = "a"\npassword_file = "token"\n', 6, "cannot stand beside"),
        (HEAD + BUNDLE + 'token_file = "nowhere"\n', 6, "cannot be read"),
        (HEAD + BUNDLE + 'token_file = "empty"\n', 6, "does not hold one line of text"),
        (HEAD + BUNDLE + 'token_file = "two-lines"\n', 6, "does not hold one line of text"),
        (HEAD + BUNDLE + 'token_file = "latin1"\n', 6, "is not ASCII text"),
        (HEAD + BUNDLE + 'ca_file = "nowhere"\n', 6, "cannot be read"),
        (HEAD + BUNDLE + 'verdict = "https://a:b@example.org/"\n', 6, "must not hold a password"),
        (HEAD + BUNDLE + 'verdict = "https://["\n', 6, "Invalid IPv6 URL"),
        (HEAD + 'listen = "8282"\n' + BUNDLE, 4, "must be host:port"),
        (HEAD + 'listen = "a@b:1"\n' + BUNDLE, 4, "must be host:port"),
        (HEAD + 'listen = "localhost:99999"\n' + BUNDLE, 4, "must be host:port"),
        (HEAD + 'listen = "0.0.0.0:80"\n' + BUNDLE, 4, "needs TLS"),
        (
            HEAD + 'listen = "[::]:80"\ndangerously-serve-plain-http-beyond-loopback = true\n' + BUNDLE,
            4,
            "anybody there",
        ),
        (HEAD + "[tls]\ncertificate = 'client.pem'\n" + BUNDLE, 4, "lacks the required key 'key'"),
        (HEAD + "[clients]\nbearer_token_files = ['short']\n" + BUNDLE, 5, "at least 16"),
        (HEAD + "[clients]\nbearer_token_files = []\n" + BUNDLE, 5, "must not be empty"),
        (HEAD + "[notify]\nsecret_files = ['short-secret']\n" + BUNDLE, 5, "at least 24 bytes"),
        (HEAD + "[notify]\nsecret_files = ['whsec-noise']\n" + BUNDLE, 5, "base64 after whsec_"),
        (HEAD + "[notify]\nsecret_files = ['secret']\nwindow = '1s'\n" + BUNDLE, 6, "must be from 10s to 3600s"),
        (HEAD + "[limits]\nconnections = 0\n" + BUNDLE, 5, "must be from 1 to 100000"),
        (HEAD + "[limits]\nconnections_per_address = 0\n" + BUNDLE, 5, "must be from 1 to 100000"),
        (HEAD + 'hosts = ["Gateway"]\n' + BUNDLE, 4, "a host's name in small letters"),
        (HEAD + 'hosts = ["gateway:80"]\n' + BUNDLE, 4, "a host's name in small letters"),
        (HEAD + 'hosts = ["*.example.org"]\n' + BUNDLE, 4, "a host's name in small letters"),
        (HEAD + REGISTRY + 'token_host = "https://h"\n', 8, "must be HOST or HOST:PORT"),
        (HEAD + REGISTRY + 'token_host = "h/token"\n', 8, "must be HOST or HOST:PORT"),
        (HEAD + REGISTRY + 'token_host = "h:70000"\n', 8, "must be HOST or HOST:PORT"),
        (HEAD + BUNDLE + 'token_host = "h"\n', 6, "is for an oci:// upstream with a user name"),
        (HEAD + BUNDLE + 'token_service = "s"\n', 6, "is for an oci:// upstream with a user name"),
        (HEAD + BUNDLE + '[bundles.other]\nupstream = "x"\npath = "/bundles/authz"\n', 6, "is the path of the bundle"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(parse, text, line, message):
    with pytest.raises(ConfigurationError) as wrong:
        parse(text)
    assert (wrong.value.where, message in wrong.value.message) == (f"gateway.toml:{line}", True), wrong.value


def test_what_serves_anybody_by_plain_http_has_ugly_names(parse):
    ugly = "dangerously-serve-plain-http-beyond-loopback = true\ndangerously-serve-anybody-beyond-loopback = true\n"
    assert not parse(HEAD + ugly + 'listen = "0.0.0.0:80"\n' + BUNDLE).listen.is_loopback


@pytest.mark.parametrize("text", ["127.0.0.1:0", "[::1]:8282", "localhost:80", "127.9.9.9:1"])
def test_loopback_needs_no_tls(text):
    assert ListenOn.parse(text).is_loopback


@pytest.mark.parametrize("text", ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "gateway.internal:1", "localhost.example.org:1"])
def test_everything_else_is_beyond_it(text):
    assert not ListenOn.parse(text).is_loopback


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"gateway\.toml: cannot be read"):
        load_settings(tmp_path / "gateway.toml")


@given(st.binary(max_size=400))
def test_whatever_is_in_the_file_is_settings_or_an_error_with_its_place(tail):
    with pytest.raises(ConfigurationError, match=r"\Agateway\.toml:"):  # no noise says where a bundle comes from
        parse_settings(HEAD.encode() + tail, where="gateway.toml", folder=Path("/nowhere"))
