"""Ledgers by URL: the one place that knows the back ends by name, and loads the one that is asked for.

* `sqlite:///absolute/path`, or `sqlite:relative/path`
* `postgresql://user@host:port/database`, with the extra `postgres`
* any other URL is a `ConfigurationError`
"""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote_to_bytes, urlsplit

from verifier.core.errors import ConfigurationError
from verifier.ledger.interface import Head, Ledger

_POSTGRES = "postgresql://"


def open_ledger_url(url: str, *, expect_head: Head | None = None, read_only: bool = False) -> Ledger:
    """Open the existing ledger at `url`; `ledger.unavailable` where there is none.

    `expect_head` is one that it once had (`Ledger.head`): one that never had it is `ledger.corrupt`.
    """
    ledger = _opened(url, read_only=read_only)
    if expect_head is not None:
        from verifier.ledger.history import require_head  # noqa: PLC0415

        try:
            require_head(ledger, expect_head)
        except BaseException:
            ledger.close()
            raise
    return ledger


def create_ledger_url(url: str) -> str:
    """Make a new, empty ledger at `url`; what stands there already is never replaced. The URL without secrets."""
    if url.startswith(_POSTGRES):
        made: str = _postgres().create_ledger(url)
        return made
    from verifier.ledger.sqlite.store import create_ledger  # noqa: PLC0415

    create_ledger(ledger_path(url))
    return url


def ledger_path(url: str) -> Path:
    """The file that an SQLite ledger's URL names."""
    if url.lower().startswith(("postgresql:", "postgres:")):  # it may hold a password: it is not repeated
        hint = "Its owner makes it, once: verify ledger init --ledger postgresql://…"
        raise ConfigurationError("a ledger postgresql://… lies in no file", where="ledger", hint=hint)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigurationError(f"not a URL: {url!r} ({error})", where="ledger") from error
    if parts.scheme != "sqlite" or parts.netloc or parts.query or parts.fragment:
        hint = "" if parts.scheme else f"a relative path is written sqlite:{url}"
        raise ConfigurationError(f"a ledger is named sqlite:///path, not {url!r}", where="ledger", hint=hint)
    path = os.fsdecode(unquote_to_bytes(parts.path))
    if not path or "\0" in path:
        raise ConfigurationError(f"a ledger's URL names a file: {url!r} does not", where="ledger")
    return Path(path)


def _opened(url: str, *, read_only: bool) -> Ledger:
    if url.startswith(_POSTGRES):
        opened: Ledger = _postgres().open_ledger(url, read_only=read_only)
        return opened
    from verifier.ledger.sqlite.store import open_ledger  # noqa: PLC0415

    return open_ledger(ledger_path(url), read_only=read_only)


def _postgres() -> ModuleType:
    """The PostgreSQL back end, where its driver is installed."""
    try:
        from verifier.ledger.postgres import store as postgres  # noqa: PLC0415
    except ImportError as error:
        hint = "install policy-verifier[postgres]"
        raise ConfigurationError(f"a PostgreSQL ledger needs psycopg: {error}", where="ledger", hint=hint) from error
    return postgres
