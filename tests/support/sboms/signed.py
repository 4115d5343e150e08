"""SBOMs of bundles, signed as attestations."""

import json

from tests.support.stories import archive, signed, statement
from verifier.core.document import Document
from verifier.core.uris import CYCLONEDX_BOM
from verifier.evidence.inspection import Evidence
from verifier.formats.bom.catalog import Catalog
from verifier.kinds.bundle.artifact import read_bundle
from verifier.kinds.bundle.kind import KIND
from verifier.rego.built_in import BuiltInEngine
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.generate import generate


def catalog(content: bytes, name: str = "authz") -> Catalog:
    """What the bundle consists of."""
    bundle = read_bundle(content, name=name, resource_uri="urn:test")
    evidence = Evidence(analyses=tuple(BuiltInEngine().analyse(bundle.modules)))
    (contents,) = KIND.contents(bundle, evidence)
    return catalog_of(contents)


def bom_of(content: bytes, **changes) -> dict:
    """The bundle's own SBOM, as JSON values."""
    return json.loads(generate(catalog(content), spec_version="1.6", **changes))


def attested(content: bytes, bom: dict, key: str = "p256", predicate_type: str = CYCLONEDX_BOM) -> Document:
    """The SBOM in a statement about the bundle, signed by `key`."""
    return statement(content, key, predicate_type, **bom)


def bundle(**files: bytes) -> bytes:
    """A signed bundle."""
    return signed(archive(**files))


def given(bom: dict, name: str = "sbom.cdx.json") -> Document:
    """The SBOM as a file that is handed over."""
    return Document(name=name, content=json.dumps(bom, indent=2).encode())
