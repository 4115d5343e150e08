"""The Alpine packages of an image: apk's database of what is installed.

* both places where apk keeps it are read, `lib/apk/db` and, from apk 3 on, `usr/lib/apk/db`
* a database that was removed, while apk's folder for it, or the list of what was asked for, is still there, is
  `Refused`: it is no empty one
* what was asked for by name (`etc/apk/world`) and is not recorded is a warning: somebody edited either

Source: apk-tools 2.14, src/database.c; formats/sbom.md sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.bom.component import Component
from verifier.sbom.catalog.purls import purl, ref_of
from verifier.sbom.catalog.reader import Found, Owned, Scene, Wanted
from verifier.sbom.databases.apk_installed import ApkPackage, read_installed
from verifier.sbom.databases.licenses import licenses_of
from verifier.sbom.databases.needs import Needs
from verifier.sbom.databases.opening import content_of, located, plain, several, unreadable

PLACES: Final = ("lib/apk/db", "usr/lib/apk/db")
MAX_BYTES: Final = 128 * 1024 * 1024
_WORLD: Final = "etc/apk/world"
MAX_WORLD: Final = 1024 * 1024
WANTED: Final = (*(Wanted(f"{folder}/installed", MAX_BYTES) for folder in PLACES), Wanted(_WORLD, MAX_WORLD))


DATABASES: Final = tuple(f"{folder}/installed" for folder in PLACES)


def find(scene: Scene) -> Found:
    """The packages of apk's database; nothing where there is none."""
    taken: set[str] = set()
    components: list[Component] = []
    owned: list[Owned] = []
    known: set[str] = set()
    needs = Needs(WANTED[0].pattern)
    for path, packages in _databases(scene):
        for package in sorted(packages, key=lambda each: (each.name, each.version, each.architecture)):
            component = _component(scene, package, path, taken)
            components.append(component)
            owned += _owned(package, component.ref)
            provides = [_without_version(each) for each in package.fields.get("p", "").split()]
            known.update((package.name, *provides))
            needs.add(
                component.ref,
                package.name,
                architecture=package.architecture,
                provides=provides,
                needs=[(_without_version(each),) for each in package.fields.get("D", "").split() if each[0] != "!"],
            )
    return Found(
        components=tuple(components),
        owned=tuple(owned),
        dependencies=needs.edges(),
        findings=_unrecorded(scene, known),
        ecosystems=frozenset({"apk"}),
    )


def _databases(scene: Scene) -> Iterator[tuple[str, list[ApkPackage]]]:
    """Each database that is there, once, however many ways lead to it."""
    files, seen = scene.contents.files, set[str]()
    for folder in PLACES:
        fact = located(scene.contents, f"{folder}/installed")
        if fact is not None and fact.path not in seen:
            seen.add(fact.path)
            yield fact.path, read_installed(content_of(scene.contents, fact, max_bytes=MAX_BYTES), path=fact.path)
    if seen:
        return
    left = next((path for path in (*PLACES, _WORLD) if files.resolve(path) is not None), None)
    if left is not None:
        raise unreadable(WANTED[0].pattern, f"is not there, and {left} is: the packages were there once")


def _unrecorded(scene: Scene, known: set[str]) -> tuple[Reason, ...]:
    """What was asked for and is not there: apk itself never leaves the two so."""
    fact = located(scene.contents, _WORLD)
    if fact is None:
        return ()
    asked = content_of(scene.contents, fact, max_bytes=MAX_WORLD).decode("utf-8", "replace").split()
    absent = sorted({name for each in asked if each[0] != "!" and (name := _without_version(each)) not in known})
    if not absent:
        return ()
    if not known:
        raise unreadable(WANTED[0].pattern, f"records no package, and {_WORLD} asks for {plain(absent[0])}")
    message = f"asks for {several(absent)}, and no such package is recorded"
    return (Reason(code="package.contradictory", subject=_WORLD, message=message),)


def _component(scene: Scene, package: ApkPackage, path: str, taken: set[str]) -> Component:
    system, said = scene.system, package.fields
    namespace = system.id if system else ""
    qualifiers = tuple(
        each
        for each in (
            ("arch", package.architecture),
            ("distro", system.distro if system else ""),
            ("upstream", package.origin if package.origin != package.name else ""),
        )
        if each[1]
    )
    written = purl("apk", package.name.lower(), package.version, namespace=namespace.lower(), qualifiers=qualifiers)
    return Component(
        "library",
        "apk",
        package.name,
        package.version,
        namespace=namespace,
        qualifiers=qualifiers,
        path=path,
        licenses=licenses_of((said.get("L", ""),)),
        supplier=plain(said.get("m", "")),
        description=plain(said.get("T", "")),
        ref=ref_of(written, path, taken),
        purl=written,
    )


def _owned(package: ApkPackage, ref: str) -> Iterator[Owned]:
    """apk keeps what lies in `etc/` as who runs the system changes it (its `protected_paths`)."""
    for file in package.files:
        configured = file.path.startswith("etc/")
        yield Owned(file.path, ref, file.algorithm, file.digest, role="config" if configured else "content")


def _without_version(said: str) -> str:
    for at, character in enumerate(said):
        if character in "<>=~@":
            return said[:at]
    return said
