"""How to reach what somebody named: credentials, trust anchors, and what may be done on the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.value import Value, field

if TYPE_CHECKING:
    from verifier.net.network import Network


class Access(Value):
    """The credentials for one named peer, and how far a connection to it may lead.

    Credentials and the client certificate go to the scheme, host and port that was named, and nowhere else; a user
    name and password also to `token_host`, which is the host of a registry's token service where that is another one
    ("auth.docker.io"). `ca_file` replaces the system's authorities for the named peer. `allow_private` lets redirects
    and token services lead to addresses that are not public; `plain_http` lets the named peer be asked without TLS
    where it is not on loopback. `timeout_s` bounds each connection and each read; the whole is bounded as well.
    `network` says by which proxy others are reached, if by any; None reaches everybody directly.
    """

    bearer_token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    allow_private: bool = False
    plain_http: bool = False
    token_host: str | None = None
    timeout_s: float = 10.0
    network: Network | None = None

    @property
    def basic(self) -> str | None:
        """The value of an `Authorization` field with the user name and password (RFC 7617), None without them."""
        if self.username is None or self.password is None:
            return None
        import base64  # noqa: PLC0415 - only for those who have credentials

        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")

    @property
    def bearer(self) -> str | None:
        """The value of an `Authorization` field with the token (RFC 6750), None without one."""
        return None if self.bearer_token is None else f"Bearer {self.bearer_token}"
