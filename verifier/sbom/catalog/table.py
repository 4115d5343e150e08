"""Which contents are listed how: one row a kind. `catalog_of` is what everybody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from verifier.evidence.contents import Contents
from verifier.formats.bom.catalog import Catalog

LISTING: Mapping[str, str] = MappingProxyType(
    {
        "bundle": "sbom.catalog.bundle",
        "image": "sbom.catalog.system",
        "environment": "sbom.catalog.system",
        "project": "sbom.locks.project",
    }
)
"""Where the `catalog` of each kind is; loaded where it is wanted."""


def catalog_of(contents: Contents, *, files: bool = False) -> Catalog:
    """What `contents` consist of. `files` lists every file too, where that is not done anyhow (of a bundle it is).

    `Refused` where something in it cannot be read: `input.unreadable` for a database, `sbom.*` or `json.*` for others;
    there is never a shorter list instead.
    """
    listing: Callable[..., Catalog] = import_module(f"verifier.{LISTING[contents.kind]}").catalog
    found = listing(contents, files=files)
    if not contents.before:
        return found
    from verifier.sbom.catalog.deleted import with_deleted  # noqa: PLC0415 - where somebody asks for it

    return with_deleted(found, contents, lambda state: listing(state, files=files))
