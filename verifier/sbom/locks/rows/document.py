"""The bytes of a lock file as text, TOML or JSON: read strictly and within bounds, with the line of each row.

* one encoding: UTF-8 without a byte order mark, but for one before requirements, which pip takes away; no control
  characters, and no line ends but LF and CRLF: pip ends a line where others show none
* the markers of an unfinished merge refuse the file, wherever they stand
* size, values, nesting and dotted keys are bounded before anything is made of them

Source: formats/sbom.md section 3; formats/audit.md section 4; pip `req_file.py`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Final

from verifier.core.errors import refuse
from verifier.core.limits import MAX_JSON_VALUES
from verifier.formats.json import strict_json
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.toml.document import AT_LINE

CODE: Final = "dependency.lock-invalid"
MAX_BYTES: Final = 32 * 1024 * 1024
"""Bytes of one lock file: 15,000 packages with all their files."""
MAX_DEPTH: Final = 64
"""Nested tables and arrays; no format has more than five."""

_MERGE = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$", re.MULTILINE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029]|\r(?!\n)")
_MAX_PARTS: Final = 64
_DOTTED = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{_MAX_PARTS}}}")
"""What `tomllib` needs for a dotted key grows with the square of its parts."""
_BEGINNINGS: Final = (
    (b"\xef\xbb\xbf", "a byte order mark before the text"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def at(path: str, line: int) -> str:
    """The place that a reason names: "FILE:LINE", or the file alone."""
    return f"{path}:{line}" if line else path


def text_of(content: bytes, path: str) -> str:
    """The text of a lock file; `Refused` where it has more than one meaning, or is too large."""
    if len(content) > MAX_BYTES:
        raise refuse("input.too-large", path, f"{len(content)} bytes; at most {MAX_BYTES} of a lock file are read")
    if not content.strip():
        raise refuse(CODE, path, "the file is empty", "Lock anew, or remove the file.")
    for beginning, what in _BEGINNINGS:
        if content.startswith(beginning):
            raise refuse(CODE, at(path, 1), f"{what}; a lock file is UTF-8 without one", "Save it as UTF-8.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refuse(CODE, at(path, line), f"not UTF-8: {error.reason}", "Save it as UTF-8.") from None
    if found := _MERGE.search(text):
        message = f"{found[0][:7]} is the mark of a merge that was not finished"
        raise refuse(CODE, at(path, _line(text, found.start())), message, "Finish the merge, and lock anew.")
    if found := _CONTROL.search(text):
        message = f"the character U+{ord(found[0]):04X}, which some readers take for the end of a line or skip"
        raise refuse(CODE, at(path, _line(text, found.start())), message, "Lock anew.")
    return text


def toml_of(content: bytes, path: str, table: str) -> tuple[dict[str, object], list[int]]:
    """The document, and the line of each element of the array of tables `table` (empty where that is not clear)."""
    text = text_of(content, path)
    values = text.count(",") + text.count("=") + text.count("[") + text.count("{")
    if values > MAX_JSON_VALUES:
        raise refuse(
            "input.too-large", path, f"some {values} values; at most {MAX_JSON_VALUES} of a lock file are read"
        )
    for number, written in enumerate(text.split("\n"), start=1):
        if written.count(".") >= _MAX_PARTS and _DOTTED.search(written):
            raise refuse(CODE, at(path, number), f"a key with more than {_MAX_PARTS} parts")
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise refuse(CODE, path, "arrays and tables are nested too deeply") from None
    except ValueError as error:  # also what `int` raises for thousands of digits
        message = str(error)
        at_line = re.search(AT_LINE, message)
        line = int(at_line[1]) if at_line else text.rstrip().count("\n") + 1
        raise refuse(CODE, at(path, line), f"not TOML: {re.sub(AT_LINE, '', message)}", "Lock anew.") from None
    if _deeper(document, MAX_DEPTH):
        raise refuse(CODE, path, f"arrays and tables are nested deeper than {MAX_DEPTH}")
    lines = [number for number, _ in _matching(text, re.compile(rf"\[\[[ \t]*{table}[ \t]*\]\]"))]
    rows = document.get(table)
    return document, lines if isinstance(rows, list) and len(rows) == len(lines) else []


def json_of(content: bytes, path: str) -> tuple[dict[str, JsonValue], list[tuple[str, int]]]:
    """The object, and every key of an object in it with its line, in the order of the text, where each has its own."""
    text = text_of(content, path)
    document = strict_json.loads(content, subject=path, max_depth=MAX_DEPTH)
    if not isinstance(document, dict):
        raise refuse(CODE, path, "not an object")
    keys = _matching(text, re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*:\s*\{'))
    return document, [(match[1], number) for number, match in keys]


def _matching(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if match := pattern.match(line):
            yield number, match


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _deeper(document: object, depth: int) -> bool:
    """Whether something nests deeper than `depth`; level by level, since a stack ends."""
    level: list[object] = [document]
    for _ in range(depth):
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(value for value in each.values() if isinstance(value, dict | list))
            elif isinstance(each, list):
                inner.extend(value for value in each if isinstance(value, dict | list))
        if not inner:
            return False
        level = inner
    return True
