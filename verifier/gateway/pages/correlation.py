"""The name under which one request is found again, in this log and in the client's (T-306).

* a client's own is taken where it is short and plain, so that it cannot write into a log what it likes
* without one, the trace that the request belongs to; without that, a new one
"""

from __future__ import annotations

import re
import uuid

_PLAIN = re.compile(rb"[A-Za-z0-9._:-]{1,128}\Z")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}\Z")  # W3C Trace Context


def correlation_id(given: bytes, traceparent: bytes) -> str:
    """From the headers X-Correlation-Id and traceparent, each b"" where it is absent."""
    if _PLAIN.match(given):
        return given.decode("ascii")
    trace = _TRACEPARENT.match(traceparent)
    return trace[1].decode("ascii") if trace else str(uuid.uuid4())
