"""From inside a company's network: a proxy, exceptions from it, an authority of its own, all by the environment."""

import os
from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.net.proxies import proxy
from tests.support.net.registries import Registry
from tests.support.net.servers import Authority, server
from tests.support.publishing.releases import VERIFY, release
from verifier.cli.network import network
from verifier.cli.serve.settings import OneBundle, loading
from verifier.core.errors import ConfigurationError

NAME = "bundles.test"
USER = "user:hunter2"
QUICK = {"policy": "trust.toml", "ledger": "sqlite:ledger.db", "upstream": "https://bundles.test/a", "name": "authz"}


@pytest.fixture
def authority(place):
    return Authority(place)


@pytest.fixture
def origin(authority):
    """A server of one release, which is known here by no name."""
    content = release().read_bytes()
    with server(lambda exchange: exchange.answer(body=content), authority.server_context(NAME)) as running:
        yield running


@pytest.fixture
def inside(origin, authority, monkeypatch):
    """A proxy that wants a password, and the environment of somebody who has it."""
    with proxy(origin.port, user=USER) as running:
        monkeypatch.setenv("HTTPS_PROXY", running.url.replace("http://", f"http://{USER}@"))
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        yield running


def leaked(place):
    """The files here that hold the proxy's password."""
    secrets = (b"hunter2", b"dXNlcjpodW50ZXIy")
    return [path for path in place.rglob("*") if path.is_file() and any(each in path.read_bytes() for each in secrets)]


class TestThroughAProxy:
    def test_a_bundle_is_verified_by_its_url(self, place, inside):
        run("ledger", "init")
        answer = ask("bundle", f"https://{NAME}/authz.tar.gz", "--policy", "trust.toml", "--record")
        assert (answer.status, answer.report["artifact"]["resourceUri"]) == (0, f"https://{NAME}/authz.tar.gz")
        assert [target for _, target, _ in inside.seen] == [f"{NAME}:443"]
        assert "hunter2" not in answer.out + answer.err
        assert leaked(place) == []

    def test_one_in_a_registry_is_verified(self, authority, monkeypatch):
        held = Registry()
        held.hold(release().read_bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        with server(held.say, authority.server_context("registry.test")) as running, proxy(running.port) as between:
            held.running = running
            monkeypatch.setenv("https_proxy", between.url)
            answer = ask("bundle", "oci://registry.test/acme/authz:1", "--policy", "trust.toml")
            assert (answer.status, [target for _, target, _ in between.seen]) == (0, ["registry.test:443"])

    def test_an_attestation_is_fetched(self, inside):
        answer = ask("artifact", "trust.toml", "--attestation", f"https://{NAME}/release.json", "--key", "release.pub")
        assert (answer.status, len(inside.seen)) == (1, 1)
        assert "input.unreachable" not in answer.codes

    def test_an_exception_is_asked_directly(self, inside, monkeypatch):
        monkeypatch.setenv("NO_PROXY", "other.test,.bundles.test")
        answer = ask("bundle", f"https://{NAME}/authz.tar.gz", *VERIFY)
        assert (answer.status, answer.codes, inside.seen) == (3, ["input.unreachable"], [])

    @pytest.mark.usefixtures("inside")
    @pytest.mark.parametrize("debug", [None, "1"])
    def test_a_password_that_is_wrong_appears_nowhere(self, place, monkeypatch, debug):
        monkeypatch.setenv("HTTPS_PROXY", os.environ["HTTPS_PROXY"].replace("hunter2", "hunter2-old"))
        if debug:
            monkeypatch.setenv("VERIFY_DEBUG", debug)
        run("ledger", "init")
        for style in ("text", "json"):
            answer = run("bundle", f"https://{NAME}/authz.tar.gz", *VERIFY, "--record", "--format", style)
            said = " ".join(answer.out.split())  # wherever the report breaks its lines
            assert (answer.status, "asks for a user name and password" in said) == (3, True)
            assert "hunter2" not in answer.out + answer.err
        assert leaked(place) == []


class TestWhatCannotBeUsed:
    """Wrong usage, which names the variable; nobody has been asked."""

    @pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "http_proxy"])
    @pytest.mark.parametrize(
        "text",
        [f"https://{USER}@proxy:3128", f"socks5://{USER}@proxy", f"http://{USER}@proxy:hunter2", f"http://{USER}@"],
    )
    @pytest.mark.parametrize("debug", [None, "1"])
    def test_a_proxy(self, inside, monkeypatch, name, text, debug):
        monkeypatch.delenv("HTTPS_PROXY")
        monkeypatch.setenv(name, text)
        if debug:
            monkeypatch.setenv("VERIFY_DEBUG", debug)
        answer = run("bundle", f"https://{NAME}/authz.tar.gz", *VERIFY)
        assert (answer.status, answer.out, inside.seen) == (2, "", [])
        assert f"{name}: " in answer.err
        assert "hunter2" not in answer.err

    @pytest.mark.parametrize(
        ("what", "told"),
        [
            ("missing", "cannot be read: No such file or directory"),
            ("folder", "not a regular file, but a directory"),
            ("pipe", "not a regular file, but a FIFO"),
            ("empty", "holds no certificates"),
            ("garbage", "holds no certificates"),
        ],
    )
    def test_a_file_of_authorities(self, place, inside, monkeypatch, what, told):
        path = place / "authorities"
        {
            "missing": lambda: None,
            "folder": path.mkdir,
            "empty": path.touch,
            "garbage": lambda: path.write_text("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n"),
            "pipe": lambda: os.mkfifo(path),
        }[what]()
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        answer = run("bundle", f"https://{NAME}/authz.tar.gz", *VERIFY)
        assert (answer.status, answer.out, inside.seen) == (2, "", [])
        assert f"SSL_CERT_FILE: {path}: {told}" in answer.err

    @pytest.mark.usefixtures("place")
    def test_is_of_no_interest_to_whoever_asks_nobody(self, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy")
        monkeypatch.setenv("SSL_CERT_FILE", "missing.pem")
        assert run("bundle", release(), *VERIFY).status == 0


@pytest.mark.usefixtures("place")
class TestTheEnvironment:
    def test_says_nothing_where_it_is_empty(self, monkeypatch):
        for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "NO_PROXY", "SSL_CERT_FILE"):
            monkeypatch.setenv(name, " ")
        found = network()
        assert (found.https_proxy, found.http_proxy, found.direct, found.ca_file) == (None, None, (), None)

    def test_is_read_in_small_letters_first(self, monkeypatch):
        for name in ("https_proxy", "no_proxy"):
            monkeypatch.setenv(name, "small.test")
            monkeypatch.setenv(name.upper(), "large.test")
        found = network()
        assert (found.https_proxy.host, [each.name for each in found.direct]) == ("small.test", ["small.test"])

    def test_is_read_in_large_letters_where_there_are_no_small_ones(self, monkeypatch):
        monkeypatch.setenv("https_proxy", "")
        monkeypatch.setenv("HTTPS_PROXY", "large.test")
        assert network().https_proxy.host == "large.test"

    def test_does_not_send_plain_http_to_where_a_visitors_field_says(self, monkeypatch):
        """CVE-2016-5385: a web server gives a request's field "Proxy" to what it starts as HTTP_PROXY."""
        monkeypatch.setenv("HTTP_PROXY", "http://evil.test")
        assert network().http_proxy is None
        monkeypatch.setenv("http_proxy", "http://proxy.test")
        assert network().http_proxy.host == "proxy.test"

    def test_is_the_gateways_as_well(self, place, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}@proxy.test:3128")
        (bundle,) = loading(None, OneBundle(**QUICK))().bundles
        assert bundle.access.network.https_proxy.shown == "proxy.test:3128"
        content = 'version = 1\npolicy = "trust.toml"\nledger = "sqlite:l.db"\n[bundles.authz]\nupstream = "https://a.test/"\n'
        Path("gateway.toml").write_text(content)
        (bundle,) = loading(place / "gateway.toml", OneBundle())().bundles
        assert bundle.access.network.https_proxy.shown == "proxy.test:3128"
        assert "hunter2" not in repr(bundle)

    def test_stops_a_gateway_before_it_starts_where_it_cannot_be_used(self, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.test")
        with pytest.raises(ConfigurationError, match="HTTPS_PROXY"):
            loading(None, OneBundle(**QUICK))
