"""What a builtin function lets a policy reach beyond its arguments, in five words that a person asks about.

* `network`, `environment`, `time` and `random` are what makes two evaluations of one input differ, or carries it away
* `crypto` is what handles keys, signatures and digests; it reaches nothing, and is asked about none the less

A test holds that every builtin that organisation rules may not use has one of the words, but for `rego.parse_module`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

CAPABILITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "network": (
        "http.send",
        "net.lookup_ip_addr",
        # A schema may name another by its URL.
        "json.match_schema",
        "json.verify_schema",
    ),
    "environment": ("opa.runtime",),
    "time": (
        "time.now_ns",
        # Whether a token or a certificate has ended is asked of the clock.
        "io.jwt.decode_verify",
        "crypto.x509.parse_and_verify_certificates",
        "crypto.x509.parse_and_verify_certificates_with_options",
        # What it signs has the time in it.
        "providers.aws.sign_req",
    ),
    "random": (
        "rand.intn",
        "uuid.rfc4122",
        # A signature by ECDSA or RSA-PSS is another one each time.
        "io.jwt.encode_sign",
        "io.jwt.encode_sign_raw",
    ),
    "crypto": ("crypto.", "io.jwt.", "providers.aws.sign_req"),
}
"""Names, or the beginnings of names up to a dot, by what they let a policy reach."""


def reached_by(builtins: Iterable[str]) -> tuple[str, ...]:
    """What some builtins let a policy reach, in the order of `CAPABILITIES`."""
    called = tuple(builtins)
    return tuple(word for word, names in CAPABILITIES.items() if any(_is_one(each, names) for each in called))


def _is_one(builtin: str, names: tuple[str, ...]) -> bool:
    return any(builtin == name or (name[-1] == "." and builtin.startswith(name)) for name in names)
