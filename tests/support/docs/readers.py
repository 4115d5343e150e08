"""Who reads a block of configuration on a page: the reader that users' files meet, with what it names at hand.

A part of a policy or of a gateway's configuration is what a page shows of a larger file: what it names and does not
have (signers, builders, the rest of a rule) is added.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tests.support.places import ROOT
from verifier.audit.exceptions.reading import read_exceptions
from verifier.gateway.settings.configuration import load_settings
from verifier.net.registry.settings import read_registries
from verifier.publish.keygen import generate_key_pair
from verifier.sbom.licenses.rules import read_license_rules
from verifier.trust.load import load_policy

NOW = datetime(2025, 1, 15, tzinfo=UTC)
"""A day on which the exceptions that pages show have not ended."""
SIGNED = {"name": {"from": "signature.scope"}, "version": {"from": "manifest.revision", "scheme": "semver"}}
BASE = {"version": 1, "id": "https://acme.example/policy"}


def read_policy(text: str, folder: Path) -> None:
    """A whole trust policy; whatever files it names are put there."""
    (folder / "trust.toml").write_text(text)
    _name_files(tomllib.loads(text), folder)
    load_policy(folder / "trust.toml")


def read_part_of_policy(text: str, folder: Path) -> None:
    """Some tables of a trust policy."""
    shown = tomllib.loads(text)
    rules = shown.setdefault("artifacts", {})
    signers, builders = {"release"} | _named(rules, "from"), _named(rules, "builders")
    for pattern, rule in rules.items():
        rule.setdefault("signatures", {"from": ["release"]})
        rule.setdefault("version", "none")
        if rule["version"] == "none" and pattern.startswith("bundle:"):
            rule.update(SIGNED)
    known = shown.setdefault("signers", {})
    for name in sorted(signers - set(known)):
        known[name] = {"key": f"keys/{name}.pub"}
    made = shown.setdefault("builders", {})
    for name in sorted(builders - set(made)):
        made[name] = {"signer": "release", "id": "https://ci.acme.example/builder", "level": 3}
    read_policy(_toml(BASE | shown), folder)


def read_gateway(text: str, folder: Path) -> None:
    """A whole configuration of the gateway."""
    (folder / "gateway.toml").write_text(text)
    shown = tomllib.loads(text)
    policy = folder / shown["policy"]
    if not policy.exists():
        read_policy(_toml(BASE | {"signers": {"release": {"key": "release.pub"}}, "artifacts": _rules(shown)}), folder)
    for path in sorted(_named(shown, "password_file") | _named(shown, "token_file") | _named(shown, "secret_files")):
        _put(folder / path, "a secret of more than sixteen characters\n", mode=0o600)
    load_settings(folder / "gateway.toml")


def read_part_of_gateway(text: str, folder: Path) -> None:
    """Some tables of the gateway's configuration."""
    rest = {"version": 1, "policy": "trust.toml", "ledger": "sqlite:ledger.db"}
    read_gateway(_toml(rest | tomllib.loads(text)), folder)


def _rules(gateway: dict[str, Any]) -> dict[str, Any]:
    """A rule for everything that a gateway is to serve."""
    signed = {"signatures": {"from": ["release"]}, "version": "none"}
    names = [f"bundle:{name}" for name in gateway.get("bundles", {})]
    names += [f"image:{name}" for name in gateway.get("images", {}).get("repositories", {}).values()]
    return dict.fromkeys(names, signed)


def _registries(text: str, folder: Path) -> None:
    for path in sorted(_named(tomllib.loads(text), "ca_file")):
        _put(folder / path.lstrip("/"), "")
        text = text.replace(f'"{path}"', json.dumps(path.lstrip("/")))
    (folder / "registries.toml").write_text(text)
    read_registries(folder / "registries.toml")


def _schema(name: str) -> Callable[[str, Path], None]:
    schema = json.loads((ROOT / "docs" / "schemas" / name).read_text())

    def read(text: str, _folder: Path) -> None:
        jsonschema.validate(json.loads(text), schema)

    return read


def _workflow(text: str, _folder: Path) -> None:
    """A workflow of GitHub's, or its jobs alone: each job runs steps somewhere, or calls another workflow."""
    for job in yaml.safe_load(text)["jobs"].values():
        assert job.get("uses") or (job["runs-on"] and all(step.keys() & {"uses", "run"} for step in job["steps"]))


def _opa(text: str, _folder: Path) -> None:
    """A configuration of OPA: whatever a bundle names, a service or a key, is there."""
    shown = yaml.safe_load(text)
    for bundle in shown["bundles"].values():
        assert bundle["service"] in shown["services"]
        assert bundle.get("signing", {}).get("keyid", "release") in shown.get("keys", {"release": {}})


def _json(text: str, _folder: Path) -> None:
    json.loads(text)


def _yaml(text: str, _folder: Path) -> None:
    assert isinstance(yaml.safe_load(text), dict | list)


READERS: dict[str, Callable[[str, Path], None]] = {
    "a trust policy": read_policy,
    "a part of a trust policy": read_part_of_policy,
    "a configuration of the gateway": read_gateway,
    "a part of a configuration of the gateway": read_part_of_gateway,
    "a file of registries": _registries,
    "a file of exceptions": lambda text, _: read_exceptions(text.encode(), where="page", now=NOW) and None,
    "a file of licences": lambda text, _: read_license_rules(text.encode(), where="page") and None,
    "an evidence document": _schema("evidence-v1.json"),
    "a workflow": _workflow,
    "a configuration of OPA": _opa,
    "JSON": _json,
    "YAML": _yaml,
}
"""By the words of the mark."""


def _name_files(policy: dict[str, Any], folder: Path) -> None:
    """The files that a policy names: keys, Rego, exceptions, licences."""
    for signer in policy.get("signers", {}).values():
        if "key" in signer:
            _put(folder / signer["key"], generate_key_pair(passphrase=None).public_pem.decode())
    for path in sorted(_named(policy.get("artifacts", {}), "rules")):
        _put(folder / path, 'package release\n\ndeny contains "never" if false\n')
    for path in sorted(_named(policy.get("artifacts", {}), "exceptions")):
        _put(folder / path, "")
    for path in sorted(_named(policy.get("artifacts", {}), "licenses")):
        _put(folder / path, 'version = 1\nallow = ["MIT"]\n')


def _named(value: Any, key: str) -> set[str]:
    """Every text that stands under `key`, at any depth."""
    if isinstance(value, list):
        return set().union(*(_named(each, key) for each in value))
    if not isinstance(value, dict):
        return set()
    here = value.get(key, [])
    found = {here} if isinstance(here, str) and key != "from" else {text for text in here if isinstance(here, list)}
    return {text for text in found if isinstance(text, str)}.union(*(_named(each, key) for each in value.values()))


def _put(path: Path, text: str, *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def _toml(tables: dict[str, Any]) -> str:
    """A document of these tables; what is below a second level stands in inline tables."""
    lines = [f"{json.dumps(key)} = {_inline(value)}" for key, value in tables.items() if not isinstance(value, dict)]
    for first, table in tables.items():
        if isinstance(table, dict):
            lines += [f"[{json.dumps(first)}]" for value in [table] if not _of_tables(table)]
            lines += [f"{json.dumps(key)} = {_inline(value)}" for key, value in table.items() if not _of_tables(table)]
            for second, below in table.items() if _of_tables(table) else ():
                lines.append(f"[{json.dumps(first)}.{json.dumps(second)}]")
                lines += [f"{json.dumps(key)} = {_inline(value)}" for key, value in below.items()]
    return "\n".join(lines) + "\n"


def _of_tables(table: dict[str, Any]) -> bool:
    return bool(table) and all(isinstance(value, dict) for value in table.values())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_inline(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(each) for each in value) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value)
