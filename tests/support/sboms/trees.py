"""Documents made of their trees, as whoever reads them hands them on; and trees that keep a standard, to be broken."""

import copy
import json

from verifier.core.digest import Digest
from verifier.formats.bom.document import BomDocument

SHA512 = "9f86d081884c7d65" * 8
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def document(tree, **said):
    """A document of this tree, with the components that `said` has."""
    spdx = "spdxVersion" in tree
    version = tree["spdxVersion"].removeprefix("SPDX-") if spdx else tree["specVersion"]
    told = {"subject": None, "components": ()} | said
    content = json.dumps(tree).encode()
    return BomDocument(
        format="spdx" if spdx else "cyclonedx", spec_version=version, digest=Digest.of(content), tree=tree, **told
    )


def changed(tree, path, value):
    """A copy of `tree` with `value` at a path of keys and numbers; None takes away what is there."""
    made = copy.deepcopy(tree)
    *above, last = path
    node = made
    for step in above:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return made


def _organisation():
    return {"name": "Acme", "contact": [{"email": "sbom@acme.example"}]}


def bsi_component(name, **more):
    """A component that has all that TR-03183-2 asks for."""
    source, deployed = f"https://acme.example/{name}-1.0.0-src.tgz", f"https://acme.example/{name}-1.0.0.tgz"
    return {
        "type": "library",
        "bom-ref": name,
        "manufacturer": _organisation(),
        "supplier": {"name": "Acme"},
        "name": name,
        "version": "1.0.0",
        "purl": f"pkg:generic/{name}@1.0.0",
        "hashes": [{"alg": "SHA-256", "content": SHA256}],
        "licenses": [{"license": {"id": "MIT", "acknowledgement": "concluded"}}],
        "externalReferences": [
            {"type": "source-distribution", "url": source},
            {"type": "distribution", "url": deployed, "hashes": [{"alg": "SHA-512", "content": SHA512}]},
        ],
        "properties": [
            {"name": "bsi:component:filename", "value": f"{name}-1.0.0.tgz"},
            {"name": "bsi:component:executable", "value": "non-executable"},
            {"name": "bsi:component:archive", "value": "archive"},
            {"name": "bsi:component:structured", "value": "structured"},
        ],
    } | more


def cyclonedx_tree():
    """A CycloneDX document that keeps NTIA's, CISA's and BSI's."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-01-01T00:00:00Z",
            "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": "maker", "version": "1.0"}]},
            "authors": [{"name": "Jo", "email": "jo@acme.example"}],
            "manufacturer": _organisation(),
            "component": bsi_component("app"),
        },
        "components": [bsi_component("left", components=[bsi_component("inner")]), bsi_component("right")],
        "dependencies": [
            {"ref": "app", "dependsOn": ["left", "right"]},
            {"ref": "left", "dependsOn": ["inner"]},
            {"ref": "inner"},
            {"ref": "right", "dependsOn": []},
        ],
        "compositions": [{"aggregate": "complete", "dependencies": ["app", "left", "inner", "right"]}],
    }


def spdx_package(name):
    """A package that has all that the OpenChain Telco guide asks for."""
    return {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": "1.0.0",
        "supplier": "Organization: Acme (sbom@acme.example)",
        "downloadLocation": f"https://acme.example/{name}-1.0.0.tgz",
        "filesAnalyzed": False,
        "licenseConcluded": "MIT",
        "licenseDeclared": "MIT",
        "copyrightText": "Copyright Acme",
        "checksums": [{"algorithm": "SHA256", "checksumValue": SHA256}],
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:generic/{name}@1.0.0",
            }
        ],
    }


def spdx_tree():
    """An SPDX document that keeps NTIA's, CISA's and the OpenChain Telco guide."""
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "app",
        "documentNamespace": "https://acme.example/sbom/app",
        "creationInfo": {
            "created": "2026-01-01T00:00:00Z",
            "creators": ["Organization: Acme", "Tool: maker-1.0"],
            "comment": "SBOM Type: Build",
        },
        "packages": [spdx_package("app"), spdx_package("left")],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": "SPDXRef-app",
            },
            {"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-left"},
        ],
    }
