"""Statements as an OpenVEX 0.2.0 document.

* the same statements make the same bytes, in whatever order they come: sorted, each once, no clock, named by the
  content
* what is written is read again as the same statements by `formats.openvex.reading`; only a document without any
  statement is not, which OpenVEX has no place for

Source: OpenVEX 0.2.0 (https://github.com/openvex/spec); formats/sbom.md section 9.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.version import VERSION
from verifier.formats.bom.listed import TOOL
from verifier.formats.bom.unwritable import without_halves
from verifier.formats.bom.vex import Product, VexStatement
from verifier.formats.json.write import canonical, page
from verifier.formats.openvex.reading import CONTEXT

_NAMED: Final = "https://openvex.dev/docs/public/vex-"
"""What stands before the digest, as in documents of vexctl."""


def openvex(statements: Iterable[VexStatement], *, timestamp: datetime, author: str = TOOL) -> str:
    """The document of these statements, in printable ASCII, ending in a newline.

    `timestamp` is when it is issued. A product is known by its first purl, else by its name, which is an IRI then.
    """
    written = {canonical(each): each for each in map(_statement, statements)}
    stated = [each for _, each in sorted(written.items())]
    document: dict[str, Any] = without_halves(
        {
            "author": author,
            "timestamp": format_rfc3339(timestamp),
            "version": 1,
            "tooling": f"{TOOL} {VERSION}",
            "statements": stated,
        }
    )
    digest = hashlib.sha256(canonical(document).encode()).hexdigest()
    return page({"@context": f"{CONTEXT}/v0.2.0", "@id": f"{_NAMED}{digest}", **document})


def _statement(statement: VexStatement) -> dict[str, Any]:
    named: dict[str, Any] = {"name": statement.vulnerability}
    if aliases := sorted(set(statement.aliases) - {statement.vulnerability}):
        named["aliases"] = aliases
    written: dict[str, Any] = {"vulnerability": named}
    if statement.timestamp is not None:
        written["timestamp"] = format_rfc3339(statement.timestamp)
    written["products"] = sorted(map(_product, statement.products), key=canonical)
    written["status"] = statement.status
    texts = {
        "status_notes": statement.notes,
        "justification": statement.justification if statement.status == "not_affected" else "",
        "impact_statement": statement.impact,
        "action_statement": statement.action,
    }
    return written | {key: text for key, text in texts.items() if text}


def _product(product: Product) -> dict[str, Any]:
    if not product.purls:
        return {"@id": product.name}
    return {"@id": product.purls[0], "identifiers": {"purl": product.purls[0]}}
