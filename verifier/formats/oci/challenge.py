"""What a server says it wants to be shown: the `WWW-Authenticate` field.

* every challenge of the field is read, with its parameters; a field that cannot be read in one way is refused
* the work is linear in the length of the field, which is bounded

Source: RFC 9110 section 11.6.1 (grammar), RFC 6750 section 3, RFC 7617 section 2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from verifier.core.value import Value

MAX_FIELD: Final = 8_192
"""Characters of the field: a realm, a service and a scope have a few hundred."""

_SEPARATORS = re.compile(r"[ \t,]*")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_TOKEN68 = re.compile(r" +[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_QUOTED_PAIR = re.compile(r"\\(.)")


class Challenge(Value):
    """One way to be let in: `scheme` and the names of `parameters` are in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(text: str) -> tuple[Challenge, ...]:
    """The challenges of a field, or of several joined by commas; raises `ValueError`."""
    if len(text) > MAX_FIELD:
        raise ValueError(f"a challenge of {len(text)} characters, expected at most {MAX_FIELD}")
    if not text.isprintable():
        raise ValueError("a challenge with characters that are not printable")
    found: list[tuple[str, dict[str, str]]] = []
    position = _skip(_SEPARATORS, text, 0)
    while position < len(text):
        word = _TOKEN.match(text, position)
        if word is None:
            raise ValueError(f"a challenge that cannot be read at character {position}")
        equals = _EQUALS.match(text, word.end())
        if equals is None:
            found.append((word[0].lower(), {}))
            position = _skip(_TOKEN68, text, word.end())
        else:
            value, position = _value(text, equals.end())
            _add(found, word[0].lower(), value)
        position = _skip(_SEPARATORS, text, position)
    return tuple(Challenge(scheme=scheme, parameters=parameters) for scheme, parameters in found)


def _add(found: list[tuple[str, dict[str, str]]], name: str, value: str) -> None:
    if not found:
        raise ValueError(f"a parameter {name!r} before any scheme")
    if name in found[-1][1]:
        raise ValueError(f"a parameter {name!r} that stands twice")
    found[-1][1][name] = value


def _value(text: str, position: int) -> tuple[str, int]:
    if quoted := _QUOTED.match(text, position):
        return _QUOTED_PAIR.sub(r"\1", quoted[1]), quoted.end()
    if token := _TOKEN.match(text, position):
        return token[0], token.end()
    raise ValueError(f"a parameter without a value at character {position}")


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return position if match is None else match.end()
