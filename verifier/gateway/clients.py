"""Who may ask: bearer tokens and client certificates.

* tokens are compared by their digests, in constant time, each with all of them
* where certificates and tokens are configured, both are needed
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence

from verifier.core.outcome import Reason
from verifier.gateway.settings.settings import GatewaySettings

CERTIFIED = "verifier.client_certificate"
"""Key of an ASGI scope: whether TLS has proven a client's certificate."""


class Clients:
    """What is asked of a client."""

    def __init__(self, digests: Sequence[bytes], *, needs_certificate: bool) -> None:
        """`digests` are those of the tokens, one of which is needed where there are any."""
        self.digests, self.needs_certificate = digests, needs_certificate
        self.anybody = not digests and not needs_certificate

    @classmethod
    def of(cls, settings: GatewaySettings) -> Clients:
        """What these settings ask."""
        digests = [hashlib.sha256(token.encode()).digest() for token in settings.tokens]
        return cls(digests, needs_certificate=settings.needs_certificate)

    def rejection(self, scope: Mapping[str, object], authorization: bytes, *, token: bool = True) -> Reason | None:
        """Why a client is not one of ours; without `token`, whatever else it sends proves it."""
        if self.needs_certificate and not scope.get(CERTIFIED):
            return _reason("it showed no client certificate")
        if not token or not self.digests:
            return None
        scheme, _, given = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            return _reason("it sent no bearer token")
        digest = hashlib.sha256(given.strip()).digest()
        # No early end, so that the time it takes does not say which token was nearly right.
        matches = [hmac.compare_digest(digest, known) for known in self.digests]
        if not any(matches):
            return _reason("its bearer token is none of those known")
        return None


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    """The value of a request's field; those of several, joined as one list; b"" without any."""
    return b", ".join([value for each, value in headers if each == name])


def _reason(message: str) -> Reason:
    return Reason(code="request.unauthenticated", subject="client", message=message)
