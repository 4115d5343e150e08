"""The gateway's side of TLS, renewed while it serves.

* TLS 1.2 or newer; a client's certificate, where one is shown, is verified or the handshake fails
* new files count from the next handshake on, and no session of before is resumed
* whether clients need certificates is asked of every request (`clients`), so that /healthz needs none
"""

from __future__ import annotations

import ssl

from verifier.core.errors import ConfigurationError
from verifier.gateway.settings.settings import Tls


def server_context(settings: Tls) -> ssl.SSLContext:
    """A context for these files; `ConfigurationError` where they do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    try:
        context.load_cert_chain(settings.certificate, settings.key, password=_no_passphrase)
        if settings.client_ca is not None:
            context.load_verify_locations(settings.client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise ConfigurationError(f"the certificate cannot be used: {error}", where="tls") from error
    return context


class RenewableContext:
    """The context that a server is started with; what it stands for is exchanged."""

    def __init__(self, settings: Tls) -> None:
        self.outer = _Newest(ssl.PROTOCOL_TLS_SERVER)
        self.outer.newest = server_context(settings)

    def renew(self, context: ssl.SSLContext) -> None:
        """Let the next handshakes use `context`."""
        self.outer.newest = context


class _Newest(ssl.SSLContext):
    """Makes each connection with the newest context, in whole: exchanged during a handshake (SNI), the old one would
    still resume its sessions of TLS 1.2, whose clients nobody verifies again."""

    newest: ssl.SSLContext

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """A connection of the newest context; the event loop asks for nothing else."""
        return self.newest.wrap_bio(incoming, outgoing, server_side, server_hostname, session)


def _no_passphrase() -> str:
    # Otherwise OpenSSL would ask on the terminal.
    raise ValueError("its key has a passphrase, which nobody is here to type")
