"""What a client of a bundle asks for: If-None-Match (RFC 9110, section 13.1.2) and Prefer (RFC 7240).

* entity tags compare weakly, lists and `*` are read; what is malformed matches nothing, and the bundle is sent
* a wait is a whole number of seconds, never more than the gateway's bound; what is malformed asks for none
* the work is bounded by the header's length, which the connection bounds
"""

from __future__ import annotations

import re

_TAG = re.compile(rb'[ \t,]*(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,|\Z)')
_WAIT = re.compile(rb"wait[ \t]*=[ \t]*\"?([0-9]{1,9})\"?\Z", re.IGNORECASE)
# OPA writes `modes=snapshot,delta;wait=30`, where RFC 7240 would have `, wait=30`: either separates.
_SEPARATOR = re.compile(rb"[;,]")


def is_unchanged(conditions: bytes, etag: bytes) -> bool:
    """Whether a client that sends `conditions` as If-None-Match has what `etag` (in its quotes) stands for."""
    if conditions == etag or conditions.strip() == b"*":
        return True
    position = 0
    found = False
    while position < len(conditions):
        match = _TAG.match(conditions, position)
        if match is None:
            return conditions[position:].strip(b" \t,") == b"" and found
        found = found or match[1] == etag
        position = match.end()
    return found


def seconds_to_wait(preferences: bytes, *, longest: float) -> float:
    """How long a client that sends `preferences` as Prefer would wait for something new; 0 for not at all."""
    for part in _SEPARATOR.split(preferences):
        match = _WAIT.match(part.strip())
        if match is not None:  # the first one counts (RFC 7240, section 2)
            return min(float(match[1]), longest)
    return 0.0
