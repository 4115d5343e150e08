"""Names of builtin functions: how a list of them is matched, and which ones reach out of a policy.

* an entry is a name ("http.send") or a prefix with a `*` at its end ("net.*"); nothing else is a pattern
* `AMBIENT` is everything by which a rule could see or touch more than its input
"""

from __future__ import annotations

from collections.abc import Iterable

AMBIENT = (
    "http.send",
    "net.*",
    "opa.runtime",
    # The time, and randomness: a rule reads `input.time`, so that a verdict can be repeated.
    "time.now_ns",
    "io.jwt.decode_verify",
    "rand.*",
    "uuid.rfc4122",
)
"""Builtins that organisation rules may not use: they reach the network, the environment or the clock."""


def matches(builtin: str, patterns: Iterable[str]) -> bool:
    """Whether one of `patterns` names `builtin`."""
    return any(builtin == pattern or (pattern[-1:] == "*" and builtin.startswith(pattern[:-1])) for pattern in patterns)
