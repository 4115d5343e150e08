"""Components of a bill of materials that is not sound: what can be told from it all the same.

* its faults stay errors: nobody can call it clean; but a vulnerable package in it is not passed over for them
* name, version and purl alone are read, of CycloneDX and SPDX in JSON; a purl that is none is no purl
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from verifier.core.errors import refuse
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.bom.component import FILE, Component
from verifier.formats.bom.document import MAX_COMPONENTS
from verifier.formats.json import strict_json
from verifier.formats.purl import parse_purl


def components_of(content: bytes, *, subject: str) -> tuple[Literal["cyclonedx", "spdx"], list[Component]] | None:
    """The format and the components; None where it is no such document, or not JSON. `Refused` with `json.*` or
    `input.*`."""
    if content.lstrip()[:1] != b"{":
        return None
    tree: Any = strict_json.loads(content, subject=subject, max_depth=DEFAULT_LIMITS.json_depth)
    form: Literal["cyclonedx", "spdx"] = "cyclonedx" if "bomFormat" in tree else "spdx"
    items = _nested(tree.get("components")) if form == "cyclonedx" else _packages(tree.get("packages"))
    found = []
    for number, (name, version, purl, kind) in enumerate(items):
        if number >= MAX_COMPONENTS:
            raise refuse("input.too-large", subject, f"more than {MAX_COMPONENTS} components")
        found.append(_component(number, name, version, purl, kind))
    return form, found


Item = tuple[str, str, str, str]


def _nested(components: object) -> Iterator[Item]:
    """Components and those within them, in the order of the document."""
    waiting: list[object] = [components]
    while waiting:
        level = waiting.pop()
        for each in level if isinstance(level, list) else ():
            if isinstance(each, dict):
                yield _text(each, "name"), _text(each, "version"), _text(each, "purl"), _text(each, "type")
                waiting.append(each.get("components"))


def _packages(packages: object) -> Iterator[Item]:
    for each in packages if isinstance(packages, list) else ():
        if isinstance(each, dict):
            refs = each.get("externalRefs")
            purls = [
                _text(ref, "referenceLocator")
                for ref in (refs if isinstance(refs, list) else ())
                if isinstance(ref, dict) and ref.get("referenceType") == "purl"
            ]
            for purl in purls or [""]:
                yield _text(each, "name"), _text(each, "versionInfo"), purl, "library"


def _text(item: dict[str, object], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _component(number: int, name: str, version: str, written: str, kind: str) -> Component:
    try:
        purl = parse_purl(written) if written else None
    except ValueError:
        purl = None
    ref = f"components[{number}]"
    if purl is None:
        ecosystem = FILE if kind == "file" else ""
        return Component(kind or "library", ecosystem, name or written or ref, version or None, ref=ref)
    return Component(
        kind or "library",
        purl.type,
        purl.name,
        purl.version or version or None,
        namespace=purl.namespace,
        qualifiers=purl.qualifiers,
        ref=ref,
        purl=written,
    )
