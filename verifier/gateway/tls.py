"""The gateway's side of TLS, renewed while it serves.

* TLS 1.2 or newer; a client's certificate, where one is shown, is verified or the handshake fails
* new files count from the next handshake on, and no session of before is resumed
* whether clients need certificates is asked of every request (`clients`), so that /healthz needs none
"""

from __future__ import annotations

import os
import ssl
from contextlib import ExitStack
from pathlib import Path

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value, field
from verifier.files.read import read_named_file
from verifier.files.sealed import sealed
from verifier.gateway.settings.settings import Tls
from verifier.gateway.settings.values import MAX_PEM_BYTES


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


class Material(Value):
    """What the files held when they were read, for processes that are not to read them again."""

    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)
    client_ca: bytes = field(default=b"", repr=False)

    @classmethod
    def read(cls, settings: Tls) -> Material:
        """What they hold; `ConfigurationError` where they do not fit. Linux: they are tried from memory files."""
        ca = b"" if settings.client_ca is None else read_named_file(settings.client_ca, max_bytes=MAX_PEM_BYTES)
        files = (settings.certificate, settings.key)
        certificate, key = (read_named_file(each, max_bytes=MAX_PEM_BYTES) for each in files)
        material = cls(certificate=certificate, key=key, client_ca=ca)
        material.context()
        return material

    def context(self) -> ssl.SSLContext:
        """As `server_context`."""
        with ExitStack() as held:
            places = []
            for content in (self.certificate, self.key, self.client_ca):
                place = sealed(content)
                held.callback(os.close, place)
                places.append(Path(f"/proc/self/fd/{place}"))
            ca = places[2] if self.client_ca else None
            return server_context(Tls(certificate=places[0], key=places[1], client_ca=ca))


class RenewableContext:
    """The context that a server is started with; what it stands for is exchanged."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.outer = _Newest(ssl.PROTOCOL_TLS_SERVER)
        self.outer.newest = context

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
