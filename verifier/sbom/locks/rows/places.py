"""Where packages come from, as URLs and paths: without what opens them, and compared part by part.

* a user name, a password, a query and a fragment never get into a component
* two indexes are one where scheme, host, port and path are; what cannot be taken apart without doubt is no index
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from verifier.formats.bom.component import Origin

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)")
_HOST = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5})?)?\Z")
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[A-Za-z0-9._-]+):(?P<path>[^/\s][^\s?#]*)\Z")
_PORTS: Final = {"https": "443", "http": "80"}
_COMMIT = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
LOCAL: Final = frozenset({"directory", "editable", "virtual"})
"""Kinds of sources that are folders of the project itself, or beside it."""


class Index(NamedTuple):
    """An index by what makes it one."""

    scheme: str
    host: str
    port: str
    path: str


def plain(location: str) -> str:
    """`location` without user name, password, query and fragment; a path as it is."""
    match = _URL.match(location)
    if match is None:
        return location if "://" not in location else ""
    host = match["authority"].rpartition("@")[2]
    return f"{match['scheme']}://{host}{match['path']}"


def index_of(location: str) -> Index | None:
    """The index that a URL names; None where that is not certain."""
    match = _URL.match(location)
    if match is None:
        return None
    scheme = match["scheme"].lower()
    host = _HOST.match(match["authority"].rpartition("@")[2])
    if host is None or match["authority"].count("@") > 1 or "\\" in match["authority"] + match["path"]:
        return None
    port = host["port"] or _PORTS.get(scheme, "")
    return Index(scheme, host["host"].lower(), port, match["path"].rstrip("/"))


def git_origin(url: str, revision: str) -> Origin:
    """A repository and what is checked out of it."""
    url = url.removeprefix("git+")
    scp = _SCP.match(url) if "://" not in url else None
    return Origin("git", f"ssh://{scp['host']}/{scp['path']}" if scp else plain(url), revision)


def is_commit(revision: str) -> bool:
    """Whether a revision can name only one commit: a branch, a tag and a short digest can be moved."""
    return _COMMIT.match(revision) is not None


def written(origin: Origin) -> str:
    """An origin as a property's value, which `origin_of` reads."""
    return " ".join(each for each in (origin.kind, origin.location, origin.revision) if each)


def origin_of(value: str) -> Origin:
    """The origin that `written` wrote."""
    kind, _, rest = value.partition(" ")
    location, space, revision = rest.rpartition(" ") if kind == "git" else (rest, "", "")
    return Origin(kind, location if space or kind != "git" else rest, revision if space else "")
