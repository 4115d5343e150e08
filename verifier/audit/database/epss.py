"""FIRST's probabilities of exploitation, as they are published: CSV, packed by gzip.

* the first line says the model and the date, the second the columns; a row is a CVE and two numbers from 0 to 1
* it is read as a stream, and what it unpacks to is bounded
* what is not as published is `vulnerability.record-invalid`

Source: https://www.first.org/epss/data_stats; formats/audit.md section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from verifier.archives.gzip_stream import GzipStream
from verifier.core.clock import parse_rfc3339
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, field
from verifier.formats.audit.database import EpssEntry
from verifier.formats.osv.reading import CODE

_FIRST: Final = re.compile(r"#model_version:[^,]{1,64},score_date:([^,]{1,64})\Z")
_COLUMNS: Final = "cve,epss,percentile"
_NUMBER: Final = r"(?:0(?:\.[0-9]{1,20})?|1(?:\.0{1,20})?|[0-9](?:\.[0-9]{1,20})?e-[0-9]{1,2})"
_ROW: Final = re.compile(rf"(CVE-[0-9]{{4}}-[0-9]{{4,19}}),({_NUMBER}),({_NUMBER})\Z")
_MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_ROWS: Final = 2_000_000
_LONGEST: Final = 1_000


class Epss(Value):
    """The list, and the moment that it was made for. `entries` can be walked once."""

    date: datetime
    entries: Iterator[EpssEntry] = field(repr=False)


def read_epss(content: bytes, *, subject: str) -> Epss:
    """The list in a gzip stream; `Refused` (`vulnerability.record-invalid`, `archive.*`), also while it is walked."""
    lines = _lines(content, subject)
    first = next(lines, "")
    match = _FIRST.match(first)
    if match is None:
        raise _refusal(subject, 1, first, "#model_version:…,score_date:…")
    try:
        date = parse_rfc3339(match[1].replace("+0000", "Z"))
    except ValueError:
        raise _refusal(subject, 1, match[1], "an RFC 3339 time as score_date") from None
    columns = next(lines, "")
    if columns != _COLUMNS:
        raise _refusal(subject, 2, columns, _COLUMNS)
    return Epss(date=date, entries=_entries(lines, subject))


def _entries(lines: Iterator[str], subject: str) -> Iterator[EpssEntry]:
    number = 2
    for number, line in enumerate(lines, start=3):
        match = _ROW.match(line)
        if match is None:
            raise _refusal(subject, number, line, "a CVE and two numbers from 0 to 1")
        if number > _MOST_ROWS:
            raise refuse(CODE, subject, f"more than {_MOST_ROWS:,} rows")
        yield EpssEntry(*match.groups())
    if number == 2:
        raise refuse(CODE, subject, "it has no rows, which the list never has")


def _lines(content: bytes, subject: str) -> Iterator[str]:
    """The lines of what is packed, without their ends."""
    stream = GzipStream(content, subject=subject)
    rest, total = b"", 0
    for piece in stream.pieces():
        total += len(piece)
        if total > _MOST_BYTES:
            raise refuse("archive.bomb", subject, f"it unpacks to more than {_MOST_BYTES:,} bytes")
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > _LONGEST:
            raise refuse(CODE, subject, f"a line of more than {_LONGEST:,} bytes")
        yield from (line.decode("ascii", "replace").removesuffix("\r") for line in whole)
    if rest:
        yield rest.decode("ascii", "replace")
    if stream.end != len(content):
        raise refuse("archive.trailing-data", subject, "bytes follow the end of the gzip stream")


def _refusal(subject: str, line: int, seen: str, expected: str) -> Refused:
    return refuse(CODE, subject, f"line {line} is {seen[:80]!r}, expected {expected}")
