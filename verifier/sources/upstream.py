"""Where bundles come from: a server, a registry, a file, a folder, behind one question: is there something new?

* what has not changed is not sent again: an ETag, a manifest's digest or the content's own is what "changed" means
* whatever goes wrong is a refusal with its own code, never old content in the place of new
* content is handed on as it was sent; nothing here judges it

Source: OPA's bundle service API; OCI distribution specification 1.1. The threats are T-213 and T-404.
"""

from __future__ import annotations

from contextlib import closing
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from verifier.core.document import Document
from verifier.core.errors import ConfigurationError
from verifier.core.limits import Limits
from verifier.files.read import read_regular_file
from verifier.net.access import Access
from verifier.sources.content import Remote
from verifier.sources.fetched import Fetched
from verifier.sources.place import Place

__all__ = ["Access", "Fetched", "Upstream", "fetch_document", "fetched_once", "open_upstream", "scheme_of"]


class Upstream(Protocol):
    """One bundle's source. Used by one thread at a time; `close` may be called by another, and ends what is under
    way."""

    @property
    def reference(self) -> str:
        """Where it is, as configured, without secrets."""

    @property
    def place(self) -> Place | None:
        """Where the bundle lies with what else is there, None where that cannot be asked; by the same thread."""

    def fetch(self, validator: str | None, *, wait: int = 0) -> Fetched | None:
        """What is there now, or None where it is still what `validator` stands for; `Refused` where it cannot be had.

        `validator` is that of the newest content that the caller has taken. Where the source can, it holds its answer
        back until there is something new, for at most `wait` seconds.
        """

    def close(self) -> None:
        """Close the connection; nothing is fetched afterwards."""


_INSTEAD: Final = MappingProxyType(
    {
        "file": "Write the path.",
        "docker": "Write oci:// in its place.",
        "ghcr": "Write oci:// in its place.",
        "git": "Check it out first, and name its folder.",
    }
)
"""By a scheme that is none here: what to write."""


def open_upstream(reference: str, *, access: Access, limits: Limits) -> Upstream:
    """The source that `reference` names: `https://…`, `oci://host/repository:tag`, or the path of a file or directory.

    Connects to nothing yet. Raises `ConfigurationError` for a reference that cannot be used.
    """
    scheme = scheme_of(reference)
    try:
        if scheme == "oci":
            from verifier.sources.oci import RegistryUpstream  # noqa: PLC0415 - as below

            return RegistryUpstream(reference, access=access, limits=limits)
        if scheme in {"http", "https"}:
            from verifier.sources.http import HttpUpstream  # noqa: PLC0415 - a path needs no network

            return HttpUpstream(reference, access=access, limits=limits)
    except ValueError as error:
        raise ConfigurationError(
            f"not a reference that can be fetched: {error}", where=_told(reference), hint=_WRITTEN
        ) from error
    if scheme:
        message = f"{scheme}:// is not a scheme that can be fetched, expected https://, oci:// or a path"
        hint = _INSTEAD.get(scheme, "Fetch it with its own tool first, and name the file.")
        raise ConfigurationError(message, where=_told(reference), hint=hint)
    from verifier.sources.path import PathUpstream  # noqa: PLC0415 - as above

    return PathUpstream(Path(reference), limits=limits)


def fetched_once(upstream: Upstream) -> Remote:
    """What `upstream` has, as an artifact that is fetched when it is read, and then no more.

    Whatever else is asked for is about what was fetched then, whatever a tag stands for meanwhile. Where there is a
    place, whoever has the artifact closes it; otherwise it closes itself.
    """

    def fetch() -> bytes:
        fetched = upstream.fetch(None)
        if fetched is None:
            raise TypeError("nothing was known that could be unchanged")
        return fetched.content

    def fetch_alone() -> bytes:
        with closing(upstream):
            return fetch()

    if upstream.place is None:
        return Remote(uri=upstream.reference, fetch=fetch_alone)
    return Remote(uri=upstream.reference, fetch=cache(fetch), place=upstream.place)


def fetch_document(reference: str, *, access: Access, max_bytes: int) -> Document:
    """The document at a URL or a path, a verdict or an attestation; `Refused` where it cannot be had."""
    if scheme_of(reference):
        from verifier.net.http import fetch  # noqa: PLC0415 - as above

        return Document(name=_told(reference), content=fetch(reference, max_bytes=max_bytes, access=access))
    return Document(name=reference, content=read_regular_file(Path(reference), max_bytes=max_bytes))


def scheme_of(reference: str) -> str:
    """What stands before `://`, in lower case; "" for a path."""
    scheme, separator, _ = reference.partition("://")
    return scheme.lower() if separator and scheme.isascii() and scheme.isalnum() else ""


_WRITTEN = (
    "Write it as in https://bundles.acme.example/authz.tar.gz, oci://registry.acme.example/acme/authz:1.4.0, or a path."
)


def _told(reference: str) -> str:
    from verifier.core.text.shown import shown  # noqa: PLC0415 - as above

    return shown(reference)
