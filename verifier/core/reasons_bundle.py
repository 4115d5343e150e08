"""Reason codes of reading bundles: manifests, contents, file digests."""

from __future__ import annotations

from verifier.core.reason_code import ReasonCode, error, warning

_REBUILD = "Rebuild the bundle with `opa build` or `verify sign bundle`, and find out who changed it."

BUNDLE_CODES: tuple[ReasonCode, ...] = (
    warning(
        "manifest.missing",
        "the bundle has no manifest",
        cause="Without `.manifest` there is no revision, and the bundle claims every root.",
        remedy="Build with `opa build --revision VERSION`.",
    ),
    error(
        "manifest.duplicate",
        "the bundle has more than one manifest",
        cause="OPA decodes every file that ends in `.manifest` over the one before: the last wins.",
        remedy=_REBUILD,
        threat="T-208",
    ),
    error(
        "manifest.invalid",
        "the manifest is not what OPA defines",
        cause="A field has the wrong type or is unknown.",
        remedy="Compare with OPA's bundle file format.",
        threat="T-208",
    ),
    error(
        "manifest.roots-overlap",
        "two roots of the manifest overlap",
        cause="One root is a prefix of another by whole segments.",
        remedy="List disjoint roots.",
    ),
    error(
        "manifest.outside-roots",
        "policy or data lies outside the manifest's roots",
        cause="A package or a data file is not under any of the roots that the manifest claims.",
        remedy="Add the root, or move the file.",
        threat="T-201",
    ),
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
        remedy=_REBUILD,
        threat="T-208",
    ),
    error(
        "bundle.ignored-member",
        "a member would be read by some OPA releases and not by others",
        cause="A name that OPA dispatches by suffix, such as `x.manifest` or an unlisted plan.",
        remedy=_REBUILD,
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
    error(
        "digest.mismatch",
        "a file differs from its signed digest",
        cause="The file was changed after the bundle was signed.",
        remedy="Do not use the bundle; fetch it again, then ask who changed it.",
        threat="T-201",
    ),
    error(
        "digest.missing",
        "a file is not covered by the signature",
        cause="The file was added to the bundle after it was signed.",
        remedy="Do not use the bundle; sign it again if the file belongs to it.",
        threat="T-201",
    ),
    error(
        "digest.extra",
        "the signature covers a file that is not there",
        cause="The file was removed from the bundle, or is listed twice.",
        remedy="Do not use the bundle; fetch it again, then ask who removed it.",
        threat="T-201",
    ),
    error(
        "digest.weak-algorithm",
        "a file digest uses a broken hash function",
        cause="MD5 and SHA-1 do not resist collisions; unknown names are refused likewise.",
        remedy="Sign with SHA-256, the default of `opa sign`.",
        threat="T-201",
    ),
)
