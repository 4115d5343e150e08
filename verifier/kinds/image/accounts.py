"""Who a user is whom an image names: by its number, or by the /etc/passwd of the image.

* root is nobody, `root`, and 0 in whatever way Go reads one; a name counts as nobody's until /etc/passwd has it
* of a name that stands there twice, the least favourable line counts; a user id that is no plain number counts as 0,
  as runc reads it
* a number that runtimes cannot count to counts as root: containerd before 2.0.4 starts it as that (CVE-2024-40635)
* files are kept while layers are read, at most so many of bounded size; which of them is /etc/passwd in the end, the
  final tree says

Source: moby `sys/user`, containerd `oci.WithUser`.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.archives.layers.table import Entry, Sink, Visit
from verifier.core.value import Value, field

ACCOUNTS: Final = "etc/passwd"
MAX_ACCOUNT_BYTES: Final = 1024 * 1024
"""Of a file of accounts; a larger one is not kept, and a user who is named is not found."""
MAX_FILES: Final = 64
"""Kept of one image: other packages have files of the name, too."""
MOST: Final = 2**31 - 1
"""The highest user id that every runtime knows."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]+\Z", re.ASCII)
_PLAIN: Final = re.compile(r"[0-9]{1,10}\Z", re.ASCII)


class AccountFile(Value):
    """A file called `passwd`, as layer number `layer` (from 0) brings it."""

    layer: int
    path: str
    content: bytes = field(repr=False)


def names_somebody(user: str) -> bool:
    """Whether a config's `User` is a name that only /etc/passwd can explain."""
    name = _who(user)
    return bool(name) and name != "root" and not _NUMBER.match(name)


def root_by_number(user: str) -> str | None:
    """Why a config's `User` is root, or may be, as far as it says so itself; None where it does not."""
    name = _who(user)
    if not name:
        return "names no user, which means root"
    if name == "root":
        return "names root"
    if not _NUMBER.match(name):
        return None
    digits = name.lstrip("+-0")
    if not digits:
        return f"names user {name[:20]}, which is root"
    if name.startswith("-") or len(digits) > 10 or int(digits) > MOST:
        return f"names user {name[:20]}, which no runtime counts to, and some take for root"
    return None


def root_by_name(user: str, passwd: bytes | None) -> str | None:
    """Why a user who is named is root, or may be, by a file of accounts, None for no file; None where it is not."""
    name = _who(user)
    shown = repr(name[:64])
    if passwd is None:
        return f"names {shown}, and no /etc/passwd of the image that could be read says who that is"
    ids = [
        fields[2] if len(fields) > 2 else b""
        for fields in _lines(passwd)
        if fields[0] == name.encode("utf-8", "surrogatepass")
    ]
    if not ids:
        return f"names {shown}, whom /etc/passwd of the image does not have"
    bad = next((each for each in ids if _is_root(each)), None)
    if bad is None:
        return None
    return f"names {shown}, to whom /etc/passwd of the image gives the user id {bad[:20].decode('ascii', 'replace')!r}"


def _who(user: str) -> str:
    return user.partition(":")[0]


def _lines(passwd: bytes) -> list[list[bytes]]:
    # Go strips every blank that Unicode knows, and Python no fewer: what stands behind one is a line of its own.
    lines = (line.decode("utf-8", "surrogateescape").strip() for line in passwd.split(b"\n") if line[:1] != b"#")
    return [line.encode("utf-8", "surrogateescape").split(b":") for line in lines if line]


def _is_root(written: bytes) -> bool:
    text = written.decode("ascii", "replace")
    return not _PLAIN.match(text) or not 0 < int(text) <= MOST


class Accounts:
    """Keeps files of accounts while the layers of one image are read."""

    def __init__(self) -> None:
        self._kept: list[AccountFile] = []

    @property
    def files(self) -> tuple[AccountFile, ...]:
        """What was kept, by layer and path."""
        return tuple(sorted(self._kept, key=lambda each: (each.layer, each.path)))

    def of_layer(self, layer: int) -> Visit:
        """Who looks at the files of layer number `layer`; layers may be read at once."""

        def visit(entry: Entry) -> Sink | None:
            wanted = entry.path == ACCOUNTS or entry.path.endswith("/passwd")
            if not wanted or entry.size > MAX_ACCOUNT_BYTES:
                return None
            if entry.path != ACCOUNTS and len(self._kept) >= MAX_FILES:
                return None
            return _Keeping(self._kept, layer, entry.path)

        return visit


class _Keeping:
    """Keeps one file."""

    def __init__(self, kept: list[AccountFile], layer: int, path: str) -> None:
        self._kept, self._layer, self._path, self._parts = kept, layer, path, bytearray()

    def feed(self, piece: bytes) -> None:
        """Keep the next bytes."""
        self._parts += piece

    def done(self, entry: Entry) -> None:  # noqa: ARG002 - whose it is, is known
        """Keep the file."""
        self._kept.append(AccountFile(layer=self._layer, path=self._path, content=bytes(self._parts)))
