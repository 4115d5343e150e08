"""An OCI layout that is also a `docker save` archive: one image to whoever reads it, or none.

* the manifest of `index.json` counts: it is what is signed
* `manifest.json` names the same config and the same layers, in their order, as the manifest that is resolved, and
  nothing that `index.json` does not lead to: `docker load` reads the one, containerd the other
* a name in `RepoTags` stands for what it stands for in `index.json`

Source: moby `image/tarexport/save.go` (since Docker 25); regclient `regctl image export`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.formats.oci.manifest import Descriptor, ImageManifest, parse_digest
from verifier.sources.layout import LayoutPlace
from verifier.sources.layouts.listing import READABLE, distinct
from verifier.sources.layouts.saved import SavedImage, is_called
from verifier.sources.layouts.store import TarStore
from verifier.sources.place import Resolved

_BLOB: Final = re.compile(r"blobs/(sha256|sha512)/([0-9a-f]+)\Z")


class AgreedPlace(LayoutPlace):
    """As `LayoutPlace`; the images of `manifest.json` are `saved`. A name may also be one of their `RepoTags`."""

    def __init__(
        self, store: TarStore, *, saved: tuple[SavedImage, ...], uri: str, tag: str | None, digest: Digest | None
    ) -> None:
        super().__init__(store, uri=uri, tag=tag, digest=digest)
        self._tar, self._saved, self._agreed = store, saved, False
        self._there: tuple[tuple[Descriptor, _Named], ...] | None = None

    def resolve(self) -> Resolved:
        """As `Place` has it; `Refused` (`image.malformed`) where `manifest.json` speaks of something else."""
        resolved = super().resolve()
        if not self._agreed:
            self._require_agreement(resolved.digest)
            self._agreed = True
        return resolved

    def _found(self) -> Descriptor | None:
        if self._named is None or any(each.is_called(self._named) for each in self.listing.entries):
            return super()._found()
        named = [each for each in self._saved if is_called(each, self._named)]
        found = distinct(top for each in named for top, manifest in self._all_images() if self._is(each, manifest))
        if len(found) > 1:
            message = f"{len(found)} images called {self._named!r:.100} in manifest.json, expected one"
            raise refuse("image.ambiguous-reference", self.uri, message)
        if named and not found:
            raise self._disagree(named[0])
        return found[0] if found else super()._found()

    def _require_agreement(self, digest: Digest) -> None:
        images = self._all_images()
        for each in self._saved:
            if not any(self._is(each, manifest) for _, manifest in images):
                raise self._disagree(each)
        mine = [manifest for top, manifest in images if digest in {top.digest, manifest.digest}]
        agreeing = [each for each in self._saved if any(self._is(each, manifest) for manifest in mine)]
        if not agreeing:
            raise self._refusal(f"manifest.json does not name {digest}, which index.json leads to")
        called = [each for each in self._saved if self._named is not None and is_called(each, self._named)]
        if any(each not in agreeing for each in called):
            raise self._another(self._named or "")
        for each in self._saved:
            self._require_names(each, images)

    def _require_names(self, saved: SavedImage, images: tuple[tuple[Descriptor, _Named], ...]) -> None:
        """Refuse a name that is another image in `index.json`: whatever was asked for, it would be loaded under it."""
        for entry in self.listing.entries:
            name = next((name for name in (entry.full_name, entry.name) if name and is_called(saved, name)), None)
            below = (manifest for top, manifest in images if top.digest == entry.descriptor.digest)
            if name is not None and not any(self._is(saved, manifest) for manifest in below):
                raise self._another(name)

    def _all_images(self) -> tuple[tuple[Descriptor, _Named], ...]:
        if self._there is None:
            self._there = tuple(self._images())
        return self._there

    def _images(self) -> Iterator[tuple[Descriptor, _Named]]:
        """Every image that is there: what lists it in `index.json`, and its manifest."""
        for entry in self.listing.entries:
            top = entry.descriptor
            if top.media_type not in READABLE:
                continue
            document = self.document(top)
            if isinstance(document, ImageManifest):
                yield top, _Named(top.digest, document)
                continue
            for each in document.manifests:
                if each.media_type in READABLE and self._tar.has(f"blobs/{each.digest.algorithm}/{each.digest.value}"):
                    below = self.document(each)
                    if isinstance(below, ImageManifest):
                        yield top, _Named(each.digest, below)

    def _is(self, saved: SavedImage, named: _Named) -> bool:
        manifest = named.manifest
        layers = {(each.digest, each.size): each for each in manifest.layers}
        return (
            self._digest(saved.config) == manifest.config.digest
            and [self._digest(each) for each in saved.layers] == [each.digest for each in manifest.layers]
            and all((each.digest, each.size) in layers for each in saved.sources)
        )

    def _digest(self, path: str) -> Digest:
        """The digest of the blob that a path of `manifest.json` leads to."""
        blob = _BLOB.match(self._tar.behind(path))
        if blob is None:
            raise self._refusal(f"manifest.json names {path!r:.150}, which is none of the layout's blobs")
        try:
            return parse_digest(f"{blob[1]}:{blob[2]}")
        except ValueError as error:
            raise self._refusal(f"manifest.json names {path!r:.150}: {error}") from None

    def _another(self, name: str) -> Refused:
        return self._refusal(f"{name!r:.100} is another image in manifest.json than in index.json")

    def _disagree(self, saved: SavedImage) -> Refused:
        return self._refusal(
            f"manifest.json has an image of the config {saved.config!r:.100} and {len(saved.layers)} layers, "
            "which is none that index.json leads to"
        )

    def _refusal(self, message: str) -> Refused:
        hint = "Save the image again: whoever loads this archive gets one image or the other."
        return refuse("image.malformed", self.uri, message, hint)


class _Named:
    """A manifest with its digest."""

    def __init__(self, digest: Digest, manifest: ImageManifest) -> None:
        self.digest, self.manifest = digest, manifest
