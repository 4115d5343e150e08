"""Notifications: what counts as one, and every way to forge or replay one."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.gateway.notifications import BODY, OTHER, SECRET, headers
from tests.support.material import NOW
from verifier.core.errors import Refused
from verifier.gateway.pages import webhook
from verifier.gateway.pages.webhook import Notifications, sign
from verifier.gateway.settings.settings import Notify

RULES = Notify(secrets=(SECRET,))


def refused(given, body=BODY, *, to=None, now=NOW, rules=RULES):
    with pytest.raises(Refused) as refusal:
        (to or Notifications()).take(rules, given, body, now=now)
    return refusal.value.reasons[0].code


def test_the_example_of_the_specification_is_accepted():
    """The vector of Standard Webhooks 1.0.0."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_notification_names_a_bundle_or_none():
    assert Notifications().take(RULES, headers(), BODY, now=NOW) == "authz"
    assert Notifications().take(RULES, headers(body=b""), b"", now=NOW) is None
    assert Notifications().take(RULES, headers(body=b"{}"), b"{}", now=NOW) is None


def test_while_secrets_change_either_counts_and_either_may_be_sent():
    both = Notify(secrets=(SECRET, OTHER))
    assert Notifications().take(both, headers(secret=OTHER), BODY, now=NOW) == "authz"
    two = headers() | {
        "webhook-signature": f"{headers(secret=OTHER)['webhook-signature']} {headers()['webhook-signature']}"
    }
    assert Notifications().take(RULES, two, BODY, now=NOW) == "authz"


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_one_of_its_headers_it_is_unsigned(missing):
    given = headers()
    del given[missing]
    assert refused(given) == "webhook.unsigned"


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "0x10", " 1", "9" * 13, "١٢٣"])
def test_a_time_that_is_none_is_unsigned(stamp):
    assert refused(headers() | {"webhook-timestamp": stamp}) == "webhook.unsigned"


@pytest.mark.parametrize("identifier", ["", "a.b", "a b", "a\n", "x" * 257, "é"])
def test_an_id_that_could_be_read_otherwise_is_unsigned(identifier):
    assert refused(headers() | {"webhook-id": identifier}) == "webhook.unsigned"


@pytest.mark.parametrize("signature", ["v1a,AAAA", "AAAA", "", "v2,AAAA"])
def test_a_signature_of_another_scheme_is_none(signature):
    assert refused(headers() | {"webhook-signature": signature}) == "webhook.unsigned"


@pytest.mark.parametrize("signature", ["v1,", "v1,AAAA", "v1,!!!", "v1,é", "v1," + "A" * 44])
def test_a_signature_that_is_noise_is_invalid(signature):
    assert refused(headers() | {"webhook-signature": signature}) == "webhook.signature-invalid"


def test_another_secret_another_body_another_time_another_id_are_invalid():
    assert refused(headers(secret=OTHER)) == "webhook.signature-invalid"
    assert refused(headers(), b'{"bundle": "other"}') == "webhook.signature-invalid"
    assert refused(headers() | {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}) == "webhook.signature-invalid"
    assert refused(headers() | {"webhook-id": "msg_2"}) == "webhook.signature-invalid"


def test_the_ninth_signature_is_not_looked_at():
    many = " ".join(["v1,AAAA"] * 8 + [headers()["webhook-signature"]])
    assert refused(headers() | {"webhook-signature": many}) == "webhook.signature-invalid"


@pytest.mark.parametrize("apart", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_a_notification_outside_the_window_is_stale(apart):
    assert refused(headers(time=NOW - apart)) == "webhook.stale"
    assert refused(headers(time=NOW - apart), rules=Notify(secrets=(OTHER,))) == "webhook.signature-invalid"


def test_a_recorded_notification_is_taken_once():
    notifications = Notifications()
    ahead = headers(time=NOW + timedelta(minutes=5))
    assert notifications.take(RULES, ahead, BODY, now=NOW) == "authz"
    for minutes in range(11):
        assert refused(ahead, to=notifications, now=NOW + timedelta(minutes=minutes)) == "webhook.replayed"
    assert refused(ahead, to=notifications, now=NOW + timedelta(minutes=10, seconds=1)) == "webhook.stale"


def test_an_id_is_taken_once_however_often_it_is_signed():
    notifications = Notifications()
    notifications.take(RULES, headers(), BODY, now=NOW)
    assert refused(headers(time=NOW + timedelta(seconds=1)), to=notifications) == "webhook.replayed"


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b'"authz"',
        b'{"bundle": 1}',
        b'{"bundle": ""}',
        b'{"Bundle": "a"}',
        b'{"content": "x"}',
        b"{",
        b'{"bundle": "a", "bundle": "b"}',
        b'{"bundle": "a"} x',
        b"\xff",
        b"[" * 100,
    ],
)
def test_a_body_that_says_anything_else_is_malformed(body):
    assert refused(headers(body=body), body) == "webhook.malformed"


def test_what_is_remembered_is_bounded_and_forgotten_after_the_window(monkeypatch):
    monkeypatch.setattr(webhook, "MAX_REMEMBERED", 3)
    notifications = Notifications()
    for number in range(3):
        notifications.take(RULES, headers(f"msg_{number}"), BODY, now=NOW)
    assert refused(headers("msg_3"), to=notifications) == "request.overloaded"
    later = NOW + timedelta(minutes=11)
    assert notifications.take(RULES, headers("msg_3", later), BODY, now=later) == "authz"


def test_who_cannot_sign_is_not_remembered(monkeypatch):
    monkeypatch.setattr(webhook, "MAX_REMEMBERED", 1)
    notifications = Notifications()
    for number in range(10):
        assert refused(headers(f"msg_{number}", secret=OTHER), to=notifications) == "webhook.signature-invalid"
    assert notifications.take(RULES, headers(), BODY, now=NOW) == "authz"


@given(st.dictionaries(st.sampled_from(list(headers())), st.text(max_size=80)), st.binary(max_size=80))
def test_whatever_is_sent_without_the_secret_is_refused_with_a_reason(given_headers, body):
    assert refused(given_headers, body).startswith("webhook.")
