"""An OCI layout, opened: a folder, or a tar file that `docker load` may read in a way of its own.

* a tar file with a `manifest.json` beside its `index.json` is one image to both, or it is refused (`layouts.agreed`)
"""

from __future__ import annotations

from pathlib import Path

from verifier.core.digest import Digest
from verifier.core.limits import Limits
from verifier.sources.layout import LayoutPlace
from verifier.sources.layouts.agreed import AgreedPlace
from verifier.sources.layouts.saved import MANIFEST, read_saved
from verifier.sources.layouts.store import TarStore, folder_store


def open_folder(folder: Path, *, uri: str, name: str | None, digest: Digest | None) -> LayoutPlace:
    """The layout in a folder; `Refused` (`input.unreadable`) where there is none."""
    return LayoutPlace(folder_store(folder), uri=uri, tag=name, digest=digest)


def open_archive(path: Path, *, uri: str, name: str | None, digest: Digest | None, limits: Limits) -> LayoutPlace:
    """The layout in a tar file; `Refused` (`archive.*`, `input.*`, `image.malformed`) where it cannot be read."""
    store = TarStore(path, limits=limits)
    try:
        if not store.has(MANIFEST):
            return LayoutPlace(store, uri=uri, tag=name, digest=digest)
        saved = read_saved(store, subject=uri)
        return AgreedPlace(store, saved=saved, uri=uri, tag=name, digest=digest)
    except BaseException:
        store.close()
        raise
