"""The gateway's configuration file: TOML, read strictly, every error at its FILE:LINE.

* an unknown key, a value of another type, a missing file is an error
* secrets stand in files of their own, never in the configuration
* paths are relative to the folder of the configuration

The reference is docs/gateway.md.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

from verifier.core.clock import parse_duration
from verifier.core.errors import ConfigurationError
from verifier.files.place import exchanges
from verifier.files.read import read_named_file
from verifier.formats.toml.document import open_document
from verifier.formats.toml.table import Table
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
from verifier.loading.preload import Fallback
from verifier.net.access import check_token_host
from verifier.net.network import Network
from verifier.sources.upstream import Access
from verifier.trust.vocabulary import check_resource

MAX_CONFIGURATION_BYTES = 256 * 1024
_MAX_SECRET_BYTES = 8 * 1024
_MAX_PEM_BYTES = 1024 * 1024
_DAY = timedelta(days=1)
_ZERO: Final = timedelta(0)
_PLAIN_HTTP = "dangerously-serve-plain-http-beyond-loopback"
_FETCH_PLAIN_HTTP = "dangerously-fetch-by-plain-http"
_ANYBODY = "dangerously-serve-anybody-beyond-loopback"
_TOP_KEYS = frozenset(
    {"version", "listen", "hosts", "policy", "ledger", "cache", "tls", "clients", "notify", "limits", "bundles"}
    | {_PLAIN_HTTP, _ANYBODY}
)
_BUNDLE_KEYS = frozenset(
    {"upstream", "path", "poll", "wait", "verdict", "attestations", "resource_uri", "fallback", "levels"}
    | {
        "token_file",
        "username",
        "password_file",
        "token_host",
        "token_service",
        "ca_file",
        "client_certificate",
        "client_key",
    }
    | {"allow_private", _FETCH_PLAIN_HTTP}
)


def load_settings(path: Path, *, network: Network | None = None) -> GatewaySettings:
    """The settings in the file at `path`; raises `ConfigurationError` for whatever is wrong with it.

    `network` says how upstreams are reached, which is the machine's to know and not the file's.
    """
    try:
        source = read_named_file(path, max_bytes=MAX_CONFIGURATION_BYTES)
    except ConfigurationError as error:
        raise ConfigurationError(error.message, where=str(path), hint=error.hint) from error
    return parse_settings(source, where=str(path), folder=path.parent, network=network)


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
            cache=folder / cache if cache else None,
            tls=_tls(top, folder),
            tokens=_tokens(top, folder),
            notify=_notify(top, folder),
            connections=limits.integer("connections", low=1, high=100_000, default=MAX_CONNECTIONS),
            stated_per_address=_per_address(limits),
            hosts=top.optional_texts("hosts", check_host_name),
            longest_wait=_duration(limits, "wait", default=LONGEST_WAIT, low=_ZERO, high=LONGEST_WAIT),
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
        access=_access(section, folder, network),
        poll=_duration(section, "poll", default=DEFAULT_POLL, low=SHORTEST_POLL, high=_DAY),
        wait=_duration(section, "wait", default=_ZERO, low=_ZERO, high=LONGEST_WAIT),
        verdict=section.checked_text("verdict", place),
        attestations=section.checked_texts("attestations", place) if "attestations" in section.values else (),
        resource_uri=section.checked_text("resource_uri", check_resource) or "",
        fallback=cast("Fallback", section.choice("fallback", ("deny", "full"))),
        levels=_optional_texts(section, "levels"),
    )


def _access(section: Table, folder: Path, network: Network | None) -> Access:
    if ("username" in section.values) != ("password_file" in section.values):
        given = "username" if "username" in section.values else "password_file"
        raise section.error(given, "needs its counterpart: a user name and the file of its password")
    if ("client_certificate" in section.values) != ("client_key" in section.values):
        given = "client_certificate" if "client_certificate" in section.values else "client_key"
        raise section.error(given, "needs its counterpart: a certificate and its key")
    if {"token_file", "username"} <= section.values.keys():
        raise section.error("token_file", "cannot stand beside a user name: one of the two is sent")
    for key in ("token_host", "token_service"):
        if key in section.values and not ("username" in section.values and section.text("upstream").startswith("oci:")):
            raise section.error(key, "is for an oci:// upstream with a user name and a password")
    return Access(
        bearer_token=_secret_text(section, "token_file", folder),
        username=section.optional_text("username"),
        password=_secret_text(section, "password_file", folder),
        ca_file=_existing(section, "ca_file", folder),
        client_certificate=_existing(section, "client_certificate", folder),
        client_key=_existing(section, "client_key", folder),
        token_host=section.checked_text("token_host", check_token_host),
        token_service=section.optional_text("token_service"),
        allow_private=section.flag("allow_private", default=False),
        plain_http=section.flag(_FETCH_PLAIN_HTTP, default=False),
        network=network,
        attempts=1,  # it asks again at the next poll
    )


def _tls(top: Table, folder: Path) -> Tls | None:
    section = top.table("tls", frozenset({"certificate", "key", "client_ca"}))
    if section is None:
        return None
    section.required("certificate")
    section.required("key")
    certificate, key = _existing(section, "certificate", folder), _existing(section, "key", folder)
    if certificate is None or key is None:
        raise section.error("certificate", "and key are needed")
    return Tls(certificate=certificate, key=key, client_ca=_existing(section, "client_ca", folder))


def _tokens(top: Table, folder: Path) -> tuple[str, ...]:
    section = top.table("clients", frozenset({"bearer_token_files"}))
    if section is None:
        return ()
    key = "bearer_token_files"
    files = section.texts(key)
    return tuple(
        section.checked(key, lambda index=index, file=file: check_token(_text(section, key, folder / file, index)))  # type: ignore[misc]
        for index, file in enumerate(files)
    )


def _notify(top: Table, folder: Path) -> Notify | None:
    section = top.table("notify", frozenset({"secret_files", "window"}))
    if section is None:
        return None
    key = "secret_files"
    secrets = tuple(
        section.checked(key, lambda index=index, file=file: _webhook_secret(_text(section, key, folder / file, index)))  # type: ignore[misc]
        for index, file in enumerate(section.texts(key))
    )
    window = _duration(
        section, "window", default=timedelta(minutes=5), low=timedelta(seconds=10), high=timedelta(hours=1)
    )
    return Notify(secrets=secrets, window=window)


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


def _secret_text(section: Table, key: str, folder: Path) -> str | None:
    return _text(section, key, folder / section.text(key)) if key in section.values else None


def _text(section: Table, key: str, path: Path, index: int | None = None) -> str:
    """The one line of a secret's file."""
    content = _content(section, key, path, _MAX_SECRET_BYTES, index)
    try:
        text = content.decode("ascii").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise section.error(key, f"names {path}, which is not ASCII text", index=index) from error
    if not text or not text.isprintable():
        raise section.error(key, f"names {path}, which does not hold one line of text", index=index)
    return text


def _existing(section: Table, key: str, folder: Path) -> Path | None:
    """The path under `key`, after reading it once: what is missing is said here, not at the first connection."""
    if key not in section.values:
        return None
    path = folder / section.text(key)
    _content(section, key, path, _MAX_PEM_BYTES)
    return path


def _content(section: Table, key: str, path: Path, limit: int, index: int | None = None) -> bytes:
    if (found := next((each for each in exchanges(path) if each.anybody), None)) is not None:
        raise section.error(key, f"names {path}: {found}", index=index)
    try:
        return read_named_file(path, max_bytes=limit)
    except ConfigurationError as error:
        raise section.error(key, f"names {path}: {error.message}", index=index) from error


def _optional_texts(section: Table, key: str) -> tuple[str, ...]:
    return section.texts(key) if key in section.values else ()


def _duration(section: Table, key: str, *, default: timedelta, low: timedelta, high: timedelta) -> timedelta:
    if key not in section.values:
        return default
    text = section.text(key)
    value: timedelta = section.checked(key, _reading(text))
    if not low <= value <= high:
        raise section.error(key, f"must be from {_spelled(low)} to {_spelled(high)}, not {text}")
    return value


def _reading(text: str) -> Callable[[], timedelta]:
    return lambda: _ZERO if text == "0s" else parse_duration(text)


def _spelled(duration: timedelta) -> str:
    return f"{int(duration.total_seconds())}s"


def _per_address(limits: Table) -> int | None:
    key = "connections_per_address"
    return limits.integer(key, low=1, high=100_000, default=1) if key in limits.values else None


def _empty(top: Table, key: str) -> Table:
    return Table(source=top.source, path=(*top.path, key), values={})
