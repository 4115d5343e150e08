"""Reason codes of transparency logs."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, warning

LOG: tuple[ReasonCode, ...] = (
    error(
        "log.missing",
        "the signature is in no transparency log",
        cause="The trusted root names transparency logs, and the bundle has no entry of one.",
        remedy="Sign with the transparency log, or use the trusted root of the private instance that has none.",
        threat="T-210",
    ),
    error(
        "log.entry-invalid",
        "a transparency log entry does not hold",
        cause="Its proof, checkpoint or promise does not verify, its log is not trusted at that time, or it is about "
        "another signature.",
        remedy="Sign again with a current client; an entry counts for its own signature alone (CVE-2022-36056).",
        threat="T-210",
    ),
    warning(
        "log.unverified",
        "a transparency log entry was not verified",
        cause="The key was given, and no trusted root to verify the entry with.",
        remedy="Give the trusted root (--trusted-root), so that the time of signing is known.",
        threat="T-210",
    ),
)
