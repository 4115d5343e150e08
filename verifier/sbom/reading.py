"""A bill of materials that somebody else wrote, in any format that is read: CycloneDX in JSON or XML, SPDX in JSON.

* what it is says the document itself, never its name
* what is none of these is told apart and named, with the one thing to do
* whatever it holds, it is read within a budget, and refused with its reason; nothing else is raised but that a library
  is missing
"""

from __future__ import annotations

from verifier.core.costs.budget import Budget
from verifier.core.errors import refuse
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.formats.bom.document import BomDocument
from verifier.formats.cyclonedx.json_reading import parse_json, read_json


def read_bom(
    content: bytes, *, subject: str, budget: Budget | None = None, limits: Limits = DEFAULT_LIMITS
) -> BomDocument:
    """The document that `content` holds, named `subject` in what is said of it.

    What it makes is paid from `budget`, or from one of its own under `limits`. `Refused` with `sbom.invalid` (every
    fault), `sbom.unsupported`, `json.*`, `input.too-large` or `input.too-costly`; `ConfigurationError` where the
    libraries of the extra `sbom` are not installed.
    """
    if len(content) > limits.document_bytes:
        message = f"{len(content):,} bytes; at most {limits.document_bytes:,} are allowed"
        raise refuse("input.too-large", subject, message)
    budget = budget or Budget(limits, sent=len(content))
    value = parse_json(content, subject=subject, budget=budget, limits=limits)
    return read_json(value, content, subject=subject, budget=budget)
