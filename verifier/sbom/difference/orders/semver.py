"""How versions of npm's packages and Go's modules order: SemVer 2.0.0; Go writes a `v` before it.

`+incompatible` and other build metadata do not order.
"""

from __future__ import annotations

from verifier.versions.schemes import OrderKey, Scheme, order_key


def key(version: str) -> OrderKey:
    """What versions order by; `ValueError` for what SemVer does not define: no ranges, no `(devel)`."""
    return order_key(Scheme.SEMVER, version.removeprefix("v"))
