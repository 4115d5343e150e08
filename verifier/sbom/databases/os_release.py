"""What system a root holds, as `os-release` says it.

* `etc/os-release` counts where it is there, else `usr/lib/os-release`, as systemd has it
* a file that is there and cannot be read is `Refused`; a line that is none is passed by, as every reader of it does

Source: https://www.freedesktop.org/software/systemd/man/latest/os-release.html
"""

from __future__ import annotations

import re
import shlex
from typing import Final

from verifier.evidence.contents import Contents
from verifier.sbom.catalog.reader import OperatingSystem
from verifier.sbom.databases.opening import content_of, identifier, plain

PLACES: Final = ("etc/os-release", "usr/lib/os-release")
MAX_BYTES: Final = 64 * 1024
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]*")
_LINE = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")


def operating_system(contents: Contents) -> OperatingSystem | None:
    """The system that the contents are of; None where nothing says."""
    for place in PLACES:
        fact = contents.files.resolve(place)
        if fact is None or fact.type != "file":  # no database: the other place, or nobody, says it
            continue
        said = _said(content_of(contents, fact, max_bytes=MAX_BYTES).decode("utf-8", "replace"))
        named = said.get("ID", "")
        if not named:
            continue
        version = said.get("VERSION_ID", "")
        return OperatingSystem(
            id=identifier(named, _ID, path=place, what="the ID"),
            version=identifier(version, _VERSION, path=place, what="the VERSION_ID") if version else "",
            like=tuple(each for each in said.get("ID_LIKE", "").split() if _ID.fullmatch(each)),
            title=plain(said.get("PRETTY_NAME", "") or said.get("NAME", "")),
            cpe=plain(said.get("CPE_NAME", "")),
            path=fact.path,
        )
    return None


def _said(text: str) -> dict[str, str]:
    said = {}
    for line in text.split("\n"):
        matched = _LINE.fullmatch(line.strip())
        if matched is None:
            continue
        try:
            words = shlex.split(matched[2], comments=True)
        except ValueError:  # a quotation mark that nothing closes
            continue
        said[matched[1]] = " ".join(words)
    return said
