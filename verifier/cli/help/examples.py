"""An example or two of each command, as its help shows them; every option in them exists, which a test holds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "bundle": (
            "verify bundle authz.tar.gz --key release.pub",
            "verify bundle authz.tar.gz --policy trust.toml --record --output sarif=report.sarif",
            "verify bundle authz.tar.gz --policy trust.toml --agent /run/verifier/agent.sock",
        ),
        "image": (
            "verify image registry.acme.example/app:1.4.0 --policy trust.toml",
            "verify image oci-layout:app --key release.pub",
        ),
        "artifact": (
            "verify artifact app.whl --key release.pub --attestation app.whl.sigstore.json",
            "verify artifact app.whl --repo acme/app --attestation app.whl.sigstore.json",
        ),
        "verdict": (
            "verify verdict vsa.json --subject authz.tar.gz --policy trust.toml"
            " --resource-uri https://bundles.acme.example/authz.tar.gz",
        ),
        "inspect": (
            "verify inspect authz.tar.gz",
            "verify inspect registry.acme.example/app:1.4.0 --format json",
        ),
        "preload": (
            "verify preload authz.tar.gz --verdict vsa.json --policy trust.toml --out /run/opa/authz.tar.gz",
            "verify preload authz.tar.gz --verdict vsa.json --policy trust.toml --agent /run/verifier/agent.sock"
            " --exec opa -- run --server --bundle {}",
        ),
        "agent": ("verify agent --policy trust.toml --socket /run/verifier/agent.sock --group opa",),
        "serve": (
            "verify serve --config gateway.toml --check",
            "verify serve --config gateway.toml",
            "verify serve --config gateway.toml --workers 2",
        ),
        "sign": ("verify sign bundle src --key release --out authz.tar.gz",),
        "sign bundle": (
            "verify sign bundle src --key release --out authz.tar.gz --detached authz.dsse.json --version 1.4.0",
        ),
        "sign artifact": ("verify sign artifact app.whl --key release --out app.dsse.json --version 1.4.0",),
        "sign image": (
            "verify sign image registry.acme.example/app:1.4.0 --key release --out app.dsse.json --version 1.4.0",
        ),
        "attest": (
            "verify attest app.whl --type cyclonedx --predicate sbom.cdx.json --key release --out sbom.dsse.json",
        ),
        "publish": (
            "verify publish authz.tar.gz oci://registry.acme.example/authz:1.4.0 --key release",
            "verify publish oci://registry.acme.example/authz:1.4.0 --attach sbom.cdx.json",
        ),
        "key": ("verify key generate release",),
        "key generate": (
            "verify key generate release",
            "verify key generate ci --type ed25519 --passphrase-file ci.passphrase",
        ),
        "sbom": ("verify sbom generate authz.tar.gz --output sbom.cdx.json",),
        "sbom generate": (
            "verify sbom generate authz.tar.gz --output sbom.cdx.json",
            "verify sbom generate oci-layout:app --as spdx > sbom.spdx.json",
        ),
        "sbom check": ("verify sbom check sbom.cdx.json --against app.whl --quality ntia",),
        "sbom diff": ("verify sbom diff old.cdx.json new.cdx.json --fail-on added,license",),
        "audit": (
            "verify audit uv.lock --db advisories.db",
            "verify audit --environment .venv --db advisories.db --fail-on high --output sarif=audit.sarif",
        ),
        "audit db": ("verify audit db import all.zip --db advisories.db",),
        "audit db import": ("verify audit db import all.zip --db advisories.db",),
        "audit db update": ("verify audit db update modified.zip --db advisories.db",),
        "audit db show": ("verify audit db show --db advisories.db",),
        "audit issue": ("verify audit issue --repo acme/app --report audit.json",),
        "trust": ("verify trust init trust.toml", "verify trust check trust.toml"),
        "trust init": (
            "verify trust init trust.toml --artifact bundle:authz --key release.pub",
            "verify trust init trust.toml --from authz.tar.gz --key release.pub",
        ),
        "trust import": (
            "verify trust import cluster-image-policy.yaml",
            "verify trust import slsa-verifier -- --source-uri github.com/acme/app --source-tag v1.2.3",
        ),
        "trust check": ("verify trust check trust.toml --strict",),
        "ledger": ("verify ledger init", "verify ledger show"),
        "ledger init": ("verify ledger init --ledger sqlite:ledger.db",),
        "ledger show": ("verify ledger show bundle:authz",),
        "ledger history": ("verify ledger history bundle:authz --limit 20",),
        "ledger export": ("verify ledger export ledger.jsonl",),
        "ledger import": ("verify ledger import ledger.jsonl --expect-head 12@sha256:...",),
        "ledger check": ("verify ledger check --file ledger.jsonl",),
        "ledger salvage": ("verify ledger salvage saved.jsonl --ledger sqlite:broken.db",),
        "ledger floor": ("verify ledger floor bundle:authz 1.4.0 --reason CVE-2026-1234",),
        "ledger quarantine": ("verify ledger quarantine bundle:authz --from 1.3.0 --to 1.3.2 --reason CVE-2026-1234",),
        "report": ("verify report report.json --format html --before last.json > report.html",),
        "explain": ("verify explain version.rollback",),
        "demo": ("verify demo --keep demo",),
        "help": ("verify help ledger floor",),
        "version": ("verify version --format json",),
        "completion": (
            "verify completion bash > ~/.local/share/bash-completion/completions/verify",
            "verify completion fish > ~/.config/fish/completions/verify.fish",
        ),
    }
)
"""By the words behind `verify`."""
ROOT: Final = (
    "verify bundle authz.tar.gz --policy trust.toml",
    "verify help ledger floor",
)
"""Of `verify` itself."""
