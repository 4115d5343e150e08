"""What the gateway is told: where it listens, whom it answers, which bundles it keeps.

* beyond loopback there is TLS and every client says who it is, unless keys with ugly names say otherwise
* two bundles never share a path, and none takes a page's
* secrets do not show in a representation
"""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value, field
from verifier.loading.preload import Fallback
from verifier.trust.vocabulary import is_plain_name

if TYPE_CHECKING:
    from verifier.gateway.settings.images import ImageSettings
    from verifier.sources.upstream import Access

DEFAULT_LISTEN = "127.0.0.1:8282"
DEFAULT_POLL = timedelta(seconds=30)
SHORTEST_POLL = timedelta(seconds=1)
SPACING = timedelta(seconds=1)
"""Between two fetches, whatever asks for them, and until the first one after a failure."""
LONGEST_WAIT = timedelta(minutes=10)
"""How long a long poll may be held, ours for OPA or an upstream's for us."""
VALIDATE = "/v1beta1/validate"
"""Where Gatekeeper asks about images."""
PAGES = frozenset({"/", "/healthz", "/readyz", "/metrics", "/status", "/notify", VALIDATE})
"""Paths that are the gateway's own."""

MAX_CONNECTIONS = 2_048
MAX_BUNDLES = 100
"""Each has threads of its own, so that none waits for another."""
LEAST_SECRET = 24
"""Bytes of a webhook's secret: what Standard Webhooks asks for."""
LEAST_TOKEN = 16
"""Characters of a bearer token."""

_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+\Z")
_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z")  # RFC 6750, section 2.1


class ListenOn(Value):
    """Where clients connect to; port 0 takes a free one."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine can connect."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @classmethod
    def parse(cls, text: str) -> ListenOn:
        """Read `host:port` or `[address]:port`; raises `ValueError`."""
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"must be host:port, as in {DEFAULT_LISTEN}, not {text!r} ({error})") from error
        if not host or port is None or parts.path or parts.query or parts.fragment or "@" in text:
            raise ValueError(f"must be host:port, as in {DEFAULT_LISTEN}, not {text!r}")
        return cls(host=host, port=port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Tls(Value):
    """The gateway's own certificate and, where clients need one, who issues theirs."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class Notify(Value):
    """Who may announce a release: whoever signs with one of these secrets, within the window."""

    secrets: tuple[bytes, ...] = field(repr=False)
    window: timedelta = timedelta(minutes=5)


class BundleSettings(Value):
    """One bundle: where it comes from, what proves it, where it is served."""

    name: str
    path: str
    upstream: str
    access: Access
    poll: timedelta = DEFAULT_POLL
    spacing: timedelta = SPACING
    wait: timedelta = timedelta(0)
    verdict: str | None = None
    attestations: tuple[str, ...] = ()
    resource_uri: str = ""
    fallback: Fallback = "deny"
    levels: tuple[str, ...] = ()


class GatewaySettings(Value):
    """Everything, read and checked; files that it names are read when it is put to use."""

    listen: ListenOn
    policy: Path
    ledger: str = field(repr=False)
    bundles: tuple[BundleSettings, ...]
    images: ImageSettings | None = None
    cache: Path | None = None
    tls: Tls | None = None
    tokens: tuple[str, ...] = field(default=(), repr=False)
    notify: Notify | None = None
    connections: int = MAX_CONNECTIONS
    stated_per_address: int | None = None
    hosts: tuple[str, ...] = ()
    longest_wait: timedelta = LONGEST_WAIT
    plain_http_beyond_loopback: bool = False
    anonymous_clients_beyond_loopback: bool = False

    def __post_init__(self) -> None:
        least = 0 if self.images is not None else 1
        if not least <= len(self.bundles) <= MAX_BUNDLES:
            message = f"from {least} to {MAX_BUNDLES} bundles are needed, not {len(self.bundles)}"
            raise ConfigurationError(message, where="bundles")
        seen: dict[str, str] = {}
        for bundle in self.bundles:
            if seen.setdefault(bundle.path, bundle.name) != bundle.name:
                message = f"{bundle.path} is the path of the bundle {seen[bundle.path]!r} already"
                raise ConfigurationError(message, where=f"bundles.{bundle.name}")
        if self.listen.is_loopback:
            return
        if self.tls is None and not self.plain_http_beyond_loopback:
            hint = "Add a [tls] table, or listen on 127.0.0.1."
            raise ConfigurationError(f"{self.listen} is not loopback and needs TLS", where="listen", hint=hint)
        if not self.clients_say_who_they_are and not self.anonymous_clients_beyond_loopback:
            hint = "Add tls.client_ca or clients.bearer_token_files, or listen on 127.0.0.1."
            message = f"{self.listen} is not loopback, and anybody there could read the bundles"
            raise ConfigurationError(message, where="listen", hint=hint)

    @property
    def connections_per_address(self) -> int:
        """How many connections one address may have: what was stated, else half of all, so that nobody has them all.

        On loopback everybody has the same address, and so has who comes through a proxy there: all of them.
        """
        if self.stated_per_address is not None:
            return min(self.stated_per_address, self.connections)
        return self.connections if self.listen.is_loopback else max(1, self.connections // 2)

    @property
    def needs_certificate(self) -> bool:
        """Whether a client must show a certificate."""
        return self.tls is not None and self.tls.client_ca is not None

    @property
    def clients_say_who_they_are(self) -> bool:
        """Whether a client must show a certificate or a token."""
        return self.needs_certificate or bool(self.tokens)


def check_bundle_name(name: str) -> str:
    """A name that the trust policy can have a rule for."""
    if not is_plain_name(name):
        raise ValueError(f"cannot be a bundle's name: {name!r}")
    return name


def check_bundle_path(path: str) -> str:
    """A path that reads the same however a client or a proxy spells it, and is no page of the gateway's."""
    if not _PATH.match(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(f"must be a path of letters, digits and ._~-, as in /bundles/authz, not {path!r}")
    if path in PAGES:
        raise ValueError(f"is {path}, which is a page of the gateway")
    return path


def check_host_name(text: str) -> str:
    """A name by which clients ask, without a port, in small letters."""
    if not _HOST_NAME.match(text):
        raise ValueError(
            f"must be a host's name in small letters, without a port, as in gateway.example.org, not {text!r}"
        )
    return text


def check_token(text: str) -> str:
    """A bearer token as RFC 6750 writes it."""
    if not _TOKEN.match(text) or len(text) < LEAST_TOKEN:
        raise ValueError(f"must hold a token of at least {LEAST_TOKEN} letters, digits and -._~+/")
    return text
