"""Reason codes of what a bundle holds besides its manifest."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, warning
from verifier.core.reasons.remedies import REBUILD

BUNDLE: tuple[ReasonCode, ...] = (
    error(
        "bundle.delta-refused",
        "the bundle is a delta",
        cause="Its `patch.json` changes data in place. OPA before 1.21.3 did not verify signatures on deltas.",
        remedy="Publish a snapshot bundle.",
        threat="T-208",
    ),
    error(
        "bundle.stray-signatures",
        "a file looks like the signatures file and is not",
        cause="OPA treats every path that ends in `signatures.json` as signatures: it is neither loaded nor hashed.",
        remedy=REBUILD,
        threat="T-208",
    ),
    error(
        "bundle.ignored-member",
        "a member would be read by some OPA releases and not by others",
        cause="A name that OPA dispatches by suffix, such as `x.manifest` or an unlisted plan.",
        remedy=REBUILD,
        threat="T-208",
    ),
    error(
        "bundle.rego-invalid",
        "a Rego module does not compile",
        cause="A real OPA refuses the module.",
        remedy="Run `opa check` on the sources.",
    ),
    warning(
        "bundle.rego-unanalysed",
        "a Rego module could not be analysed",
        cause="The Rego compiler in use does not accept the module; it may still be valid Rego.",
        remedy="Use `--rego-engine opa`, or rewrite the construct that the message shows.",
        threat="T-214",
    ),
    error(
        "bundle.data-conflict",
        "two data files define the same path",
        cause="OPA fails to activate a bundle whose data collide.",
        remedy="Merge the files.",
        threat="T-208",
    ),
)
