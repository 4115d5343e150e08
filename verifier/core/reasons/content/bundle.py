"""Reason codes of what a bundle holds besides its manifest."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided, warning
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
        cause="It has no package, is not Rego of its version, or cannot stand beside another: OPA loads nothing of it.",
        remedy="Run `opa check` on the sources.",
        threat="T-208",
    ),
    undecided(
        "bundle.package-unread",
        "a Rego module's package could not be read",
        cause="Its package clause is written in a way that readers may take for different packages.",
        remedy="Write `package` and a name of parts with dots, on a line of its own.",
        threat="T-208",
    ),
    warning(
        "bundle.rego-unanalysed",
        "a Rego module could not be analysed",
        cause="Nobody could say that OPA loads the module, or what one of its calls is; it may be valid Rego.",
        remedy="Use `--rego-engine opa`, or rewrite the construct that the message shows.",
        threat="T-214",
    ),
    error(
        "bundle.data-conflict",
        "two files define the same path",
        cause="OPA fails to activate a bundle whose data collide, with each other or with a rule.",
        remedy="Merge the files, or move one of them.",
        threat="T-208",
    ),
)
