"""Packages of npm's locks: package-lock.json and npm-shrinkwrap.json, versions 1, 2 and 3.

* every folder of `packages`, or every row of `dependencies`, is a package under its own name, whatever alias it lies
  under; a lock that has both is read twice, since npm 6 reads the one and npm 7 the other
* what a link leads to is a folder of the project; the project itself is none of its packages
* a registry's tarball is from that registry; any other URL is a URL, a repository a repository
* what is bundled into another package's tarball is judged as what it says that it is

Source: https://docs.npmjs.com/cli/configuring-npm/package-lock-json; npm `@npmcli/arborist`, `lib/shrinkwrap.js`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote

from verifier.audit.sources.collected import Collected, Source
from verifier.audit.sources.merged import one_each
from verifier.audit.sources.table import Reading
from verifier.audit.sources.ways import Way, ways_to
from verifier.core.value import replace
from verifier.formats.audit.package import Package, Place, SourceKind
from verifier.formats.bom.component import Distribution
from verifier.formats.bom.purl import purl as written_purl
from verifier.sbom.catalog.languages.integrity import hashes_of
from verifier.sbom.locks.rows.document import json_of
from verifier.sbom.locks.rows.part import Part
from verifier.sbom.locks.rows.places import plain

_VERSIONS: Final = (1, 2, 3)
_MODULES: Final = "node_modules/"
_NAME: Final = re.compile(r"(?:@[A-Za-z0-9~][A-Za-z0-9._~-]*/)?[A-Za-z0-9._~!'()*-]{1,214}\Z")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]{0,255}\Z")
_ALIAS: Final = re.compile(r"npm:(?P<name>@?[^@]+)@(?P<version>.+)\Z")
_GIT: Final = re.compile(r"(?:git\+|git:|git@|github:|gitlab:|bitbucket:|gist:)|[\w.-]+/[\w.-]+(?:#|\Z)")
_ASKING: Final = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_GROUPS: Final = {"dev": "dev", "optional": "optional", "devOptional": "dev", "peer": "peer"}


class _From(NamedTuple):
    """Where a package comes from."""

    kind: SourceKind
    registry: str = ""
    location: str = ""
    local: bool = False


def read(reading: Reading) -> Collected:
    """The packages of the lock; `Refused` with `dependency.lock-invalid` or a `json.*` code where it is not one."""
    document, keys = json_of(reading.content, reading.path)
    top = Part(document, path=reading.path)
    version = document.get("lockfileVersion")
    if type(version) is not int or version not in _VERSIONS:
        seen = f"is {str(version)[:40]}; versions 1, 2 and 3 are read"
        raise top.refusal("lockfileVersion", seen, "Lock with npm 7 or later.")
    needed = "packages" if version > 1 else "dependencies"
    if needed not in document and (version > 1 or "packages" in document):
        raise top.refusal(needed, f"is missing, which a lock of version {version} has: it was cut short", "Lock anew.")
    lines = _Lines(keys)
    told = _Folders(top.table("packages"), lines).packages() if "packages" in document else ()
    there = {(each.namespace, each.name, each.version, each.source) for each in told}
    older = _rows(top.table("dependencies"), lines)
    rows = [each for each in older if (each.namespace, each.name, each.version, each.source) not in there]
    return Collected(
        packages=one_each([*told, *rows]),
        files=(reading.path,),
        sources=(Source("npm", reading.path),),
        edges=tuple(dict.fromkeys((way[-2], way[-1]) for each in told for way in each.paths)),
    )


class _Lines:
    """The line of each key that has an object, asked for in the order of the document."""

    def __init__(self, keys: list[tuple[str, int]]) -> None:
        self._lines: dict[str, list[int]] = {}
        for key, line in reversed(keys):
            self._lines.setdefault(key, []).append(line)

    def of(self, key: str) -> int:
        """The next line of a key; 0 where there is none."""
        left = self._lines.get(key)
        return left.pop() if left else 0


class _Folders:
    """`packages`: one row a folder, as npm 7 lays them out."""

    def __init__(self, table: Part, lines: _Lines) -> None:
        self._rows = {folder: table.inner(value, folder, lines.of(folder)) for folder, value in table.values.items()}

    def packages(self) -> list[Package]:
        """All of them, with the ways that they are reached by."""
        made = {folder: _of_folder(folder, part) for folder, part in self._rows.items() if self._is_own(folder, part)}
        purls = {folder: each.purl for folder, each in made.items()}
        edges: dict[str, list[str]] = {}
        for folder in made:
            edges.setdefault(purls[folder], []).extend(purls[each] for each in self._needed(folder) if each in purls)
        roots = [folder for folder in self._rows if _MODULES not in f"{folder}/"]
        direct = {purls[each] for root in roots for each in self._needed(root) if each in purls}
        ways = ways_to(direct, edges)
        return [_reached(each, direct, ways) for each in made.values()]

    def _is_own(self, folder: str, part: Part) -> bool:
        """Whether a row is a package: neither the project, nor a link to a folder that has a row."""
        return bool(folder) and not (part.flag("link") and part.text("resolved") in self._rows)

    def _needed(self, folder: str) -> Iterator[str]:
        """The folders in which Node finds what a package needs."""
        part = self._rows[folder]
        for key in _ASKING if _MODULES not in f"{folder}/" else _ASKING[:1] + _ASKING[2:]:
            for name in part.table(key).values:
                if (found := self._found(folder, name)) is not None:
                    yield found

    def _found(self, folder: str, name: str) -> str | None:
        while True:
            at = f"{folder}/{_MODULES}{name}" if folder else f"{_MODULES}{name}"
            if at in self._rows:
                part = self._rows[at]
                return part.text("resolved") if part.flag("link") and part.text("resolved") in self._rows else at
            if not folder:
                return None
            folder = folder.rpartition(f"/{_MODULES}"[:-1])[0] if f"/{_MODULES}" in folder else ""


def _reached(package: Package, direct: set[str], ways: Mapping[str, tuple[Way, ...]]) -> Package:
    if package.local:
        return package
    return replace(package, direct=package.purl in direct, paths=ways.get(package.purl, ()))


def _of_folder(folder: str, part: Part) -> Package:
    named = folder.rpartition(_MODULES)[2]
    inside = _MODULES in folder
    name = _name(part, part.text("name") or (named if inside else named.rpartition("/")[2]))
    version = part.text("version")
    resolved = part.text("resolved")
    if not inside or part.flag("link"):
        place = _From("path", location=resolved or folder, local=not (resolved or folder).startswith(("/", "..")))
    else:
        place = _from(name, version, resolved)
    return _package(part, name, version, place, resolved if inside else "")


def _rows(table: Part, lines: _Lines) -> Iterator[Package]:
    """`dependencies`: rows within rows, as npm 6 has them."""
    for named, value in table.values.items():
        part = table.inner(value, named, lines.of(named))
        name, version, resolved = named, part.text("version"), part.text("resolved")
        if alias := _ALIAS.match(version):
            name, version = alias["name"], alias["version"]
        _name(part, name)
        if _VERSION.match(version):
            place = _from(name, version, resolved)
        else:
            place, version = _from(name, "", version or resolved), ""
        yield _package(part, name, version, place, resolved)
        yield from _rows(part.table("dependencies"), lines)


def _name(part: Part, name: str) -> str:
    if not _NAME.match(name):
        raise part.refusal("name", f"is {name[:100]!r}, which is no package's name")
    return name


def _from(name: str, version: str, resolved: str) -> _From:
    """Where a package of this name and version comes from, by what its lock says was fetched."""
    if not resolved:
        return _From("index")
    if resolved.startswith("file:"):
        folder = resolved.removeprefix("file:")
        return _From("path", location=folder, local=not folder.startswith(("/", "..")) and not folder.endswith(".tgz"))
    if _GIT.match(resolved):
        url, _, commit = resolved.removeprefix("git+").partition("#")
        return _From("git", location=f"{plain(url)}@{commit}" if commit else plain(url))
    url = plain(resolved)
    index, found, file = unquote(url).partition(f"/{name}/-/")
    if found and file == f"{name.rpartition('/')[2]}-{version}.tgz":
        return _From("index", registry=index)
    return _From("url", location=url)


def _package(part: Part, name: str, version: str, place: _From, resolved: str) -> Package:
    if version and not _VERSION.match(version):
        raise part.refusal("version", f"is {version[:100]!r}, which is no version")
    namespace, _, last = name.rpartition("/")
    integrity = hashes_of(part.text("integrity"))
    url = plain(resolved) if "://" in resolved else ""
    return Package(
        ecosystem="npm",
        name=last,
        namespace=namespace,
        version=version or None,
        purl=written_purl("npm", last, version or None, namespace=namespace) or f"pkg:npm/{name}",
        source=place.kind,
        index=place.registry,
        location=place.location,
        local=place.local,
        places=(Place(part.path, part.line),),
        groups=tuple(sorted({group for key, group in _GROUPS.items() if part.flag(key)})),
        distributions=(Distribution(url, integrity),) if integrity or url else (),
    )
