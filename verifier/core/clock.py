"""Instants and durations as text. The clock itself is read once, at the edge, and passed on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

CLOCK_SKEW = timedelta(minutes=5)
"""How far two honest clocks may stand apart: what Kerberos has lived with for thirty years (RFC 4120)."""

_RFC3339 = r"(?a)(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))\Z"
_DURATION = r"(?a)([1-9]\d{0,8})([smhdw])\Z"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Where Unix time begins."""
INSTANT = timedelta(microseconds=1)
"""The smallest step of a clock: what lies between the last moment at which something counts and the next one."""

_BEGIN, _END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def shifted(moment: datetime, by: timedelta) -> datetime:
    """`moment + by`, or the end of time that lies in that direction."""
    try:
        return moment + by
    except OverflowError:
        return _END if by > timedelta(0) else _BEGIN


def parse_rfc3339(text: str) -> datetime:
    """Read an RFC 3339 `date-time` with its offset into UTC; raises `ValueError`.

    Stricter than `datetime.fromisoformat`: an offset is required, nothing else of ISO 8601 is accepted.
    Fractions beyond microseconds are cut. Leap seconds (`:60`) are refused.
    """
    match = re.match(_RFC3339, text)
    if match is None:
        raise ValueError(f"not an RFC 3339 time with an offset: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, offset_hours, offset_minutes = match.groups()[6:]
    micros = int((fraction or ".0")[1:].ljust(6, "0")[:6])
    offset = timedelta()
    if sign:
        if int(offset_hours) > 23 or int(offset_minutes) > 59:
            raise ValueError(f"not an RFC 3339 offset: {text!r}")
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        offset = -offset if sign == "-" else offset
    try:
        return datetime(year, month, day, hour, minute, second, micros, tzinfo=UTC) - offset
    except OverflowError as error:
        raise ValueError(f"out of range: {text!r}") from error


def format_rfc3339(moment: datetime) -> str:
    """Write an aware `datetime` in UTC with a `Z`, and microseconds only where there are any."""
    if moment.tzinfo is None:
        raise ValueError("a time without an offset cannot be written")
    return in_utc(moment).isoformat().replace("+00:00", "Z")


def in_utc(moment: datetime) -> datetime:
    """An aware `moment` in UTC, or the end of time that lies in its direction: 9999-12-31T23:59:59-01:00 has none."""
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _END if moment.year > EPOCH.year else _BEGIN


def format_duration(duration: timedelta) -> str:
    """As a person says it: "90 days", "1 day", "12:00:00"."""
    if duration.seconds or duration.microseconds:
        return str(duration)
    return "1 day" if duration.days == 1 else f"{duration.days} days"


def parse_duration(text: str) -> timedelta:
    """Read a count and a unit: `90s`, `15m`, `12h`, `30d`, `2w`; raises `ValueError`."""
    match = re.match(_DURATION, text)
    if match is None:
        raise ValueError(f"not a duration: {text!r} (write a whole number and one of s m h d w, as in 30d)")
    try:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError as error:
        raise ValueError(f"out of range: {text!r}") from error
