"""The official schemas of CycloneDX, as its library brings them, and what a document breaks of one.

* JSON by `jsonschema-rs`, which is linear where others take the square of the time; XML by lxml
* who has not installed them (the extra "sbom") gets an `ImportError`
* the schema is that of the version that the document is of
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jsonschema_rs
    from lxml import etree

_BESIDE = ("spdx", "jsf-0.82", "cryptography-defs")


def json_fault(document: Any, version: str) -> str:
    """The first thing that plain values break, with where; "" for nothing."""
    for error in _json_schema(version).iter_errors(document):
        place = "/".join(map(str, error.instance_path))
        return f"{place or 'the document'}: {error.message[:300]}"
    return ""


def xml_fault(content: bytes, version: str) -> str:
    """The first thing that XML breaks, with its line; "" for nothing."""
    from lxml import etree  # noqa: PLC0415 - an extra

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    schema = _xml_schema(version)
    if schema.validate(etree.fromstring(content, parser)):
        return ""
    error = schema.error_log[0]
    return f"line {error.line}: {error.message[:300]}"


@cache
def _json_schema(version: str) -> jsonschema_rs.Draft7Validator:
    import jsonschema_rs  # noqa: PLC0415 - an extra

    beside = [
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", _resource(f"{name}.SNAPSHOT.schema.json"))
        for name in _BESIDE
    ]
    registry = jsonschema_rs.Registry(beside, draft=jsonschema_rs.Draft7)
    schema = _resource(f"bom-{version}.SNAPSHOT.schema.json")
    return jsonschema_rs.Draft7Validator(schema, registry=registry, validate_formats=True)


def _resource(name: str) -> Any:
    return json.loads(_content(name))


@cache
def _xml_schema(version: str) -> etree.XMLSchema:
    from lxml import etree  # noqa: PLC0415 - an extra

    class Beside(etree.Resolver):
        """The one schema that another names: the names of licences."""

        def resolve(self, url: str, _: str, context: Any) -> Any:
            return self.resolve_string(_content("spdx.SNAPSHOT.xsd"), context) if "spdx" in url else None

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Beside())
    return etree.XMLSchema(etree.fromstring(_content(f"bom-{version}.SNAPSHOT.xsd"), parser))


def _content(name: str) -> bytes:
    from importlib.resources import files  # noqa: PLC0415 - only where there is a schema

    return (files("cyclonedx.schema._res") / name).read_bytes()
