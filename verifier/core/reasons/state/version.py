"""Reason codes of versions and the order of their acceptance."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided, warning

VERSION: tuple[ReasonCode, ...] = (
    error(
        "version.missing",
        "the artifact has no version",
        cause="The place that the policy reads the version from is empty or absent.",
        remedy="Build with a version: a bundle by `opa build --revision VERSION`, an image by `docker build --label`; "
        "or name the place where it stands (`version.from`, --version-from).",
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
        remedy="Publish the old content, built anew under a higher version; what was accepted is never lowered.",
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
        "version.relabelled",
        "the content was accepted before under another version",
        cause="These very bytes stand in the ledger under another version: an older release is passed off as a newer "
        "one.",
        remedy="Build the content anew, so that its bytes are those of its version; an old release is never a new one.",
        threat="T-204",
    ),
    error(
        "version.disputed",
        "the signers do not agree upon the version",
        cause="Fewer signers than the policy asks for state one and the same version, or as many state different ones.",
        remedy="Let as many signers as the threshold asks for attest the same version.",
        threat="T-204",
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
    warning(
        "version.first-use",
        "there was no earlier version to compare with",
        cause="The ledger has accepted nothing in this scope, or nothing is published yet: an old release "
        "would pass just as well.",
        remedy='Expected once for each scope. Elsewhere set a floor, say `first_use = "deny"`, or name what is '
        "published with --previous.",
        threat="T-204",
    ),
    undecided(
        "version.previous-unknown",
        "what is published now is not known",
        cause="What --previous names could not be read, is not there, does not verify under the rule of the artifact, "
        "or has no version that compares.",
        remedy="Look at what is published there; before the first release, give the option that it may be absent.",
        threat="T-204",
    ),
)
