"""Reason codes of SLSA provenance: who built it, from what, and with which parameters."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

PROVENANCE: tuple[ReasonCode, ...] = (
    error(
        "provenance.missing",
        "no provenance says how the artifact was built",
        cause="The rule asks for SLSA provenance, and none was found that a signer of the policy signed.",
        remedy="Pass the builder's attestation with --attestation, and check that [signers] names who signs it.",
        threat="T-205",
    ),
    error(
        "provenance.malformed",
        "the provenance is not SLSA provenance",
        cause="The predicate lacks a required field, has one of the wrong type, or is neither v0.2 nor v1.",
        remedy="Ask for https://slsa.dev/provenance/v1 from the builder.",
        threat="T-210",
    ),
    error(
        "provenance.subject-mismatch",
        "the provenance is about something else",
        cause="None of its subjects has the artifact's digest.",
        remedy="Pass the provenance that belongs to exactly these bytes.",
        threat="T-210",
    ),
    error(
        "provenance.builder-untrusted",
        "the builder is not one that the rule trusts",
        cause="No builder of the rule pairs this signer with this `builder.id`: a builder is believed only under its "
        "own signature.",
        remedy="Compare signer and builder.id in the message with the policy's [builders] tables.",
        threat="T-205",
    ),
    error(
        "provenance.level-too-low",
        "the builder is not trusted for the required build level",
        cause="The level is the one that the policy believes the builder for; what the provenance says of itself "
        "does not count.",
        remedy="Build with a stronger builder, or lower the rule's `level` knowingly.",
        threat="T-205",
    ),
    error(
        "provenance.source-mismatch",
        "the artifact was built from another repository",
        cause="The source repository is not the rule's `source`, or the provenance does not state one.",
        remedy="Compare the two repositories in the message: a fork or a look-alike is another source.",
        threat="T-205",
    ),
    error(
        "provenance.ref-mismatch",
        "the artifact was built from another branch or tag",
        cause="The source's ref does not match the rule's `ref`, or the provenance does not state one.",
        remedy="Build from a ref that the rule allows; a branch is not a release.",
        threat="T-205",
    ),
    error(
        "provenance.build-type-mismatch",
        "the artifact was built in another way",
        cause="`buildType` is not the rule's `build_type`.",
        remedy="Compare the two types in the message; parameters mean something else under another type.",
        threat="T-205",
    ),
    error(
        "provenance.parameter-mismatch",
        "a build parameter has another value than expected",
        cause="An external parameter that the rule's `external_parameters` names differs or is absent.",
        remedy="Find out who started the build with that value, or correct the expectation.",
        threat="T-205",
    ),
    error(
        "provenance.unexpected-parameter",
        "the build was given a parameter that nobody expected",
        cause="An external parameter is neither known for the build type nor in `external_parameters` or "
        "`ignore_parameters`; whoever may start the build may thereby change what it makes.",
        remedy="State the expected value in `external_parameters`, or list the parameter in `ignore_parameters`.",
        threat="T-205",
    ),
    error(
        "provenance.certificate-mismatch",
        "the provenance contradicts its signer's certificate",
        cause="The certificate authority wrote another repository, ref, commit, workflow or trigger into the "
        "signer's certificate than the provenance claims.",
        remedy="Compare the two in the message, and look at the signer's workflow before the artifact is used.",
        threat="T-210",
    ),
)
