"""What is said about vulnerabilities of products (VEX), in whatever format: statements, as frozen values.

* the same values are made of CycloneDX (`sbom.vex.cyclonedx`) and of OpenVEX (`formats.openvex`)
* the words are OpenVEX': a CycloneDX state is the status that it means; what both have is kept as it was written

Source: OpenVEX 0.2.0, CycloneDX 1.6; formats/sbom.md section 9.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.bom.component import Component, Hash

Status = Literal["not_affected", "affected", "fixed", "under_investigation"]
STATUSES: Final[tuple[Status, ...]] = ("not_affected", "affected", "fixed", "under_investigation")
SILENCING: Final[frozenset[Status]] = frozenset({"not_affected", "fixed"})
"""What stops a finding from counting."""


class BomLink(NamedTuple):
    """A component of another document: its `serial` (a UUID in lower case), its `version`, the `ref` there."""

    serial: str
    version: int
    ref: str


class VersionClaim(NamedTuple):
    """One version, or a range of them (`vers:npm/<2`), that a statement is about; the other is ""."""

    version: str = ""
    range: str = ""


class Product(NamedTuple):
    """What a statement is about.

    `component` is what the document itself lists under the name that the statement has for it. `purls` and `hashes`
    identify it, any of them. `versions` are those that are meant; none where it is the component's own, or the purl's.
    `subcomponents` are what is meant within it: all of it where there are none. `name` is for people.
    """

    name: str
    component: Component | None = None
    link: BomLink | None = None
    purls: tuple[str, ...] = ()
    hashes: tuple[Hash, ...] = ()
    versions: tuple[VersionClaim, ...] = ()
    subcomponents: tuple[Product, ...] = ()


class VexStatement(Value):
    """One statement: what a vulnerability, by whatever name, is to products.

    `justification` is a word of the format's, `impact` why nothing can happen, `action` what to do, `notes` anything
    else. `timestamp` is when it was known, the document's where it has none of its own; None where nobody says.
    """

    vulnerability: str
    aliases: tuple[str, ...] = ()
    products: tuple[Product, ...]
    status: Status
    justification: str = ""
    impact: str = ""
    action: str = ""
    notes: str = ""
    timestamp: datetime | None = None

    @property
    def names(self) -> frozenset[str]:
        """Every name of the vulnerability."""
        return frozenset((self.vulnerability, *self.aliases))


class VexDocument(Value):
    """One document of statements: `identifier` is what it calls itself, `digest` that of its bytes.

    `findings` are warnings about what was read.
    """

    format: Literal["cyclonedx", "openvex"]
    identifier: str = ""
    author: str = ""
    digest: Digest
    timestamp: datetime | None = None
    statements: tuple[VexStatement, ...] = field(repr=False)
    findings: tuple[Reason, ...] = ()
