"""Paragraphs of fields, as dpkg writes them (deb822): `Field: value`, lines that go on begin with a blank.

* a paragraph ends at an empty line; a line that is no field, a field that stands twice or a value that is too long is
  `Refused` with its line
* only the fields that are asked for are kept

Source: https://manpages.debian.org/bookworm/dpkg-dev/deb822.5
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.sbom.databases.opening import unreadable

MAX_FIELD: Final = 1024 * 1024
"""Characters of one field: the largest real ones, Conffiles and Description, have some ten thousand."""
MAX_LINES: Final = 4_000_000
"""Lines of one file: a database of five thousand packages has some 150,000."""
MAX_FIELDS: Final = 256
"""Fields of one paragraph."""


def paragraphs(content: bytes, *, path: str, keep: frozenset[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each paragraph's first line and its fields by their names in lower case, those of `keep`.

    Bytes that are no UTF-8 come as surrogates: free text is cleaned by who takes it.
    """
    if b"\0" in content:
        raise unreadable(path, f"has a zero byte at {content.index(0)}: it is no text")
    fields: dict[str, list[str]] = {}
    first, current = 0, ""
    for number, line in enumerate(_lines(content, path), start=1):
        if not line:
            if fields:
                yield first, _joined(fields, keep)
            fields, current = {}, ""
        elif line[0] in " \t":
            if not current:
                raise unreadable(path, f"line {number} goes on with a field, and there is none before it")
            fields[current].append(line)
        else:
            if not fields:
                first = number
            current = _field(fields, line, f"line {number}", path)
    if fields:
        yield first, _joined(fields, keep)


def _lines(content: bytes, path: str) -> Iterator[str]:
    """The lines, one after the other: a file of nothing but line ends is never a list of millions."""
    start, field, count = 0, 0, 0
    while start < len(content):
        count += 1
        if count > MAX_LINES:
            raise unreadable(path, f"has more than {MAX_LINES} lines")
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        line = content[start:end]
        field = field + len(line) if line[:1] in {b" ", b"\t"} else len(line)
        if field > MAX_FIELD:
            raise unreadable(path, f"a field has more than {field} bytes, expected at most {MAX_FIELD}")
        yield line.decode("utf-8", "surrogateescape")
        start = end + 1


def _field(fields: dict[str, list[str]], line: str, where: str, path: str) -> str:
    name, colon, value = line.partition(":")
    if not colon or not name or not name.isascii() or any(each in name for each in " \t\r"):
        raise unreadable(path, f"{where} is no field: {line[:80]!r}")
    folded = name.lower()
    if folded in fields:
        raise unreadable(path, f"{where}: the field {name[:80]} stands twice in its paragraph")
    if len(fields) >= MAX_FIELDS:
        raise unreadable(path, f"{where}: a paragraph has more than {MAX_FIELDS} fields")
    fields[folded] = [value]
    return folded


def _joined(fields: dict[str, list[str]], keep: frozenset[str]) -> dict[str, str]:
    return {name: "\n".join(lines).strip(" \t\r") for name, lines in fields.items() if name in keep}
