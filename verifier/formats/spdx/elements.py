"""Packages and files of an SPDX document as components.

* an id stands once; digests have the length of their algorithm; purls are package URLs that name the package
* licences are expressions, or absent where they say `NOASSERTION` or `NONE`
* a file is a component of the type file, with its name as its path

Source: SPDX 2.3, chapters 7, 8 and annex F.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import COMPONENT, EXPRESSION
from verifier.core.errors import refuse
from verifier.formats.bom.claims import WEAK, read_hash, read_purl, version_of
from verifier.formats.bom.component import FILE, Component, Distribution, Hash, License
from verifier.formats.bom.document import MAX_COMPONENTS
from verifier.formats.bom.faults import Faults, told
from verifier.formats.bom.said import TYPE
from verifier.formats.purl import Purl
from verifier.formats.spdx.item import Item
from verifier.formats.spdx_license import fault_in

NOTHING: Final = frozenset({"", "NOASSERTION", "NONE"})
"""Texts by which a document says that it does not know, or that there is none."""
_ID: Final = re.compile(r"SPDXRef-\S+\Z")
"""Letters, digits, `.` and `-` by the specification; tools of note write others, and only the text is compared."""
_VERIFICATION_CODE: Final = re.compile(r"[0-9a-fA-F]{40}\Z")
_CREATOR: Final = re.compile(r"(?:Person|Organization|Tool): ?(.*)\Z", re.DOTALL)
_ALGORITHMS: Final = {
    **{f"SHA{bits}": f"SHA-{bits}" for bits in (1, 224, 256, 384, 512)},
    **{name: name for name in ("MD2", "MD4", "MD5", "SHA3-256", "SHA3-384", "SHA3-512", "BLAKE3", "ADLER32")},
    **{name: name for name in ("BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512")},
}
_UNSIZED: Final = "MD6"
"""An algorithm whose digests have no one length; nobody compares them."""
_TYPES: Final = {
    "APPLICATION": "application",
    "FRAMEWORK": "framework",
    "CONTAINER": "container",
    "FILE": "file",
    "OPERATING-SYSTEM": "operating-system",
    "OPERATING_SYSTEM": "operating-system",
    "DEVICE": "device",
    "FIRMWARE": "firmware",
}
_HANDED_OUT: Final = ("https://", "http://", "ftp://")


class Reading:
    """What reading elements needs, and remembers: every id and where it stands first. Changes."""

    def __init__(self, faults: Faults, budget: Budget) -> None:
        self.faults, self.budget = faults, budget
        self.places: dict[str, str] = {}
        self.count = 0
        self._expressions: dict[str, str] = {}

    def define(self, item: Item) -> str:
        """The id of an element; a fault where it is none, or another has it."""
        ref = item.text("SPDXID", required=True)
        path = item.at("SPDXID")
        if ref and not _ID.match(ref):
            self.faults.fault(path, f"is {told(ref)}, expected SPDXRef- and a name")
        before = self.places.setdefault(ref, path)
        if before is not path and ref:
            self.faults.fault(path, f"is {told(ref)}, which {before} is already")
        return ref

    def package(self, item: Item) -> Component:
        """A package."""
        self._pay()
        ref, name = self.define(item), item.text("name", required=True)
        stated = known(item.text("versionInfo")) or None
        location = item.text("downloadLocation", required=True)
        self._hold_code(item)
        written, purl, cpe = self._references(item, name, stated)
        kind = _TYPES.get(item.text("primaryPackagePurpose")) or _own_type(item.text("comment"))
        ecosystem, namespace = FILE if kind == "file" else "", ""
        qualifiers: tuple[tuple[str, str], ...] = ()
        if purl is not None:
            ecosystem, namespace, qualifiers = purl.type, purl.namespace, purl.qualifiers
        supplier = _CREATOR.match(known(item.text("supplier")))
        return Component(
            kind,
            ecosystem,
            name if purl is None else purl.name,
            stated if purl is None else version_of(purl, stated),
            namespace,
            qualifiers,
            item.text("packageFileName") or (name if kind == "file" else ""),
            self._hashes(item),
            (Distribution(location),) if location.startswith(_HANDED_OUT) else (),
            licenses=self._licenses(item),
            supplier=supplier[1] if supplier else "",
            description=item.text("description") or item.text("summary"),
            ref=ref,
            purl=written,
            cpe=cpe,
        )

    def file(self, item: Item) -> Component:
        """A file."""
        self._pay()
        ref, name = self.define(item), item.text("fileName", required=True)
        hashes = self._hashes(item)
        self._expression(item, "licenseConcluded")
        return Component("file", FILE, name, path=name, hashes=hashes, ref=ref)

    def _pay(self) -> None:
        self.count += 1
        if self.count > MAX_COMPONENTS:
            message = f"more than {MAX_COMPONENTS:,} packages and files; at most so many are read"
            raise refuse("input.too-large", self.faults.subject, message)
        self.budget.spend(COMPONENT, subject=self.faults.subject)

    def _hold_code(self, item: Item) -> None:
        code = item.item("packageVerificationCode")
        if code is None:
            return
        value = code.text("packageVerificationCodeValue", required=True)
        if value and not _VERIFICATION_CODE.match(value):
            self.faults.fault(code.at("packageVerificationCodeValue"), f"is {told(value)}, expected 40 hex digits")

    def _hashes(self, item: Item) -> tuple[Hash, ...]:
        found = []
        for index, each in enumerate(item.items("checksums")):
            algorithm, value = each.text("algorithm", required=True), each.text("checksumValue", required=True)
            if algorithm != _UNSIZED and algorithm and value:
                name = _ALGORITHMS.get(algorithm, algorithm)
                found.append(read_hash(name, value, item.at("checksums"), index, self.faults))
        return tuple(found)

    def _references(self, item: Item, name: str, version: str | None) -> tuple[str, Purl | None, str]:
        """The first purl and the first CPE among the external references; every purl is held against the package."""
        written, found, cpe = "", None, ""
        for each in item.items("externalRefs"):
            kind, locator = each.text("referenceType", required=True), each.text("referenceLocator", required=True)
            if kind == "purl":
                purl = read_purl(locator, "", name, version, each.path, self.faults)
                if not written:
                    written, found = locator, purl
            elif kind in ("cpe22Type", "cpe23Type") and not cpe:
                cpe = locator
        return written, found, cpe

    def _licenses(self, item: Item) -> tuple[License, ...]:
        said = [("licenseConcluded", "concluded"), ("licenseDeclared", "declared")]
        texts = [(self._expression(item, key), acknowledged) for key, acknowledged in said]
        return tuple(License(text, "expression", acknowledged) for text, acknowledged in texts if text)

    def _expression(self, item: Item, key: str) -> str:
        text = known(item.text(key))
        if not text:
            return ""
        fault = self._expressions.get(text)
        if fault is None:
            self.budget.spend(EXPRESSION, len(text), subject=self.faults.subject)
            fault = self._expressions[text] = fault_in(text)
        if fault:
            self.faults.fault(item.at(key), f"is {told(text)}, which {fault}")
        return text


def known(text: str) -> str:
    """`text`, "" where it says that nothing is known."""
    return "" if text.strip() in NOTHING else text


def weak(component: Component) -> bool:
    """Whether a package has digests, and weak ones alone; files have SHA-1 alone by the specification."""
    return bool(component.hashes) and all(each.algorithm in WEAK for each in component.hashes)


def _own_type(comment: str) -> str:
    """The type of what SPDX has no purpose for, as this program's documents say it in so many words; else a library."""
    lines = comment.splitlines()
    return next((kind for kind in ("platform", "data") if f"{TYPE}: {kind}" in lines), "library")
