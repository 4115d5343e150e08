"""How to reach what somebody named: credentials, trust anchors, and what may be done on the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value, field
from verifier.net.address import Origin, parse_web_address

if TYPE_CHECKING:
    from verifier.formats.oci.logins import Login
    from verifier.net.network import Network


class Stored(Protocol):
    """Where credentials are kept."""

    def login(self, registry: str, repository: str) -> Login | None:
        """What is kept for a registry, as references name it; None for nothing, `Refused` where it cannot be had."""


class Mirror(Value):
    """Another registry that holds copies, below `prefix` where it has one ("hub/"), and how to reach it."""

    host: str
    prefix: str = ""
    access: Access


class Access(Value):
    """The credentials for one named peer, and how far a connection to it may lead.

    Credentials and the client certificate go to the scheme, host and port that was named, and nowhere else. With
    `token_host`, "HOST" or "HOST:PORT", a registry's user name and password go there instead, by https, and to the
    registry no more ("auth.docker.io"); `token_service` is what that token service calls the registry, where it is not
    the registry's own name ("container_registry"). `ca_file` replaces the system's authorities for the named peer.
    `allow_private` lets redirects and token services lead to addresses that are not public; `plain_http` lets the named
    peer be asked without TLS where it is not on loopback. `timeout_s` bounds each connection and each read; the whole
    is bounded as well.
    `identity_token` is sent in the place of user name and password to a token service that takes it. `stored` is where
    to look for credentials where none are given here, once a registry asks for some. What fails for the moment is asked
    for `attempts` times. What is named by its digest is asked for at the `mirrors` first, in their order;
    `tags_from_mirrors` is whether they are believed in what a tag names, and in what refers to a manifest.
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
    token_service: str | None = None
    timeout_s: float = 10.0
    network: Network | None = None
    identity_token: str | None = field(default=None, repr=False)
    stored: Stored | None = field(default=None, repr=False)
    attempts: int = 3
    mirrors: tuple[Mirror, ...] = ()
    tags_from_mirrors: bool = False

    def __post_init__(self) -> None:
        if self.token_host is not None:
            try:
                check_token_host(self.token_host)
            except ValueError as error:
                raise ConfigurationError(str(error), where="token_host") from None

    @property
    def token_origin(self) -> Origin | None:
        """The one scheme, host and port of the token host; None where none was named."""
        return None if self.token_host is None else parse_web_address(f"https://{self.token_host}").origin

    @property
    def has_secret(self) -> bool:
        """Whether there is something for a token service, or a registry, that must go to nobody else."""
        return self.basic is not None or self.identity_token is not None

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


def check_token_host(text: str) -> str:
    """`HOST` or `HOST:PORT`; raises `ValueError` for anything else."""
    expected = f"must be HOST or HOST:PORT, as in auth.example.org:8443, not {text!r}"
    try:
        address = parse_web_address(f"https://{text}")
    except ValueError as error:
        raise ValueError(f"{expected} ({error})") from None
    if address.target != "/" or any(sign in text for sign in "/?#"):
        raise ValueError(expected)
    return text
