"""From what an artifact consists of to a document: CycloneDX as JSON or XML, SPDX as JSON.

* the same catalogue makes the same bytes, whoever runs it, wherever and whenever: a time is written only where one is
  given
* what is written is held against the official schema where the extra "sbom" is installed, and is handed out only if it
  keeps it; whether that was done is said
* nothing is cut short or invented on the way: what a format cannot hold is written as something that it can, and is
  counted
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from verifier.core.errors import ConfigurationError, refuse
from verifier.core.value import Value, field
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.document import MAX_COMPONENTS
from verifier.formats.cyclonedx.versions import USUAL, WRITTEN, Form, SpecVersion

if TYPE_CHECKING:
    from verifier.formats.bom.faults import Faults


class Written(Value):
    """A document: its bytes, whether it was held against the official schema, and how many characters its format could
    not hold and has as visible escapes."""

    content: bytes = field(repr=False)
    validated: bool = False
    escaped: int = 0


def generate(
    catalog: Catalog,
    *,
    form: Form = "cyclonedx",
    spec_version: SpecVersion | None = None,
    timestamp: datetime | None = None,
    files: bool = False,
) -> bytes:
    """The document about what `catalog` lists. `files` lists the files whose integrity is in question by their paths.

    `timestamp` is aware; SPDX has to have one, CycloneDX has none where none is given. `spec_version` is CycloneDX'.
    Raises `ConfigurationError` for what goes with no such form, `Refused` where there are too many components.
    """
    return written(catalog, form=form, spec_version=spec_version, timestamp=timestamp, files=files).content


def written(
    catalog: Catalog,
    *,
    form: Form = "cyclonedx",
    spec_version: SpecVersion | None = None,
    timestamp: datetime | None = None,
    files: bool = False,
) -> Written:
    """As `generate`, with what there is to say of the writing."""
    _require_fit(catalog)
    if form == "spdx":
        if spec_version is not None:
            message = f"{spec_version} is a version of CycloneDX; SPDX is written as 2.3"
            raise ConfigurationError(message, where="spec_version", hint="Leave it away, or write CycloneDX.")
        return _spdx(catalog, timestamp, files=files)
    version = USUAL if spec_version is None else spec_version
    if version not in WRITTEN:
        listed = ", ".join(WRITTEN)
        raise ConfigurationError(f"{version!r} is not written, expected one of {listed}", where="spec_version")
    return _cyclonedx(catalog, version, timestamp, files=files, as_xml=form == "cyclonedx-xml")


def _require_fit(catalog: Catalog) -> None:
    refs = [component.ref for component in catalog.components]
    if len(refs) > MAX_COMPONENTS:
        message = f"{len(refs)} components; at most {MAX_COMPONENTS} are written into one document"
        raise refuse("input.too-large", catalog.subject.name, message)
    if len(set(refs)) != len(refs) or not all(refs):
        twice = next((ref for ref, count in Counter(refs).items() if count > 1 or not ref), "")
        raise refuse("sbom.invalid", twice or "a component", "two components would have this ref, or one has none")


def _cyclonedx(
    catalog: Catalog, version: SpecVersion, timestamp: datetime | None, *, files: bool, as_xml: bool
) -> Written:
    from verifier.formats.bom.faults import Faults  # noqa: PLC0415 - not for SPDX
    from verifier.formats.bom.json_form import numbered  # noqa: PLC0415 - as above
    from verifier.formats.cyclonedx.writing.document import document_of  # noqa: PLC0415 - as above

    document, content = numbered(
        lambda: document_of(catalog, version, timestamp=timestamp, files=files), "serialNumber"
    )
    faults = Faults(catalog.subject.name)
    if not as_xml:
        return Written(content=content, validated=_hold_json(document, version, faults))
    from verifier.formats.cyclonedx.writing.xml_form import XmlForm  # noqa: PLC0415 - only where it is asked for

    form = XmlForm()
    content = form.write(document)
    del document  # what judges it makes values of its own
    return Written(content=content, validated=_hold_xml(content, version, faults), escaped=form.escaped)


def _hold_json(document: dict[str, Any], version: SpecVersion, faults: Faults) -> bool:
    """Hold what was made against the official schema, where that is installed; `Refused` where it does not keep it."""
    from verifier.formats.cyclonedx.schema import hold_json  # noqa: PLC0415 - not for SPDX

    try:
        hold_json(document, version, faults)
    except ConfigurationError:  # the extra is not installed
        return False
    return True


def _hold_xml(content: bytes, version: SpecVersion, faults: Faults) -> bool:
    """The same for XML."""
    from verifier.formats.cyclonedx.schema import xml_schema  # noqa: PLC0415 - not for SPDX

    try:
        from lxml import etree  # noqa: PLC0415 - an extra

        schema = xml_schema(version)
    except (ConfigurationError, ImportError):  # it is not installed
        return False
    if not schema.validate(etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=True))):
        faults.fault(f"line {schema.error_log[0].line}", schema.error_log[0].message[:300])
    faults.settle()
    return True


def _spdx(catalog: Catalog, timestamp: datetime | None, *, files: bool) -> Written:
    if timestamp is None:
        raise ConfigurationError(
            "SPDX has to say when a document was made, and no time is given",
            where="timestamp",
            hint="Set SOURCE_DATE_EPOCH, as in SOURCE_DATE_EPOCH=$(git log -1 --format=%ct).",
        )
    from verifier.formats.bom.json_form import numbered  # noqa: PLC0415 - only where it is asked for
    from verifier.formats.spdx.writing.document import document_of  # noqa: PLC0415 - as above

    _, content = numbered(lambda: document_of(catalog, timestamp, files=files), "documentNamespace")
    return Written(content=content)
