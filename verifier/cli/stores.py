"""Opening the ledger that a command names: what is missing is said, and only created when asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from verifier.cli import output, settings
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.ledger.absent import NoLedger, Unopened

if TYPE_CHECKING:
    from verifier.ledger.interface import Head, Ledger

_NEVER_MADE = "Make it, once: `verify ledger init`; or name another with --ledger. A lost one is restored."


@contextmanager
def opened(url: str | None, *, create_missing: bool, record: bool) -> Iterator[Ledger]:
    """The ledger, `Unopened` where it cannot be used, `NoLedger` where none was asked for and none is there.

    A missing ledger is first use only where a person did not ask for one: with `--record` or `--ledger`, its
    absence is `ledger.unavailable`, so that a lost ledger is never a fresh one. A link that leads
    nowhere is a lost one.
    """
    if url is None and not create_missing and not record and not os.path.lexists(settings.default_ledger_path()):
        yield NoLedger()
        return
    with needed(url, create_missing=create_missing) as store:
        yield store


@contextmanager
def needed(url: str | None, *, create_missing: bool = False) -> Iterator[Ledger]:
    """The ledger, `Unopened` where it cannot be used, for whoever cannot go on without one."""
    try:
        if create_missing and not exists(url):
            output.hint(f"created the ledger {create(url)}")
        store = _open(url)
    except Refused as refusal:
        yield Unopened(refusal)
        return
    with store:
        yield store


@contextmanager
def existing(url: str | None, *, read_only: bool = False) -> Iterator[Ledger]:
    """The ledger for a command that is about nothing else; raises `Refused` where there is none."""
    with _open(url, read_only=read_only) as store:
        yield store


@contextmanager
def consulted(url: str | None) -> Iterator[Ledger]:
    """The ledger that a command was told to compare with, `NoLedger` where it was told of none."""
    if url is None:
        yield NoLedger()
        return
    with needed(url) as store:
        yield store


def create(url: str | None) -> str:
    """Make a new ledger and return its URL, without secrets; the per-user one gets its folder too."""
    if url is None:
        path = settings.default_ledger_path().absolute()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            where, hint = str(path.parent), "Name a ledger where you may write, as in `--ledger sqlite:ledger.db`."
            raise ConfigurationError(f"cannot be created: {error.strerror}", where=where, hint=hint) from error
        url = _url(path)
    from verifier.ledger.open import create_ledger_url  # noqa: PLC0415

    return create_ledger_url(url)


def _open(url: str | None, *, read_only: bool = False) -> Ledger:
    # Most verifications have no ledger, and then load nothing of it.
    from verifier.ledger.open import open_ledger_url  # noqa: PLC0415

    if url is None and not os.path.lexists(path := settings.default_ledger_path()):
        raise refuse("ledger.unavailable", str(path), "there is no ledger here", hint=_NEVER_MADE)
    store = open_ledger_url(url_of(url), read_only=read_only)
    for finding in store.findings:
        output.hint(f"{finding.severity.value}: {finding.code}: {finding.message}")
    return store


def url_of(url: str | None) -> str:
    """The URL of the ledger that a command names, or of the per-user one."""
    return url or _url(settings.default_ledger_path().absolute())


def _url(path: Path) -> str:
    return f"sqlite://{quote(str(path))}"


def exists(url: str | None) -> bool:
    """Whether a ledger's file is there, whatever it holds."""
    if url is None:
        return settings.default_ledger_path().exists()
    from verifier.ledger.sqlite.url import ledger_path  # noqa: PLC0415

    return ledger_path(url).exists()


def expected_head(text: str) -> Head:
    """The head that `--expect-head` names."""
    from verifier.ledger.interface import Head  # noqa: PLC0415

    try:
        return Head.parse(text)
    except ValueError as error:
        raise ConfigurationError(str(error), where="--expect-head") from error
