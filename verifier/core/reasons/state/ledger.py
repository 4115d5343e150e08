"""Reason codes of the ledger, and whether it can be asked."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, note, undecided, warning

LEDGER: tuple[ReasonCode, ...] = (
    undecided(
        "ledger.unavailable",
        "the ledger cannot be used",
        cause="It does not exist, cannot be opened, or did not answer.",
        remedy="See that it is there and can be reached; one that was lost is restored, never made anew.",
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
        "ledger.unsound",
        "what was to be written could not have come about",
        cause="An event changes only what its kind may change (docs/monotonicity.md), under the rules that it stands "
        "for; nothing was written.",
        remedy="Use this release to write into the ledger, and restrict by `verify ledger floor` and `quarantine`.",
        threat="T-303",
    ),
    undecided(
        "ledger.epoch-unapproved",
        "a document would raise an epoch",
        cause="A later epoch is what lets older versions be accepted again; it needs a signed approval, and an import "
        "is none.",
        remedy="Leave that scope out, or make a new ledger and import into it.",
        threat="T-303",
    ),
    undecided(
        "ledger.unvouched",
        "nobody vouches for the document",
        cause="An exported ledger is not signed: whoever writes one can deny every version of a scope for ever. Its "
        "head is what is kept elsewhere.",
        remedy="Give the head that was kept with `--expect-head`; or `--unvouched`, where the document came from you.",
        threat="T-303",
    ),
    undecided(
        "ledger.exposed",
        "somebody else than its owner could change the database's ledger",
        cause="A role, or everybody, has rights on its schema, tables or functions that the guide does not give, or "
        "owns one of them.",
        remedy="Revoke them as the owner (docs/ledger-postgresql.md), then compare the head with the kept one.",
        threat="T-303",
    ),
    warning(
        "ledger.open-schema",
        "others may make objects in the database's schema `public`",
        cause="What an owner types by hand may find a function or operator of theirs first. What this package sends "
        "looks for names in `pg_catalog` alone.",
        remedy="REVOKE CREATE ON SCHEMA public FROM PUBLIC.",
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
