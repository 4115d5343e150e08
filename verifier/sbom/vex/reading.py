"""A VEX document, of whatever format: OpenVEX in JSON, or CycloneDX in JSON or XML.

* what it is says the document, never its name
* a CycloneDX document is read as every SBOM is, with its schema and its references
"""

from __future__ import annotations

from verifier.core.costs.budget import Budget
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.bom.vex import VexDocument
from verifier.formats.json.strict_json import loads
from verifier.formats.openvex.reading import is_openvex, read_openvex
from verifier.sbom.vex.cyclonedx import vex_in

_MARK = b"openvex.dev/ns"
_DEEPEST = 64
"""Nested arrays and objects of an OpenVEX document; nine are its own."""


def read_vex(content: bytes, *, subject: str, budget: Budget | None = None) -> VexDocument:
    """The statements that `content` holds, named `subject` in what is said of it.

    `Refused` with `vex.invalid`, `json.*`, `input.too-large`, `input.too-costly`, and what `read_bom` refuses.
    """
    if len(content) > DEFAULT_LIMITS.document_bytes:
        message = f"{len(content):,} bytes; at most {DEFAULT_LIMITS.document_bytes:,} are allowed"
        raise refuse("input.too-large", subject, message)
    if _MARK in content and content.lstrip()[:1] == b"{":
        tree = loads(content, subject=subject, max_depth=_DEEPEST, budget=budget)
        if is_openvex(tree):
            return read_openvex(tree, digest=Digest.of(content), subject=subject)
    from verifier.sbom.reading import read_bom  # noqa: PLC0415 - OpenVEX needs none of its libraries

    document = read_bom(content, subject=subject, budget=budget)
    if document.format != "cyclonedx":
        message = f"it is {document.format}, expected OpenVEX or CycloneDX, which say what vulnerabilities do"
        raise refuse("vex.invalid", subject, message)
    return vex_in(document, subject=subject)
