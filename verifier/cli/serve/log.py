"""The gateway's log on standard error, printable ASCII only: a JSON object a line, or at a terminal words for people.

* hostile text cannot break out of its line, nor reach a terminal
* events of one name that come by the hundred are counted instead of written
* what the HTTP server and Python's warnings say is written the same way
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import cleared
from verifier.formats.json.write import line
from verifier.gateway.events import Event, Level
from verifier.reports.escape import printable

LogFormat = Literal["auto", "text", "json"]
"""`auto`: words where standard error is a terminal, else JSON."""
_MOST_A_SECOND = 20
"""Lines of one event within a second; further ones are counted in `suppressed` of the next line."""


class Log:
    """Writes events; safe between threads."""

    def __init__(self, *, clock: Callable[[], datetime], style: LogFormat = "auto") -> None:
        self._clock = clock
        is_text = style == "text" or (style == "auto" and sys.stderr.isatty())
        self._written_as = _words if is_text else line
        self._lock = threading.Lock()
        self._written: dict[str, tuple[float, int]] = {}
        self._suppressed: dict[str, int] = {}

    def event(self, event: Event) -> None:
        """Write one event, unless there are too many of its name."""
        with self._lock:
            if not self._may_write(event.name):
                self._suppressed[event.name] = self._suppressed.get(event.name, 0) + 1
                return
            suppressed = self._suppressed.pop(event.name, 0)
            text = self._written_as(self._document(event, suppressed))
            with contextlib.suppress(OSError):  # nobody reads the log: no reason to serve nobody
                sys.stderr.write(text)
                sys.stderr.flush()

    def take_over_warnings(self) -> None:
        """Write what the HTTP server logs, from warnings on, as events."""
        for name in ("uvicorn.error", "asyncio"):
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [_Handler(self)], False
            logger.setLevel(logging.WARNING)

    def _may_write(self, name: str) -> bool:
        second = time.monotonic()
        since, count = self._written.get(name, (second, 0))
        if second - since >= 1.0:
            since, count = second, 0
        self._written[name] = (since, count + 1)
        return count < _MOST_A_SECOND

    def _document(self, event: Event, suppressed: int) -> dict[str, object]:
        document: dict[str, object] = {
            "time": format_rfc3339(self._clock()),
            "level": event.level,
            "event": event.name,
            **{key: _shown(value) for key, value in event.facts.items()},
        }
        if event.correlation_id:
            document["correlationId"] = printable(event.correlation_id)
        if suppressed:
            document["suppressed"] = suppressed
        return document


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record on, with what was raised."""
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        facts = {"message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            facts["raised"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        self._log.event(Event(name="server", level=level, facts=facts))


def _words(document: Mapping[str, object]) -> str:
    """An event for people: when, how bad and what; below it what was seen, and what to do."""
    said = {name: value for name, value in document.items() if value not in (None, "", [])}
    head = (str(said.pop("time")), f"{said.pop('level'):<7}", str(said.pop("event")))
    below = (said.pop("message", None), said.pop("hint", None))
    facts = (f"{name}={_plain(value)}" for name, value in said.items())
    return "".join(f"{text}\n" for text in ("  ".join((*head, *facts)), *(f"    {each}" for each in below if each)))


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    text = str(value)
    return f'"{text}"' if " " in text else text


def _shown(value: object) -> object:
    if isinstance(value, str):
        return printable(cleared(value))
    return [_shown(each) for each in value] if isinstance(value, list | tuple) else value
