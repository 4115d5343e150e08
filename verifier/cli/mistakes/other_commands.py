"""Words that are commands of other tools, or nearly ones of this, and what there is in their place."""

from __future__ import annotations

from typing import Final

_PUBLISH: Final = "A bundle or an image is pushed by `verify publish SOURCE REF`."
COMMANDS: Final = {
    "container": "An image is `verify image REF`.",
    "blob": "A file is `verify artifact FILE --attestation FILE`.",
    "file": "A file is `verify artifact FILE --attestation FILE`.",
    "verify-blob": "A file is `verify artifact FILE --attestation FILE`.",
    "attestation": "An attestation is given beside its artifact: `verify artifact FILE --attestation FILE`.",
    "verify-attestation": "An attestation is given beside its artifact: `verify artifact FILE --attestation FILE`.",
    "provenance": "Provenance stands beside its artifact: `verify artifact FILE --attestation FILE --builder-id URI`.",
    "vsa": "A verification summary is `verify verdict FILE`.",
    "bom": "An SBOM is `verify sbom check SBOM --against TARGET`; one is made by `verify sbom generate TARGET`.",
    "log": "What was decided is in the ledger: `verify ledger history`.",
    "history": "What was decided is in the ledger: `verify ledger history`.",
    "init": "A ledger is made by `verify ledger init`, a policy by `verify trust init`.",
    "keygen": "A key pair is made by `verify key generate`.",
    "generate-key-pair": "A key pair is made by `verify key generate`.",
    "policy": "A policy is checked by `verify trust check`, and made by `verify trust init`.",
    "attach": "Evidence is attached by `verify publish REF --attach FILE`.",
    "push": _PUBLISH,
    "upload": _PUBLISH,
    "copy": "To copy an image with what signs it: `oras cp -r`, or `regctl image copy --referrers --digest-tags`.",
    "save": "To save an image with what signs it: `oras cp -r REF --to-oci-layout DIR:TAG`.",
    "tree": "What lies beside an image is listed by `oras discover` or `cosign tree`, and judged by `verify image`.",
    "login": "Log in with `docker login`, `podman login` or `crane auth login`: the same file is read here.",
    "check": "A bundle is `verify bundle FILE`; a policy is `verify trust check`.",
    "verify-artifact": "A file is `verify artifact FILE --attestation FILE --builder-id URI --source-uri URI`.",
    "verify-image": "An image is `verify image REF --builder-id URI --source-uri URI`.",
    "sign-blob": "A file is signed by `verify sign artifact FILE --key KEY --out FILE`.",
    "attest-blob": "`verify attest FILE --type TYPE --predicate FILE --key KEY --out FILE` attests to a file.",
    "build": "A bundle is built by `opa build`, and signed by `verify sign bundle FOLDER`.",
    "eval": "Policies are evaluated by `opa eval`; here it is asked whether they may be used: `verify bundle FILE`.",
    "test": "Policies are tested by `opa test`; here it is asked whether they may be used: `verify bundle FILE`.",
    "run": "OPA is fed by `verify serve`.",
    "gateway": "The gateway is `verify serve`.",
    "scan": "Dependencies are audited by `verify audit TARGET`; an SBOM is made by `verify sbom generate TARGET`.",
    "packages": "What an artifact consists of is listed by `verify sbom generate TARGET`.",
    "triangulate": "What lies beside an image is judged by `verify image REF`.",
    "verify": "Leave the second `verify` away: `verify image REF`, `verify bundle FILE`.",
}
