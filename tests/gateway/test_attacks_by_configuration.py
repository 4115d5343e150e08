"""A stricter configuration binds what an earlier one has accepted, and no secret of one is told."""

from datetime import timedelta

import pytest

from tests.support.gateway.scene import NEW, OLD
from tests.support.loading.emitted import emit
from tests.support.net.servers import server
from tests.support.stories import URI
from verifier.engine.levels import SIGNED_LEVEL

RARELY = timedelta(days=1)


@pytest.fixture
def gateway(scene, tmp_path):
    """Serves OLD, which was verified in full and lies in a cache, and asks its upstream once a day."""
    scene.publish(OLD)
    (tmp_path / "cache").mkdir(mode=0o700)
    with scene.running(scene.bundle(poll=RARELY), cache=tmp_path / "cache") as gateway:
        scene.saw("bundle.served")
        yield gateway


class TestWhatACacheKeeps:
    def test_is_withheld_where_it_has_not_the_level_that_is_asked_for_now(self, scene, gateway):
        stricter = scene.bundle(poll=RARELY, levels=("SLSA_BUILD_LEVEL_3",))
        assert scene.reload(gateway, bundles=(stricter,)).name == "gateway.reloaded"
        assert "verdict.level-missing" in gateway.ask().codes

    def test_is_withheld_where_a_verdict_is_asked_for_now_and_it_came_without(self, scene, gateway):
        stricter = scene.bundle(poll=RARELY, verdict=str(scene.folder / "authz.vsa.json"))
        assert scene.reload(gateway, bundles=(stricter,)).name == "gateway.reloaded"
        assert "input.unreadable" in gateway.ask().codes

    def test_is_served_on_where_the_terms_are_met(self, scene, gateway):
        stricter = scene.bundle(poll=RARELY, levels=(SIGNED_LEVEL,), verdict="vsa.json", fallback="full")
        assert scene.reload(gateway, bundles=(stricter,)).name == "gateway.reloaded"
        assert gateway.ask().body == OLD

    def test_comes_back_with_what_meets_the_terms(self, scene, gateway):
        scene.reload(gateway, bundles=(scene.bundle(levels=("SLSA_BUILD_LEVEL_3",)),))
        assert gateway.ask().status == 503
        scene.reload(gateway, bundles=(scene.bundle(),))
        scene.publish(NEW)
        scene.saw("bundle.served", version="1.1.0")
        assert gateway.ask().body == NEW


def test_what_stands_in_the_query_of_an_upstream_is_told_to_nobody(scene):
    """A signed URL is a credential: here the place that a verdict is not for."""
    secret = "presigned-and-secret"
    trust = scene.folder / "trust.toml"
    trust.write_text("".join(line for line in trust.read_text().splitlines(True) if "resource_uri" not in line))
    (scene.folder / "authz.vsa.json").write_bytes(emit(OLD))
    with server(lambda exchange: exchange.answer(body=OLD)) as upstream:
        bundle = scene.bundle(
            upstream=f"{upstream.url}/authz.tar.gz?signature={secret}", verdict=str(scene.folder / "authz.vsa.json")
        )
        with scene.running(bundle) as gateway:
            refused = scene.saw("bundle.refused")
            assert "verdict.resource-mismatch" in refused.facts["codes"]
            answers = [gateway.ask(path).body for path in ("/bundles/authz", "/status", "/", "/metrics")]
        assert upstream.seen[0][0].endswith(secret)
    assert secret not in repr(refused)
    assert secret.encode() not in b"".join(answers)
    assert URI.encode() in answers[0]
