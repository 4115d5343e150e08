"""CycloneDX in JSON: one meaning, the schema of its own version, and what no schema sees.

* duplicate keys, NaN, a byte order mark, bytes behind the document, and nesting beyond `MAX_DEPTH` are refused
* what is made is paid for from a budget before it is made
* a `$schema` that names another version than `specVersion` is a fault: readers would choose differently

Source: https://cyclonedx.org/docs/1.6/json; formats/sbom.md section 1.
"""

from __future__ import annotations

import re
from typing import Any, Final

from verifier.core.costs.budget import Budget
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.formats.bom.document import BomDocument
from verifier.formats.bom.faults import Faults, told
from verifier.formats.cyclonedx.document import read_tree
from verifier.formats.cyclonedx.schema import hold_json, refuse_version
from verifier.formats.json import strict_json

MAX_DEPTH: Final = 200
"""Nested arrays and objects: a hundred components one within the other; documents of tools have at most thirty."""
_SCHEMA_OF: Final = re.compile(r"cyclonedx\.org/schema/bom-(\d+\.\d+)[a-z]?\.schema\.json")


def parse_json(content: bytes, *, subject: str, budget: Budget, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The value of a JSON document that may be a bill of materials; `Refused` (`json.*`, `input.too-costly`)."""
    depth = min(MAX_DEPTH, limits.json_depth)
    parsed = strict_json.parse(content, subject=subject, max_depth=depth, max_values=limits.json_values, budget=budget)
    return parsed.value


def read_json(tree: dict[str, Any], content: bytes, *, subject: str, budget: Budget) -> BomDocument:
    """The document `tree`, which `content` holds; `Refused` (`sbom.*`) where it is unsound."""
    version = tree.get("specVersion")
    refuse_version(version, subject)
    faults = Faults(subject)
    hold_json(tree, str(version), faults)
    named = _SCHEMA_OF.search(tree.get("$schema", ""))
    if named is not None and named[1] != version:
        faults.fault("$schema", f"is that of {told(named[1])}, expected that of the specVersion, {version}")
    return read_tree(tree, content, str(version), faults=faults, budget=budget)
