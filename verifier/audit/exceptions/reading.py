"""The file of exceptions: TOML, read strictly; every error names its line.

* an unknown key, a wrong word, a wildcard, an id of no known form, the same exception twice: refused
* nothing is accepted without an owner, a reason and an end; the end is at most `max_days` ahead
* an end that has passed is no error here: whatever it covered counts again, and that is said
  (`audit.exceptions.applying`)

Pure: the caller has read the bytes. Source: formats/audit.md section 9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from verifier.audit.exceptions.model import DEFAULT_MAX_DAYS, AcceptedUnknown, Exceptions, Exemption, Standing
from verifier.audit.exceptions.scope import WILDCARDS, Scope, scope_of
from verifier.core.clock import format_rfc3339, in_utc, parse_rfc3339, shifted
from verifier.core.digest import Digest
from verifier.formats.openvex.reading import JUSTIFICATIONS
from verifier.formats.toml.document import open_document
from verifier.formats.toml.table import Table

MAX_EXCEPTIONS: Final = 5_000
MAX_BYTES: Final = 1024 * 1024
"""Bytes of a file of exceptions."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,254}\Z", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_TOP: Final = frozenset({"version", "exception", "unknown"})
_EXCEPTION: Final = frozenset({"id", "package", "status", "justification", "reason", "owner", "expires"})
_UNKNOWN: Final = frozenset({"package", "reason", "owner", "expires"})
_STANDINGS: Final[tuple[Standing, ...]] = ("not_affected", "affected")

E = TypeVar("E", Exemption, AcceptedUnknown)


def read_exceptions(content: bytes, *, where: str, now: datetime, max_days: int = DEFAULT_MAX_DAYS) -> Exceptions:
    """The exceptions in `content`, which `where` names; `ConfigurationError` at FILE:LINE for what is wrong."""
    top = open_document(
        content, where=where, known=_TOP, max_bytes=MAX_BYTES, whole="the file of exceptions", needs_version=False
    )
    latest = shifted(now, timedelta(days=max_days))

    def until(table: Table) -> datetime:
        return _end(table, latest, max_days)

    return Exceptions(
        exemptions=_each(top, "exception", _EXCEPTION, lambda table: _exemption(table, until(table)), _exemption_key),
        unknowns=_each(top, "unknown", _UNKNOWN, lambda table: _accepted(table, until(table)), _accepted_key),
        digest=Digest.of(content),
    )


def _each(
    top: Table, key: str, known: frozenset[str], read: Callable[[Table], E], identity: Callable[[E], Hashable]
) -> tuple[E, ...]:
    seen: dict[Hashable, E] = {}
    for table in top.tables(key, known, most=MAX_EXCEPTIONS):
        found = read(table)
        earlier = seen.setdefault(identity(found), found)
        if earlier is not found:
            raise table.error("package", f"is excepted twice: it stands at {earlier.where} too")
    return tuple(seen.values())


def _exemption(table: Table, expires: datetime) -> Exemption:
    identifier = table.required_text("id", _identifier)
    package = table.required_text("package", _purl)
    standing = _standing(table)
    return Exemption(
        id=identifier,
        package=scope_of(package),
        status=standing,
        justification=_justification(table, standing),
        reason=_said(table, "reason"),
        owner=_said(table, "owner"),
        expires=expires,
        where=_where(table),
    )


def _accepted(table: Table, expires: datetime) -> AcceptedUnknown:
    text = table.text("package")
    return AcceptedUnknown(
        package=table.checked("package", lambda: _named(text)),
        reason=_said(table, "reason"),
        owner=_said(table, "owner"),
        expires=expires,
        where=_where(table),
    )


def _exemption_key(each: Exemption) -> Hashable:
    return each.id, each.package._replace(written="")


def _accepted_key(each: AcceptedUnknown) -> Hashable:
    return each.package if isinstance(each.package, str) else each.package._replace(written="")


def _identifier(text: str) -> str:
    if not WILDCARDS.isdisjoint(text):
        raise ValueError(f"is {text[:80]!r}: there are no wildcards, every exception names one id")
    if not _ID.match(text):
        raise ValueError(f"is {text[:80]!r}, expected an id such as CVE-2024-12345, GHSA-… or PYSEC-…")
    return text


def _purl(text: str) -> str:
    try:
        scope_of(text)
    except ValueError as error:
        raise ValueError(f"{error}; expected a purl such as pkg:pypi/jinja2 or pkg:pypi/jinja2@3.1.2") from None
    return text


def _named(text: str) -> Scope | str:
    """A purl without a version, or a name."""
    if not text.startswith("pkg:"):
        if not WILDCARDS.isdisjoint(text):
            raise ValueError(f"is {text[:80]!r}: there are no wildcards, every package is accepted by its name")
        if any(each.isspace() for each in text) or "@" in text[1:]:
            raise ValueError(f"is {text[:80]!r}, expected a name, or a purl without a version")
        return text
    scope = scope_of(_purl(text))
    if scope.version is not None:
        raise ValueError("names a version: what nobody can be asked about is accepted by its name")
    return scope


def _standing(table: Table) -> Standing:
    table.required("status")
    written = table.choice("status", _STANDINGS)
    return "not_affected" if written == "not_affected" else "affected"


def _justification(table: Table, standing: Standing) -> str:
    if standing == "affected":
        if "justification" in table.values:
            raise table.error("justification", "goes with not_affected: whoever takes a risk says why in reason")
        return ""
    table.required("justification")
    return table.choice("justification", JUSTIFICATIONS)


def _said(table: Table, key: str) -> str:
    text = table.text(key)
    if not text.strip():
        raise table.error(key, "says nothing")
    return text


def _end(table: Table, latest: datetime, max_days: int) -> datetime:
    end = table.checked("expires", lambda: _moment(table.required("expires")))
    if end > latest:
        hint = f"Write {latest.date().isoformat()} or earlier, or raise --max-exception-days."
        message = f"is {format_rfc3339(end)}: an exception ends within {max_days} days"
        raise table.error("expires", message, hint)
    return end


def _moment(value: object) -> datetime:
    """The moment from which on something does not hold; a date is its beginning, in UTC."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"must have an offset: {value.isoformat()} is a different moment in every time zone")
        return in_utc(value)
    if isinstance(value, str):
        return _parsed(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise ValueError("must be a date such as 2026-12-31, or a date and time with an offset")


def _parsed(text: str) -> datetime:
    try:
        return parse_rfc3339(f"{text}T00:00:00Z" if _DATE.match(text) else text)
    except ValueError:
        message = f"is {text[:80]!r}, expected a date such as 2026-12-31, or a date and time with an offset"
        raise ValueError(message) from None


def _where(table: Table) -> str:
    line = table.source.lines.get(table.path, 1)
    return f"{table.source.where}:{line}"
