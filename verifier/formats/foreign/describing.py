"""JSON that describes or answers, and signs nothing: inventories, results, manifests, roots, keys, errors.

A new format is a row.
"""

from __future__ import annotations

from typing import Final

from verifier.formats.foreign.foreign import UNSIGNED
from verifier.formats.foreign.json_row import JsonRow, Object, first_of, json_row, object_at, text_at

_AS_ATTESTATION = "Sign it as an attestation: `cosign attest-blob --type {}`, or `verify attest`."
_SBOM, _SCAN = _AS_ATTESTATION.format("spdxjson"), _AS_ATTESTATION.format("vuln")
_ROOT = "A trusted root is given with --trusted-root, or in the policy's [sigstore]."
_AGAIN = (
    "Look at what it says, then download the file itself (`curl --fail --location`), with a login where it needs one."
)
_FETCH = (
    "Fetch what it names: `verify bundle oci://…`, or `oras pull`; its attestations: `cosign download attestation`."
)


def _log_entry(value: Object) -> bool:
    return any(isinstance(each, dict) and {"body", "integratedTime", "logID"} <= each.keys() for each in value.values())


def _sarif(value: Object) -> bool:
    return "sarif" in text_at(value, "$schema").lower() or isinstance(value.get("runs"), list)


def _error(value: Object) -> bool:
    return bool(text_at(value, "message")) and set(value) <= {"message", "status", "code", "error", "errors"}


DESCRIBING: Final[tuple[JsonRow, ...]] = (
    json_row(
        "sarif",
        "results of an analysis (SARIF) that nobody signed",
        ("version", "runs"),
        _SCAN,
        like=_sarif,
        code=UNSIGNED,
    ),
    json_row("spdx", "an SBOM (SPDX) that nobody signed", ("spdxVersion",), _SBOM, code=UNSIGNED),
    json_row(
        "spdx-3",
        "an SBOM (SPDX 3) that nobody signed",
        ("@context", "@graph"),
        _SBOM,
        like=lambda value: "spdx.org" in text_at(value, "@context"),
        code=UNSIGNED,
    ),
    json_row(
        "cyclonedx",
        "an SBOM (CycloneDX) that nobody signed",
        ("bomFormat",),
        _AS_ATTESTATION.format("cyclonedx"),
        code=UNSIGNED,
    ),
    json_row("trivy", "results of Trivy that nobody signed", ("SchemaVersion", "ArtifactName"), _SCAN, code=UNSIGNED),
    json_row("grype", "results of Grype that nobody signed", ("matches", "descriptor"), _SCAN, code=UNSIGNED),
    json_row(
        "log-entry",
        "an entry of a transparency log (Rekor), without the bundle that it belongs to",
        ("body", "integratedTime", "logID"),
        "Pass the Sigstore bundle (`cosign sign-blob --bundle`), which holds the entry.",
    ),
    json_row(
        "log-entry",
        "an entry of a transparency log (Rekor), without the bundle that it belongs to",
        (),
        "Pass the Sigstore bundle (`cosign sign-blob --bundle`), which holds the entry.",
        like=_log_entry,
    ),
    json_row(
        "log-entry",
        "an entry of a transparency log (Rekor 2), without the bundle that it belongs to",
        ("canonicalizedBody", "inclusionProof"),
        "Pass the Sigstore bundle (`cosign sign-blob --bundle`), which holds the entry.",
    ),
    json_row(
        "client-trust", "a Sigstore client trust configuration", ("trustedRoot",), _ROOT, read_at=("root", "signing")
    ),
    json_row(
        "signing-config",
        "a Sigstore signing configuration",
        ("caUrls",),
        "It says where to sign, not whom to believe; a trusted root is given with --trusted-root.",
        read_at=("signing",),
    ),
    json_row("trusted-root", "a Sigstore trusted root", ("certificateAuthorities",), _ROOT, read_at=("root",)),
    json_row(
        "oci-index", "an index of images (OCI or Docker)", ("manifests", "schemaVersion"), _FETCH, read_at=("image",)
    ),
    json_row(
        "oci-manifest", "an image's manifest (OCI or Docker)", ("layers", "schemaVersion"), _FETCH, read_at=("image",)
    ),
    json_row("docker-v1", "an image's manifest of Docker's first format", ("fsLayers", "schemaVersion"), _FETCH),
    json_row("docker-inspect", "what `docker inspect` prints", ("Id", "RepoDigests"), _FETCH),
    json_row("docker-save", "the list of images of `docker save`", ("Config", "RepoTags", "Layers"), _FETCH),
    json_row("oci-config", "an image's configuration", ("rootfs", "config"), _FETCH),
    json_row(
        "jwk",
        "a key as JWK",
        ("kty",),
        "A key is given with --key, not as an attestation.",
        read_at=("key",),
    ),
    json_row(
        "jwks",
        "a set of keys (JWKS)",
        ("keys",),
        "A key is given with --key, one a file.",
        like=lambda value: "kty" in first_of(value, "keys"),
        read_at=("key",),
    ),
    json_row(
        "verifier-report",
        "a report of `verify` (--format json), which nobody signed",
        ("schema",),
        "A signed verdict is written by --verdict-out.",
        like=lambda value: text_at(value, "schema").startswith("verifier/"),
        code=UNSIGNED,
    ),
    json_row(
        "package-lock",
        "npm's package-lock.json",
        ("lockfileVersion",),
        "Pass what npm's registry answers: `npm audit signatures` says where.",
    ),
    json_row("github-error", "an error that GitHub answered", ("message", "documentation_url"), _AGAIN),
    json_row(
        "registry-error",
        "an error that a registry answered",
        ("errors",),
        _AGAIN,
        like=lambda value: bool(
            text_at(first_of(value, "errors"), "code") or text_at(first_of(value, "errors"), "message")
        ),
    ),
    json_row("problem", "an error that a server answered (problem+json)", ("title", "status"), _AGAIN),
    json_row(
        "api-error",
        "an error that a server answered",
        ("error",),
        _AGAIN,
        like=lambda value: bool(text_at(value, "error") or object_at(value, "error")),
    ),
    json_row("api-error", "an error that a server answered", ("message",), _AGAIN, like=_error),
)
"""Asked in this order, behind what attests."""
