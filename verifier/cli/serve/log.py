"""The gateway's log: one JSON object a line on standard error, printable ASCII only.

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
from collections.abc import Callable
from datetime import datetime

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import cleared
from verifier.formats.json.write import line
from verifier.gateway.events import Event, Level
from verifier.reports.escape import printable

_MOST_A_SECOND = 20
"""Lines of one event within a second; further ones are counted in `suppressed` of the next line."""


class Log:
    """Writes events; safe between threads."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
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
            line = self._line(event, suppressed)
            with contextlib.suppress(OSError):  # nobody reads the log: no reason to serve nobody
                sys.stderr.write(line)
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

    def _line(self, event: Event, suppressed: int) -> str:
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
        return line(document)


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


def _shown(value: object) -> object:
    if isinstance(value, str):
        return printable(cleared(value))
    return [_shown(each) for each in value] if isinstance(value, list | tuple) else value
