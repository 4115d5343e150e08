"""VEX documents, to be broken."""

import json

PRODUCT = "pkg:pypi/app@1.0"


def statement(status="not_affected", **said):
    """One OpenVEX statement; what is None is left out."""
    why = {"not_affected": {"justification": "vulnerable_code_not_present"}, "affected": {"action_statement": "update"}}
    given = {"vulnerability": {"name": "CVE-2026-1"}, "products": [{"@id": PRODUCT}], "status": status}
    given |= why.get(status, {}) | said
    return {key: value for key, value in given.items() if value is not None}


def openvex(*statements, **said):
    """An OpenVEX document; what is None is left out."""
    given = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://acme.example/vex/1",
        "author": "Acme",
        "timestamp": "2026-01-01T00:00:00Z",
        "version": 1,
        "statements": list(statements or (statement(),)),
    }
    return {key: value for key, value in (given | said).items() if value is not None}


def cyclonedx(*vulnerabilities, component=None, **said):
    """A CycloneDX document with these vulnerabilities, about one component."""
    about = component or {"type": "application", "bom-ref": "app", "name": "app", "version": "1.0"}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": "2026-01-01T00:00:00Z", "component": about},
        "vulnerabilities": list(vulnerabilities),
    } | said


def vulnerability(state="not_affected", *versions, ref="app", **analysis):
    """One vulnerability of CycloneDX with its analysis; `versions` are of what it affects."""
    why = {"not_affected": {"justification": "code_not_reachable"}, "exploitable": {"response": ["update"]}}
    affects = {"ref": ref} | ({"versions": list(versions)} if versions else {})
    return {"id": "CVE-2026-1", "analysis": {"state": state} | why.get(state, {}) | analysis, "affects": [affects]}


def content(tree):
    return json.dumps(tree).encode()
