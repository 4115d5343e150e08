"""A bill of materials that somebody else wrote, in any format that is read: CycloneDX in JSON or XML, SPDX in JSON.

* what it is says the document itself, never its name
* what is none of these is told apart and named, with the one thing to do
* whatever it holds, it is read within a budget, and refused with its reason; nothing else is raised but that a library
  is missing
"""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import Any, Final

from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused, refuse
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.formats.bom.document import BomDocument
from verifier.formats.bom.faults import told
from verifier.formats.cyclonedx.json_reading import parse_json, read_json
from verifier.formats.foreign.recognise import recognise
from verifier.formats.spdx.reading import read_spdx

_BLANK: Final = b" \t\r\n"
_HEAD: Final = 4_096
_EXPECTED: Final = "CycloneDX 1.4 to 1.7 (JSON, XML) or SPDX 2.2 or 2.3 (JSON)"
_CONVERT: Final = (
    "Write it as JSON: `pyspdxtools --infile FILE --outfile FILE.spdx.json`, or with the tool that made it."
)
_INSIDE: Final = "Give the attestation as one (--attestation), or the document that it holds: "
_UNWRAP: Final = {
    "envelope": f"{_INSIDE}`jq -r .payload FILE | base64 -d | jq .predicate`.",
    "envelope-with-certificate": f"{_INSIDE}`jq -r .payload FILE | base64 -d | jq .predicate`.",
    "sigstore-bundle": f"{_INSIDE}`jq -r .dsseEnvelope.payload FILE | base64 -d | jq .predicate`.",
    "package-lock": "Have npm write its SBOM: `npm sbom --sbom-format cyclonedx`.",
    "statement": "Give the document that it holds: `jq .predicate FILE`. Nobody signed this statement.",
}
"""What to do with what is recognised, where it is about an SBOM: an attestation is wrapped around one."""
_LOCKED: Final = "Give it as what the SBOM is about (--against); `verify sbom generate` makes an SBOM of it."


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
    start = content.removeprefix(BOM_UTF8).lstrip(_BLANK)[:1]
    if start == b"<":
        return _xml(content, subject, budget)
    if start not in (b"{", b"[") or (start == b"[" and _is_lock(subject)):
        raise _no_bom(content, subject)
    tree: Any = parse_json(content, subject=subject, budget=budget, limits=limits)
    if isinstance(tree, dict) and "bomFormat" in tree:
        return read_json(tree, content, subject=subject, budget=budget)
    if isinstance(tree, dict) and "spdxVersion" in tree:
        return read_spdx(tree, content, subject=subject, budget=budget)
    raise _no_bom(content, subject, tree)


def _xml(content: bytes, subject: str, budget: Budget) -> BomDocument:
    from verifier.formats.cyclonedx.xml_reading import read_xml  # noqa: PLC0415 - few documents are XML

    try:
        return read_xml(content, subject=subject, budget=budget)
    except Refused:
        if b"cyclonedx" in content[:_HEAD] or recognise(content) is None:
            raise
        raise _no_bom(content, subject) from None


def _no_bom(content: bytes, subject: str, tree: object = None) -> Refused:
    """What to say of a document that is no bill of materials that is read."""
    if isinstance(tree, dict) and "spdx.org/rdf/3" in str(tree.get("@context"))[:_HEAD]:
        return refuse("sbom.unsupported", subject, f"this is SPDX 3, expected {_EXPECTED}")
    if b"SPDXVersion:" in content[:_HEAD]:
        return refuse("sbom.unsupported", subject, f"this is SPDX as tag-value text, expected {_EXPECTED}", _CONVERT)
    foreign = recognise(content)
    if foreign is None and _is_lock(subject):
        return refuse("sbom.unsupported", subject, f"this is a lock file, by its name, expected {_EXPECTED}", _LOCKED)
    if foreign is None:
        seen = told(content[:40].decode(errors="replace"))
        message = f"this is no bill of materials that is known: it begins {seen}, expected {_EXPECTED}"
        return refuse("sbom.unsupported", subject, message)
    todo = _UNWRAP.get(foreign.name, foreign.todo)
    return refuse("sbom.unsupported", subject, f"this is {foreign.what}, expected {_EXPECTED}", todo)


def _is_lock(subject: str) -> bool:
    """Whether the name is a lock file's: only what is said of one that is no document depends on it."""
    from verifier.sbom.locks.table import format_of  # noqa: PLC0415 - only for what is no document

    return format_of(subject) is not None
