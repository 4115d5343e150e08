"""Reason codes of how old a signature may be."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, warning

FRESHNESS: tuple[ReasonCode, ...] = (
    error(
        "freshness.expired",
        "the newest trusted signed time is too old",
        cause="The signature is older than the policy's `freshness`, or its own expiry has passed: a frozen mirror "
        "looks like this.",
        remedy="Publish a freshly signed release.",
        threat="T-204",
    ),
    error(
        "freshness.no-signed-time",
        "there is no trusted signed time",
        cause="The policy asks for one, and no proven signer states when it signed.",
        remedy="Sign with `verify sign bundle`, which states the time; OPA's own have none unless `opa sign` "
        "or `opa build` is given a `--claims-file` with `iat`, the seconds since 1970.",
        threat="T-204",
    ),
    error(
        "freshness.not-yet-valid",
        "the signature is not valid yet",
        cause="Its own `nbf` lies ahead of the time now.",
        remedy="Check the clock; otherwise wait, or ask for a signature that is valid now.",
        threat="T-402",
    ),
    warning(
        "freshness.ending",
        "what it rests on ends soon",
        cause="The end of the policy's `freshness`, or of a signature, an attestation or a verdict, is nearer than the "
        "policy's `freshness_warning` (without one: the last tenth of `freshness`). From then on it is denied.",
        remedy="Publish a freshly signed release before that: whoever starts later gets none.",
        threat="T-204",
    ),
)
