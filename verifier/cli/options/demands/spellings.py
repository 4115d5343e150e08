"""Options of other tools that are none here: what does it instead, or why nothing does.

What is the same here has their names too (`--certificate-identity`, `--repo`, `--source-tag`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NO_SWITCH: Final = "no option switches a check off"
_IN_THE_BUNDLE: Final = "it is in the Sigstore bundle: give that with --bundle"
_IN_THE_ROOT: Final = "--trusted-root names a file with the instance's own root, in which it stands"
_CLAIMS: Final = "[signers.NAME.keyless.claims] of a policy says what a certificate must state"
_SIGNED_CLAIMS: Final = (
    "`claims` in `signatures` of a policy's rule says what signers must state; `verify publish --claim` signs it"
)
_LOGIN: Final = "who is logged in is taken from `docker login`, `podman login` or `crane auth login`"

FOREIGN: Final[Mapping[str, str]] = MappingProxyType(
    {
        # cosign
        "--insecure-ignore-tlog": f"{_NO_SWITCH}: a keyless signature without a proven time counts for nobody; with "
        "--trusted-root your own instance proves it",
        "--insecure-ignore-sct": f"{_NO_SWITCH}: whose certificate no log has seen is unknown; an instance without "
        "such logs has none in its --trusted-root",
        "--private-infrastructure": _IN_THE_ROOT,
        "--allow-insecure-registry": f"{_NO_SWITCH}: a registry's certificate is checked; SSL_CERT_FILE names your own",
        "--allow-http-registry": f"{_NO_SWITCH}: only a registry on loopback is asked without TLS",
        "--certificate": _IN_THE_BUNDLE,
        "--cert": _IN_THE_BUNDLE,
        "--certificate-chain": _IN_THE_ROOT,
        "--cert-chain": _IN_THE_ROOT,
        "--ca-roots": _IN_THE_ROOT,
        "--ca-intermediates": _IN_THE_ROOT,
        "--rekor-url": "no log is asked: its entry is in the bundle; --trusted-root has its key",
        "--rfc3161-timestamp": _IN_THE_BUNDLE,
        "--timestamp-certificate-chain": _IN_THE_ROOT,
        "--use-signed-timestamps": "stamps in the bundle always count where --trusted-root has their authority",
        "--new-bundle-format": "a document is known by its content",
        "--type": "--attestation-type, with the predicate's whole URI",
        "--check-claims": f"{_NO_SWITCH}: what is stated is always compared",
        "-a": _SIGNED_CLAIMS,
        "--annotations": _SIGNED_CLAIMS,
        "--local-image": "`verify image oci-layout:DIR`, of what `cosign save` wrote as well",
        "--offline": "no log is ever asked; what is on this machine is verified without a network",
        "--attachment": "each image's signatures are found beside it",
        "--max-workers": "nothing: how many are read at once is bounded here",
        "--registry-username": _LOGIN,
        "--registry-password": _LOGIN,
        "--registry-token": _LOGIN,
        "--tlog-upload": "with --signing-config an instance without a log is chosen; a key's signature is not logged",
        "--recursive": "an index signs all that it lists; each is verified with it",
        "--certificate-github-workflow-repository": "--repo OWNER/NAME",
        "--certificate-github-workflow-ref": "--ref, with the whole ref, beside --repo",
        "--certificate-github-workflow-sha": _CLAIMS,
        "--certificate-github-workflow-name": _CLAIMS,
        "--certificate-github-workflow-trigger": _CLAIMS,
        # gh
        "--predicate-type": "--attestation-type",
        "--custom-trusted-root": "--trusted-root",
        "--signer-repo": "--signer-workflow, or --cert-identity 'https://github.com/OWNER/NAME/*'",
        "--signer-digest": _CLAIMS,
        "--source-digest": _CLAIMS,
        "--deny-self-hosted-runners": f'{_CLAIMS}: runner = "github-hosted"',
        "--no-public-good": "--trusted-root names the one instance that is believed",
        "--bundle-from-oci": "--bundle oci://...",
        "--digest-alg": "the digest itself says it: sha256:HEX, sha512:HEX",
        "--hostname": "--cert-identity and --cert-oidc-issuer name your own GitHub's",
        # slsa-verifier
        "--provenance-path": "--bundle",
        "--attestation-path": "--bundle",
        "--source-versioned-tag": "--source-tag, with the whole tag",
        "--build-workflow-input": '[artifacts."...".provenance] of a policy says what parameters must be',
        "--print-provenance": "--format json",
        # sha256sum
        "--check": "--checksums",
        "--strict": "lists of checksums are always read strictly",
    }
)


def told(option: str) -> str | None:
    """What to say of an option that is none here; None where nothing is known of it."""
    name = option.partition("=")[0]
    if name in FOREIGN:
        return FOREIGN[name]
    weakens = name.startswith(("--insecure", "--allow-insecure", "--skip", "--no-verify", "--ignore-tlog"))
    return f"{_NO_SWITCH}" if weakens else None
