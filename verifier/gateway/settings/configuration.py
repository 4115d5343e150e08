"""The gateway's configuration file: TOML, read strictly, every error at its FILE:LINE.

* an unknown key, a value of another type, a missing file is an error
* secrets stand in files of their own, never in the configuration
* paths are relative to the folder of the configuration

The reference is docs/gateway.md.
"""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from verifier.core.errors import ConfigurationError
from verifier.files.read import read_named_file
from verifier.formats.toml.document import open_document
from verifier.formats.toml.table import Table
from verifier.gateway.settings.image_table import read_images
from verifier.gateway.settings.peers import PEER_KEYS, access_of
from verifier.gateway.settings.settings import (
    DEFAULT_LISTEN,
    DEFAULT_POLL,
    LEAST_SECRET,
    LONGEST_WAIT,
    MAX_CONNECTIONS,
    SHORTEST_POLL,
    BundleSettings,
    GatewaySettings,
    ListenOn,
    Notify,
    Tls,
    check_bundle_name,
    check_bundle_path,
    check_host_name,
    check_token,
)
from verifier.gateway.settings.values import ZERO, duration, existing, lines_of
from verifier.loading.preload import Fallback
from verifier.net.network import Network
from verifier.trust.vocabulary import check_resource

MAX_CONFIGURATION_BYTES = 256 * 1024
_DAY = timedelta(days=1)
_PLAIN_HTTP = "dangerously-serve-plain-http-beyond-loopback"
_ANYBODY = "dangerously-serve-anybody-beyond-loopback"
_TOP_KEYS = frozenset(
    {"version", "listen", "hosts", "policy", "ledger", "cache", "tls", "clients", "notify", "limits", "bundles"}
    | {"images", _PLAIN_HTTP, _ANYBODY}
)
_BUNDLE_KEYS = PEER_KEYS | frozenset(
    {"upstream", "path", "poll", "wait", "verdict", "attestations", "resource_uri", "fallback", "levels"}
)


def load_settings(path: Path, *, network: Network | None = None) -> GatewaySettings:
    """The settings in the file at `path`; raises `ConfigurationError` for whatever is wrong with it.

    `network` says how upstreams are reached, which is the machine's to know and not the file's.
    """
    try:
        source = read_named_file(path, max_bytes=MAX_CONFIGURATION_BYTES)
    except ConfigurationError as error:
        raise ConfigurationError(error.message, where=str(path), hint=error.hint) from error
    try:
        return parse_settings(source, where=str(path), folder=path.parent, network=network)
    except ConfigurationError as error:
        if b"[artifacts." in source and b"[bundles." not in source:
            message = "this is a trust policy, expected a gateway's configuration (docs/gateway.md)"
            hint = 'Name it there, as in policy = "trust.toml"; or give --policy, --upstream and --name.'
            raise ConfigurationError(message, where=str(path), hint=hint) from error
        raise


def parse_settings(source: bytes, *, where: str, folder: Path, network: Network | None = None) -> GatewaySettings:
    """The settings in `source`, which errors call `where`."""
    top = open_document(
        source, where=where, known=_TOP_KEYS, max_bytes=MAX_CONFIGURATION_BYTES, whole="the configuration"
    )
    listen = top.optional_text("listen") or DEFAULT_LISTEN
    limits = top.table("limits", frozenset({"connections", "connections_per_address", "wait"})) or _empty(top, "limits")
    cache = top.optional_text("cache")
    bundles = tuple(_bundle(name, each, folder, network) for name, each in top.named_tables("bundles", _BUNDLE_KEYS))
    try:
        return GatewaySettings(
            listen=top.checked("listen", lambda: ListenOn.parse(listen)),
            policy=folder / top.text("policy"),
            ledger=top.text("ledger"),
            bundles=bundles,
            images=read_images(top, folder, network),
            cache=folder / cache if cache else None,
            tls=_tls(top, folder),
            tokens=_tokens(top, folder),
            notify=_notify(top, folder),
            connections=limits.integer("connections", low=1, high=100_000, default=MAX_CONNECTIONS),
            stated_per_address=_per_address(limits),
            hosts=top.optional_texts("hosts", check_host_name),
            longest_wait=duration(limits, "wait", default=LONGEST_WAIT, low=ZERO, high=LONGEST_WAIT),
            plain_http_beyond_loopback=top.flag(_PLAIN_HTTP, default=False),
            anonymous_clients_beyond_loopback=top.flag(_ANYBODY, default=False),
        )
    except ConfigurationError as error:
        if error.where.startswith(where):
            raise
        path = tuple(error.where.split(".", 1))
        raise top.source.error(path, error.message, error.hint) from error


def _bundle(name: str, section: Table, folder: Path, network: Network | None) -> BundleSettings:
    try:
        check_bundle_name(name)
    except ValueError as error:
        raise section.source.error(section.path, f"{section.spelled} {error}") from error
    place = partial(_place, folder=folder)
    path = f"/bundles/{name}" if "path" not in section.values else section.text("path")
    return BundleSettings(
        name=name,
        path=section.checked("path", lambda: check_bundle_path(path)),
        upstream=section.required_text("upstream", place),
        access=access_of(section, folder, network, is_registry=section.text("upstream").startswith("oci:")),
        poll=duration(section, "poll", default=DEFAULT_POLL, low=SHORTEST_POLL, high=_DAY),
        wait=duration(section, "wait", default=ZERO, low=ZERO, high=LONGEST_WAIT),
        verdict=section.checked_text("verdict", place),
        attestations=section.checked_texts("attestations", place) if "attestations" in section.values else (),
        resource_uri=section.checked_text("resource_uri", check_resource) or "",
        fallback=cast("Fallback", section.choice("fallback", ("deny", "full"))),
        levels=_optional_texts(section, "levels"),
    )


def _tls(top: Table, folder: Path) -> Tls | None:
    section = top.table("tls", frozenset({"certificate", "key", "client_ca"}))
    if section is None:
        return None
    section.required("certificate")
    section.required("key")
    certificate, key = existing(section, "certificate", folder), existing(section, "key", folder)
    if certificate is None or key is None:
        raise section.error("certificate", "and key are needed")
    return Tls(certificate=certificate, key=key, client_ca=existing(section, "client_ca", folder))


def _tokens(top: Table, folder: Path) -> tuple[str, ...]:
    section = top.table("clients", frozenset({"bearer_token_files"}))
    return () if section is None else lines_of(section, "bearer_token_files", folder, check_token)


def _notify(top: Table, folder: Path) -> Notify | None:
    section = top.table("notify", frozenset({"secret_files", "window"}))
    if section is None:
        return None
    window = duration(
        section, "window", default=timedelta(minutes=5), low=timedelta(seconds=10), high=timedelta(hours=1)
    )
    return Notify(secrets=lines_of(section, "secret_files", folder, _webhook_secret), window=window)


def _webhook_secret(text: str) -> bytes:
    """`whsec_` and base64, as Standard Webhooks writes it, or the secret itself."""
    secret = text.encode()
    if text.startswith("whsec_"):
        try:
            secret = base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise ValueError(f"must hold base64 after whsec_ ({error})") from error
    if len(secret) < LEAST_SECRET:
        raise ValueError(f"must hold a secret of at least {LEAST_SECRET} bytes, not {len(secret)}")
    return secret


def _place(reference: str, folder: Path) -> str:
    """A URL as it is, a path below `folder`."""
    if "://" not in reference:
        return str(folder / reference)
    if urlsplit(reference).password is not None:
        raise ValueError("must not hold a password: it belongs into a file")
    return reference


def _optional_texts(section: Table, key: str) -> tuple[str, ...]:
    return section.texts(key) if key in section.values else ()


def _per_address(limits: Table) -> int | None:
    key = "connections_per_address"
    return limits.integer(key, low=1, high=100_000, default=1) if key in limits.values else None


def _empty(top: Table, key: str) -> Table:
    return Table(source=top.source, path=(*top.path, key), values={})
