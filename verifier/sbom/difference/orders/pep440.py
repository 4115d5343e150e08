"""How versions of Python's packages order: PEP 440, by `packaging`."""

from __future__ import annotations

from verifier.versions.schemes import OrderKey, Scheme, order_key


def key(version: str) -> OrderKey:
    """What versions order by; `ValueError` for what PEP 440 does not define."""
    return order_key(Scheme.PEP440, version)
