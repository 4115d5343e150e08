"""The rpm packages of an image: rpm's database, in all places where distributions keep it.

* SQLite is read; BerkeleyDB (`Packages`) and ndb (`Packages.db`) are `Refused`: they hold packages that are not listed
* two versions of one package are two packages, as rpm has it
* a database that was removed, while what belongs to it is still there, is `Refused`: it is no empty one

Source: rpm 4.18, lib/backend; formats/sbom.md sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.evidence.contents import FileFact
from verifier.formats.bom.component import Component
from verifier.sbom.catalog.purls import purl, ref_of
from verifier.sbom.catalog.reader import MAX_OWNED, Found, Owned, Scene, Wanted
from verifier.sbom.databases.licenses import licenses_of
from verifier.sbom.databases.needs import Needs
from verifier.sbom.databases.opening import content_of, located, unreadable
from verifier.sbom.databases.rpm_header import Header
from verifier.sbom.databases.rpm_package import RpmPackage, owned_by, package_of
from verifier.sbom.databases.rpm_sqlite import headers

PLACES: Final = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
MAX_BYTES: Final = 256 * 1024 * 1024
_SQLITE: Final = "rpmdb.sqlite"
_OTHERS: Final = {"Packages": "BerkeleyDB", "Packages.db": "ndb"}
_NOT_READ: Final = tuple((name, 0) for name in _OTHERS)
_TRACES: Final = ("Index.db", "Name", "Basenames", ".rpm.lock", "rpmdb.sqlite-wal", "rpmdb.sqlite-shm", "__db.001")
"""What lies beside a database of rpm, and is of no use without it."""
_NAMESPACES: Final = {"rhel": "redhat", "opensuse-leap": "opensuse", "opensuse-tumbleweed": "opensuse"}
"""Systems that purls of rpm call otherwise, as other tools write them."""
WANTED: Final = tuple(
    Wanted(f"{folder}/{name}", most) for folder in PLACES for name, most in ((_SQLITE, MAX_BYTES), *_NOT_READ)
)
DATABASES: Final = tuple(row.pattern for row in WANTED)


def find(scene: Scene) -> Found:
    """The packages of rpm's databases; nothing where there is none."""
    listing = _Listing(scene)
    for fact in _databases(scene):
        listing.read(fact)
    return listing.found()


def _databases(scene: Scene) -> Iterator[FileFact]:
    """Each database that is there, once, however many ways lead to it."""
    seen = set[str]()
    for folder in PLACES:
        for name, kind in _OTHERS.items():
            other = scene.contents.files.resolve(f"{folder}/{name}")
            if other is not None and other.type != "directory":
                message = f"is a database of rpm in {kind}, which is not read here: its packages would be missing"
                hint = "Convert it in the image: `rpmdb --rebuilddb --define '_db_backend sqlite'`."
                raise unreadable(f"{folder}/{name}", message, hint)
        fact = located(scene.contents, f"{folder}/{_SQLITE}")
        if fact is None:
            _hold_nothing_left(scene, folder)
        elif fact.path not in seen:
            seen.add(fact.path)
            _hold_merged(scene, fact)
            yield fact


def _hold_merged(scene: Scene, fact: FileFact) -> None:
    for ending, what in (("-wal", "write-ahead log"), ("-journal", "journal")):
        beside = scene.contents.files.resolve(f"{fact.path}{ending}")
        if beside is not None and beside.size:
            message = f"holds {beside.size} bytes of a {what} that are not merged into the database beside it"
            raise unreadable(beside.path, message, "Run `rpmdb --rebuilddb` in the image, which merges it.")


def _hold_nothing_left(scene: Scene, folder: str) -> None:
    for name in _TRACES:
        if scene.contents.files.resolve(f"{folder}/{name}") is not None:
            raise unreadable(
                f"{folder}/{_SQLITE}", f"is not there, and {folder}/{name} is: the packages were there once"
            )


class _Listing:
    """Makes components of rpm's headers."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._components: list[Component] = []
        self._owned: list[Owned] = []
        self._taken: set[str] = set()
        self._needs = Needs(WANTED[0].pattern)

    def found(self) -> Found:
        """All that was read."""
        return Found(
            components=tuple(self._components),
            owned=tuple(self._owned),
            dependencies=self._needs.edges(),
            ecosystems=frozenset({"rpm"}),
        )

    def read(self, fact: FileFact) -> None:
        """All packages of one database."""
        content = content_of(self._scene.contents, fact, max_bytes=MAX_BYTES)
        read = []
        for number, blob in headers(content, path=fact.path):
            where = f"number {number}"
            header = Header(blob, path=fact.path, where=where)
            read.append((package_of(header, path=fact.path, where=where), header, where))
        read.sort(key=lambda each: (each[0][:4], each[2]))
        files = {each for package, _, _ in read for each in package.requires if each.startswith("/")}
        for package, header, where in read:
            component = self._component(package, fact.path)
            self._components.append(component)
            owned = list(owned_by(header, component.ref, path=fact.path, where=where))
            self._owned += owned
            if len(self._owned) > MAX_OWNED:
                raise unreadable(fact.path, f"lists more than {MAX_OWNED} files")
            self._needs.add(
                component.ref,
                package.name,
                architecture=package.architecture,
                provides=[*package.provides, *(path for each in owned if (path := f"/{each.path}") in files)],
                needs=[(each,) for each in package.requires if not each.startswith("rpmlib(")],
            )

    def _component(self, package: RpmPackage, path: str) -> Component:
        system = self._scene.system
        namespace = _NAMESPACES.get(system.id, system.id) if system else ""
        said = (
            ("arch", package.architecture),
            ("distro", system.distro if system else ""),
            ("epoch", package.epoch),
            ("upstream", package.source),
        )
        qualifiers = tuple(each for each in said if each[1])
        written = purl("rpm", package.name, package.version, namespace=namespace, qualifiers=qualifiers)
        return Component(
            "library",
            "rpm",
            package.name,
            package.version,
            namespace=namespace,
            qualifiers=qualifiers,
            path=path,
            licenses=licenses_of((package.license,)),
            supplier=package.vendor,
            description=package.summary,
            ref=ref_of(written, path, self._taken),
            purl=written,
            properties=(("verifier:rpm:modularity", package.modularity),) if package.modularity else (),
        )
