"""OpenVEX 0.2.0: JSON to statements, strictly.

* a field that is unknown, or of another type than it should be, is refused: a statement can silence a finding
* `not_affected` without a justification or an impact statement is refused; `affected` without an action statement,
  which silences nothing, and a document without an identifier are warnings
* a statement has its own timestamp, else the document's; a document has one
* every product has something to be known by; purls are purls

Source: OpenVEX 0.2.0 (https://github.com/openvex/spec); formats/sbom.md section 9.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from verifier.core.clock import parse_rfc3339
from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.formats.bom.claims import HEX_DIGITS
from verifier.formats.bom.component import Hash
from verifier.formats.bom.vex import STATUSES, Product, Status, VexDocument, VexStatement
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.purl import parse_purl

CONTEXT: Final = "https://openvex.dev/ns"
_CONTEXTS: Final = frozenset({CONTEXT, f"{CONTEXT}/v0.2.0"})
JUSTIFICATIONS: Final = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)
"""Why something is not affected, in OpenVEX' words."""

MAX_STATEMENTS: Final = 50_000
MAX_PRODUCTS: Final = 10_000
MAX_NAMES: Final = 1_000
"""Aliases of one vulnerability, identifiers and hashes of one product."""

_ALGORITHMS: Final = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha-256": "SHA-256",
    "sha-384": "SHA-384",
    "sha-512": "SHA-512",
    "sha3-224": "SHA3-224",
    "sha3-256": "SHA3-256",
    "sha3-384": "SHA3-384",
    "sha3-512": "SHA3-512",
    "blake2s-256": "BLAKE2s-256",
    "blake2b-256": "BLAKE2b-256",
    "blake2b-512": "BLAKE2b-512",
}
"""OpenVEX' names of hash functions, and CycloneDX'."""
_OWN_DIGITS: Final = {"SHA3-224": 56, "BLAKE2s-256": 64}
"""Hex digits of what only OpenVEX has."""
_CODE: Final = "vex.invalid"


def is_openvex(tree: JsonValue) -> bool:
    """Whether a document says that it is OpenVEX, of whatever version."""
    context = tree.get("@context") if isinstance(tree, dict) else None
    return isinstance(context, str) and context.startswith("https://openvex.dev/ns")


def read_openvex(tree: JsonValue, *, digest: Digest, subject: str) -> VexDocument:
    """The document in `tree`, whose bytes have `digest`; `Refused` (`vex.invalid`) names what is not right."""
    findings: list[Reason] = []
    top = Fields.of(tree, code=_CODE, subject=subject).known(
        *("@context", "@id", "author", "role", "timestamp", "last_updated", "version", "tooling", "statements"),
        *("supplier",),
        closed=True,
    )
    context = top.text("@context")
    if context not in _CONTEXTS:
        raise top.refusal("@context", f"is {context[:80]!r}, expected {' or '.join(sorted(_CONTEXTS))}")
    identifier = _optional(top, "@id")
    if not identifier:
        findings.append(_note(subject, "it has no @id, so that nothing can refer to it"))
    _version(top)
    timestamp = _moment(top, "timestamp")
    if timestamp is None:
        raise top.refusal("timestamp", "is missing, expected when the document was issued")
    items = top.objects("statements", most=MAX_STATEMENTS)
    if not items:
        raise top.refusal("statements", "is empty, expected at least one")
    return VexDocument(
        format="openvex",
        identifier=identifier,
        author=top.text("author"),
        digest=digest,
        timestamp=timestamp,
        statements=tuple(_statement(each, timestamp, findings) for each in items),
        findings=tuple(findings),
    )


def _statement(item: Fields, issued: datetime, findings: list[Reason]) -> VexStatement:
    item.known(
        *("@id", "version", "vulnerability", "timestamp", "last_updated", "products", "status", "supplier"),
        *("status_notes", "justification", "impact_statement", "action_statement", "action_statement_timestamp"),
        closed=True,
    )
    vulnerability = item.object("vulnerability").known("@id", "name", "description", "aliases", closed=True)
    status = _status(item)
    justification = _optional(item, "justification")
    if justification and justification not in JUSTIFICATIONS:
        raise item.refusal("justification", f"is {justification[:80]!r}, expected one of {', '.join(JUSTIFICATIONS)}")
    if justification and status != "not_affected":
        raise item.refusal("justification", f"is given, and the status is {status}")
    impact, action = _optional(item, "impact_statement"), _optional(item, "action_statement")
    if status == "not_affected" and not (justification or impact.strip()):
        message = "is missing, expected why it is not affected: a justification or an impact_statement"
        raise item.refusal("justification", message)
    if status == "affected" and not action.strip():
        findings.append(_note(item.subject, f"{item.path or 'a statement'} is affected and has no action_statement"))
    products = item.objects("products", most=MAX_PRODUCTS)
    if not products:
        raise item.refusal("products", "is empty, expected at least one")
    return VexStatement(
        vulnerability=vulnerability.text("name"),
        aliases=vulnerability.texts("aliases", most=MAX_NAMES, required=False),
        products=tuple(_product(each) for each in products),
        status=status,
        justification=justification,
        impact=impact,
        action=action,
        notes=_optional(item, "status_notes"),
        timestamp=_moment(item, "timestamp") or issued,
    )


def _status(item: Fields) -> Status:
    text = item.text("status")
    for status in STATUSES:
        if status == text:
            return status
    raise item.refusal("status", f"is {text[:80]!r}, expected one of {', '.join(STATUSES)}")


def _product(item: Fields, *, inner: bool = False) -> Product:
    item.known("@id", "identifiers", "hashes", "supplier", *(() if inner else ("subcomponents",)), closed=True)
    identifier = _optional(item, "@id")
    purls = [identifier] if identifier.startswith("pkg:") else []
    cpe = ""
    if item.value.get("identifiers") is not None:
        named = item.object("identifiers").known("purl", "cpe22", "cpe23", closed=True)
        purls += [purl] if (purl := _optional(named, "purl")) else []
        cpe = _optional(named, "cpe23") or _optional(named, "cpe22")
    for purl in purls:
        _require_purl(item, purl)
    hashes = _hashes(item)
    if not (identifier or purls or cpe or hashes):
        raise item.refusal("", "names nothing, expected an @id, an identifier or a hash")
    below = () if inner else item.objects("subcomponents", most=MAX_PRODUCTS, required=False)
    return Product(
        name=identifier or (purls[0] if purls else cpe) or hashes[0].value,
        purls=tuple(dict.fromkeys(purls)),
        hashes=hashes,
        subcomponents=tuple(_product(each, inner=True) for each in below),
    )


def _hashes(item: Fields) -> tuple[Hash, ...]:
    if item.value.get("hashes") is None:
        return ()
    table = item.object("hashes").known(*_ALGORITHMS, closed=True)
    return tuple(_hash(table, name, value) for name, value in table.text_map(most=MAX_NAMES))


def _hash(table: Fields, name: str, value: str) -> Hash:
    algorithm = _ALGORITHMS[name]
    length = HEX_DIGITS.get(algorithm) or _OWN_DIGITS[algorithm]
    lower = value.lower()
    if len(lower) != length or not set(lower) <= set("0123456789abcdef"):
        raise table.refusal(name, f"is {value[:80]!r}, expected {length} hex digits")
    return Hash(algorithm, lower)


def _require_purl(item: Fields, purl: str) -> None:
    try:
        parse_purl(purl)
    except ValueError as error:
        raise item.refusal("", f"has {purl[:120]!r}, which is no package URL: it {error}") from error


def _version(top: Fields) -> None:
    version = top.value.get("version")
    if type(version) is not int or version < 1:
        raise top.refusal("version", "must be a whole number from 1 on")


def _optional(fields: Fields, name: str) -> str:
    return fields.go_text(name) or ""


def _moment(fields: Fields, name: str) -> datetime | None:
    text = _optional(fields, name)
    if not text:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        raise fields.refusal(name, f"is {error}") from error


def _note(subject: str, message: str) -> Reason:
    return Reason(code=_CODE, subject=subject, message=message).as_warning()
