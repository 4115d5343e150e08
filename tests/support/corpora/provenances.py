"""The corpus of real provenance: who signed it, and the names of its files."""

from __future__ import annotations

ACTIONS = "https://token.actions.githubusercontent.com"
PUBLISHER = "https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml@refs/tags/v0.0.1"
DELEGATOR = (
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
    "delegator_generic_slsa3.yml@refs/tags/v2.0.0"
)
PACKAGE = "https://github.com/trishankatdatadog/supreme-goggles/.github/workflows/npm-publish.yml@refs/tags/v1.0.5"
NPM_KEY_ID = "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA"
NPM_KEY = b"""-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i
6UPp+IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg==
-----END PUBLIC KEY-----
"""
GENERATED = [
    "binary-linux-amd64-push-v13.0.30",
    "binary-linux-amd64-push-v14",
    "binary-linux-amd64-push-v14.2",
    "binary-linux-amd64-workflow_dispatch",
]
NPM = "supreme-googles-cli-v02-tag"
