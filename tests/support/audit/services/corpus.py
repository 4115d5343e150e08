"""The corpus of PyPA's advisories as a service has them."""

from __future__ import annotations

from functools import cache

import yaml

from tests.support.material import corpus


@cache
def advisories():
    """Every record of the corpus, as JSON has it: scalars of YAML are texts."""
    files = sorted((corpus("pypa-advisories") / "vulns").rglob("*.yaml"))
    return [yaml.load(each.read_text(), yaml.CBaseLoader) for each in files]  # noqa: S506 - loads texts and nothing else
