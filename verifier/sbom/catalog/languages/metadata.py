"""What a Python distribution says of itself: METADATA, PKG-INFO, `direct_url.json`, the names of their folders.

* headers are read as `importlib.metadata` reads them: the first of each counts, and they end where Python says
* nothing here raises for what a file says: who asks is told what is missing or doubtful

Source: https://packaging.python.org/en/latest/specifications/core-metadata/, `.../direct-url-data-structure/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from verifier.core.errors import Refused
from verifier.core.text.shown import shown
from verifier.formats.bom.component import Distribution, Hash, License, Origin
from verifier.formats.json.strict_json import JsonValue, loads
from verifier.formats.pypi.names import normalised
from verifier.sbom.databases.licenses import licenses_of
from verifier.sbom.databases.opening import plain

MAX_LICENSE: Final = 120
"""Characters of the old field `License` that are a name: more of them are the licence itself."""
_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_HEADER: Final = re.compile(r"([!-9;-~]*):[ \t]*(.*)\Z", re.DOTALL)
_REQUIRED: Final = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_DISTRIBUTION: Final = re.compile(r"(?P<name>[^-]+(?:-[^-]+)*?)(?:-(?P<version>[0-9!][^-]*)(?:-py[0-9.]+(?:-.*)?)?)?\Z")
_ENDING: Final = re.compile(r"(?:\.(?:dist-info|egg-info|egg))+\Z", re.IGNORECASE)
_CLASSIFIED: Final = "License :: "
_HASHED: Final = {"sha256": ("SHA-256", 64), "sha384": ("SHA-384", 96), "sha512": ("SHA-512", 128)}
_OF_CLASSIFIERS: Final[Mapping[str, str]] = {
    "Apache Software License": "Apache-2.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
}
"""Classifiers that mean one SPDX licence. "BSD License" and "Python Software Foundation License" mean several."""


class Headers:
    """The headers of METADATA or PKG-INFO, by their names in lower case."""

    def __init__(self, content: bytes) -> None:
        self._said: dict[str, list[str]] = {}
        text = str(content, "utf-8", "replace").removeprefix("\ufeff")
        last: list[str] | None = None
        for line in _LINE.finditer(text):
            if not line[1]:
                break
            if line[1][0] in " \t":
                if last is not None:
                    last[-1] += f"\n{line[1].strip()}"
                continue
            if line[1].startswith("From "):  # of a mailbox: passed by
                last = None
                continue
            header = _HEADER.match(line[1])
            if header is None:  # as `email.parser` does: what is no header begins the body
                break
            last = self._said.setdefault(header[1].lower(), []) if header[1] else None
            if last is not None:
                last.append(header[2].strip())

    def first(self, name: str) -> str:
        """The first header of this name, "" where there is none."""
        return next(iter(self._said.get(name, ())), "")

    def each(self, name: str) -> list[str]:
        """All headers of this name."""
        return self._said.get(name, [])


class Named(NamedTuple):
    """A name and a version, as a folder or a file has them; None where it has none."""

    name: str
    version: str | None


def purl_name(name: str) -> str:
    """The name as the purl specification has it for `pypi`: lower case, `_` as `-`, dots as they are."""
    return name.lower().replace("_", "-")


def named_by(folder: str) -> Named:
    """What `NAME-VERSION.dist-info`, `NAME-VERSION-py3.11.egg-info` or `NAME.egg-info` says."""
    stem = _ENDING.sub("", folder)
    match = _DISTRIBUTION.match(stem)
    return Named(match["name"], match["version"]) if match else Named(stem, None)


def same_version(one: str, other: str) -> bool:
    """Whether two texts mean one version: folders have it normalised, and `_` for `-`."""
    if one.replace("-", "_").lower() == other.replace("-", "_").lower():
        return True
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - few folders differ from what is inside

    try:
        return Version(one.replace("_", "-")) == Version(other.replace("_", "-"))
    except InvalidVersion:
        return False


def stated_licenses(headers: Headers) -> tuple[License, ...]:
    """What it says of its licence: the expression, or what its classifiers and its free text come to."""
    if expression := headers.first("license-expression"):
        return licenses_of([expression])
    text = headers.first("license")
    texts = [text] if len(text) < MAX_LICENSE and "\n" not in text else []
    found = licenses_of(texts)
    if any(each.form != "name" for each in found):
        return found
    for classifier in headers.each("classifier"):
        last = classifier.rpartition(" :: ")[2]
        if classifier.startswith(_CLASSIFIED) and last != "OSI Approved":
            texts.append(_OF_CLASSIFIERS.get(last) or last)
    stated = licenses_of(texts)
    return tuple(each for each in stated if each.form != "name") or stated


def supplier_of(headers: Headers) -> str:
    """Who made it: the author, else the maintainer, by name where one is given."""
    for who in ("author", "maintainer"):
        if said := headers.first(who) or headers.first(f"{who}-email").partition("<")[0].strip(' "'):
            return "" if said.upper() == "UNKNOWN" else plain(said)
    return ""


def required_by(headers: Headers) -> list[str]:
    """The normalised names of what it needs whatever extras are chosen."""
    return [name for each in headers.each("requires-dist") if (name := _required(each))]


def required_by_egg(content: bytes) -> list[str]:
    """The same from `requires.txt`: what stands before the first section, and in sections of markers alone."""
    names, wanted = [], True
    for line in str(content, "utf-8", "replace").splitlines():
        if line.startswith("["):
            wanted = line.startswith("[:")
        elif wanted and (name := _required(line)):
            names.append(name)
    return names


def _required(said: str) -> str:
    match = _REQUIRED.match(said)
    if match is None or re.search(r"\bextra\b", said.partition(";")[2]):
        return ""
    return normalised(match[1])


def origin_of(content: bytes, *, subject: str) -> tuple[Origin | None, tuple[Distribution, ...], str]:
    """What `direct_url.json` says: where it comes from, digests of the archive; and what is wrong with it, or ""."""
    try:
        said = loads(content, subject=subject, max_depth=16)
    except Refused as refusal:
        return None, (), f"{refusal.reasons[0].code}: {refusal.reasons[0].message}"
    url = said.get("url") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(url, str):
        return None, (), "it has no `url`"
    place = shown(url)
    vcs, folder, archive = (said.get(key) for key in ("vcs_info", "dir_info", "archive_info"))
    if isinstance(vcs, dict):
        kind = "git" if vcs.get("vcs") == "git" else "url"
        revision = vcs.get("commit_id")
        return Origin(kind, place, revision if isinstance(revision, str) else ""), (), ""
    if isinstance(folder, dict):
        return Origin("editable" if folder.get("editable") is True else "directory", place), (), ""
    hashes = _hashes(archive)
    return Origin("url", place), (Distribution(place, hashes),) if hashes else (), ""


def _hashes(archive: JsonValue) -> tuple[Hash, ...]:
    if not isinstance(archive, dict):
        return ()
    said = archive.get("hashes")
    given: dict[str, JsonValue] = dict(said) if isinstance(said, dict) else {}
    old = archive.get("hash")
    if isinstance(old, str) and "=" in old:
        algorithm, _, digest = old.partition("=")
        given.setdefault(algorithm, digest)
    found = []
    for algorithm, value in sorted(given.items()):
        name, digits = _HASHED.get(algorithm, ("", 0))
        if isinstance(value, str) and re.fullmatch(rf"[0-9A-Fa-f]{{{digits}}}", value) and digits:
            found.append(Hash(name, value.lower()))
    return tuple(found)
