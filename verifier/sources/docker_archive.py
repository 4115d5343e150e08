"""What `docker save` writes, in all its shapes: a tar file with `manifest.json`.

* where there is an OCI layout too (Docker 25, regctl), its manifest counts (`layouts.agreed`)
* elsewhere the manifest is gone: no signature can be about what is left, and that is said, not that there is none
* what is left is read all the same: the config, by whose digest it is known, and the layers, of the type that their
  bytes are
* links are followed within the archive only, a few of them

Source: Docker image specification 1.2; moby `image/tarexport`; containers/image `docker/internal/tarfile`; crane's
`pkg/v1/tarball`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Absent, Refused, refuse
from verifier.core.limits import Limits
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.files.inside import Stretch
from verifier.formats.oci.config import DOCKER_CONFIG, MAX_CONFIG_BYTES, ImageConfig, parse_config, require_layers
from verifier.formats.oci.manifest import Descriptor
from verifier.sources.layouts.agreed import AgreedPlace
from verifier.sources.layouts.listing import read_listing
from verifier.sources.layouts.saved import SavedImage, chosen_image, read_saved
from verifier.sources.layouts.store import TarStore, checked_pieces, pieces, read_file
from verifier.sources.place import Place, Referrers, Resolved

_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
_COMPRESSED: Final = ((b"\x1f\x8b", "+gzip"), (b"\x28\xb5\x2f\xfd", "+zstd"))


class UnsignedImage(Value):
    """An image without a manifest. `descriptor` is its config's, whose digest is the image's id; the `layers` have the
    types that their bytes are."""

    descriptor: Descriptor
    content: bytes = field(repr=False)
    config: ImageConfig
    layers: tuple[Descriptor, ...]


def open_saved(path: Path, *, uri: str, name: str | None, limits: Limits) -> Place:
    """The archive at `path`; `Refused` (`archive.*`, `image.malformed`, `input.*`) where it cannot be read."""
    store = TarStore(path, limits=limits, links=True)
    try:
        saved = read_saved(store, subject=uri)
        # Docker 25 itself wrote layouts that list nothing.
        if store.has("oci-layout") and read_listing(store, subject=uri).entries:
            return AgreedPlace(store, saved=saved, uri=uri, tag=name, digest=None)
        return SavedPlace(store, saved=saved, uri=uri, name=name)
    except BaseException:
        store.close()
        raise


class SavedPlace:
    """One image of an archive without manifests. Whoever makes it hands over `store`, which `close` closes."""

    repository: Final = None

    def __init__(self, store: TarStore, *, saved: tuple[SavedImage, ...], uri: str, name: str | None) -> None:
        self.uri, self.tag = uri, name
        self._store, self._saved = store, saved
        self._image: UnsignedImage | None = None
        self._paths: dict[str, str] = {}  # of the config and the layers, by digest

    def unsigned_image(self) -> UnsignedImage:
        """Config and layers; reads and hashes all of them. `Refused` (`image.*`, `archive.*`, `json.*`, `input.*`)."""
        if self._image is None:
            saved = chosen_image(self._saved, name=self.tag, subject=self.uri)
            descriptor, content = self._config(saved)
            config = parse_config(content, subject=f"{self.uri} ({saved.config})")
            require_layers(config, len(saved.layers), subject=self.uri)
            layers = tuple(map(self._layer, saved.layers))
            self._image = UnsignedImage(descriptor=descriptor, content=content, config=config, layers=layers)
        return self._image

    def resolve(self) -> Resolved:
        """Always `Refused`: `image.no-manifest`, or what else is wrong with the archive."""
        saved = chosen_image(self._saved, name=self.tag, subject=self.uri)
        descriptor, _ = self._config(saved)
        message = f"the manifest, which is what would be signed, is gone; the image's id is {descriptor.digest}"
        raise refuse("image.no-manifest", self.uri, message)

    def manifest(self, digest: Digest) -> Resolved:
        """Always `Refused`: there is none."""
        raise refuse("image.no-manifest", f"{self.uri} ({digest})", "an archive without manifests")

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """As `Place` has it; the config or a layer of `unsigned_image`."""
        if descriptor.size > max_bytes:
            message = f"{descriptor.size} bytes; at most {max_bytes} are allowed"
            raise refuse("input.too-large", f"{self.uri} ({descriptor.digest})", message)
        return b"".join(self.stream(descriptor))

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Place` has it; the config or a layer of `unsigned_image`."""
        self.unsigned_image()
        told = f"{self.uri} ({descriptor.digest})"
        path = self._paths.get(str(descriptor.digest))
        if path is None:
            raise Absent(Reason(code="image.digest-mismatch", subject=told, message="no file of the image has it"))
        with self._open(path) as opened:
            yield from checked_pieces(opened, descriptor, subject=told)

    def referrers(self, digest: Digest) -> Referrers:  # noqa: ARG002 - nothing refers to what is not there
        """Nothing lies beside an image in such an archive."""
        return Referrers(descriptors=())

    def tagged(self, tag: str) -> Resolved | None:  # noqa: ARG002 - as above
        """Nothing lies beside an image in such an archive."""
        return None

    def close(self) -> None:
        """As `Place` has it."""
        self._store.close()

    def _config(self, saved: SavedImage) -> tuple[Descriptor, bytes]:
        content = read_file(self._store, saved.config, max_bytes=MAX_CONFIG_BYTES, subject=self.uri)
        if content is None:
            raise self._missing(saved.config)
        digest = Digest.of(content)
        self._paths[str(digest)] = saved.config
        return Descriptor(media_type=DOCKER_CONFIG, digest=digest, size=len(content)), content

    def _layer(self, path: str) -> Descriptor:
        hashed, head, length = hashlib.sha256(), b"", 0
        with self._open(path) as opened:
            for piece in pieces(opened):
                head = head or piece[:4]
                hashed.update(piece)
                length += len(piece)
        digest = Digest(algorithm="sha256", value=hashed.hexdigest())
        self._paths[str(digest)] = path
        ending = next((ending for magic, ending in _COMPRESSED if head.startswith(magic)), "")
        return Descriptor(media_type=f"{_LAYER}{ending}", digest=digest, size=length)

    def _open(self, path: str) -> Stretch:
        opened = self._store.open(path)
        if opened is None:
            raise self._missing(path)
        return opened

    def _missing(self, path: str) -> Refused:
        return refuse("image.malformed", self.uri, f"manifest.json names {path!r:.150}, and there is no such file")
