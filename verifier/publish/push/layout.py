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
from verifier.publish.push.target import Merge
from verifier.publish.push.written import Blob, Manifest, manifest_of
from verifier.sources.layouts.listing import NAME
from verifier.sources.place import Resolved

_MARK: Final = "oci-layout"
_VERSION: Final = b'{"imageLayoutVersion":"1.0.0"}'
_INDEX: Final = "index.json"
_OURS: Final = (f".{_INDEX}.", f".{_MARK}.")
"""What drafts and locks of ours begin with: another run may be about to make the layout."""
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

    def holds(self, digest: Digest) -> bool:
        """As in `target.Target`."""
        return any(each.digest == digest for each in self._listed()) and self._path(digest).is_file()

    def refers(self, digest: Digest, subject: Digest) -> bool:
        """As in `target.Target`."""
        listed = {each.digest for each in self._listed()}
        kept = self.tagged(fallback_tag(subject))
        beside = () if kept is None else self._parsed(kept.content).manifests
        return digest in listed and digest in {each.digest for each in beside}

    def push_blob(self, blob: Blob) -> None:
        """As in `target.Target`."""
        self._prepare()
        path, wanted = self._path(blob.digest), blob.descriptor
        if self._is_there(path, blob.digest, wanted.size):
            return
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
            return
        except OSError as error:
            raise unwritable(path, error) from error

    def push_manifest(self, manifest: Manifest) -> None:
        """As in `target.Target`."""
        self.push_blob(Blob(descriptor=manifest.descriptor, pieces=lambda: (manifest.content,)))

    def push_referrer(self, manifest: Manifest, subject: Digest) -> None:
        """As in `target.Target`."""
        self.push_manifest(manifest)
        fallback, mine = fallback_tag(subject), described(manifest.listed)

        def with_it(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
            named = next((each for each in entries if _name(each) == fallback), None)
            before = [] if named is None else self._children(named["digest"])
            index = _index_of([*_without(before, manifest.digest), mine])
            self.push_manifest(index)
            kept = [each for each in _without(entries, manifest.digest) if each is not named]
            return [*kept, mine, _entry(index, fallback)]

        self._change(with_it)

    def amend(self, tag: str, merge: Merge) -> bool:
        """As in `target.Target`; nobody else writes meanwhile."""
        written = False

        def with_it(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
            nonlocal written
            manifest = merge(self.tagged(tag))
            if manifest is None:
                return entries
            written = True
            self.push_manifest(manifest)
            return [*(each for each in entries if _name(each) != tag), _entry(manifest, tag)]

        self._change(with_it)
        return written

    def settle(self) -> None:
        """Whoever writes a layout does so in turn: what was written stays."""

    def tag(self, manifest: Manifest, tag: str | None) -> None:
        """As in `target.Target`."""
        self.push_manifest(manifest)

        def with_it(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
            if tag is None:
                is_listed = any(each["digest"] == str(manifest.digest) for each in entries)
                return entries if is_listed else [*entries, described(manifest.descriptor)]
            return [*(each for each in entries if _name(each) != tag), _entry(manifest, tag)]

        self._change(with_it)

    def close(self) -> None:
        """There is nothing to close."""

    def require_usable(self) -> None:
        """Raise `ConfigurationError` where something else than a layout stands there; nothing is written."""
        names = self._names()
        others = {each for each in names if not each.startswith(_OURS)} - {_INDEX, "blobs"}
        if _MARK not in names and others:
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
        with turn_to_write(self._index):  # who has the turn sweeps away what others have only begun
            self._begin(self._index, _EMPTY)
            self._begin(self._folder / _MARK, _VERSION)
        self._ready = True

    def _begin(self, path: Path, content: bytes) -> None:
        """Write what a layout begins with, unless somebody has."""
        try:
            with appearing(path, mode=0o644) as draft, draft.open("wb") as stream:
                stream.write(content)
        except FileExistsError:
            return
        except (OSError, ValueError) as error:
            raise unwritable(path, error) from error

    def _change(self, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        self._prepare()
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
        names = self._names()
        is_begun = _INDEX in names or _MARK in names
        return self._parsed(self._content()).manifests if is_begun else ()

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


def fallback_tag(subject: Digest) -> str:
    """The tag under which clients keep what refers to `subject`."""
    return f"{subject.algorithm}-{subject.value}"


def _index_of(entries: list[dict[str, Any]]) -> Manifest:
    return manifest_of(
        canonical({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).encode(), OCI_INDEX
    )


def _without(entries: list[dict[str, Any]], digest: Digest) -> list[dict[str, Any]]:
    """All but the nameless entry of `digest`."""
    return [each for each in entries if each["digest"] != str(digest) or _name(each) is not None]


def _name(entry: dict[str, Any]) -> str | None:
    said = entry.get("annotations")
    return said.get(NAME) if isinstance(said, dict) else None


def _entry(manifest: Manifest, tag: str) -> dict[str, Any]:
    value = described(manifest.descriptor)
    value["annotations"] = {NAME: tag}
    return value
