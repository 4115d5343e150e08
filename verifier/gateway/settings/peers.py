"""How a server or registry is reached: credentials, authorities, and what is allowed on the way; keys of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from verifier.formats.toml.table import Table
from verifier.gateway.settings.values import existing, secret_text
from verifier.net.access import check_token_host
from verifier.net.network import Network
from verifier.sources.upstream import Access

_FETCH_PLAIN_HTTP: Final = "dangerously-fetch-by-plain-http"
PEER_KEYS: Final = frozenset(
    {"token_file", "username", "password_file", "token_host", "token_service", "ca_file", "client_certificate"}
    | {"client_key", "allow_private", _FETCH_PLAIN_HTTP}
)


def access_of(section: Table, folder: Path, network: Network | None, *, is_registry: bool) -> Access:
    """What a table says of one peer."""
    if ("username" in section.values) != ("password_file" in section.values):
        given = "username" if "username" in section.values else "password_file"
        raise section.error(given, "needs its counterpart: a user name and the file of its password")
    if ("client_certificate" in section.values) != ("client_key" in section.values):
        given = "client_certificate" if "client_certificate" in section.values else "client_key"
        raise section.error(given, "needs its counterpart: a certificate and its key")
    if {"token_file", "username"} <= section.values.keys():
        raise section.error("token_file", "cannot stand beside a user name: one of the two is sent")
    for key in ("token_host", "token_service"):
        if key in section.values and not ("username" in section.values and is_registry):
            raise section.error(key, "is for an oci:// upstream with a user name and a password")
    return Access(
        bearer_token=secret_text(section, "token_file", folder),
        username=section.optional_text("username"),
        password=secret_text(section, "password_file", folder),
        ca_file=existing(section, "ca_file", folder),
        client_certificate=existing(section, "client_certificate", folder),
        client_key=existing(section, "client_key", folder),
        token_host=section.checked_text("token_host", check_token_host),
        token_service=section.optional_text("token_service"),
        allow_private=section.flag("allow_private", default=False),
        plain_http=section.flag(_FETCH_PLAIN_HTTP, default=False),
        network=network,
        attempts=1,  # it asks again at the next poll
    )
