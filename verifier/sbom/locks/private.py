"""Do private dependencies come from the private index, and from nowhere else?

* a name of a private pattern whose source is another, or is not known, is denied, and so is one for which several
  indexes may answer
* indexes are compared by scheme, host, port and path; what opens them is ignored and never shown
* files that a lock names by their URLs lie on the host of that index: they are what is fetched, whatever it says beside
* what is a folder of the project itself comes from no index
* components of a document are judged as those of a lock are: by what `verify sbom generate` wrote into it

Source: formats/sbom.md section 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.globs import glob_matches
from verifier.core.outcome import Reason
from verifier.formats.bom.component import FILE, Component, Origin
from verifier.formats.bom.said import ORIGIN
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.rows.merged import INDEX, SOURCE
from verifier.sbom.locks.rows.places import LOCAL, Index, index_of, origin_of, plain

_PATTERN = re.compile(r"@?[A-Za-z0-9*](?:[A-Za-z0-9._*/-]*[A-Za-z0-9*])?-?\Z")
_ELSEWHERE: Final = frozenset({FILE, "deb", "rpm", "apk", "generic", "oci"})
"""Ecosystems whose packages no language's index hands out."""


def judge_private(components: Iterable[Component], private: Mapping[str, str]) -> tuple[Reason, ...]:
    """`dependency.confusion` for each component whose name one of the patterns matches (`acme-*`, or a whole name) and
    that may come from elsewhere than the pattern's index; a warning for each pattern that matches nothing.

    Where several patterns match, the longest counts. `ConfigurationError` for a pattern or an index that is none.
    """
    wanted = {_pattern(pattern): _index(pattern, index) for pattern, index in private.items()}
    if len(wanted) < len(private):
        raise ConfigurationError("two patterns are one when names are compared", where=", ".join(sorted(private)))
    unmatched = dict(zip(wanted, private, strict=True))
    reasons = []
    for component in components:
        if component.ecosystem in _ELSEWHERE or (not component.ecosystem and component.type == "operating-system"):
            continue  # whatever type a document gives to a package, its purl says which it is
        if not component.ecosystem and (message := _nameless(component)):
            reasons.append(Reason(code="dependency.confusion", subject=subject_of(component), message=message))
            continue
        matching = [pattern for pattern in wanted if glob_matches(pattern, _name(component))]
        for pattern in matching:
            unmatched.pop(pattern, None)
        if matching:
            pattern = max(matching, key=len)
            if message := _objection(component, *wanted[pattern]):
                reasons.append(Reason(code="dependency.confusion", subject=subject_of(component), message=message))
    reasons += [
        Reason(code="dependency.private-unmatched", subject=written, message="no component has such a name")
        for written in unmatched.values()
    ]
    return tuple(reasons)


def subject_of(component: Component) -> str:
    """What a reason calls a component."""
    if component.ref.startswith("pkg:"):
        return component.ref
    version = f"@{component.version}" if component.version else ""
    return component.purl or f"{component.name}{version}"


def sources_of(component: Component) -> tuple[Origin, ...]:
    """Every source that is recorded for a component; none where nobody says."""
    said = [origin_of(value) for name, value in component.properties if name == SOURCE]
    if component.origin is not None:
        said.append(component.origin)
    elif ORIGIN in (written := dict(component.properties)):
        location, revision = written.get(f"{ORIGIN}:location", ""), written.get(f"{ORIGIN}:revision", "")
        said.append(Origin(written[ORIGIN], location, revision))
    return tuple(dict.fromkeys(said))


def _pattern(written: str) -> str:
    if not _PATTERN.match(written):
        message = f"{written[:100]!r} is no pattern of names"
        raise ConfigurationError(message, where="private", hint="Write a name, or a prefix with a star: acme-*")
    return "/".join(re.sub(r"[-_.]+", "-", part).lower() for part in written.split("/"))


def _index(pattern: str, written: str) -> tuple[str, Index]:
    index = index_of(written)
    if index is None or not index.host:
        message = f"{plain(written)[:200]!r}, the private index of {pattern}, is no URL"
        raise ConfigurationError(message, where="private", hint="Write it as https://HOST/PATH, as the lock has it.")
    return plain(written), index


def _name(component: Component) -> str:
    name = normalised(component.name)
    return f"{component.namespace.lower()}/{name}" if component.namespace else name


def _objection(component: Component, shown: str, index: Index) -> str:
    """Why a private component may come from elsewhere; "" where it cannot."""
    sources = sources_of(component)
    if not sources:
        return f"its source is not recorded; it must be {shown}"
    for source in sources:
        if said := _wrong(source, index):
            return f"{said}, and must come from {shown} alone"
    others = [value for name, value in component.properties if name == INDEX and index_of(value) != index]
    if others:
        return f"{_listed(others)} may answer for it too; it must be {shown} alone"
    astray = [each.url for each in component.distributions if each.url and not _is_at(each.url, index)]
    if astray:
        return f"it is fetched from {_listed(astray)}, whatever its index; it must be {shown} alone"
    return ""


def _is_at(url: str, index: Index) -> bool:
    """Whether a file lies where its index does, or in the project: who installs from a lock fetches what that names."""
    if "://" not in url:
        return _inside(url)
    place = index_of(url)
    return place is not None and (place.scheme, place.host, place.port) == (index.scheme, index.host, index.port)


def _nameless(component: Component) -> str:
    """Why what a lock names by its place alone may be a private package; "" where a document just gives no purl."""
    said = [origin_of(value) for name, value in component.properties if name == SOURCE]
    for source in said:
        if not (source.kind in LOCAL and _inside(source.location)):
            return "nobody says which package this is: it may be one of a private name; write NAME @ URL"
    return ""


def _wrong(source: Origin, index: Index) -> str:
    if source.kind == "registry":
        if not source.location:
            return "its index is not recorded"
        return "" if index_of(source.location) == index else f"it comes from {plain(source.location)}"
    if source.kind in LOCAL and _inside(source.location):
        return ""
    if source.kind == "unrecorded":
        return "its source is not recorded"
    return f"it comes from {source.kind} {plain(source.location)}"


def _inside(location: str) -> bool:
    """Whether a folder is the project's own."""
    parts = location.replace("\\", "/").split("/")
    return "://" not in location and not location.startswith(("/", "~")) and ".." not in parts and ":" not in parts[0]


def _listed(places: Sequence[str]) -> str:
    return ", ".join(plain(each) or "another index" for each in places[:3])
