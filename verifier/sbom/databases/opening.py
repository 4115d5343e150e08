"""Opening what package managers keep: where it is, and that it is never taken for empty because it cannot be read.

* a database is found as the package manager would find it: links are followed, and end at the root
* what is there and cannot be read, whatever the cause, is `Refused` with `input.unreadable`
* identifiers are told from free text: the first are refused where they hold anything unusual, the second are cleaned
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.evidence.contents import Contents, FileFact

UNREADABLE: Final = "input.unreadable"
MAX_IDENTIFIER: Final = 1_024
"""Characters of a name, a version, an architecture: dpkg's longest are below 130."""
MAX_FREE_TEXT: Final = 1_024
"""Characters that are kept of a description, a maintainer or a licence."""
WORD: Final = re.compile("[!-.0-~]+")
"""What a version may be where a package manager takes it though its own rules have fewer characters: ASCII that is
seen, and no slash."""
_FEW: Final = 5
"""Names that a message lists."""
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+")
_PATH = re.compile(r"[^\0-\x1f\x7f]+\Z")
_HINT: Final = "Find out what changed the image's database of packages; nothing is listed without it."


def unreadable(path: str, message: str, hint: str = _HINT) -> Refused:
    """The refusal of a database at `path`."""
    return refuse(UNREADABLE, path, message, hint)


def located(contents: Contents, path: str) -> FileFact | None:
    """The regular file that a package manager finds at `path`, None where nothing is; `Refused` where something else
    is, or a link that leads nowhere."""
    found = contents.files.resolve(path)
    if found is None:
        there = contents.files.find(path)
        if there is None:
            return None
        raise unreadable(path, f"is a symbolic link to {there.target}, where nothing is inside the root")
    if found.type != "file":
        raise unreadable(path, f"is a {found.type}, expected a regular file")
    return found


def content_of(contents: Contents, fact: FileFact, *, max_bytes: int) -> bytes:
    """The bytes of a database's file; `Refused` with `input.unreadable` for whatever keeps them away."""
    try:
        return contents.files.read(fact.path, max_bytes=max_bytes)
    except Refused as refusal:
        raise unreadable(fact.path, refusal.reasons[0].message, refusal.reasons[0].hint) from refusal


def identifier(text: str, allowed: re.Pattern[str], *, path: str, what: str) -> str:
    """`text`, where it is a `what` as `allowed` has them."""
    if len(text) > MAX_IDENTIFIER:
        raise unreadable(path, f"{what} has {len(text)} characters, expected at most {MAX_IDENTIFIER}")
    if not allowed.fullmatch(text):
        raise unreadable(path, f"{what} is {text[:80]!r}, which is none")
    return text


def plain(text: str) -> str:
    """Free text as one line without control characters, at most as long as anyone reads."""
    cut = text[: 2 * MAX_FREE_TEXT].strip()
    return (_CONTROL.sub(" ", cut) if _CONTROL.search(cut) else cut)[:MAX_FREE_TEXT].strip()


def several(names: Collection[str]) -> str:
    """The first few of `names`, and how many more there are."""
    listed = [plain(each) for each in islice(names, _FEW)]
    return f"{', '.join(listed)} and {len(names) - _FEW} more" if len(names) > _FEW else ", ".join(listed)


def inside(written: str) -> str | None:
    """The path in the image that a package's list names, "" for the root; None where it is none: a `..` in it, or a
    control character."""
    path = written.strip("/")
    if path.startswith("./"):
        path = path[2:].lstrip("/")
    if not path or path == ".":
        return ""
    if not _PATH.match(path) or ("." in path and not {"..", "."}.isdisjoint(path.split("/"))):
        return None
    return path
