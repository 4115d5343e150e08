"""A clock that is set back under a gateway is a refusal, also of what stood a moment before."""

import pytest

from tests.support.gateway.scene import NEW, OLD, etag_of
from verifier.core.clock import CLOCK_SKEW
from verifier.ledger.interface import EventKind


@pytest.fixture
def gateway(scene):
    """Serves OLD, a day after it was signed."""
    scene.clock.pass_by(days=1)
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        yield gateway


def test_nothing_is_served_until_it_is_right_again(scene, gateway):
    scene.clock.now -= 2 * CLOCK_SKEW
    answer = gateway.ask(If_None_Match=etag_of(OLD))
    assert (answer.status, answer.codes) == (503, ["clock.backwards"])
    assert scene.saw("bundle.withheld").facts["codes"] == ["clock.backwards"]
    scene.clock.now += 2 * CLOCK_SKEW
    assert gateway.ask().body == OLD


def test_nothing_is_accepted_meanwhile(scene, gateway):
    scene.clock.now -= 2 * CLOCK_SKEW
    scene.publish(NEW)
    assert "clock.backwards" in scene.saw("bundle.refused").facts["codes"]
    assert [event.version for event in scene.history() if event.kind is EventKind.ACCEPTED] == ["1.0.0"]
    scene.clock.now += 2 * CLOCK_SKEW + 2 * CLOCK_SKEW
    scene.saw("bundle.served", version="1.1.0")


def test_a_gateway_that_starts_with_an_older_clock_serves_nothing_from_its_cache(scene):
    scene.clock.pass_by(days=1)
    scene.publish(OLD)
    cache = scene.folder / "cache"
    with scene.running(cache=cache):
        scene.saw("bundle.served")
    scene.clock.now -= 2 * CLOCK_SKEW
    with scene.running(cache=cache) as gateway:
        assert gateway.ask().codes == ["clock.backwards"]


def test_what_is_within_the_skew_is_not_noticed(scene, gateway):
    scene.clock.now -= CLOCK_SKEW
    assert gateway.ask().body == OLD


def test_a_policy_that_orders_nothing_notices_it_too(scene):
    policy = scene.folder / "trust.toml"
    text = policy.read_text().replace('version = { from = "manifest.revision", scheme = "semver" }', 'version = "none"')
    policy.write_text(text)
    scene.clock.pass_by(days=1)
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        scene.clock.now -= 2 * CLOCK_SKEW
        assert set(gateway.ask().codes) == {"clock.backwards", "version.unchecked"}
