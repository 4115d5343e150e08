"""Python distributions that are installed: `*.dist-info`, `*.egg-info` folders and files, eggs, and what they carry.

* METADATA decides what a distribution is called, never the name of its folder; where they differ, that is said
* a distribution without METADATA, or with one that names nothing, is listed by its folder and said; none is left out
* what RECORD lists is handed on with its digests, to be held against the bytes; rows of files outside are no files
* what another distribution has installed with it, or carries along by a list, is nested in it
* programs and launchers in a distribution are files, no packages
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Final, NamedTuple

from verifier.core.errors import refuse
from verifier.core.limits import MAX_IMAGE_ENTRIES
from verifier.core.outcome import Reason
from verifier.evidence.contents import FileFact
from verifier.formats.bom.component import Component, Distribution, Origin
from verifier.formats.pypi.names import is_name, normalised
from verifier.sbom.catalog.languages import metadata, record, vendored
from verifier.sbom.catalog.languages.elsewhere import WANTED as ELSEWHERE
from verifier.sbom.catalog.languages.elsewhere import elsewhere
from verifier.sbom.catalog.languages.reading import read_at, require_nameable
from verifier.sbom.catalog.languages.relations import Package, by_folder, edges, folded, merged, nested
from verifier.sbom.catalog.purls import purl, ref_of
from verifier.sbom.catalog.reader import Found, Owned, Scene, Wanted
from verifier.sbom.databases.opening import plain

_ZIPPED: Final = "**/*.egg"
"""Eggs that are archives: Python imports from them, and nothing here looks into them."""
_LISTS: Final = tuple(f"**/{folder}/{name}" for folder in sorted(vendored.FOLDERS) for name in vendored.LISTS)
WANTED: Final = (
    tuple(
        Wanted(pattern, most << 20)
        for pattern, most in (
            ("**/*.dist-info/METADATA", 8),
            ("**/*.dist-info/PKG-INFO", 8),
            ("**/*.dist-info/RECORD", 64),
            ("**/*.dist-info/WHEEL", 1),
            ("**/*.dist-info/INSTALLER", 1),
            ("**/*.dist-info/REQUESTED", 1),
            ("**/*.dist-info/direct_url.json", 1),
            ("**/*.egg-info/PKG-INFO", 8),
            ("**/*.egg-info/METADATA", 8),
            ("**/*.egg-info/installed-files.txt", 64),
            ("**/*.egg-info/requires.txt", 4),
            ("**/EGG-INFO/PKG-INFO", 8),
            ("**/*.egg-info", 8),
            (_ZIPPED, 0),
            *((pattern, 1) for pattern in _LISTS),
        )
    )
    + ELSEWHERE
)
_MOST: Final = {row.pattern: row.max_bytes for row in WANTED}
_RECORDS: Final = (
    "**/*.egg-info/PKG-INFO",
    "**/*.egg-info/METADATA",
    "**/EGG-INFO/PKG-INFO",
    "**/*.egg-info",
)
_OF_DEBIAN: Final = "/lib/python3/dist-packages/"
_SIGNS: Final = tuple(f"**/*.dist-info/{name}" for name in ("METADATA", "PKG-INFO", "RECORD", "WHEEL", "INSTALLER"))
"""Any of them says that there is a distribution, METADATA what it is, or PKG-INFO where there is none."""


class _Said(NamedTuple):
    """What the files beside METADATA say."""

    origin: Origin | None = None
    distributions: tuple[Distribution, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


def find(scene: Scene) -> Found:
    """Every Python distribution of the scene, with what it owns, needs and carries along."""
    reading = _Reading(scene)
    packages, reading.owned = merged([*reading.dist_infos(), *reading.egg_infos()], reading.owned)
    packages = nested(packages, reading.owned)
    reading.note_doubles(packages)
    carried = reading.carried(packages)
    components = (*(each.component for each in packages), *carried)
    outside = (*elsewhere(scene), *reading.zipped())
    return Found(
        components=tuple(sorted(components, key=lambda each: each.ref)),
        owned=tuple(reading.owned),
        dependencies=edges(packages),
        findings=(*reading.findings, *outside),
        ecosystems=frozenset() if outside else frozenset({"pypi"}),
    )


class _Reading:
    """One pass over a scene, and what came of it so far."""

    def __init__(self, scene: Scene) -> None:
        self.owned: list[Owned] = []
        self.findings: list[Reason] = []
        self._scene, self._files = scene, scene.contents.files
        self._taken: set[str] = set()
        self._environments = {posixpath.dirname(fact.path) for fact in scene.there.get("**/pyvenv.cfg", ())}
        said = scene.contents.properties
        self._is_root = scene.contents.kind == "image" or ("verifier:environment", "root") in said
        self._there = {fact.path for row in WANTED for fact in scene.there.get(row.pattern, ())}

    def dist_infos(self) -> Iterable[Package]:
        """The distributions that installers of today leave."""
        signs = (fact.path for pattern in _SIGNS for fact in self._scene.there.get(pattern, ()))
        for folder in sorted({posixpath.dirname(path) for path in signs}):
            path = f"{folder}/METADATA"
            if path not in self._there and f"{folder}/PKG-INFO" in self._there:
                path = f"{folder}/PKG-INFO"
            headers = self._headers(path, "**/*.dist-info/METADATA") if path in self._there else metadata.Headers(b"")
            site = posixpath.dirname(folder)
            said = self._beside(folder)
            component = self._component(path, folder, headers, said)
            yield Package(component, site, tuple(metadata.required_by(headers)), self._environment(site))
            self._own_record(folder, site, component.ref)

    def egg_infos(self) -> Iterable[Package]:
        """What older installers leave: a folder, a file, or a folder inside an egg."""
        for pattern in _RECORDS:
            for fact in self._scene.there.get(pattern, ()):
                folder = fact.path if pattern == "**/*.egg-info" else posixpath.dirname(fact.path)
                if pattern == "**/*.egg-info" and self._is_folder(fact):
                    continue  # a link to one, which is found where it lies
                if pattern == "**/*.egg-info/METADATA" and f"{folder}/PKG-INFO" in self._there:
                    continue  # one distribution, listed already
                in_egg = pattern == "**/EGG-INFO/PKG-INFO"
                site = posixpath.dirname(posixpath.dirname(folder)) if in_egg else posixpath.dirname(folder)
                headers = self._headers(fact.path, pattern)
                named = posixpath.dirname(folder) if in_egg else folder
                component = self._component(fact.path, named, headers, _Said())
                needs = metadata.required_by(headers)
                if (path := f"{folder}/requires.txt") in self._there:
                    needs += metadata.required_by_egg(self._read(path, "**/*.egg-info/requires.txt"))
                yield Package(component, site, tuple(needs), self._environment(site))
                self._own_files(folder, component.ref)

    def carried(self, packages: list[Package]) -> list[Component]:
        """What lists inside packages name, nested in the package that carries it."""
        owners = {row.path: row.owner for row in self.owned if row.path.endswith(vendored.LISTS)}
        by_ref = {each.component.ref: each for each in packages}
        folders = by_folder(packages)
        found: list[Component] = []
        for pattern in _LISTS:
            for fact in self._scene.there.get(pattern, ()):
                carrier = vendored.carrier_of(fact.path) or ""
                parent = by_ref.get(owners.get(fact.path, "")) or folders.get(folded(carrier))
                found += self._listed(fact.path, carrier, parent.component if parent else None)
        return found

    def zipped(self) -> Iterable[Reason]:
        """Say which eggs are archives: what is in them is not listed."""
        for fact in self._scene.there.get(_ZIPPED, ()):
            if fact.type == "file":
                message = "it is an egg in an archive, and what is in it is not listed; unpack it (`pip install` does)"
                yield Reason(code="package.unlisted", subject=fact.path, message=message)

    def note_doubles(self, packages: list[Package]) -> None:
        """Say where two distributions of one name lie in one folder: one of them is left over, or hidden."""
        first: dict[tuple[str, str], Component] = {}
        for each in packages:
            key = (each.site, normalised(each.component.name))
            other = first.setdefault(key, each.component)
            if other is not each.component:
                message = f"{_shown(each.component)} and {_shown(other)} are both installed here ({other.path})"
                self._note(each.component.path, message)

    def _listed(self, path: str, carrier: str, parent: Component | None) -> Iterable[Component]:
        files = self._files
        listed = vendored.read_list(
            self._read_any(path),
            folder=posixpath.dirname(path),
            has=lambda at: files.find(at) is not None,
        )
        if not listed.there and not listed.lost:  # something else that is called so
            return
        for lost in listed.lost:
            self._note(path, f"it lists {lost.name} {lost.version}, and no such code lies beside it")
        for line in listed.unread:
            self._note(path, f"a line that names no version of anything: {line!r}")
        where = parent.purl if parent is not None else carrier
        for each in listed.there:
            written = purl("pypi", metadata.purl_name(each.name), each.version)
            yield Component(
                type="library",
                ecosystem="pypi",
                name=each.name,
                version=each.version,
                path=path,
                ref=ref_of(written, path, self._taken),
                parent=parent.ref if parent is not None else "",
                purl=written,
                properties=(("verifier:vendored-in", where),),
            )

    def _component(self, path: str, folder: str, headers: metadata.Headers, said: _Said) -> Component:
        name, version = self._named(path, folder, headers)
        written = purl("pypi", metadata.purl_name(name), version)
        return Component(
            type="library",
            ecosystem="pypi",
            name=name,
            version=version,
            path=path if path in self._there else folder,
            distributions=said.distributions,
            origin=said.origin,
            licenses=metadata.stated_licenses(headers),
            supplier=metadata.supplier_of(headers),
            description=plain(headers.first("summary")),
            ref=ref_of(written, path, self._taken),
            purl=written,
            properties=said.properties,
        )

    def _named(self, path: str, folder: str, headers: metadata.Headers) -> tuple[str, str | None]:
        """Name and version as the headers have them; those of the folder where they have none."""
        by_name = metadata.named_by(posixpath.basename(folder))
        name, version = headers.first("name"), headers.first("version")
        require_nameable(name or by_name.name, version or by_name.version, path)
        if not name:
            self._note(path, f"nothing in it says a name; its folder says {posixpath.basename(folder)!r}")
            if not by_name.name:
                raise refuse("input.unreadable", path, "neither it nor its folder says a name")
            return by_name.name, version or by_name.version
        seen = f"{name} {version}".strip()
        if not is_name(name):
            self._note(path, f"it says that it is {name!r}, which is no name of a distribution")
        if not _agree(name, version, by_name):
            self._note(path, f"it says that it is {seen!r}, and its folder {posixpath.basename(folder)!r}")
        for header, first in (("name", name), ("version", version)):
            if any(other != first for other in headers.each(header)):
                self._note(path, f"it has several headers {header!r}: {', '.join(headers.each(header))[:200]!r}")
        return name, None if version in {"", "UNKNOWN"} else version

    def _beside(self, folder: str) -> _Said:
        origin: Origin | None = None
        distributions: tuple[Distribution, ...] = ()
        properties: list[tuple[str, str]] = []
        if (path := f"{folder}/INSTALLER") in self._there:
            installer = self._read(path, "**/*.dist-info/INSTALLER")
            properties.append(("verifier:python:installer", plain(str(installer, "utf-8", "replace"))))
        if f"{folder}/REQUESTED" in self._there:
            properties.append(("verifier:python:requested", "true"))
        if (path := f"{folder}/direct_url.json") in self._there:
            content = self._read(path, "**/*.dist-info/direct_url.json")
            origin, distributions, fault = metadata.origin_of(content, subject=path)
            if fault:
                self._note(path, f"where it comes from cannot be read: {fault}")
        return _Said(origin, distributions, tuple(properties))

    def _own_record(self, folder: str, site: str, ref: str) -> None:
        path = f"{folder}/RECORD"
        if path not in self._there:
            return
        content = self._read(path, "**/*.dist-info/RECORD")
        self._own(path, ref, record.read_record(content, site=site, is_root=self._is_root, subject=path))

    def _own_files(self, folder: str, ref: str) -> None:
        path = f"{folder}/installed-files.txt"
        if path in self._there:
            content = self._read(path, "**/*.egg-info/installed-files.txt")
            self._own(path, ref, record.read_installed_files(content, folder=folder))

    def _own(self, path: str, ref: str, listed: record.Record) -> None:
        for fault in listed.faults:
            self._note(path, fault)
        if len(self.owned) + len(listed.rows) > MAX_IMAGE_ENTRIES:
            message = f"with it more than {MAX_IMAGE_ENTRIES} files are listed as installed"
            raise refuse("input.too-large", path, message)
        # Debian moves and drops files after RECORD was written: which are there, dpkg's lists say.
        of_debian = _OF_DEBIAN in f"/{path}"
        self.owned += [
            Owned(row.path, ref, row.algorithm, row.digest, role="spare" if of_debian else record.role_of(row.path))
            for row in listed.rows
        ]

    def _environment(self, site: str) -> str:
        """The virtual environment that a folder is in."""
        while self._environments and site:
            if site in self._environments:
                return site
            site = posixpath.dirname(site)
        return ""

    def _is_folder(self, fact: FileFact) -> bool:
        led = self._files.resolve(fact.path) if fact.type == "symlink" else None
        return led is not None and led.type == "directory"

    def _headers(self, path: str, pattern: str) -> metadata.Headers:
        return metadata.Headers(self._read(path, pattern))

    def _read(self, path: str, pattern: str) -> bytes:
        return read_at(self._files, path, max_bytes=_MOST[pattern])

    def _read_any(self, path: str) -> bytes:
        return read_at(self._files, path, max_bytes=1 << 20)

    def _note(self, subject: str, message: str) -> None:
        self.findings.append(Reason(code="package.contradictory", subject=subject, message=message))


def _agree(name: str, version: str, folder: metadata.Named) -> bool:
    """Whether a folder is called as its METADATA says."""
    if normalised(name) != normalised(folder.name):
        return False
    return folder.version is None or metadata.same_version(version, folder.version)


def _shown(component: Component) -> str:
    return f"{component.name} {component.version or ''}".strip()
