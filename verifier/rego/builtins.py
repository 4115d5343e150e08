"""Names of builtin functions: how a list of them is matched, and which ones reach out of a policy.

* an entry is a name ("http.send") or a prefix with a `*` at its end ("net.*"); nothing else is a pattern
* `AMBIENT` is everything by which a rule could see or touch more than its input
* `PURE` is all that organisation rules may call under OPA: a builtin that a later OPA brings is not in it
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.formats.opa.builtin_names import BUILTIN_NAMES

AMBIENT = (
    "http.send",
    "net.*",
    "opa.runtime",
    # The time, and randomness: a rule reads `input.time`, so that a verdict can be repeated.
    "time.now_ns",
    "io.jwt.decode_verify",
    "io.jwt.encode_sign*",
    "crypto.x509.parse_and_verify_*",
    "json.match_schema",
    "json.verify_schema",
    "providers.aws.sign_req",
    "rand.*",
    "rego.parse_module",
    "uuid.rfc4122",
)
"""Builtins that organisation rules may not use: they reach the network, the environment, the clock or other files."""


def matches(builtin: str, patterns: Iterable[str]) -> bool:
    """Whether one of `patterns` names `builtin`."""
    return any(builtin == pattern or (pattern[-1:] == "*" and builtin.startswith(pattern[:-1])) for pattern in patterns)


PURE = frozenset(name for name in BUILTIN_NAMES if not matches(name, AMBIENT))
"""What organisation rules may call under OPA: what is known, and reaches nothing but its arguments."""

HEADS = frozenset(name.partition(".")[0] for name in BUILTIN_NAMES)
"""The first words of builtins' names: in the embedded subset nothing else has them."""
