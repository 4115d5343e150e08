"""Documents of others, made in memory: CycloneDX and SPDX as a tool would write them, with what a test changes."""

import json

from verifier.core.errors import Refused
from verifier.sbom.reading import read_bom


def listed(name="requests", version="2.32.0", **said):
    """A component of a CycloneDX document."""
    return {"type": "library", "name": name, "version": version, **said}


def bom(*components, version="1.6", **said):
    """A CycloneDX document in JSON, as bytes."""
    tree = {"bomFormat": "CycloneDX", "specVersion": version, "version": 1, "components": list(components), **said}
    return json.dumps(tree).encode()


def xml_bom(inside="", version="1.6", before="", attributes=""):
    """A CycloneDX document in XML, as bytes."""
    root = f'<bom xmlns="http://cyclonedx.org/schema/bom/{version}" version="1"{attributes}>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}{root}{inside}</bom>'.encode()


def spdx_package(name="requests", ref="SPDXRef-requests", **said):
    """A package of an SPDX document."""
    return {"SPDXID": ref, "name": name, "versionInfo": "2.32.0", "downloadLocation": "NOASSERTION", **said}


def spdx(*packages, version="SPDX-2.3", **said):
    """An SPDX document in JSON, as bytes."""
    tree = {
        "spdxVersion": version,
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "app",
        "documentNamespace": "https://acme.example/app",
        "creationInfo": {"created": "2026-11-21T12:00:00Z", "creators": ["Tool: maker-1.2"]},
        "packages": list(packages),
    }
    return json.dumps(tree | said).encode()


def refusal(content, **said):
    """The reasons for which a document is refused."""
    try:
        read_bom(content, subject="app.cdx.json", **said)
    except Refused as refused:
        return refused.reasons
    return ()


def faults(content, **said):
    """The messages with which a document is refused as unsound; none where it is sound."""
    reasons = refusal(content, **said)
    assert {reason.code for reason in reasons} <= {"sbom.invalid"}, reasons
    return [reason.message for reason in reasons]
