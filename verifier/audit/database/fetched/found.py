"""What a source has: its files, one after the other, each with its bytes or with why there are none.

* a set is what was exported together: a folder, or one zip; files that are named one by one are one set, too
* nothing is held but the file that is looked at
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from verifier.core.errors import Refused

MAX_RECORDS: Final = 10_000_000
"""Files of one import."""
Form = Literal["json", "yaml", "zip", "gzip", ""]
_FORMS: Final[dict[str, Form]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".zip": "zip"}


class Found(NamedTuple):
    """One file: `file` is what it is called in messages, `content` its bytes or why there are none."""

    file: str
    form: Form
    content: bytes | Refused


class Sources(NamedTuple):
    """A set of files. Once all were seen, `passed_over` says how many were no records by their names, and `holds_sets`
    whether there are further sets within."""

    name: str
    files: Iterator[Found]
    passed_over: Callable[[], int] = lambda: 0
    holds_sets: Callable[[], bool] = lambda: False


def form_of(name: str) -> Form:
    """What a file is by its name; "" for what is not read."""
    dot = name.rfind(".")
    if name.lower().endswith(".csv.gz"):
        return "gzip"
    return _FORMS.get(name[dot:].lower(), "") if dot > 0 else ""
