"""Reason codes of state and time: versions, freshness, clocks, the ledger."""

from __future__ import annotations

from verifier.core.reason_code import ReasonCode, error, note, undecided, warning

STATE_CODES: tuple[ReasonCode, ...] = (
    error(
        "version.missing",
        "the artifact has no version",
        cause="The place that the policy reads the version from is empty or absent.",
        remedy="Build with a version, for a bundle `opa build --revision VERSION`.",
        threat="T-204",
    ),
    warning(
        "version.unchecked",
        "the version was not compared with anything",
        cause='The policy says `version = "none"`, no version source was named, or no ledger was consulted: a '
        "replayed older artifact would pass.",
        remedy="Name the version's source and scheme in the policy, make a ledger once (`verify ledger init`), and "
        "give --record.",
        threat="T-204",
    ),
    error(
        "version.unorderable",
        "the version cannot be ordered",
        cause="It is not valid in the policy's scheme, or the scheme changed without a new epoch.",
        remedy="Publish a version of the declared scheme.",
        threat="T-204",
    ),
    error(
        "version.rollback",
        "the artifact is older than what was accepted before",
        cause="A lower version or epoch than the ledger's high-water mark: a replayed older release.",
        remedy="Publish the old content under a higher version; only a signed rollback lowers the mark.",
        threat="T-204",
    ),
    error(
        "version.equivocation",
        "the version was accepted before with other content",
        cause="Two artifacts carry one version. Either a release was rebuilt in place, or someone shows different "
        "parties different content.",
        remedy="Compare the two digests; publish a new version.",
        threat="T-206",
    ),
    error(
        "version.below-floor",
        "the version lies below the floor",
        cause="The policy or an operator has set a lowest acceptable version.",
        remedy="Use a version at or above the floor.",
        threat="T-204",
    ),
    error(
        "version.fast-forward",
        "the version jumps further than allowed",
        cause="The policy's `max_jump` bounds how far one release may run ahead.",
        remedy="Check that the version is meant; raise `max_jump` for this release if so.",
        threat="T-207",
    ),
    error(
        "version.quarantined",
        "the version or digest is quarantined",
        cause="An operator has withdrawn it.",
        remedy="Use another version.",
        threat="T-204",
    ),
    error(
        "version.first-use-denied",
        "nothing was accepted in this scope before",
        cause="The policy's `first_use` is `deny`, or `require-floor` and no floor is set.",
        remedy="Set a floor with `verify ledger floor`, or import a ledger.",
        threat="T-204",
    ),
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
        remedy="Sign with `verify sign bundle`, which states the time.",
        threat="T-204",
    ),
    error(
        "freshness.not-yet-valid",
        "the signature is not valid yet",
        cause="Its own `nbf` lies ahead of the time now.",
        remedy="Check the clock; otherwise wait, or ask for a signature that is valid now.",
        threat="T-402",
    ),
    error(
        "clock.backwards",
        "the clock runs behind what the ledger has seen",
        cause="The time now is earlier than the newest time recorded, beyond the allowed skew.",
        remedy="Correct the clock.",
        threat="T-402",
    ),
    error(
        "clock.skew",
        "a signed time lies in the future",
        cause="It is later than the time now, beyond the allowed skew.",
        remedy="Correct this clock or the signer's.",
        threat="T-402",
    ),
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
    undecided(
        "cache.corrupt",
        "the cache holds what was not written",
        cause="A record or a blob has another digest than it should, is missing, or is not a file of ours alone. A "
        "warning where the bytes were at hand and were verified anew; a denial where only the cache had them.",
        remedy="Look for a failing disk, or for whoever writes to the folder; what was corrupt is already removed.",
        threat="T-209",
    ),
    warning(
        "cache.unavailable",
        "the cache cannot be used",
        cause="Its disk is full or read-only, there is no room within its bounds, or others held it for too long.",
        remedy="Make room, or allow it more; nothing is wrong with the answer, which stands without being kept.",
        threat="T-213",
    ),
    note(
        "ledger.not-recorded",
        "the decision was not recorded",
        cause="`--record` was not given: the high-water mark stays where it was.",
        remedy="Give `--record` where the artifact is put to use.",
    ),
)
