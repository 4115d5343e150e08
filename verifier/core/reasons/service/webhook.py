"""Reason codes of notifications that the gateway does not believe."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

WEBHOOK: tuple[ReasonCode, ...] = (
    error(
        "webhook.unsigned",
        "the notification is not signed",
        cause="One of webhook-id, webhook-timestamp and webhook-signature is missing or malformed.",
        remedy="Sign as Standard Webhooks says; docs/gateway.md has an example.",
        threat="T-304",
    ),
    error(
        "webhook.signature-invalid",
        "the notification's signature is wrong",
        cause="It was signed with another secret, or was changed on its way.",
        remedy="Compare the secrets of the sender and the gateway.",
        threat="T-304",
    ),
    error(
        "webhook.stale",
        "the notification was sent too long ago, or in the future",
        cause="Its time lies outside the replay window: a recorded notification, or a clock that is wrong.",
        remedy="Correct the sender's clock; a notification is sent at once or not at all.",
        threat="T-304",
    ),
    error(
        "webhook.replayed",
        "the notification was taken before",
        cause="Its webhook-id was seen within the replay window.",
        remedy="Nothing is needed: the first one caused the refresh. A new notification has a new id.",
        threat="T-304",
    ),
    error(
        "webhook.malformed",
        "the notification's body is not what was expected",
        cause='It is neither empty nor `{"bundle": "NAME"}` with the name of a bundle that is served.',
        remedy="Send one of the two.",
        threat="T-304",
    ),
)
