"""Tables of layers, an entry a line."""

from __future__ import annotations

from verifier.archives.layers.table import Entry, LayerTable
from verifier.core.digest import Digest


def file(path: str, mode: int = 0o644, **more) -> Entry:
    return Entry(path=path, type="file", mode=mode, uid=0, gid=0, size=more.pop("size", 1), **more)


def program(path: str, mode: int = 0o755, **more) -> Entry:
    return file(path, mode, **more)


def folder(path: str, mode: int = 0o755) -> Entry:
    return Entry(path=path, type="directory", mode=mode, uid=0, gid=0, size=0)


def link(path: str, target: str) -> Entry:
    """A symbolic link; the target as it is written."""
    return Entry(path=path, type="symlink", mode=0o777, uid=0, gid=0, size=0, target=target)


def hard(path: str, target: str, mode: int = 0o755) -> Entry:
    """A hard link; the target as a path of the image."""
    return Entry(path=path, type="hardlink", mode=mode, uid=0, gid=0, size=0, target=target)


def device(path: str, kind: str = "character") -> Entry:
    return Entry(path=path, type=kind, mode=0o666, uid=0, gid=0, size=0)


def layer(*entries: Entry, removed=(), opaque=(), name: str = "") -> LayerTable:
    """A layer; its diff_id is of `name`, or of what it holds."""
    return LayerTable(
        diff_id=diff_id(name or repr((entries, removed, opaque))),
        unpacked=512,
        entries=entries,
        removed=tuple(removed),
        opaque=tuple(opaque),
    )


def diff_id(name: str) -> Digest:
    return Digest.of(name.encode())
