"""Notifications that a release is out: authentic, fresh, and each counted once.

* the signature covers id, time and body: HMAC-SHA256, compared in constant time, by any of several secrets
* a time outside the window, before or after now, is refused; an id is taken once within it
* nothing is remembered of who cannot sign, and what is remembered is bounded
* a notification names bundles and carries nothing else: it can cause a refresh, never a content

Source: Standard Webhooks 1.0.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`). The threat is T-304.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from verifier.core.clock import format_rfc3339
from verifier.core.errors import Refused, refuse
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import loads
from verifier.gateway.settings.settings import Notify

FIELDS = ("webhook-id", "webhook-timestamp", "webhook-signature")
MAX_BODY_BYTES = 64 * 1024
MAX_REMEMBERED = 10_000
"""Notifications within one window; a release is announced a few times a day."""

_SUBJECT = "notification"
_MAX_DEPTH = 8
_MAX_SIGNATURES = 8
"""Signatures in one header: a sender that changes its secret sends two."""
_ID = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,256}\Z")  # no dot, which separates what is signed
_TIMESTAMP = re.compile(r"[0-9]{1,12}\Z")
_SCHEME = "v1,"


class Notifications:
    """Judges notifications; remembers those that it has taken."""

    def __init__(self) -> None:
        self._taken: OrderedDict[str, datetime] = OrderedDict()

    def take(self, rules: Notify, headers: Mapping[str, str], body: bytes, *, now: datetime) -> str | None:
        """The bundle that a notification names, None for all; raises `Refused` (`webhook.*`)."""
        identifier = _text(headers, "webhook-id", _ID)
        timestamp = _text(headers, "webhook-timestamp", _TIMESTAMP)
        _require_signature(rules, headers.get("webhook-signature", ""), f"{identifier}.{timestamp}.".encode() + body)
        # Only who can sign is told how our clock stands, and what was seen before.
        _require_fresh(timestamp, now, rules.window)
        self._require_new(identifier, now - 2 * rules.window)
        bundle = _bundle(body)
        self._taken[identifier] = now
        return bundle

    def _require_new(self, identifier: str, forgotten: datetime) -> None:
        # What was sent at the far end of the window may come again until the near end has passed it.
        while self._taken and next(iter(self._taken.values())) < forgotten:
            self._taken.popitem(last=False)
        if identifier in self._taken:
            raise refuse("webhook.replayed", _SUBJECT, "a notification with this id was taken before")
        if len(self._taken) >= MAX_REMEMBERED:
            message = f"{MAX_REMEMBERED} notifications within the window, which is all that is remembered"
            raise refuse("request.overloaded", _SUBJECT, message)


def sign(secret: bytes, identifier: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`, for senders and tests."""
    signed = f"{identifier}.{timestamp}.".encode() + body
    return _SCHEME + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def _text(headers: Mapping[str, str], name: str, shape: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if not shape.match(value):
        raise refuse("webhook.unsigned", _SUBJECT, f"the header {name} is {'malformed' if value else 'missing'}")
    return value


def _require_signature(rules: Notify, header: str, signed: bytes) -> None:
    expected = [hmac.new(secret, signed, hashlib.sha256).digest() for secret in rules.secrets]
    given = [each for each in header.split(" ")[:_MAX_SIGNATURES] if each.startswith(_SCHEME)]
    if not given:
        raise refuse("webhook.unsigned", _SUBJECT, "the header webhook-signature has no `v1,` and base64")
    # No early end: how long this takes says nothing about which one was nearly right.
    matches = [hmac.compare_digest(_decoded(each), one) for each in given for one in expected]
    if not any(matches):
        raise refuse("webhook.signature-invalid", _SUBJECT, f"none of {len(given)} signatures is by a known secret")


def _require_fresh(timestamp: str, now: datetime, window: timedelta) -> None:
    try:
        sent = datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise refuse("webhook.stale", _SUBJECT, f"{timestamp} is not a time: {error}") from error
    if abs(now - sent) > window:
        message = f"sent at {format_rfc3339(sent)}, more than {int(window.total_seconds())}s from now"
        raise refuse("webhook.stale", _SUBJECT, message)


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature.removeprefix(_SCHEME), validate=True)
    except (binascii.Error, ValueError):  # ValueError: a character beyond ASCII
        return b""


def _bundle(body: bytes) -> str | None:
    if not body:
        return None
    code = "webhook.malformed"
    try:
        value = loads(body, subject=_SUBJECT, max_depth=_MAX_DEPTH)
        return Fields.of(value, code=code, subject=_SUBJECT).known("bundle", closed=True).optional_text("bundle")
    except Refused as refusal:
        first = refusal.reasons[0]
        if first.code == code:
            raise
        raise refuse(code, _SUBJECT, f"{first.code}: {first.message}") from refusal
