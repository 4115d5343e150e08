"""How each option is given, as one example: said where a mistake says nothing better; read after one only."""

from __future__ import annotations

import re
from typing import Final

_WRITTEN: Final = r"""
--actor alice | --advisories advisories.db | --against dist/app.tar.gz | --algorithm ES256
--allowed-index https://pypi.org/simple
--annotation org.opencontainers.image.source=https://github.com/acme/authz | --artifact bundle:authz
--as cyclonedx | --attach sbom.intoto.jsonl | --attest scan.intoto.jsonl | --attestation app.intoto.jsonl
--attestation-type https://slsa.dev/provenance/v1 | --author 'Acme Security <security@acme.example>'
--base debian=registry.acme.example/base/debian:12 | --build-level 2
--builder-id 'https://github.com/actions/runner/*' | --cache /var/cache/policy-verifier
--cert-identity 'https://github.com/acme/authz/.github/workflows/release.yml@refs/tags/*'
--cert-oidc-issuer https://token.actions.githubusercontent.com
--certificate-identity-regexp 'https://github\.com/acme/.+'
--certificate-oidc-issuer-regexp 'https://token\.actions\.githubusercontent\.com' | --claim version=1.4.0
--code version.rollback | --config gateway.toml | --cool-down 7d | --correlation-id run-17 | --db advisories.db
--detached authz.intoto.jsonl | --digest sha256:HEX | --environment .venv/bin/python | --epoch 1
--epss epss.csv.gz | --exceptions exceptions.toml | --expect-head 17@sha256:HEX | --expires 90d | --fail-on high
--fallback full | --file ledger.jsonl | --format json | --from 1.2.0 | --gate trust.toml
--id https://acme.example/policy/authz | --identity-token token.txt | --ignore-parameter ref
--include 'tests/*.pem' | --index registry.acme.example/acme/app@sha256:HEX
--index-url https://pypi.org/simple | --keep demo | --kev known_exploited_vulnerabilities.json
--key release.pub | --keyid release | --kind bundle | --layers hash | --ledger sqlite:ledger.db
--level SLSA_BUILD_LEVEL_2 | --license Apache-2.0 | --licenses licenses.toml | --limit 20 | --listed app.tar.gz
--listen 127.0.0.1:8282 | --log-format json | --max-age 30d | --max-exception-days 90 | --min-completeness 0.95
--mode strict | --name authz | --new-since yesterday.json | --now 2026-07-01T12:00:00Z | --out dist/authz.tar.gz
--output json=report.json | --owner acme | --passphrase-file passphrase.txt | --platform linux/arm64
--policy trust.toml | --policy-digest sha256:HEX | --predicate predicate.json
--previous https://bundles.acme.example/authz.tar.gz | --previous-attestation authz.intoto.jsonl
--private 'acme-*=https://pypi.acme.example/simple' | --quality ntia | --reason 'CVE-2026-1234'
--rego-engine opa | --repo acme/authz | --report audit.json | --repository registry.acme.example/acme/authz
--resource-uri https://bundles.acme.example/authz.tar.gz | --revision 1.4.0 | --root .
--run-url https://github.com/acme/authz/actions/runs/17 | --sbom sbom.cdx.json | --scheme semver | --scope authz
--service osv | --service-canary pkg:pypi/jinja2@2.10=PYSEC-2019-217 | --service-url https://api.osv.dev
--signer-workflow acme/authz/.github/workflows/release.yml | --signing-config signing-config.json
--signing-key release | --since 7d | --source requirements | --source-branch main | --source-ref refs/heads/main
--source-tag v1.4.0 | --source-uri git+https://github.com/acme/authz | --spec-version 1.6 | --subject app.tar.gz
--subject-digest sha256:HEX | --supplier 'Acme' | --threshold 1 | --timeout 2m | --to 1.3.0
--trusted-root production | --type cyclonedx | --upstream https://bundles.acme.example/authz.tar.gz
--verdict authz.vsa.json | --verdict-expires 30d | --verdict-out authz.vsa.json
--verifier-id https://acme.example/verifier/ci | --version 1.4.0 | --version-from manifest.revision
--version-prefix v | --version-scheme semver | --vex vex.openvex.json
"""
EXAMPLES: Final = dict(
    each.strip().split(" ", 1) for line in _WRITTEN.split("\n") for each in line.split("|") if each.strip()
)
"""A value for each option."""
_ARGUMENTS: Final = {
    "verify bundle": "authz.tar.gz --policy trust.toml",
    "verify image": "registry.acme.example/acme/app:1.4.0 --policy trust.toml",
    "verify artifact": "app.tar.gz --policy trust.toml --attestation app.intoto.jsonl",
    "verify verdict": "authz.vsa.json --policy trust.toml --subject authz.tar.gz",
    "verify preload": "authz.tar.gz --verdict authz.vsa.json --policy trust.toml",
    "verify sign bundle": "src --key release --out authz.tar.gz",
    "verify sign artifact": "app.tar.gz --key release --out app.intoto.jsonl",
    "verify sign image": "registry.acme.example/acme/app:1.4.0 --key release",
    "verify attest": "app.tar.gz --type cyclonedx --predicate sbom.json --key release --out app.intoto.jsonl",
    "verify publish": "authz.tar.gz oci://registry.acme.example/acme/authz:1.4.0 --key release",
    "verify inspect": "authz.tar.gz",
    "verify report": "report.json --format html",
    "verify completion": "bash",
    "verify sbom generate": "dist/app --output sbom.cdx.json",
    "verify sbom check": "sbom.cdx.json --against dist/app",
    "verify sbom diff": "old.cdx.json new.cdx.json",
    "verify audit db import": "all.zip --db advisories.db",
    "verify audit db update": "all.zip --db advisories.db",
    "verify key generate": "keys/release",
    "verify trust check": "trust.toml",
    "verify ledger floor": "bundle:authz 1.4.0 --reason CVE-2026-1234",
    "verify ledger quarantine": "bundle:authz --from 1.3.0 --to 1.3.2 --reason CVE-2026-1234",
    "verify ledger import": "ledger.jsonl --expect-head 17@sha256:HEX",
    "verify ledger salvage": "saved.jsonl",
}
"""What stands behind a command that needs an argument."""
_PRIVATE: Final = ("verify sign", "verify attest", "verify publish", "verify sbom generate")
_FLAG: Final = re.compile(r"--[a-z][a-z0-9-]*")


def example(said: str, where: str = "") -> str:
    """How the first option that `said` names is given behind `where`, as a sentence; "" where it names none."""
    if said.startswith("Missing argument") and where in _ARGUMENTS:
        return f"Write it as in `{where} {_ARGUMENTS[where]}`."
    found = _FLAG.search(said)
    value = EXAMPLES.get(found[0]) if found else None
    if found is None or value is None:
        return ""
    if found[0] == "--key" and where.startswith(_PRIVATE):
        value = "release"
    return f"Write it as in `{found[0]} {value}`."
