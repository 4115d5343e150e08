"""Repositories by their names: one spelling for each, whatever tag or digest stands behind it.

* the registry is in lower case; Docker Hub has one name, and its official images stand below `library/`
* what names no repository is refused, never guessed at

Source: github.com/distribution/reference `normalize.go`.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.formats.oci.manifest import TAG, parse_digest

HUB: Final = "docker.io"
_HUB_TOO: Final = frozenset({"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_LONGEST: Final = 512
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")
_PATH: Final = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*\Z")


def repository_of(reference: str) -> str:
    """The `registry/repository` of a reference with or without tag and digest; raises `ValueError`."""
    if len(reference) > _LONGEST:
        raise ValueError("is longer than any repository's name")
    named, at, digest = reference.partition("@")
    if at:
        parse_digest(digest)
    host, slash, path = named.partition("/")
    if not slash or not _is_host(host):
        host, path = HUB, named
    path, colon, tag = path.partition(":")
    host = host.lower()
    if host in _HUB_TOO:
        host = HUB
    if not _HOST.match(host) or not _PATH.match(path) or (colon and not TAG.match(tag)):
        raise ValueError(f"{reference!r:.200} names no repository, expected registry/repository")
    if host == HUB and "/" not in path:
        path = f"library/{path}"
    return f"{host}/{path}"


def spelled(repository: str) -> str:
    """A `registry/repository` that is known to be one, in its one spelling: no registry is filled into it."""
    host, _, path = repository.partition("/")
    host = host.lower()
    if host in _HUB_TOO or host == HUB:
        host, path = HUB, path if "/" in path else f"library/{path}"
    return f"{host}/{path}"


def names_registry(reference: str) -> bool:
    """Whether a reference says which registry it is in, and does not leave that to be filled in."""
    host, slash, _ = reference.partition("/")
    return bool(slash) and _is_host(host)


def _is_host(text: str) -> bool:
    return "." in text or ":" in text or text == "localhost"
