"""Reason codes of the ledger, and whether it can be asked."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, note, undecided, warning

LEDGER: tuple[ReasonCode, ...] = (
    undecided(
        "ledger.unavailable",
        "the ledger cannot be used",
        cause="It does not exist, cannot be opened, or did not answer.",
        remedy="Create it once with `verify ledger init`; a lost ledger is restored, never recreated.",
        threat="T-303",
    ),
    undecided(
        "ledger.corrupt",
        "the ledger is damaged or not what it was",
        cause="Its integrity check fails, its schema is unknown, or its history does not lead to its state.",
        remedy="Restore it from an export; do not create an empty one.",
        threat="T-303",
    ),
    undecided(
        "ledger.locked",
        "the ledger is busy",
        cause="Another process held it for longer than the timeout.",
        remedy="Try again.",
        threat="T-305",
    ),
    error(
        "ledger.scope-unknown",
        "the ledger knows nothing of the scope",
        cause="Nothing was accepted in it, or nobody says which one is meant: there is nothing to compare with.",
        remedy="Say which artifact it is (--name, or --scope); `verify ledger show` lists the scopes that there are.",
        threat="T-206",
    ),
    warning(
        "ledger.network-filesystem",
        "the ledger lies on a network file system",
        cause="SQLite's locks and write-ahead log need shared memory: two machines may not see each other.",
        remedy="Keep the file on a local disk.",
        threat="T-305",
    ),
    warning(
        "ledger.offline-grace",
        "the ledger was not asked",
        cause="It cannot be reached, and the policy's `offline_grace` lets what it has confirmed before be used for a "
        "while: a floor or a quarantine that was set since is not seen.",
        remedy="Restore the ledger before the grace ends; what it has not confirmed is denied meanwhile.",
        threat="T-212",
    ),
    note(
        "ledger.not-recorded",
        "the decision was not recorded",
        cause="`--record` was not given: the high-water mark stays where it was.",
        remedy="Give `--record` where the artifact is put to use.",
    ),
)
