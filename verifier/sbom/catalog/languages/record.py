"""What a Python distribution says that it has installed: RECORD and `installed-files.txt`.

* paths are those of the artifact; what a row says of files that lie outside of it is counted, never followed
* a digest that is none, or by an algorithm that is not known, is as none, and said

Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import posixpath
import re
from typing import Final, Literal, NamedTuple

from verifier.core.errors import refuse

SIZES: Final = {"sha256": 32, "sha512": 64, "sha1": 20, "md5": 16}
"""Bytes of a digest by each algorithm that files are hashed by."""
MAX_ROWS: Final = 500_000
"""Files of one distribution: the largest have 30,000."""
_OTHER: Final = frozenset({"sha224", "sha384", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"})
"""Algorithms that rows may be by, and that nothing is held against."""


_HEX_DIGITS: Final = re.compile(r"[0-9a-f]+\Z")


class Row(NamedTuple):
    """One file: its path in the artifact, the digest that it ought to have ("" and b"" where none is said)."""

    path: str
    algorithm: str
    digest: bytes


class Record(NamedTuple):
    """What a list of files says: its rows, how many of its files lie outside of the artifact, and what is wrong."""

    rows: tuple[Row, ...] = ()
    outside: int = 0
    faults: tuple[str, ...] = ()


def read_record(content: bytes, *, site: str, is_root: bool, subject: str = "RECORD") -> Record:
    """RECORD beside whose folder lies `site`; absolute paths are those of the artifact where it `is_root`."""
    try:
        text = str(content, "utf-8")
        lines = list(csv.reader(io.StringIO(text, newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        return Record(faults=(f"it cannot be read: {error}",))
    if len(lines) > MAX_ROWS:
        raise refuse("input.too-large", subject, f"it lists {len(lines)} files; at most {MAX_ROWS} are read")
    rows: list[Row] = []
    faults: dict[str, str] = {}
    outside = 0
    for number, line in enumerate(lines, start=1):
        if not line or not line[0]:
            continue
        path = _placed(line[0], site, is_root=is_root)
        if path is None:
            outside += 1
            if line[0].startswith("/") or is_root:
                faults.setdefault("outside", f"row {number} is of a file outside: {line[0][:200]!r}")
            continue
        algorithm, digest, fault = _digest(line[1] if len(line) > 1 else "")
        if fault:
            faults.setdefault(fault, f"row {number}: {fault}")
        rows.append(Row(path, algorithm, digest))
    return Record(tuple(rows), outside, tuple(faults.values()))


def read_installed_files(content: bytes, *, folder: str) -> Record:
    """`installed-files.txt` in the `.egg-info` folder: a path a line, from that folder, without digests."""
    rows, outside = [], 0
    for line in str(content, "utf-8", "replace").splitlines():
        path = _placed(line.strip(), folder, is_root=False) if line.strip() else ""
        if path is None:
            outside += 1
        elif path:
            rows.append(Row(path, "", b""))
    return Record(tuple(rows), outside)


def role_of(path: str) -> Literal["content", "spare"]:
    """Compiled files may be made anew or left out."""
    return "spare" if path.endswith((".pyc", ".pyo")) else "content"


def _placed(written: str, site: str, *, is_root: bool) -> str | None:
    """The path in the artifact, None where that is outside of it."""
    if "\0" in written:
        return None
    if written.startswith("/"):
        return (posixpath.normpath(written).lstrip("/") or None) if is_root else None
    if "." not in written and "//" not in written:
        return f"{site}/{written}" if site else written
    path = posixpath.normpath(f"{site}/{written}" if site else written)
    return None if path == "." or path.startswith(("../", "/")) or path == ".." else path


def _digest(said: str) -> tuple[str, bytes, str]:
    """Algorithm, digest, and what is wrong with them, or ""."""
    if not said:
        return "", b"", ""
    algorithm, _, encoded = said.partition("=")
    size = SIZES.get(algorithm)
    if size is None:
        return "", b"", "" if algorithm in _OTHER else f"a digest by an unknown algorithm, {algorithm[:40]!r}"
    if len(encoded) == 2 * size and _HEX_DIGITS.match(encoded):  # as dh-python has it
        return algorithm, bytes.fromhex(encoded), ""
    try:
        digest = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return "", b"", "a digest that is no base64"
    if len(digest) != size:
        return "", b"", f"a {algorithm} digest of {len(digest)} bytes, expected {size}"
    return algorithm, digest, ""
