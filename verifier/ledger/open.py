"""Ledgers by URL: the one place that knows the back ends by name, and loads the one that is asked for.

* `sqlite:///absolute/path`, or `sqlite:relative/path`
* `postgresql://user@host:port/database`, with the extra `postgres`
* any other URL is a `ConfigurationError`

Adding a back end is a folder and a row here: its module has `open_ledger(url, read_only=...)`, `create_ledger(url)`,
which returns the URL without secrets, and `history_texts(url)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType

from verifier.core.errors import ConfigurationError
from verifier.core.text.extras import how_to_install
from verifier.core.value import Value
from verifier.ledger.interface import Head, Ledger


class _BackEnd(Value):
    """Where a back end is defined below this package; what it is called, needs, and which extra brings that."""

    module: str
    name: str
    needs: str = ""
    extra: str = ""


_SQLITE = _BackEnd(module="sqlite.url", name="SQLite")
BACK_ENDS: Mapping[str, _BackEnd] = MappingProxyType(
    {
        "sqlite:": _SQLITE,
        "postgresql://": _BackEnd(module="postgres.store", name="PostgreSQL", needs="psycopg", extra="postgres"),
    }
)
"""By what their URLs begin with. SQLite's says what is wrong with any other."""


def open_ledger_url(url: str, *, expect_head: Head | None = None, read_only: bool = False) -> Ledger:
    """Open the existing ledger at `url`; `ledger.unavailable` where there is none.

    `expect_head` is one that it once had (`Ledger.head`): one that never had it is `ledger.corrupt`.
    """
    ledger: Ledger = _back_end(url).open_ledger(url, read_only=read_only)
    if expect_head is not None:
        from verifier.ledger.history import require_head  # noqa: PLC0415 - only where a head was kept

        try:
            require_head(ledger, expect_head)
        except BaseException:
            ledger.close()
            raise
    return ledger


def create_ledger_url(url: str) -> str:
    """Make a new, empty ledger at `url`; what stands there already is never replaced. The URL without secrets."""
    made: str = _back_end(url).create_ledger(url)
    return made


def history_texts(url: str) -> Iterator[str]:
    """The texts of a ledger's events, oldest first, as far as they can be read, whatever else is wrong with it.

    `Refused` where there is nothing to read, or nothing more.
    """
    texts: Iterator[str] = _back_end(url).history_texts(url)
    return texts


def _back_end(url: str) -> ModuleType:
    found = next((each for start, each in BACK_ENDS.items() if url.startswith(start)), _SQLITE)
    try:
        return import_module(f"verifier.ledger.{found.module}")
    except ImportError as error:
        if not found.extra:
            raise
        message = f"a {found.name} ledger needs {found.needs}, which is not installed"
        raise ConfigurationError(message, where="ledger", hint=how_to_install(found.extra)) from error
