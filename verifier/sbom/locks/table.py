"""Which lock is read by whom: one row a format. `read_lock` is what everybody asks.

* what is recognised by its name is read, or refused: never passed over
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

from verifier.core.errors import refuse
from verifier.sbom.locks.lock import Lock


class Format(NamedTuple):
    """One lock format: its name, the names of its files (below the folder), and where its reader is."""

    name: str
    files: re.Pattern[str]
    module: str
    reader: str


FORMATS: Final = (
    Format("uv", re.compile(r"uv\.lock\Z"), "uv", "read_uv"),
    Format("poetry", re.compile(r"poetry\.lock\Z"), "poetry", "read_poetry"),
    Format("pdm", re.compile(r"pdm(?:\.[^./]+)?\.lock\Z"), "pdm", "read_pdm"),
    Format("pylock", re.compile(r"pylock(?:\.[^./]+)?\.toml\Z"), "pylock", "read_pylock"),
    Format("pipenv", re.compile(r"Pipfile\.lock\Z"), "pipenv", "read_pipenv"),
    Format(
        "requirements",
        re.compile(r"[^/]*requirements[^/]*\.(?:txt|in|lock)\Z|(?:[^/]+/)*requirements/[^/]+\.(?:txt|in)\Z"),
        "requirements",
        "read_requirements",
    ),
)


REQUIREMENTS: Final = FORMATS[-1]


def format_of(path: str) -> Format | None:
    """The format of a lock by the name of its file, whatever folder it stands in."""
    name = path.rpartition("/")[2]
    return next((each for each in FORMATS if each.files.match(name) or each.files.match(path)), None)


def read_lock(
    path: str, content: bytes, *, include: Callable[[str], bytes] | None = None, form: Format | None = None
) -> Lock:
    """The lock that stands at `path` below its root, of the format that its name says, or of `form`. `include` gives
    what a requirements file includes, by its path.

    `Refused` with `dependency.lock-invalid` where it is not sound, `input.too-large`, `json.*`; nothing else is raised.
    """
    form = form or format_of(path)
    if form is None:
        raise refuse("dependency.lock-invalid", path, "no lock file has such a name")
    read: Callable[..., Lock] = getattr(import_module(f"verifier.sbom.locks.{form.module}"), form.reader)
    if form.name == "requirements":
        return read(path, content, include=include)
    return read(path, content)
