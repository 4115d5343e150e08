"""Whether a text is a licence expression of SPDX in which every name is SPDX's: what may be written as one.

* a name that SPDX does not list is none, but for `LicenseRef-…`; what is no expression is written as a plain name
* linear: brackets are counted, nothing recurses

Source: SPDX 2.3 annex D. Judging expressions is another matter: `sbom.licenses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from verifier.formats.spdx.license_names import LICENSE_NAMES

MAX_EXPRESSION: Final = 4_096
"""Characters: what is longer is text."""
MAX_BRACKETS: Final = 32
"""Brackets that are open at once: readers of expressions call themselves for each."""
_TOKEN: Final = re.compile(r"\s*([()]|[A-Za-z0-9.:+-]+)")
_OWN: Final = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+\Z")
_EXCEPTIONS: Final = frozenset(
    name for name in LICENSE_NAMES if "exception" in name and not name.startswith("GPL-") and "-with-" not in name
) | {"Linux-syscall-note", "SHL-2.0", "SHL-2.1"}
_ENDS: Final = frozenset({"name", "exception", ")"})
_BEHIND: Final[Mapping[str, frozenset[str]]] = {
    "(": frozenset({"(", "join"}),
    ")": _ENDS,
    "join": _ENDS,
    "WITH": frozenset({"name"}),
    "name": frozenset({"(", "join"}),
    "exception": frozenset({"WITH"}),
    "": frozenset(),
}
"""What each kind of token may stand behind; an expression begins as behind a bracket."""
_WORDS: Final = {"(": "(", ")": ")", "AND": "join", "OR": "join", "WITH": "WITH"}


def is_license_id(text: str) -> bool:
    """Whether SPDX lists a licence of exactly this name."""
    return text in LICENSE_NAMES and text not in _EXCEPTIONS


def is_expression(text: str) -> bool:
    """Whether `text` is an expression of names that SPDX lists."""
    if is_license_id(text):
        return True
    if len(text) > MAX_EXPRESSION:
        return False
    depth, before = 0, "("
    for token in _tokens(text):
        kind = _kind(token)
        depth += (kind == "(") - (kind == ")")
        if not 0 <= depth <= MAX_BRACKETS or before not in _BEHIND[kind]:
            return False
        before = kind
    return depth == 0 and before in _ENDS


def _tokens(text: str) -> Iterator[str]:
    """The words and brackets, and "" at what is neither."""
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            yield ""
            return
        yield found[1]
        at = found.end()


def _kind(token: str) -> str:
    if word := _WORDS.get(token):
        return word
    if token in _EXCEPTIONS:
        return "exception"
    later = token.endswith("+") and not token.endswith("++") and is_license_id(token[:-1])
    return "name" if later or is_license_id(token) or _OWN.match(token) else ""
