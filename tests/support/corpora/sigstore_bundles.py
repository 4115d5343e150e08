"""The corpus of Sigstore bundles: what is good in it and who signed that, what is bad and why."""

from __future__ import annotations

from verifier.core.digest import Digest
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer

GITHUB, GOOGLE = "https://github.com/login/oauth", "https://accounts.google.com"
ACTIONS = "https://token.actions.githubusercontent.com"
BEACON = (
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
    "extremely-dangerous-oidc-beacon.yml@refs/heads/main"
)
RFC8785 = "https://github.com/trailofbits/rfc8785.py/.github/workflows/release.yml@refs/tags/v0.1.2"
PYTHON = Digest.parse("sha256:38dc4e2c261d49c661196066edbfb70fdb16be4a79cc8220c224dfeb5636d405")
GOOD = [
    ("staging", "bundle.txt.sigstore", "bundle.txt", GITHUB, "a@tny.town", "2023-04-26T00:21:09Z"),
    ("staging", "bundle_v3.txt.sigstore", "bundle_v3.txt", GITHUB, "william@yossarian.net", "2024-04-02T19:19:09Z"),
    (
        "staging",
        "bundle_v3_alt.txt.sigstore",
        "bundle_v3_alt.txt",
        GITHUB,
        "william@yossarian.net",
        "2024-04-02T19:20:16Z",
    ),
    ("production", "bundle_v3_github.whl.sigstore", "bundle_v3_github.whl", ACTIONS, RFC8785, "2024-03-19T22:41:16Z"),
    (
        "staging",
        "integration/bundle_v3.txt.sigstore",
        "integration/bundle_v3.txt",
        GITHUB,
        "william@yossarian.net",
        "2024-04-02T19:19:09Z",
    ),
    (
        "production",
        "integration/Python-3.12.5.tgz.sigstore",
        PYTHON,
        GOOGLE,
        "thomas@python.org",
        "2024-08-06T20:32:47Z",
    ),
    (
        "staging",
        "staging-rekor-v2.txt.sigstore.json",
        "staging-rekor-v2.txt",
        GITHUB,
        "jku@goto.fi",
        "2025-06-09T11:57:38Z",
    ),
    ("staging", "a.dsse.staging-rekor-v2.txt.sigstore.json", None, ACTIONS, BEACON, "2026-05-13T19:23:33Z"),
    (
        "tsa/trust_config.json",
        "tsa/bundle.txt.sigstore",
        "tsa/bundle.txt",
        GOOGLE,
        "alexis.challande@trailofbits.com",
        "2024-10-31T10:23:39Z",
    ),
]
BAD = [
    ("staging", "bundle_cve_2022_36056.txt.sigstore", "bundle_cve_2022_36056.txt", "log.entry-invalid"),
    ("staging", "bundle_invalid_version.txt.sigstore", "bundle_invalid_version.txt", "signature.unsupported"),
    ("production", "bundle_no_cert_v1.txt.sigstore", "bundle_no_cert_v1.txt", "attestation.invalid"),
    ("production", "bundle_no_checkpoint.txt.sigstore", "bundle_no_checkpoint.txt", "log.entry-invalid"),
    ("production", "bundle_no_log_entry.txt.sigstore", "bundle_no_log_entry.txt", "log.missing"),
    ("production", "bundle_v3_no_signed_time.txt.sigstore.json", "bundle_v3_no_signed_time.txt", "time.untrusted"),
    ("tsa/trust_config.json", "tsa/bundle.duplicate.sigstore", "tsa/bundle.txt", "attestation.invalid"),
    ("tsa/trust_config.json", "tsa/bundle.many_timestamp.sigstore", "tsa/bundle.txt", "attestation.invalid"),
    ("staging", "tsa/bundle.txt.late_timestamp.sigstore", "tsa/bundle.txt", "time.untrusted"),
]  # fmt: skip


def keyless(issuer, identity):
    return Signer(name="wanted", kid="wanted", keyless=KeylessIdentity(issuer=issuer, identity=identity))
