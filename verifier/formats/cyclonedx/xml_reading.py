"""CycloneDX in XML: no document type, no entities, the schema of its own namespace; then what JSON has, as JSON has it.

* UTF-8 and nothing else; a DOCTYPE is refused before anything is parsed, so that there is nothing to expand or to fetch
* nesting, texts and names are bounded by the parser; what is made is paid for before it is made
* the namespace is the version; unknown and older ones are refused
* comments and processing instructions are taken out before texts are read: `a<!-- -->b` is `ab`, as the schema sees it

Source: https://cyclonedx.org/docs/1.6/xml; XML 1.0, section 2.8; formats/sbom.md section 1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import XML_ATTRIBUTE, XML_ELEMENT, XML_HELD, XML_TEXT
from verifier.core.errors import Refused, refuse
from verifier.formats.bom.document import BomDocument
from verifier.formats.bom.faults import Faults, escaped, told
from verifier.formats.cyclonedx.document import read_tree
from verifier.formats.cyclonedx.schema import hold_json, missing_extra, refuse_version, xml_schema
from verifier.formats.cyclonedx.xml_outline import Outline
from verifier.formats.cyclonedx.xml_stream import Stream

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACE: Final = "http://cyclonedx.org/schema/bom/"
_BEFORE_ROOT: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t\r\n]+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ENCODING: Final = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]*)")
_UTF_8: Final = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_UNREAD: Final = frozenset({"declarations", "definitions", "formulation"})
"""What nothing is read of, and what JSON wants otherwise (its own signatures, for one)."""
_SAFELY: Final = {
    "resolve_entities": "internal",  # none is defined; `False` beside a schema hides errors (lxml 6.1)
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "no_network": True,
    "remove_comments": True,
    "remove_pis": True,
    "huge_tree": False,  # nesting beyond 256 and texts beyond 10 MB are refused
}
"""How XML of others is parsed."""
_MOST_ERRORS: Final = 20
"""Errors of the schema that are told; libxml2 says each two or three times."""


def read_xml(content: bytes, *, subject: str, budget: Budget) -> BomDocument:
    """The document that `content` holds; `Refused` (`sbom.*`, `input.too-costly`) where it is unsound."""
    _refuse_before_parsing(content, subject)
    _pay(content, budget, subject)
    outline = Outline(content, subject)
    version = _version(outline, subject)
    budget.spend(XML_HELD, outline.held, subject=subject)
    try:
        from lxml import etree  # noqa: PLC0415 - only who reads XML needs it
    except ImportError as error:
        raise missing_extra(error) from error
    faults, stream = Faults(subject), Stream(f"{{{outline.namespace}}}", version)
    try:
        tree = stream.read(content, _SAFELY)
    except etree.XMLSyntaxError as error:
        _hold_schema(_parsed(content, subject), version, faults)
        raise refuse("sbom.invalid", subject, f"breaks its schema: {escaped(str(error))[:300]}") from None
    if (foreign := stream.conversion.foreign) > 0:
        faults.doubt("the document", f"has {foreign:,} elements or attributes of other namespaces, which are not read")
    # Its own schema has passed it; this one holds the conversion, and asks what XML leaves open, as for lists of items
    # that are all different.
    hold_json({key: value for key, value in tree.items() if key not in _UNREAD}, version, faults, formats=False)
    return read_tree(tree, content, version, faults=faults, budget=budget)


def _refuse_before_parsing(content: bytes, subject: str) -> None:
    """What is not UTF-8, and every DOCTYPE: it stands before the root, or the document is not well-formed."""
    try:
        str(content, "utf-8")
    except UnicodeDecodeError as error:
        raise refuse("sbom.invalid", subject, f"not UTF-8 at byte {error.start}, expected XML in UTF-8") from None
    declared = _ENCODING.match(content.removeprefix(b"\xef\xbb\xbf"))
    if declared is not None and declared[1].lower() not in _UTF_8:
        raise refuse("sbom.invalid", subject, f"XML in {told(declared[1].decode())}, expected UTF-8")
    before = _BEFORE_ROOT.match(content)
    if before is not None and content[before.end() : before.end() + 2] == b"<!":
        message = "the XML has a document type (<!DOCTYPE), expected none: it could define entities, or name files"
        raise refuse("sbom.invalid", subject, message, "Have it written without: CycloneDX needs none.")


def _pay(content: bytes, budget: Budget, subject: str) -> None:
    budget.spend(XML_TEXT, len(content), subject=subject)
    budget.spend(XML_ELEMENT, content.count(b"<") - content.count(b"</"), subject=subject)
    budget.spend(XML_ATTRIBUTE, content.count(b"="), subject=subject)


def _parsed(content: bytes, subject: str) -> _Element:
    """All of it at once, for the place of each fault."""
    from lxml import etree  # noqa: PLC0415 - as above

    try:
        return etree.fromstring(content, etree.XMLParser(**_SAFELY))
    except etree.XMLSyntaxError as error:
        message = str(error).partition(", use XML_PARSE_HUGE")[0].partition(", try XML")[0].partition(" (<string>")[0]
        message = f"not XML, or beyond what is read of it: {escaped(message[:200])}"
        raise refuse("sbom.invalid", subject, message) from None


def _version(outline: Outline, subject: str) -> str:
    """The version that the namespace of the root states."""
    if outline.name != "bom" or not outline.namespace.startswith(_NAMESPACE):
        seen = told(f"{{{outline.namespace}}}{outline.name}")
        message = f"XML with the root {seen}, expected `bom` in {_NAMESPACE}1.6 or another version"
        raise refuse("sbom.unsupported", subject, message)
    version = outline.namespace.removeprefix(_NAMESPACE)
    refuse_version(version, subject)
    return version


def _hold_schema(root: _Element, version: str, faults: Faults) -> None:
    schema = xml_schema(version)
    if schema.validate(root):
        return
    told_of: set[tuple[int, str]] = set()
    for entry in schema.error_log:
        path, message = _place(root, entry.path), entry.message.replace(f"{{{_NAMESPACE}{version}}}", "")
        if (entry.line, path) not in told_of and len(told_of) < _MOST_ERRORS:
            told_of.add((entry.line, path))
            faults.fault(path, f"(line {entry.line}): {message[:300]}")
    faults.settle()
    raise Refused(*refuse("sbom.invalid", faults.subject, "breaks its XML schema").reasons)


def _place(root: _Element, path: str | None) -> str:
    """`/*/*[2]/*[1]` in names: `components/component[1]`."""
    element: Any = root
    names: list[str] = []
    for step in (path or "").split("/")[2:]:
        number = re.fullmatch(r"\*(?:\[(\d+)\])?", step)
        if number is None:
            break
        index = int(number[1] or 1) - 1
        if index >= len(element):
            break
        several = len(element) > 1 and all(each.tag == element[0].tag for each in element[:2])
        element = element[index]
        name = str(element.tag).rpartition("}")[2]
        names.append(f"{name}[{index + 1}]" if several else name)
    return "/".join(names) or "bom"
