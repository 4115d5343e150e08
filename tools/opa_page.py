"""The page about OPA's own bundles: its table is fixtures/opa/ways.toml, which real OPAs are held against."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

_WAYS = Path(__file__).parents[1] / "fixtures" / "opa" / "ways.toml"

_STEPS = """\
# Adopt with the OPA bundles that you have

What `opa build` and `opa sign` write is verified as it is: nothing has to be signed again. The blocks of this page run
as they stand.

## From a signed bundle to a policy

Somebody builds and signs a bundle with OPA alone:

<!-- runs with OPA -->
```sh
mkdir -p policies/authz
printf 'package authz\\n\\ndefault allow := false\\n' > policies/authz/policy.rego
openssl genrsa -out release.pem 2048
openssl rsa -in release.pem -pubout -out release.pub
opa build --bundle policies --revision v1.4.0 --signing-key release.pem --output authz.tar.gz
```

`verify trust init --from` reads it with the public key and writes the policy under which it passes. It says what the
bundle could not give it; a bundle that the key does not verify gets no policy.

<!-- runs with OPA -->
```sh
verify trust init trust.toml --from authz.tar.gz --key release.pub --artifact bundle:authz
verify trust check trust.toml
verify bundle authz.tar.gz --policy trust.toml
```

## What such a bundle cannot say, and how it does

OPA's own signature names neither the artifact nor the time, so that another bundle of the same signer passes as this
one, and nothing says how old it is. A claims file says both; from then on the policy demands them:

<!-- runs with OPA -->
```sh
printf '{"scope": "authz", "iat": %s}' "$(date +%s)" > claims.json
opa build --bundle policies --revision v1.5.0 --signing-key release.pem --claims-file claims.json --output authz.tar.gz
rm trust.toml
verify trust init trust.toml --from authz.tar.gz --key release.pub
verify ledger init --ledger sqlite:ledger.db
verify bundle authz.tar.gz --policy trust.toml --ledger sqlite:ledger.db --record
```

OPA has to be started with the scope then (`opa run --scope authz`, or `scope` in its configuration). `verify sign
bundle` writes scope and time by itself.

## What is accepted

Each row is run with OPA 1.22 in CI, and with 0.70 and 1.0 at night. `src` is a bundle's folder, `k.pem` an RSA key,
`e.pem` one of P-256; `k.pub`, `e.pub` and `o.pub` (of nobody here) are public keys, and `dated.toml` is a policy with
`freshness = "90d"`.

| with OPA | `verify bundle` | outcome | |
|---|---|---|---|
"""

_REST = """
A reason that follows from another (no signed time, where no signature counts) is shown below it, and in JSON says what
it `follows`.
"""


def opa_bundles() -> str:
    """docs/opa-bundles.md."""
    return _STEPS + "\n".join(_rows()) + "\n" + _REST


def _rows() -> Iterator[str]:
    for way in tomllib.loads(_WAYS.read_text())["way"]:
        runs, asked = "; ".join(way["run"]), " ".join(way["verify"])
        outcome = f"refused: `{way['code']}`" if "code" in way else "accepted"
        outcome += f" (before 1.22: `{way['older']}`)" if "older" in way else ""
        cells = (f"`{runs}`", f"`{asked}`", outcome, way["instead"])
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
