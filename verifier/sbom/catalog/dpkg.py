"""The Debian packages of an image: dpkg's database, and the records that distroless images have in its place.

* what dpkg says is there is listed, in whatever state; what is half installed is a warning too
* `status` and the files of `status.d` are listed each for itself: none says of another's package that it is gone
* a database that was removed, while the lists of its packages are still there, is `Refused`: it is no empty one
* a package without its list of files, a list without its package, and files of a package that is said not to be there
  are warnings: somebody edited either

Source: https://manpages.debian.org/bookworm/dpkg/dpkg.1; formats/sbom.md sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from verifier.core.outcome import Reason
from verifier.evidence.contents import FileFact
from verifier.formats.bom.component import Component, License
from verifier.sbom.catalog.purls import purl, ref_of
from verifier.sbom.catalog.reader import Found, Owned, Scene, Wanted
from verifier.sbom.databases.copyright import stated
from verifier.sbom.databases.dpkg_files import MAX_LIST, FileLists, Lists, Spare, read_diversions
from verifier.sbom.databases.dpkg_status import DpkgPackage, present, read_status
from verifier.sbom.databases.licenses import licenses_of
from verifier.sbom.databases.needs import Needs
from verifier.sbom.databases.opening import content_of, located, plain, several, unreadable

MIB: Final = 1024 * 1024
STATUS: Final = "var/lib/dpkg/status"
_SINGLE, _LISTS, _DIGESTS = "var/lib/dpkg/status.d/*", "var/lib/dpkg/info/*.list", "var/lib/dpkg/info/*.md5sums"
_UPDATES, _DIVERSIONS = "var/lib/dpkg/updates/*", "var/lib/dpkg/diversions"
_CONFIGURATIONS: Final = ("etc/dpkg/dpkg.cfg", "etc/dpkg/dpkg.cfg.d/*")
DATABASES: Final = (STATUS, _SINGLE)
MAX_STATUS, MAX_SINGLE, MAX_COPYRIGHT = 64 * MIB, 4 * MIB, 2 * MIB
WANTED: Final = (
    Wanted(STATUS, MAX_STATUS),
    Wanted(_SINGLE, MAX_SINGLE),
    Wanted(_UPDATES, MAX_SINGLE),
    Wanted(_LISTS, MAX_LIST),
    Wanted(_DIGESTS, MAX_LIST),
    Wanted(_DIVERSIONS, MAX_SINGLE),
    *(Wanted(pattern, MIB) for pattern in _CONFIGURATIONS),
    Wanted("usr/share/doc/*/copyright", MAX_COPYRIGHT),
)


def find(scene: Scene) -> Found:
    """The packages of dpkg's database, and of `status.d`; nothing where neither is there."""
    database, singles = _of_database(scene), list(_of_singles(scene))
    packages = present(database)
    # Neither hides what the other has: dpkg knows nothing of `status.d`, nor do its files of each other.
    for _, records in groupby(singles, key=lambda each: each.record):
        packages += present(records)
    return _Listing(scene, _each_once(packages), [*database, *singles]).found()


def _each_once(packages: list[DpkgPackage]) -> list[DpkgPackage]:
    """Without what stands in `status.d` too, in the same version."""
    return list({(each.name, each.architecture, each.version): each for each in reversed(packages)}.values())


def _of_database(scene: Scene) -> list[DpkgPackage]:
    """What stands in `status`, and in the updates that dpkg has not merged into it."""
    fact = located(scene.contents, STATUS)
    if fact is None:
        left = scene.there.get(_LISTS, ()) or scene.there.get(_UPDATES, ())
        if left and not scene.there.get(_SINGLE):
            raise unreadable(STATUS, f"is not there, and {len(left)} files of its packages are, as {left[0].path}")
        return []
    records = read_status(content_of(scene.contents, fact, max_bytes=MAX_STATUS), path=fact.path)
    if not records and (lists := scene.there.get(_LISTS, ())):
        raise unreadable(fact.path, f"has no record, and {len(lists)} lists of files of packages are there")
    for update in scene.there.get(_UPDATES, ()):
        if update.path.rpartition("/")[2].isdigit():
            records += read_status(content_of(scene.contents, update, max_bytes=MAX_SINGLE), path=update.path)
    return records


def _of_singles(scene: Scene) -> Iterator[DpkgPackage]:
    for fact in scene.there.get(_SINGLE, ()):
        if fact.type == "directory" or fact.path.endswith((".md5sums", ".list")):
            continue
        there = located(scene.contents, fact.path)
        if there is not None:
            yield from read_status(content_of(scene.contents, there, max_bytes=MAX_SINGLE), path=fact.path, single=True)


class _Listing:
    """Makes components of dpkg's records."""

    def __init__(self, scene: Scene, packages: list[DpkgPackage], records: list[DpkgPackage]) -> None:
        self._scene, self._records = scene, records
        self._packages = sorted(packages, key=lambda each: (each.name, each.architecture, each.version, each.record))
        self._files = {
            fact.path: fact for pattern in (_LISTS, _DIGESTS, _SINGLE) for fact in scene.there.get(pattern, ())
        }
        self._unlisted: list[str] = []
        self._seen: set[str] = set()

    def found(self) -> Found:
        """All of it."""
        taken: set[str] = set()
        files = FileLists(self._scene.contents, self._diversions(), Spare(self._configurations()))
        needs, components, owned = Needs(STATUS), [], list[Owned]()
        for package in self._packages:
            written = self._purl(package)
            ref, lists = ref_of(written, package.record, taken), self._lists(package)
            owned += files.owned(package.name, ref, lists, package.conffiles)
            components.append(self._component(package, written, ref, lists))
            needs.add(
                ref,
                package.name,
                architecture=package.architecture,
                provides=[name for choices in _relations(package.provides) for name in choices],
                needs=_relations(package.depends),
            )
        return Found(
            components=tuple(components),
            owned=tuple(owned),
            dependencies=needs.edges(),
            findings=(*self._findings(), *self._left(files, {each.path for each in owned})),
            ecosystems=frozenset({"deb"}),
        )

    def _purl(self, package: DpkgPackage) -> str:
        return purl("deb", package.name, package.version, namespace=self._namespace, qualifiers=self._said(package))

    @property
    def _namespace(self) -> str:
        return self._scene.system.id if self._scene.system else ""

    def _said(self, package: DpkgPackage) -> tuple[tuple[str, str], ...]:
        upstream = package.source or (package.name if package.source_version else "")
        if upstream and package.source_version:
            upstream = f"{upstream}@{package.source_version}"
        said = (
            ("arch", package.architecture),
            ("distro", self._scene.system.distro if self._scene.system else ""),
            ("upstream", upstream),
        )
        return tuple(each for each in said if each[1])

    def _component(self, package: DpkgPackage, written: str, ref: str, lists: Lists) -> Component:
        state = () if package.state == "installed" else (("verifier:package-state", package.state),)
        return Component(
            "library",
            "deb",
            package.name,
            package.version,
            namespace=self._namespace,
            qualifiers=self._said(package),
            path=package.record,
            licenses=self._licenses(package.name),
            supplier=plain(package.maintainer),
            description=plain(package.description),
            layer=self._scene.layer_of(lists.listing),
            ref=ref,
            purl=written,
            properties=state,
        )

    def _lists(self, package: DpkgPackage) -> Lists:
        """Its files in `info/`, by its name or its name and architecture; beside its record in `status.d`."""
        if package.record.startswith(_SINGLE[:-1]):
            return Lists(None, self._take(f"{package.record}.md5sums"))
        for stem in (f"{package.name}:{package.architecture}", package.name):
            listing = self._take(f"var/lib/dpkg/info/{stem}.list")
            if listing is not None:
                return Lists(listing, self._take(f"var/lib/dpkg/info/{stem}.md5sums"))
        self._unlisted.append(package.name)
        return Lists(None, self._take(f"var/lib/dpkg/info/{package.name}.md5sums"))

    def _take(self, path: str) -> FileFact | None:
        self._seen.add(path)
        fact = self._files.get(path)
        return None if fact is None else located(self._scene.contents, path)

    def _diversions(self) -> dict[str, tuple[str, str]]:
        fact = located(self._scene.contents, _DIVERSIONS)
        if fact is None:
            return {}
        return read_diversions(content_of(self._scene.contents, fact, max_bytes=MAX_SINGLE), path=fact.path)

    def _configurations(self) -> Iterator[str]:
        for fact in (fact for pattern in _CONFIGURATIONS for fact in self._scene.there.get(pattern, ())):
            if fact.type == "file":
                yield content_of(self._scene.contents, fact, max_bytes=MIB).decode("utf-8", "replace")

    def _licenses(self, name: str) -> tuple[License, ...]:
        fact = self._scene.contents.files.resolve(f"usr/share/doc/{name}/copyright")
        if (
            fact is None
            or fact.type != "file"
            or fact.size > MAX_COPYRIGHT
            or not fact.path.startswith("usr/share/doc/")
        ):
            return ()
        return licenses_of(stated(content_of(self._scene.contents, fact, max_bytes=MAX_COPYRIGHT)))

    def _findings(self) -> Iterator[Reason]:
        for package in self._packages:
            if package.state == "half-installed":
                message = "dpkg began to install or remove it and did not end: its files may be there or not"
                yield Reason(code="package.half-installed", subject=self._purl(package), message=message)
        if self._unlisted:
            message = f"has no list of files for {several(self._unlisted)}: which files are theirs is not known"
            yield Reason(code="package.contradictory", subject="var/lib/dpkg/info", message=message)
        if orphans := self._orphans():
            message = f"has lists of files of {several(orphans)}, and {STATUS} has no such package"
            yield Reason(code="package.contradictory", subject="var/lib/dpkg/info", message=message)

    def _left(self, files: FileLists, owned: set[str]) -> Iterator[Reason]:
        """Packages that dpkg says are gone, and whose files are there, which no other package has."""
        there = {(each.name, each.architecture) for each in self._packages}
        gone = {each for each in self._records if (each.name, each.architecture) not in there}
        for record in sorted(gone, key=lambda each: each[:4]):
            left = [path for path in files.left(self._lists(record), record.conffiles) if path not in owned]
            if left:
                message = (
                    f"is {record.state} as its record says, and {len(left)} of its files are there: {several(left)}"
                )
                yield Reason(
                    code="package.contradictory", subject=f"{record.name} {record.version}".strip(), message=message
                )

    def _orphans(self) -> list[str]:
        """Packages that dpkg keeps a list of files of, and has no record of: not even that they were removed."""
        known = {each.name for each in self._records}
        stems = (fact.path.rpartition("/")[2].removesuffix(".list") for fact in self._scene.there.get(_LISTS, ()))
        return sorted({name for stem in stems if (name := stem.partition(":")[0]) not in known})


def _relations(said: str) -> list[tuple[str, ...]]:
    """The names in `Depends:`: choices, one of which is enough each, without versions and architectures."""
    clauses = []
    for clause in said.split(","):
        names = (choice.partition("(")[0].partition("[")[0].strip().partition(":")[0] for choice in clause.split("|"))
        if choices := tuple(name for name in names if name):
            clauses.append(choices)
    return clauses
