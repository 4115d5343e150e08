"""A notification, and how its sender signs it."""

from __future__ import annotations

from tests.support.material import NOW
from verifier.gateway.pages.webhook import sign

SECRET, OTHER = b"a secret of thirty-two bytes....", b"another secret of thirty bytes.."
BODY = b'{"bundle": "authz"}'


def headers(identifier="msg_1", time=NOW, body=BODY, secret=SECRET):
    stamp = int(time.timestamp())
    signature = sign(secret, identifier, stamp, body)
    return {"webhook-id": identifier, "webhook-timestamp": str(stamp), "webhook-signature": signature}
