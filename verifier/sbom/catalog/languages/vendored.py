"""Code that Python packages carry along: what `vendor.txt` in them lists, and the distributions below such folders.

* a line is listed where the code that it names lies beside it; where it does not, that is said: distributors take
  carried code out and leave the list
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from verifier.core.limits import MAX_FINDINGS
from verifier.formats.pypi.names import normalised

LISTS: Final = ("vendor.txt", "vendored.txt", "patched.txt")
"""What pip, wheel, setuptools, pipenv and poetry call the list."""
FOLDERS: Final = frozenset({"_vendor", "vendor", "_vendored", "vendored", "patched", "_vendored_packages"})
"""Folders of packages in which they keep what they carry along."""
_LINE: Final = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*==\s*([A-Za-z0-9.!+_-]+)\s*(?:;.*)?\Z")
_IMPORTED_AS: Final = {"setuptools": "pkg_resources", "pyyaml": "yaml", "attrs": "attr", "python-dateutil": "dateutil"}
"""Where the folder has another name than the distribution."""


class Carried(NamedTuple):
    """One distribution that a list names."""

    name: str
    version: str


class Listed(NamedTuple):
    """What a list comes to: what is there, what it names and is not there, and lines that say neither."""

    there: tuple[Carried, ...]
    lost: tuple[Carried, ...]
    unread: tuple[str, ...]


def read_list(content: bytes, *, folder: str, has: Callable[[str], bool]) -> Listed:
    """The list in `folder`; `has` says whether something stands at a path."""
    there: dict[Carried, None] = {}
    lost: dict[Carried, None] = {}
    unread: list[str] = []
    for line in str(content, "utf-8", "replace").splitlines():
        said = line.partition("#")[0].strip()
        match = _LINE.match(said)
        if match is None:
            if said and len(unread) < MAX_FINDINGS:
                unread.append(said[:200])
            continue
        carried = Carried(match[1], match[2])
        (there if _is_there(carried.name, folder, has) else lost)[carried] = None
    return Listed(tuple(there), tuple(lost), tuple(unread))


def carrier_of(path: str) -> str | None:
    """The folder of the package that carries what lies at `path`: `site-packages/pip` of
    `site-packages/pip/_vendor/vendor.txt`; None where no folder on the way says so."""
    parts = posixpath.dirname(path).split("/")
    for number, part in enumerate(parts):
        if part in FOLDERS and number:
            return "/".join(parts[:number])
    return None


def _is_there(name: str, folder: str, has: Callable[[str], bool]) -> bool:
    known = normalised(name)
    imported = {
        name,
        name.lower(),
        known,
        known.replace("-", "_"),
        known.replace("-", "/"),
        _IMPORTED_AS.get(known, name),
    }
    return any(has(f"{folder}/{each}{ending}") for each in sorted(imported) for ending in ("", ".py"))
