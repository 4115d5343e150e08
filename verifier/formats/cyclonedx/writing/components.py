"""One component as CycloneDX has it.

* what is not known is not there: no empty text, no `UNKNOWN`
* the files in which it is handed out are external references, each with its own digests; a component's own `hashes` are
  those of its bytes
* where it was found is evidence; which layer, package or lock row it comes from are properties, `verifier:…`
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from verifier.formats.bom.component import Component, Distribution, Hash
from verifier.formats.bom.purl import purl_of
from verifier.formats.bom.said import MINIMUM, properties_of, url_of
from verifier.formats.cyclonedx.versions import SpecVersion
from verifier.formats.cyclonedx.writing.licenses import licenses_of
from verifier.formats.cyclonedx.writing.texts import is_cpe, is_known_hash, is_mime_type

_NO_GROUP = frozenset({"deb", "rpm", "apk"})
"""Whose namespace is a distribution: no part of a name."""
_NOT_RECORDED = "where the file lies is not recorded; the URL is that of the index, or of the package"


def component_of(component: Component, version: SpecVersion) -> dict[str, Any]:
    """The object of one component, but for those nested in it."""
    written: dict[str, Any] = {"type": component.type}
    if component.mime_type and is_mime_type(component.mime_type):
        written["mime-type"] = component.mime_type
    written["bom-ref"] = component.ref
    if component.supplier:
        written["supplier"] = {"name": component.supplier}
    if component.namespace and component.ecosystem not in _NO_GROUP:
        written["group"] = component.namespace
    written["name"] = component.name
    written.update(_version(component, version))
    purl = purl_of(component)
    _add(written, "description", component.description)
    _add(written, "hashes", hashes_of(component.hashes))
    _add(written, "licenses", licenses_of(component.licenses, version))
    _add(written, "cpe", component.cpe if component.cpe and is_cpe(component.cpe) else "")
    _add(written, "purl", purl)
    _add(written, "externalReferences", _references(component, purl))
    _add(written, "properties", _properties(component))
    if component.path and component.path != component.name:
        written["evidence"] = {"occurrences": [{"location": component.path}]}
    return written


def _add(written: dict[str, Any], key: str, value: Any) -> None:
    if value:
        written[key] = value


def _version(component: Component, version: SpecVersion) -> dict[str, Any]:
    """What is said of the version; of what is only asked for, from 1.7 on, the range that will do."""
    if component.version:
        return {"version": component.version}
    least = dict(component.properties).get(MINIMUM) if version == "1.7" else None
    return {"versionRange": f"vers:golang/>={least}", "isExternal": True} if least else {}


def hashes_of(hashes: tuple[Hash, ...]) -> list[dict[str, str]]:
    """The digests that CycloneDX has names for."""
    return [{"alg": each.algorithm, "content": each.value} for each in hashes if is_known_hash(each)]


def pairs_of(properties: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Properties as objects."""
    return [{"name": name, "value": value} for name, value in properties]


def _references(component: Component, purl: str) -> list[dict[str, Any]]:
    origin = component.origin
    if origin is None and not component.distributions:
        return []
    found = [_distribution(each, component, purl) for each in component.distributions]
    if origin is not None and origin.kind == "git" and (url := url_of(origin.location)):
        found.append({"type": "vcs", "url": url})
    return found


def _distribution(file: Distribution, component: Component, purl: str) -> dict[str, Any]:
    """A file; where its URL is not recorded, that of what it is a file of stands there, and says so."""
    written: dict[str, Any] = {"type": "distribution", "url": url_of(file.url)}
    if not written["url"]:
        index = component.origin.location if component.origin is not None else ""
        written |= {"url": url_of(index) or purl, "comment": _NOT_RECORDED}
    if hashes := hashes_of(file.hashes):
        written["hashes"] = hashes
    return written


def _properties(component: Component) -> list[dict[str, str]]:
    found = properties_of(component)
    if component.cpe and not is_cpe(component.cpe):
        found.append(("verifier:cpe", component.cpe))
    stated = (*component.hashes, *(each for file in component.distributions for each in file.hashes))
    found += [(f"verifier:hash:{each.algorithm}", each.value) for each in stated if not is_known_hash(each)]
    return pairs_of(found)
