"""Clients that wait for news: told at once when there is some, and never longer held than they asked."""

import socket

import pytest

from tests.support.gateway.scene import NEW, OLD, etag_of
from tests.support.patience import PATIENCE_S
from verifier.core.value import replace


@pytest.fixture
def gateway(scene):
    """Serves OLD."""
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        yield gateway


def test_a_release_ends_every_wait(scene, gateway):
    held = [gateway.hold(etag_of(OLD)) for _ in range(5)]
    scene.publish(NEW)
    assert [(each.status, each.body) for each in (one.answer() for one in held)] == [(200, NEW)] * 5


def test_nothing_new_is_said_at_the_end_of_the_wait(gateway):
    answer = gateway.ask(If_None_Match=etag_of(OLD), Prefer="modes=snapshot,delta;wait=1")
    assert (answer.status, answer.etag) == (304, etag_of(OLD))


def test_who_has_something_else_does_not_wait(gateway):
    assert gateway.ask(If_None_Match='"other"', Prefer="wait=3600").body == OLD


def test_a_refused_release_ends_no_wait(scene, gateway):
    held = gateway.hold(etag_of(OLD))
    scene.publish(NEW[:-9])
    scene.saw("bundle.refused")
    assert gateway.held() == 1
    scene.publish(NEW)
    assert held.answer().body == NEW


def test_what_was_withdrawn_meanwhile_is_not_called_unmodified(scene):
    """Nothing new ends this wait; that it is over is said here by the gateway's stop."""
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        held = gateway.hold(etag_of(OLD))
        scene.quarantine(OLD)
    answer = held.answer()
    assert (answer.status, answer.codes) == (503, ["version.quarantined"])


@pytest.mark.parametrize("preference", ["wait=x", "wait=-1", "wait", "wait=1e9", "=;;,,wait", "modes=snapshot"])
def test_a_wait_that_cannot_be_read_is_none(gateway, preference):
    assert gateway.ask(If_None_Match=etag_of(OLD), Prefer=preference).status == 304


def test_a_wait_is_bounded_by_the_gateway(scene):
    scene.publish(OLD)
    settings = scene.configured()
    with scene.running(longest_wait=settings.longest_wait * 0) as gateway:
        scene.saw("bundle.served")
        assert gateway.ask(If_None_Match=etag_of(OLD), Prefer="wait=3600").status == 304


def test_a_client_that_goes_away_is_not_held(gateway, scene):
    request = f"GET /bundles/authz HTTP/1.1\r\nHost: x\r\nIf-None-Match: {etag_of(OLD)}\r\nPrefer: wait=3600\r\n\r\n"
    with socket.create_connection((gateway.host, gateway.port), timeout=PATIENCE_S) as connection:
        connection.sendall(request.encode())
        gateway.until(lambda: gateway.held() == 1)
    gateway.until(lambda: gateway.held() == 0)
    assert scene.metric("verifier_gateway_requests_total", bundle="authz", status="499") == 1


def test_a_gateway_that_stops_lets_everybody_go_at_once(scene):
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        held = gateway.hold(etag_of(OLD))
    assert held.answer().status == 304


def test_a_new_policy_answers_who_waits_under_the_old_one(scene, gateway):
    held = gateway.hold(etag_of(OLD))
    scene.trust('floor = "1.0.5"')
    assert scene.reload(gateway).name == "gateway.reloaded"
    answer = held.answer()
    assert (answer.status, "version.below-floor" in answer.codes) == (503, True)


def test_a_bundle_that_is_gone_from_the_configuration_ends_its_waits(scene, gateway):
    held = gateway.hold(etag_of(OLD))
    other = replace(scene.bundle(), name="other", path="/bundles/other")
    assert scene.reload(gateway, bundles=(other,)).name == "gateway.reloaded"
    assert held.answer().status == 404
