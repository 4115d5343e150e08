"""What a bill of materials lists, in whatever format: components, as frozen values.

* the same values are made of an artifact's own contents (`sbom.catalog`) and of somebody's document
  (`formats.cyclonedx`, `formats.spdx`), so that one can be held against the other
* texts are as they were written; what two of them have in common is for `sbom.compare.identity` to say
* what is not known is "" or None, never `UNKNOWN` or `NOASSERTION`

Source: CycloneDX 1.6, SPDX 2.3, the purl specification; formats/sbom.md section 4.
"""

from __future__ import annotations

from typing import NamedTuple

FILE = "file"
"""The type, and the ecosystem, of a component that is one file; its `path` says which."""


class Hash(NamedTuple):
    """One digest: `algorithm` as CycloneDX writes it ("SHA-256"), `value` in lower-case hex."""

    algorithm: str
    value: str


class Distribution(NamedTuple):
    """One file in which a component is handed out, as a lock file names it; `url` is "" where only digests are."""

    url: str
    hashes: tuple[Hash, ...] = ()


class Origin(NamedTuple):
    """Where a lock file says that a component comes from.

    `kind` is "registry" (an index; `location` is its URL), "git" (`location` the repository, `revision` what is checked
    out), "url", "path", "directory", "editable" or "virtual"; "unrecorded" where the lock does not say.
    """

    kind: str
    location: str = ""
    revision: str = ""


class License(NamedTuple):
    """One licence that is stated: `form` is "id" (SPDX), "expression" (SPDX) or "name" (any text); `acknowledgement` is
    "declared", "concluded" or ""."""

    text: str
    form: str
    acknowledgement: str = ""


class Component(NamedTuple):
    """One component.

    `type` is CycloneDX' ("library", "application", "file", "operating-system", "platform", "data"); `ecosystem` the
    purl type ("pypi", "npm", "deb", "rpm", "apk", "golang", "generic"), `FILE` for a file, "" where nobody says.
    `namespace` and `qualifiers` are purl's. `path` is that of a file, or of the record that a package was found by.
    `layer` is the digest of the layer that it comes from. `ref` names it within its catalogue or document; `owner` is
    the ref of the package that installed it, `parent` the ref of the component that it is nested in. `purl` and `cpe`
    are as written. `properties` are in the order they stand in. `scope` is CycloneDX' ("required", "optional",
    "excluded"), or "external" where a document says that it is no part of the artifact.
    """

    type: str
    ecosystem: str
    name: str
    version: str | None = None
    namespace: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    path: str = ""
    hashes: tuple[Hash, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    origin: Origin | None = None
    licenses: tuple[License, ...] = ()
    supplier: str = ""
    description: str = ""
    mime_type: str = ""
    layer: str = ""
    ref: str = ""
    owner: str = ""
    parent: str = ""
    purl: str = ""
    cpe: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    scope: str = ""
