"""Who unpacks gzip: zlib, or zlib-ng where the extra `inflate` has brought it (docs/adr/0017-who-unpacks.md).

* both give the same bytes, end a stream at the same byte, and refuse the same streams: held by differential tests
* checksums and lengths are compared by us (`gzip_stream`), or by whoever unpacks (layers of images)
* which one it is, is said: by `verify version`, and in the document of every verdict
* another major version of the binding than the tested one is left alone
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeAlias, cast

EXTRA: Final = "inflate"
_TESTED: Final = "1."
"""How the version of the binding begins."""


class Inflater(Protocol):
    """What `zlib.decompressobj` makes."""

    @property
    def eof(self) -> bool:
        """Whether the stream has come to its end."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What was fed behind the end."""
        ...

    @property
    def unconsumed_tail(self) -> bytes:
        """What was fed, and is to be fed again."""
        ...

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        """At most so many bytes more; raises one of `ERRORS`."""
        ...


Choice: TypeAlias = tuple[
    Callable[[int], Inflater], Callable[[bytes, int], int], tuple[type[Exception], ...], Mapping[str, str]
]
"""What makes an inflater, the checksum of the same library, what both raise, and what is said of it."""


def chosen() -> Choice:
    """zlib-ng where it is there, loads and is the tested binding, and zlib where it is not."""
    try:
        from zlib_ng import __version__, zlib_ng  # noqa: PLC0415 - an extra

        if str(__version__).startswith(_TESTED):
            versions = {"zlib-ng": str(zlib_ng.ZLIBNG_RUNTIME_VERSION)}
            return cast("Choice", (zlib_ng.decompressobj, zlib_ng.crc32, (zlib_ng.error,), versions))
    except (ImportError, AttributeError):
        pass  # not there, or not loadable here, or something else by that name
    return zlib.decompressobj, zlib.crc32, (zlib.error,), {}


inflater, crc32, ERRORS, VERSIONS = chosen()
"""`inflater(wbits)` unpacks one stream; `VERSIONS` stands in verdicts beside our own: nothing for
the interpreter's zlib."""
