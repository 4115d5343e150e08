"""Where a document says that a component comes from, and whether that is still the same place.

* a place is a kind, and where: an index, a repository, a host. The revision of a repository is told apart from it
* who says an origin is believed before what the addresses of files look like; this program's documents say one in
  properties
* an address is compared by scheme, host, port and path, never by what it begins with
"""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from verifier.formats.bom.component import Component, Origin
from verifier.formats.bom.said import ORIGIN

_SOURCES: Final = ("repository_url", "vcs_url", "download_url")
"""Qualifiers of a purl that say where it comes from."""
_UNRECORDED: Final = "unrecorded"
_PORTS: Final = {"https": ":443", "http": ":80"}


class Source(NamedTuple):
    """`kind` as `formats.bom.component.Origin` has it, "files" where only the addresses of files say anything, "" where
    nothing does. `places` are sorted."""

    kind: str
    places: tuple[str, ...] = ()
    revision: str = ""

    def __str__(self) -> str:
        at = f" at {self.revision}" if self.revision else ""
        return f"{self.kind} {', '.join(self.places)}{at}".strip() if self.kind else ""


NOWHERE: Final = Source("")


def source_of(component: Component) -> Source:
    """Where it comes from, as far as the document says."""
    origin = component.origin or _written(component)
    if origin is not None and origin.kind != _UNRECORDED:
        return Source(origin.kind, (_place(origin.location),) if origin.location else (), origin.revision)
    for name, value in component.qualifiers:
        if name in _SOURCES:
            place, at, revision = value.rpartition("@")
            if name == "vcs_url" and at and "/" not in revision:
                return Source("git", (_place(place.removeprefix("git+")),), revision)
            return Source(name.removesuffix("_url"), (_place(value),))
    hosts = {_host(each.url) for each in component.distributions if each.url}
    return Source("files", tuple(sorted(hosts))) if hosts else NOWHERE


def _written(component: Component) -> Origin | None:
    if not component.properties:
        return None
    said = dict(component.properties)
    kind = said.get(ORIGIN)
    return Origin(kind, said.get(f"{ORIGIN}:location", ""), said.get(f"{ORIGIN}:revision", "")) if kind else None


def _place(location: str) -> str:
    """An address without what does not tell places apart: case of a host, a default port, a slash at the end."""
    scheme, found, rest = location.partition("://")
    if not found:
        return location
    host, slash, path = rest.partition("/")
    host = host.lower().removesuffix(_PORTS.get(scheme.lower(), "\n"))
    return f"{scheme.lower()}://{host}{slash}{path}".rstrip("/")


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return _place(f"{parts.scheme}://{parts.netloc}") if parts.netloc else url
