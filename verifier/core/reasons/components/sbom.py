"""Reason codes of bills of materials: whether they can be read, are true, and are good enough."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, note, warning

SBOM: tuple[ReasonCode, ...] = (
    error(
        "sbom.missing",
        "there is no SBOM",
        cause="The rule asks for one, and none was given or lies beside the artifact.",
        remedy="Make one with `verify sbom generate`, sign it, and publish it beside the artifact.",
        threat="T-202",
    ),
    error(
        "sbom.unsigned",
        "nobody who is believed has signed this SBOM for this artifact",
        cause="No attestation by a signer of the rule holds exactly this document and names this artifact.",
        remedy="Sign it: `verify attest --type cyclonedx`, or have its maker do so.",
        threat="T-202",
    ),
    error(
        "sbom.invalid",
        "the SBOM is not a sound document",
        cause="It breaks the schema of its version, or what no schema sees: two components with one ref, references to "
        "nothing, a purl, digest or licence expression that is none, a purl that contradicts name or version.",
        remedy="Have the tool that wrote it mended; the message says where it breaks.",
        threat="T-202",
    ),
    error(
        "sbom.unsupported",
        "the SBOM is of a version or format that is not read",
        cause="It is CycloneDX before 1.4 or after 1.7, SPDX 3 or before 2.2, or neither.",
        remedy="Write it as CycloneDX 1.6 or SPDX 2.3.",
    ),
    error(
        "sbom.other-artifact",
        "the SBOM is about another artifact",
        cause="The digest or the name that it gives its subject is not this artifact's.",
        remedy="Give the SBOM that was made of this very artifact.",
        threat="T-202",
    ),
    error(
        "sbom.contents-mismatch",
        "the SBOM is not what the artifact contains",
        cause="A component is missing in it, stands in it and is not there, or is there with another version or other "
        "bytes.",
        remedy="Make the SBOM of this very artifact again; if it was made of it, find out what changed the artifact.",
        threat="T-202",
    ),
    error(
        "sbom.incomplete",
        "the SBOM lists too little of what the artifact contains",
        cause="The share of components that it lists as they are is below what is asked for.",
        remedy="Use a tool that sees all of it; `verify sbom generate` does.",
        threat="T-202",
    ),
    error(
        "sbom.quality",
        "the SBOM lacks what a profile demands",
        cause="An element that the profile says must be there is absent, or is not what it must be.",
        remedy="Have it added where the document is made; `verify sbom check --quality NAME` lists every rule.",
    ),
    note(
        "sbom.judged",
        "an SBOM was judged",
        cause="A signed document about the artifact was read, and compared where the rule asks for it.",
        remedy="Nothing.",
    ),
    warning(
        "sbom.doubtful",
        "the SBOM says what is hard to believe",
        cause="It reads soundly, but a dependency leads back to itself, a component has weak digests alone, or a purl "
        "of a type that few tools agree on names something else than the component.",
        remedy="Look at what the message names; nothing was refused for it.",
    ),
    warning(
        "sbom.unverified",
        "some of the SBOM could not be held against the artifact",
        cause="Its tool lists what the artifact's own records do not show, or with nothing to compare.",
        remedy="Nothing, or ask for `must_match_contents` with `min_completeness`.",
    ),
)
