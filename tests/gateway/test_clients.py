"""Who may ask: bearer tokens, certificates, and what is for everybody."""

import ssl

import pytest

from tests.support.gateway.authority import Authority, tls, trusting
from tests.support.gateway.scene import OLD
from verifier.core.errors import ConfigurationError
from verifier.gateway.server import GatewayServer
from verifier.gateway.settings.settings import Tls

TOKEN, OTHER = "a-token-of-some-length", "another-token-of-length"


@pytest.fixture
def gateway(scene):
    """Serves OLD to who has one of two tokens."""
    scene.publish(OLD)
    with scene.running(tokens=(TOKEN, OTHER)) as gateway:
        scene.saw("bundle.served")
        yield gateway


@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", f"bearer {OTHER}", f"BEARER  {TOKEN} "])
def test_any_of_the_tokens_opens(gateway, authorization):
    assert gateway.ask(Authorization=authorization).body == OLD


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        TOKEN,
        f"Basic {TOKEN}",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}, Bearer x",
    ],
)
@pytest.mark.parametrize("path", ["/bundles/authz", "/status", "/metrics", "/readyz", "/", "/nothing"])
def test_nothing_else_does(gateway, authorization, path):
    answer = gateway.ask(path, Authorization=authorization)
    assert (answer.status, answer.codes) == (401, ["request.unauthenticated"])
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN.encode() not in answer.body


def test_whether_it_is_alive_is_for_everybody(gateway):
    assert gateway.ask("/healthz").status == 200


def test_a_token_that_was_withdrawn_opens_nothing_after_a_reload(scene, gateway):
    assert scene.reload(gateway, tokens=(OTHER,)).name == "gateway.reloaded"
    assert gateway.ask(Authorization=f"Bearer {TOKEN}").status == 401
    assert gateway.ask(Authorization=f"Bearer {OTHER}").status == 200


@pytest.fixture
def servers(tmp_path):
    return Authority(tmp_path, "servers")


@pytest.fixture
def clients(tmp_path):
    return Authority(tmp_path, "clients")


class TestTls:
    def test_the_bundle_comes_over_tls(self, scene, servers):
        scene.publish(OLD)
        with scene.running(tls=tls(servers)) as gateway:
            gateway.context = trusting(servers)
            gateway.until(lambda: gateway.ask().status == 200)

    def test_plain_http_is_not_answered(self, scene, servers):
        scene.publish(OLD)
        with scene.running(tls=tls(servers)) as gateway:
            assert b"200" not in gateway.raw(b"GET /bundles/authz HTTP/1.1\r\nHost: x\r\n\r\n")

    def test_old_tls_is_not_spoken(self, scene, servers):
        with scene.running(tls=tls(servers)) as gateway:
            gateway.context = trusting(servers)
            gateway.context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            with pytest.warns(DeprecationWarning, match="TLSv1_1"):
                gateway.context.maximum_version = ssl.TLSVersion.TLSv1_1
            with pytest.raises((ssl.SSLError, ConnectionError)):
                gateway.ask("/healthz")

    def test_a_new_certificate_counts_after_a_reload(self, scene, servers, tmp_path):
        renewed = Authority(tmp_path, "renewed")
        with scene.running(tls=tls(servers)) as gateway:
            gateway.context = trusting(servers)
            assert gateway.ask("/healthz").status == 200
            assert scene.reload(gateway, tls=tls(renewed, name="new")).name == "gateway.reloaded"
            gateway.context = trusting(renewed)
            assert gateway.ask("/healthz").status == 200

    def test_a_certificate_that_cannot_be_used_is_refused_at_a_reload(self, scene, servers):
        good = tls(servers)
        other = tls(servers, name="other")
        with scene.running(tls=good) as gateway:
            mixed = Tls(certificate=good.certificate, key=other.key)
            refused = scene.reload(gateway, tls=mixed)
            assert (refused.name, "certificate" in refused.facts["message"]) == ("gateway.reload-refused", True)
            gateway.context = trusting(servers)
            assert gateway.ask("/healthz").status == 200

    def test_a_certificate_that_cannot_be_used_is_refused_at_the_start(self, scene, servers):
        mixed = Tls(certificate=tls(servers).certificate, key=tls(servers, name="other").key)
        with pytest.raises(ConfigurationError, match="certificate cannot be used"):
            GatewayServer(scene.configured(tls=mixed), scene.around(), load=scene.configured)


class TestClientCertificates:
    def test_who_shows_one_is_answered(self, scene, servers, clients):
        scene.publish(OLD)
        with scene.running(tls=tls(servers, clients)) as gateway:
            gateway.context = trusting(servers, clients.issue("opa"))
            gateway.until(lambda: gateway.ask().status == 200)

    def test_who_shows_none_may_only_ask_whether_it_is_alive(self, scene, servers, clients):
        scene.publish(OLD)
        with scene.running(tls=tls(servers, clients)) as gateway:
            gateway.context = trusting(servers)
            assert gateway.ask("/healthz").status == 200
            for path in ("/bundles/authz", "/status", "/notify", "/nothing"):
                assert gateway.ask(path).codes == ["request.unauthenticated"]

    def test_one_by_another_authority_ends_the_handshake(self, scene, servers, clients, tmp_path):
        stranger = Authority(tmp_path, "strangers").issue("opa")
        with scene.running(tls=tls(servers, clients)) as gateway:
            gateway.context = trusting(servers, stranger)
            with pytest.raises((ssl.SSLError, ConnectionError)):
                gateway.ask("/healthz")

    def test_one_by_the_old_authority_is_worth_nothing_after_a_reload(self, scene, servers, clients, tmp_path):
        scene.publish(OLD)
        newer = Authority(tmp_path, "newer")
        with scene.running(tls=tls(servers, clients)) as gateway:
            gateway.context = trusting(servers, clients.issue("opa"))
            gateway.until(lambda: gateway.ask().status == 200)
            assert scene.reload(gateway, tls=tls(servers, newer)).name == "gateway.reloaded"
            with pytest.raises((ssl.SSLError, ConnectionError)):
                gateway.ask()
            gateway.context = trusting(servers, newer.issue("opa"))
            gateway.until(lambda: gateway.ask().status == 200)

    def test_with_tokens_as_well_both_are_needed(self, scene, servers, clients):
        scene.publish(OLD)
        with scene.running(tls=tls(servers, clients), tokens=(TOKEN,)) as gateway:
            gateway.context = trusting(servers, clients.issue("opa"))
            assert gateway.ask().status == 401
            gateway.until(lambda: gateway.ask(Authorization=f"Bearer {TOKEN}").status == 200)
            gateway.context = trusting(servers)
            assert gateway.ask(Authorization=f"Bearer {TOKEN}").status == 401
