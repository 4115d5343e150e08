"""A catalogue with one of everything that is written, and what else a document is made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.support.sboms.listed import sha256
from verifier.core.digest import Digest
from verifier.formats.bom.catalog import Catalog, Integrity
from verifier.formats.bom.component import FILE, Component, Distribution, Hash, License, Origin
from verifier.sbom.generate import generate

MOMENT = datetime(2026, 11, 21, 12, tzinfo=UTC)
FORMS = [(form, version) for form in ("cyclonedx", "cyclonedx-xml") for version in ("1.5", "1.6", "1.7")]
LIBRARY = Component(
    "library",
    "pypi",
    "Ruamel.Yaml",
    "0.18.6",
    hashes=(),
    distributions=(
        Distribution("https://files.acme.example/ruamel.yaml-0.18.6.tar.gz", sha256("a" * 64)),
        Distribution("", sha256("b" * 64)),
    ),
    origin=Origin("registry", "https://user:secret@pypi.acme.example/simple"),
    licenses=(License("MIT", "id", "declared"),),
    description="Reads YAML.",
    path="lib/ruamel.yaml-0.18.6.dist-info/METADATA",
    ref="pkg:pypi/ruamel.yaml@0.18.6",
    purl="pkg:pypi/ruamel.yaml@0.18.6",
)
FORKED = Component(
    "library",
    "npm",
    "core",
    None,
    namespace="@acme",
    origin=Origin("git", "https://git.acme.example/core.git", "5f0c"),
    licenses=(License("GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT", "expression"),),
    ref="npm",
)
PACKAGE = Component(
    "library",
    "deb",
    "python3-ruamel.yaml",
    "1:0.18.6+ds-3",
    namespace="debian",
    qualifiers=(("arch", "amd64"), ("distro", "debian-12")),
    licenses=(License("Expat", "name"), License("MIT", "id", "concluded")),
    supplier="Debian <d@acme.example>",
    cpe="cpe:2.3:a:ruamel:yaml:0.18.6:*:*:*:*:*:*:*",
    layer="sha256:" + "c" * 64,
    ref="deb",
    properties=(("verifier:package-state", "unpacked"),),
)
FILES = Component(
    "file",
    FILE,
    "usr/bin/tool",
    path="usr/bin/tool",
    hashes=sha256("d" * 64),
    mime_type="text/x-python",
    ref="file:usr/bin/tool",
    owner="deb",
)
CHILD = Component("library", "pypi", "vendored", "1", parent=LIBRARY.ref, ref="child")
OWNED = LIBRARY._replace(owner="deb")


def catalog(*components: Component, **said: object) -> Catalog:
    """A catalogue of these, by default of one of everything."""
    listed = components or (CHILD, FILES, FORKED, OWNED, PACKAGE)
    given = {
        "kind": "image",
        "subject": Component("container", "oci", "registry.acme.example/acme/app", "1.0", ref="root"),
        "digests": (Digest.of(b"manifest"),),
        "dependencies": (("child", ()), (LIBRARY.ref, ("child", "elsewhere"))),
        "ecosystems": frozenset({"deb", "pypi"}),
        "aggregate": "incomplete",
        "properties": (("verifier:os", "debian 12"),),
        "integrity": Integrity(altered=("usr/bin/tool",), missing=("usr/bin/gone",)),
    }
    return Catalog(components=tuple(sorted(listed, key=lambda each: each.ref)), **(given | said))


def document(made: Catalog | None = None, **said: object) -> dict:
    """The CycloneDX document of a catalogue, read as plain JSON."""
    return json.loads(generate(catalog() if made is None else made, **said))


def spdx_document(made: Catalog | None = None) -> dict:
    """Its SPDX document."""
    return json.loads(generate(catalog() if made is None else made, form="spdx", timestamp=MOMENT))


def one(name: str, **said: object) -> Component:
    """A component that is called so, whatever else it is."""
    return Component(**({"type": "library", "ecosystem": "pypi", "name": name, "version": "1", "ref": "one"} | said))


def hashes_of(found: list[dict]) -> set[Hash]:
    """The digests of a component or a reference in a document."""
    return {Hash(each["alg"], each["content"]) for each in found}
