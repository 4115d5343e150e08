"""SQLite ledgers by URL: `sqlite:///absolute/path`, or `sqlite:relative/path`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown
from verifier.ledger.interface import Ledger
from verifier.ledger.sqlite import store

_FORMS = "Write sqlite:ledger.db (from this folder), sqlite:///var/lib/verifier/ledger.db, or postgresql://user@host/database."


def open_ledger(url: str, *, read_only: bool) -> Ledger:
    """Open the existing ledger at `url`."""
    return store.open_ledger(ledger_path(url), read_only=read_only)


def history_texts(url: str) -> Iterator[str]:
    """The texts of its events, whatever else is wrong with the file."""
    return store.history_texts(ledger_path(url))


def create_ledger(url: str) -> str:
    """Make a new, empty ledger at `url`, and return its URL."""
    store.create_ledger(ledger_path(url))
    return url


def ledger_path(url: str) -> Path:
    """The file that an SQLite ledger's URL names."""
    if url.lower().startswith("postgres:"):  # as libpq and many services write it
        hint = "Write postgresql in its place; the rest of the URL stays."
        raise ConfigurationError("a PostgreSQL ledger is named postgresql:, not postgres:", where="ledger", hint=hint)
    if url.lower().startswith("postgresql:"):  # it may hold a password: it is not repeated
        hint = "Its owner makes it, once: verify ledger init --ledger postgresql://…"
        raise ConfigurationError("a ledger postgresql://… lies in no file", where="ledger", hint=hint)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigurationError(f"not a URL: {shown(url)!r}", where="ledger") from error
    if parts.scheme != "sqlite" or parts.netloc or parts.query or parts.fragment:
        is_path = not parts.scheme and shown(url) == url
        hint = f"a relative path is written sqlite:{url}" if is_path else _FORMS
        raise ConfigurationError(f"a ledger is named sqlite:///path, not {shown(url)!r}", where="ledger", hint=hint)
    path = os.fsdecode(unquote_to_bytes(parts.path))
    if not path or "\0" in path:
        raise ConfigurationError(f"a ledger's URL names a file: {shown(url)!r} does not", where="ledger", hint=_FORMS)
    return Path(path)
