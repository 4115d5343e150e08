"""POST /notify: an early refresh for who can sign, and nothing for anybody else."""

import http.client
import json
from datetime import timedelta

import pytest

from tests.support.gateway.notifications import BODY, SECRET, headers
from tests.support.gateway.scene import NEW, OLD
from tests.support.patience import PATIENCE_S
from verifier.gateway.settings.settings import Notify

RARELY = timedelta(days=1)


@pytest.fixture
def gateway(scene):
    """Serves OLD, and asks its upstreams once a day."""
    scene.publish(OLD)
    scene.publish(OLD, "other")
    bundles = scene.bundle(poll=RARELY), scene.bundle("other", poll=RARELY)
    with scene.running(*bundles, notify=Notify(secrets=(SECRET,))) as gateway:
        scene.saw("bundle.served")
        scene.saw("bundle.served")
        yield gateway


def notify(gateway, body=BODY, **changes):
    connection = http.client.HTTPConnection(gateway.host, gateway.port, timeout=PATIENCE_S)
    connection.request("POST", "/notify", body=body, headers=headers(body=body) | changes)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, content.decode()


def test_a_notification_brings_the_release_early(scene, gateway):
    scene.publish(NEW)
    status, body = notify(gateway)
    assert (status, '"authz"' in body, '"other"' in body) == (202, True, False)
    scene.saw("bundle.served", bundle="authz", version="1.1.0")
    assert scene.metric("verifier_gateway_notifications_total", outcome="accepted") == 1


def test_an_empty_notification_is_about_all_bundles(scene, gateway):
    scene.publish(NEW, "other")
    status, body = notify(gateway, b"")
    assert (status, '"authz"' in body, '"other"' in body) == (202, True, True)
    scene.saw("bundle.served", bundle="other", version="1.1.0")


def test_a_notification_cannot_make_a_refused_bundle_good(scene, gateway):
    scene.publish(NEW[:-9])
    assert notify(gateway)[0] == 202
    scene.saw("bundle.refused")
    assert gateway.ask().body == OLD


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"webhook-signature": ""}, 401, "webhook.unsigned"),
        ({"webhook-signature": "v1,AAAA"}, 401, "webhook.signature-invalid"),
        ({"webhook-id": "other"}, 401, "webhook.signature-invalid"),
    ],
)
def test_who_cannot_sign_is_refused_and_logged(scene, gateway, changes, status, code):
    answered, body = notify(gateway, **changes)
    assert (answered, code in body) == (status, True)
    assert scene.saw("notification.refused").facts["codes"] == [code]
    assert scene.metric("verifier_gateway_notifications_total", outcome=code) == 1


@pytest.mark.parametrize("given", [{}, {"X-Correlation-Id": "mine"}], ids=["made here", "the sender's"])
def test_a_refusal_has_one_correlation_id_in_answer_and_log(scene, gateway, given):
    _, body = notify(gateway, **{"webhook-signature": ""}, **given)
    told = scene.saw("notification.refused")
    assert json.loads(body)["correlationId"] == told.correlation_id
    assert told.facts["hint"]


def test_a_stale_notification_is_refused(scene, gateway):
    scene.clock.pass_by(hours=1)
    status, body = notify(gateway)
    assert (status, "webhook.stale" in body) == (401, True)


def test_a_replay_is_a_conflict(gateway):
    assert notify(gateway)[0] == 202
    status, body = notify(gateway)
    assert (status, "webhook.replayed" in body) == (409, True)


def test_a_reload_does_not_forget_what_was_taken(scene, gateway):
    assert notify(gateway)[0] == 202
    assert scene.reload(gateway).name == "gateway.reloaded"
    assert notify(gateway)[0] == 409


def test_an_unknown_bundle_is_refused(gateway):
    status, body = notify(gateway, b'{"bundle": "<script>"}')
    assert (status, "webhook.malformed" in body, "\\u003cscript" in body or "<script>" in body) == (400, True, True)


def test_a_large_body_is_refused_before_it_is_read(gateway):
    status, body = notify(gateway, b"x" * (1024 * 1024))
    assert (status, "input.too-large" in body) == (413, True)


def test_a_body_that_never_comes_is_given_up(gateway, monkeypatch):
    monkeypatch.setattr("verifier.gateway.pages.routes.BODY_S", 0.05)
    head = b"POST /notify HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nConnection: close\r\n\r\n"
    assert gateway.raw(head).startswith(b"HTTP/1.1 408 ")


def test_notifications_are_posted(gateway):
    assert gateway.ask("/notify").status == 405


def test_without_a_secret_there_are_none(scene):
    scene.publish(OLD)
    with scene.running() as gateway:
        assert notify(gateway)[0] == 404
