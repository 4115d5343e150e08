"""Layers whose members have modes, types and links: tars, unpacked, a member a line."""

from __future__ import annotations

import io
import tarfile


def member(path: str, content: bytes = b"", *, mode: int = 0o644, kind: bytes = tarfile.REGTYPE, target: str = ""):
    """One member of a tar: its header, and its content."""
    header = tarfile.TarInfo(path)
    header.size, header.mode, header.type, header.linkname = len(content), mode, kind, target
    return header, content


def tree(*members, removed: tuple[str, ...] = ()) -> bytes:
    """A layer of these members, which removes these paths of lower layers."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in removed:
            folder, _, name = path.rpartition("/")
            tar.addfile(tarfile.TarInfo(f"{folder}/.wh.{name}" if folder else f".wh.{name}"))
        for header, content in members:
            tar.addfile(header, io.BytesIO(content))
    return out.getvalue()
