"""What decides in SPDX documents, 2.2 and 2.3, as JSON has them: a function for each thing that a standard can ask for.

Source: SPDX 2.3; OpenChain Telco SBOM Guide 1.1 section 3.5 for creators.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.sbom.quality.rule import MISSING, Check
from verifier.sbom.quality.sheet import Node, Sheet, member, objects, present, strings
from verifier.sbom.quality.values import moment, shown, strong_digest

_IDENTIFIERS: Final = frozenset({"purl", "cpe22Type", "cpe23Type", "swid", "swh", "gitoid"})
_VERSIONED: Final = re.compile(r"Tool:\s*\S.*?[-\s:@_/]v?\d")
_PURPOSES: Final = ("design", "source", "build", "analyzed", "deployed", "runtime")


def text(key: str) -> Check:
    """A text under `key` of a package."""
    return lambda _, node: "" if present(node.get(key)) else MISSING


def document_text(key: str) -> Check:
    """A text under `key` of the document."""
    return lambda sheet, _: "" if present(sheet.tree.get(key)) else MISSING


def creator(*kinds: str) -> Check:
    """A creator of one of the kinds, with a name."""
    return lambda sheet, _: "" if any(_named(each, kinds) for each in _creators(sheet)) else MISSING


def tool_with_version(sheet: Sheet, _: Node) -> str:
    """A tool whose name and version stand in its line."""
    tools = [each for each in _creators(sheet) if _named(each, ("Tool",))]
    if not tools:
        return MISSING
    return "" if any(map(_VERSIONED.match, tools)) else f"{shown(tools[0])}, expected the tool's name and version"


def hyphenated_tool(sheet: Sheet, _: Node) -> str:
    """Name and version of each tool, with one hyphen between them."""
    tools = [each for each in _creators(sheet) if _named(each, ("Tool",))]
    wrong = next((each for each in tools if each.count("-") != 1), None)
    return "" if wrong is None else f"{shown(wrong)}, expected one hyphen, between name and version"


def created(sheet: Sheet, _: Node) -> str:
    """When the document was made."""
    given = member(sheet.tree, "creationInfo").get("created")
    return moment(str(given)) if present(given) else MISSING


def sbom_type(sheet: Sheet, _: Node) -> str:
    """The comment names one of CISA's types of SBOMs."""
    comment = member(sheet.tree, "creationInfo").get("comment")
    if not present(comment):
        return MISSING
    words = re.findall(r"[a-z]+", str(comment).lower())
    return "" if not set(words).isdisjoint(_PURPOSES) else f"names none of {', '.join(_PURPOSES)}"


def party(*keys: str) -> Check:
    """A person or an organisation under one of the keys of a package."""
    kinds = ("Person", "Organization")
    return lambda _, node: "" if any(_named(str(node.get(key) or ""), kinds) for key in keys) else MISSING


def identifier(_: Sheet, node: Node) -> str:
    """At least one identifier that others can look up; an SPDXID means nothing elsewhere."""
    given = (each for each in objects(node.get("externalRefs")) if str(each.get("referenceType")) in _IDENTIFIERS)
    return "" if any(present(each.get("referenceLocator")) for each in given) else MISSING


def purl(_: Sheet, node: Node) -> str:
    """A package URL."""
    given = (each for each in objects(node.get("externalRefs")) if each.get("referenceType") == "purl")
    return "" if any(str(each.get("referenceLocator")).startswith("pkg:") for each in given) else MISSING


def digest(_: Sheet, node: Node) -> str:
    """A digest of the package, with its algorithm."""
    found = [(str(each.get("algorithm")), str(each.get("checksumValue"))) for each in objects(node.get("checksums"))]
    if any(strong_digest(*each) for each in found):
        return ""
    return f"{', '.join(sorted({each for each, _ in found}))}, expected SHA256 or better" if found else MISSING


def checksum_or_code(_: Sheet, node: Node) -> str:
    """A checksum, or the code over a package's files."""
    if any(present(each.get("checksumValue")) for each in objects(node.get("checksums"))):
        return ""
    return "" if present(member(node, "packageVerificationCode").get("packageVerificationCodeValue")) else MISSING


def licensed(_: Sheet, node: Node) -> str:
    """A licence, concluded or declared."""
    return "" if present(node.get("licenseConcluded")) or present(node.get("licenseDeclared")) else MISSING


def top_level(sheet: Sheet, _: Node) -> str:
    """What the document describes says what it directly consists of."""
    if not sheet.described:
        return "describes nothing"
    if sheet.described & sheet.related:
        return ""
    others = len(sheet.components) - len(sheet.described)
    return f"describes a package, and says of none of the {others} others that it belongs to it" if others > 0 else ""


def in_graph(sheet: Sheet, node: Node) -> str:
    """A package is part of something, or depends on it, or is said to have no part."""
    ref = str(node.get("SPDXID"))
    if ref in sheet.related or (ref in sheet.described and len(sheet.components) == 1):
        return ""
    return "stands in no relationship of parts or dependencies"


def describes_and_contains(sheet: Sheet, _: Node) -> str:
    """Both relationships that the guide asks for."""
    kinds = {how for _, how, _ in sheet.relations}
    pairs = (("DESCRIBES", "DESCRIBED_BY"), ("CONTAINS", "CONTAINED_BY"))
    lacking = [first for first, other in pairs if not kinds & {first, other}]
    return f"has no relationship {' and none '.join(lacking)}" if lacking else ""


def data_license(sheet: Sheet, _: Node) -> str:
    """The licence of the document itself, which SPDX fixes."""
    given = sheet.tree.get("dataLicense")
    if not present(given):
        return MISSING
    return "" if given == "CC0-1.0" else f"{shown(str(given))}, expected 'CC0-1.0'"


def version_2(sheet: Sheet, _: Node) -> str:
    """SPDX 2.2 or 2.3."""
    given = sheet.document.spec_version.removeprefix("SPDX-")
    return "" if given in {"2.2", "2.3"} else f"SPDX {given}, expected 2.2 or 2.3"


def too_old(sheet: Sheet, _: Node) -> str:
    """What a standard that wants SPDX 3 says of every document that is read."""
    return f"SPDX {sheet.document.spec_version.removeprefix('SPDX-')}, expected 3.0.1 or later"


def _creators(sheet: Sheet) -> list[str]:
    return strings(member(sheet.tree, "creationInfo").get("creators"))


def _named(text_: str, kinds: tuple[str, ...]) -> bool:
    kind, colon, rest = text_.partition(":")
    return bool(colon) and kind.strip() in kinds and present(rest)
