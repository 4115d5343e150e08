"""Publishing into an OCI layout: a folder that oras, crane, regctl and skopeo copy from.

* a blob takes its name only when all of it is there and is what its name says
* `index.json` is replaced whole, by one process at a time; what others listed there stays
* referrers are listed there without a name, as oras reads them, and under the fallback tag, as regctl does
* a folder that holds something else is refused

Source: OCI image specification 1.1, `image-layout.md`; distribution specification 1.1, "Referrers Tag Schema".
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, refuse
from verifier.files.lock import turn_to_write
from verifier.files.read import read_regular_file
from verifier.files.write import appearing, unwritable, write_whole
from verifier.formats.json import strict_json
from verifier.formats.json.write import canonical
from verifier.formats.oci.manifest import (
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    Descriptor,
    ImageIndex,
    parse_manifest,
)
from verifier.formats.oci.write import described
from verifier.publish.push.written import Blob, Manifest, manifest_of
from verifier.sources.place import Resolved

NAME: Final = "org.opencontainers.image.ref.name"
_MARK: Final = "oci-layout"
_VERSION: Final = b'{"imageLayoutVersion":"1.0.0"}'
_INDEX: Final = "index.json"
_EMPTY: Final = canonical({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}).encode()


class LayoutTarget:
    """The layout in a folder, which is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = folder / _INDEX
        self._ready = False

    @property
    def uri(self) -> str:
        """As in `target.Target`."""
        return f"oci-layout:{self._folder}"

    @property
    def repository(self) -> None:
        """A folder is no repository of a registry."""
        return

    def tagged(self, tag: str) -> Resolved | None:
        """As in `target.Target`."""
        found = {each.digest: each for each in self._listed() if dict(each.annotations).get(NAME) == tag}
        if len(found) > 1:
            raise refuse("image.ambiguous-reference", f"{self.uri}:{tag}", f"{len(found)} manifests have this name")
        return None if not found else self._read(next(iter(found.values())))

    def manifest(self, digest: Digest) -> Resolved:
        """As in `target.Target`; what the layout lists, or what was written without being listed."""
        listed = next((each for each in self._listed() if each.digest == digest), None)
        if listed is None:
            raise refuse("input.unreachable", f"{self.uri}@{digest}", "the layout lists no such manifest")
        return self._read(listed)

    def push_blob(self, blob: Blob) -> bool:
        """As in `target.Target`."""
        self._prepare()
        path, wanted = self._path(blob.digest), blob.descriptor
        if self._is_there(path, blob.digest, wanted.size):
            return False
        hashed, size = hashlib.new(blob.digest.algorithm), 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with appearing(path, mode=0o644) as draft, draft.open("wb") as stream:
                for piece in blob.pieces():
                    hashed.update(piece)
                    size += len(piece)
                    stream.write(piece)
                if (hashed.hexdigest(), size) != (blob.digest.value, wanted.size):
                    message = f"{size} bytes that are not the {wanted.size} of {blob.digest}"
                    raise refuse("image.digest-mismatch", self.uri, message)
        except FileExistsError:  # another run has written it meanwhile
            return False
        except OSError as error:
            raise unwritable(path, error) from error
        return True

    def push_manifest(self, manifest: Manifest) -> bool:
        """As in `target.Target`."""
        descriptor = manifest.descriptor
        return self.push_blob(Blob(descriptor=descriptor, pieces=lambda: (manifest.content,)))

    def push_referrer(self, manifest: Manifest, subject: Digest) -> bool:
        """As in `target.Target`."""
        self.push_manifest(manifest)
        fallback = f"{subject.algorithm}-{subject.value}"
        is_new = manifest.digest not in {each.digest for each in self._listed()}

        def with_it(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
            named = next((each for each in entries if _name(each) == fallback), None)
            before = [] if named is None else self._children(named["digest"])
            listed = [*(each for each in before if each["digest"] != str(manifest.digest)), described(manifest.listed)]
            index = manifest_of(
                canonical({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}).encode(), OCI_INDEX
            )
            self.push_manifest(index)
            kept = [each for each in entries if each is not named and each["digest"] != str(manifest.digest)]
            return [*kept, described(manifest.listed), _entry(index, fallback)]

        if is_new:
            self._change(with_it)
        return is_new

    def tag(self, manifest: Manifest, tag: str | None) -> None:
        """As in `target.Target`."""
        self.push_manifest(manifest)

        def with_it(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
            if tag is None:
                is_listed = any(each["digest"] == str(manifest.digest) for each in entries)
                return entries if is_listed else [*entries, described(manifest.descriptor)]
            kept = [each for each in entries if _name(each) != tag]
            return [*kept, _entry(manifest, tag)]

        self._change(with_it)

    def close(self) -> None:
        """There is nothing to close."""

    def require_usable(self) -> None:
        """Raise `ConfigurationError` where something else than a layout stands there; nothing is written."""
        names = self._names()
        if _MARK not in names and names - {_INDEX, "blobs", f".{_INDEX}.lock"}:
            hint = "Name a layout, a new folder or an empty one."
            raise ConfigurationError("holds something else than an OCI layout", where=str(self._folder), hint=hint)

    def _names(self) -> set[str]:
        try:
            return set(os.listdir(self._folder))  # noqa: PTH208 - names are enough
        except FileNotFoundError:
            return set()
        except (OSError, ValueError) as error:
            raise unwritable(self._folder, error) from error

    def _prepare(self) -> None:
        if self._ready:
            return
        self.require_usable()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self._folder, error) from error
        names = self._names()
        if _INDEX not in names:
            self._write(self._index, _EMPTY)
        if _MARK not in names:
            self._write(self._folder / _MARK, _VERSION)
        self._ready = True

    def _change(self, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        with turn_to_write(self._index):
            content = self._content()
            self._parsed(content)
            document: dict[str, Any] = cast("dict[str, Any]", strict_json.loads(content, subject=str(self._index)))
            entries = change(list(document.get("manifests") or []))
            changed = canonical({**document, "manifests": entries}).encode()
            if changed != content:
                self._write(self._index, changed)

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_whole(path, content, mode=0o644)
        except (OSError, ValueError) as error:
            raise unwritable(path, error) from error

    def _children(self, digest: str) -> list[dict[str, Any]]:
        content = self._read(next(each for each in self._listed() if str(each.digest) == digest)).content
        self._parsed(content)
        document: dict[str, Any] = cast("dict[str, Any]", strict_json.loads(content, subject=self.uri))
        return list(document.get("manifests") or [])

    def _listed(self) -> tuple[Descriptor, ...]:
        return self._parsed(self._content()).manifests if self._names() else ()

    def _content(self) -> bytes:
        return read_regular_file(self._index, max_bytes=MAX_MANIFEST_BYTES)

    def _parsed(self, content: bytes) -> ImageIndex:
        read = parse_manifest(content, content_type=OCI_INDEX, subject=str(self._index))
        if not isinstance(read, ImageIndex):
            raise TypeError("what is read as an index is one")
        return read

    def _read(self, listed: Descriptor) -> Resolved:
        content = read_regular_file(self._path(listed.digest), max_bytes=MAX_MANIFEST_BYTES)
        if len(content) != listed.size or hashlib.new(listed.digest.algorithm, content).hexdigest() != (
            listed.digest.value
        ):
            raise refuse("image.digest-mismatch", self.uri, f"the blob {listed.digest} is another, or cut short")
        return Resolved(content=content, media_type=listed.media_type, digest=listed.digest)

    def _path(self, digest: Digest) -> Path:
        return self._folder / "blobs" / digest.algorithm / digest.value

    def _is_there(self, path: Path, digest: Digest, size: int) -> bool:
        """Whether the blob is there as it is to be; what is not makes room for it."""
        try:
            if path.lstat().st_size == size:
                with path.open("rb") as stream:
                    if hashlib.file_digest(stream, digest.algorithm).hexdigest() == digest.value:
                        return True
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise unwritable(path, error) from error
        return False


def _name(entry: dict[str, Any]) -> str | None:
    said = entry.get("annotations")
    return said.get(NAME) if isinstance(said, dict) else None


def _entry(manifest: Manifest, tag: str) -> dict[str, Any]:
    value = described(manifest.descriptor)
    value["annotations"] = {NAME: tag}
    return value
