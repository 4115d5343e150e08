"""The parameters of a build, one leaf at a time, each with the path that a trust policy names it by.

* a path is unambiguous: names are joined by `.`, and a name that is not plain is written as an ASCII JSON string
* everything that carries a value is a leaf; `null` and an empty object carry none
* the number of leaves and the length of paths are bounded
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import compact

MAX_PARAMETERS: Final = 4_096
"""Leaves of one build's external parameters."""
MAX_PATH: Final = 2_048
"""Characters of one parameter's path."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)
_NAME: Final = r'(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")'
_PATH: Final = re.compile(rf"{_NAME}(?:\.{_NAME})*\Z", re.ASCII)


def leaves(parameters: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Each leaf with its path, in the order of the document; raises `ValueError` beyond the bounds."""
    found = 0
    # A stack of its own: how deeply a document nests is not the caller's to bear.
    pending: list[tuple[str, JsonValue]] = [("", dict(parameters))]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending.extend((_join(path, name), item) for name, item in reversed(value.items()))
        elif value is not None:
            found += 1
            if found > MAX_PARAMETERS:
                raise ValueError(f"has more than {MAX_PARAMETERS} parameters")
            yield path, value


def is_path(text: str) -> bool:
    """Whether `text` is spelled as the path of a parameter."""
    return len(text) <= MAX_PATH and _PATH.match(text) is not None


def is_under(path: str, ancestor: str) -> bool:
    """Whether `path` is `ancestor` or lies below it."""
    return path == ancestor or path.startswith(f"{ancestor}.")


def as_text(value: JsonValue) -> str:
    """A leaf as a policy writes it: a string as it is, everything else as compact JSON."""
    return value if isinstance(value, str) else compact(value, ascii_only=False)


def _join(path: str, name: str) -> str:
    spelled = name if _PLAIN.match(name) else compact(name)
    joined = f"{path}.{spelled}" if path else spelled
    if len(joined) > MAX_PATH:
        raise ValueError(f"has a parameter whose path has {len(joined)} characters, expected at most {MAX_PATH}")
    return joined
