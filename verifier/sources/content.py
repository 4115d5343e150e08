"""Where an artifact's bytes come from.

* what is read is read once: the bytes that are judged are the bytes that are handed on
* a directory stands for its canonical archive, so that it is read exactly as a bundle is
* what is elsewhere is fetched when it is read, not before
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.limits import Limits
from verifier.core.value import Value
from verifier.files.read import read_regular_file

if TYPE_CHECKING:
    from verifier.sources.place import Place


class Remote(Value):
    """An artifact that is elsewhere: its URI, and what fetches its bytes or raises `Refused`.

    `place` is where it lies together with what else is there, None where that cannot be asked (a web server, a path).
    Whoever made it closes it.
    """

    uri: str
    fetch: Callable[[], bytes]
    place: Place | None = None


def read_content(source: bytes | Path | Remote, *, limits: Limits) -> bytes:
    """The bytes of an archive given as such, as a file, as the directory it is to be made of, or by its URI."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, Remote):
        return source.fetch()
    if os.path.isdir(source):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long or out of reach
        from verifier.archives.pack import pack_directory  # noqa: PLC0415 - most artifacts are files

        return pack_directory(source, limits=limits)
    return read_regular_file(source, max_bytes=limits.archive_bytes)


def location(source: object) -> str:
    """The URI of a path or of what is elsewhere; "" for what has none."""
    if isinstance(source, Remote):
        return source.uri
    return source.absolute().as_uri() if isinstance(source, Path) else ""
