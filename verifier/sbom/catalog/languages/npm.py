"""Packages of Node.js that are installed: what lies directly below a `node_modules`, or where Debian keeps them.

* a package is `node_modules/[@scope/]name` with a `package.json`; one deeper inside is a part of it, and what lies in
  folders of tests and examples is no package
* Debian's modules lie in `usr/share/nodejs` and `usr/lib/nodejs`, which are what its node looks in
* one without a version has none; one without a name is called as its folder, which is how it is imported
* what npm has recorded of the installation (`.package-lock.json`) is held against what lies there
* a `package.json` of a package that is no JSON is `Refused`: nobody could say what it is

Source: https://docs.npmjs.com/cli/v11/configuring-npm/package-json, https://nodejs.org/api/modules.html.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

from verifier.core.errors import refuse
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.evidence.contents import FileFact
from verifier.formats.bom.component import Component, Distribution, Hash, License
from verifier.formats.json.strict_json import JsonValue, parse_like_go
from verifier.sbom.catalog.languages.integrity import hashes_of
from verifier.sbom.catalog.languages.reading import read_at, require_nameable
from verifier.sbom.catalog.purls import purl, ref_of
from verifier.sbom.catalog.reader import Found, Owned, Scene, Wanted
from verifier.sbom.databases.licenses import licenses_of
from verifier.sbom.databases.needs import MAX_EDGES
from verifier.sbom.databases.opening import plain

_MANIFESTS, _LOCKS = "**/package.json", "**/node_modules/.package-lock.json"
MAX_MANIFEST, MAX_LOCK = 4 << 20, 128 << 20
WANTED: Final = (Wanted(_MANIFESTS, MAX_MANIFEST), Wanted(_LOCKS, MAX_LOCK))
MAX_NEEDS: Final = 10_000
"""Packages that one needs: each is looked for in every folder above it."""
MAX_NESTING: Final = 256
"""Nested arrays and objects: the deepest that npm itself writes has five."""
_NAMED: Final = 5
"""Packages that one warning names."""
_MODULES: Final = "node_modules"
_OF_DEBIAN: Final = ("usr/share/nodejs", "usr/lib/nodejs")
_NO_PACKAGES: Final = frozenset(
    {"test", "tests", "__tests__", "fixture", "fixtures", "__fixtures__", "example", "examples"}
)
"""Folders of packages in which whole installations lie to be tested with."""
_NEEDS: Final = ("dependencies", "optionalDependencies", "peerDependencies")
_OF_LOCKS: Final = ("name", "version", "resolved", "integrity", "optional")
_BUNDLED: Final = ("bundleDependencies", "bundledDependencies")


class _Package(NamedTuple):
    """One package: what it needs, by name and as it asks for it; whether it carries packages along; its component."""

    needs: tuple[tuple[str, str], ...]
    carries: bool
    component: Component


def find(scene: Scene) -> Found:
    """Every npm package of the scene, with what it owns and needs."""
    manifests = {fact.path: fact for fact in scene.there.get(_MANIFESTS, ())}
    findings: list[Reason] = []
    locks = _locks(scene, findings)
    taken: set[str] = set()
    packages: dict[str, _Package] = {}
    left = MAX_EDGES
    for folder in _folders(scene, manifests):
        path = f"{folder}/package.json"
        said = _object(read_at(scene.contents.files, path, max_bytes=MAX_MANIFEST), path, findings)
        component = _component(folder, path, said, locks.get(folder, {}), taken)
        needs = tuple(islice(_needs(said), MAX_NEEDS + 1))
        left -= len(needs)
        if len(needs) > MAX_NEEDS or left < 0:
            message = f"it needs more than {MAX_NEEDS} packages, or all together need more than {MAX_EDGES}"
            raise refuse("input.too-large", path, message)
        packages[folder] = _Package(needs, any(said.get(key) for key in _BUNDLED), component)
    _note_contradictions(packages, locks, findings)
    return Found(
        components=tuple(sorted(_told(packages), key=lambda each: each.ref)),
        owned=tuple(_owned(scene, packages)),
        dependencies=_edges(packages),
        findings=tuple(findings),
        ecosystems=frozenset({"npm"}),
    )


def _folders(scene: Scene, manifests: Mapping[str, FileFact]) -> Iterator[str]:
    """The folders of packages, sorted: those of manifests, and those that a link in a `node_modules` leads to."""
    found = {posixpath.dirname(path) for path in manifests if _is_package(posixpath.dirname(path))}
    for fact in scene.contents.files:
        if fact.type == "symlink" and _is_package(fact.path):
            target = scene.contents.files.resolve(fact.path)
            if target is not None and f"{target.path}/package.json" in manifests:
                found.add(target.path)
    files = scene.contents.files
    for path in manifests:
        folder = posixpath.dirname(path)
        if folder and folder not in found and _is_program(folder, files.find(f"{folder}/{_MODULES}")):
            found.add(folder)
    return iter(sorted(found))


def _is_package(folder: str) -> bool:
    """Whether a package that lies there can be imported by its name."""
    above, _, name = folder.rpartition("/")
    if not name or name.startswith((".", "@")):
        return False
    if above.rpartition("/")[2].startswith("@"):
        above = above.rpartition("/")[0]
    if above in _OF_DEBIAN:
        return True
    if above != _MODULES and not above.endswith(f"/{_MODULES}"):
        return False
    outer = f"/{above}".find(f"/{_MODULES}/")
    return outer < 0 or _NO_PACKAGES.isdisjoint(_parts_of_packages(above[outer:]))


def _parts_of_packages(path: str) -> set[str]:
    """The folders on a way through packages that are no names of packages themselves."""
    parts = path.split("/")
    named = {number + 1 for number, part in enumerate(parts) if part == _MODULES}
    named |= {number + 1 for number in named if number < len(parts) and parts[number].startswith("@")}
    return {part for number, part in enumerate(parts) if number not in named}


def _is_program(folder: str, modules: FileFact | None) -> bool:
    """Whether a folder holds a program of its own: with what it needs beside it, as `npm install` leaves it, or
    unpacked as `yarn-v1.22.22`."""
    if f"/{_MODULES}/" in f"/{folder}/" or folder.startswith(_OF_DEBIAN):
        return False
    _, _, version = posixpath.basename(folder).rpartition("-v")
    return (modules is not None and modules.type != "file") or version[:1].isdigit()


def _object(content: bytes, path: str, findings: list[Reason]) -> Mapping[str, JsonValue]:
    """A JSON object as node reads it; what readers take differently is noted, all else `Refused`."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    value = parse_like_go(content, subject=path, max_depth=MAX_NESTING, findings=findings, ignore_trailing=False).value
    if not isinstance(value, dict):
        raise refuse("json.invalid", path, "a JSON object was expected, seen: something else")
    return value


def _component(
    folder: str, path: str, said: Mapping[str, JsonValue], locked: Mapping[str, JsonValue], taken: set[str]
) -> Component:
    name, version = _text(said.get("name")) or _folder_name(folder), _text(said.get("version")) or None
    scope, _, last = name.partition("/") if name.startswith("@") and "/" in name else ("", "", name)
    require_nameable(f"{scope}{last}", version, path)
    written = purl("npm", last, version, namespace=scope)
    return Component(
        type="library" if _is_package(folder) else "application",
        ecosystem="npm",
        name=last,
        version=version,
        namespace=scope,
        path=path,
        distributions=_distributions(said, locked),
        licenses=_licenses(said),
        supplier=_person(said.get("author")),
        description=plain(_text(said.get("description"))),
        ref=ref_of(written, path, taken),
        purl=written,
    )


def _text(value: JsonValue) -> str:
    return value.strip() if isinstance(value, str) else ""


def _folder_name(folder: str) -> str:
    above, _, name = folder.rpartition("/")
    scope = above.rpartition("/")[2]
    return f"{scope}/{name}" if scope.startswith("@") else name


def _person(value: JsonValue) -> str:
    if isinstance(value, dict):
        value = value.get("name")
    return plain(_text(value).partition("<")[0].partition("(")[0])


def _licenses(said: Mapping[str, JsonValue]) -> tuple[License, ...]:
    stated = [said.get("license"), said.get("licenses")]
    texts: list[str] = []
    while stated and len(texts) < 64:
        each = stated.pop(0)
        if isinstance(each, list):
            stated += each[:64]
        elif isinstance(each, dict):
            texts.append(_text(each.get("type") or each.get("name")))
        else:
            texts.append(_text(each))
    return licenses_of(each for each in texts if each)


def _distributions(said: Mapping[str, JsonValue], locked: Mapping[str, JsonValue]) -> tuple[Distribution, ...]:
    """Where it was fetched from, and the digest of that: as npm has recorded it."""
    url = _text(locked.get("resolved")) or _text(said.get("_resolved"))
    hashes: tuple[Hash, ...] = hashes_of(_text(locked.get("integrity")) or _text(said.get("_integrity")))
    return (Distribution(shown(url) if url else "", hashes),) if hashes else ()


def _locks(scene: Scene, findings: list[Reason]) -> dict[str, Mapping[str, JsonValue]]:
    """What `.package-lock.json` says of each folder that it names."""
    found: dict[str, Mapping[str, JsonValue]] = {}
    for fact in scene.there.get(_LOCKS, ()):
        root = posixpath.dirname(posixpath.dirname(fact.path))
        said = _object(read_at(scene.contents.files, fact.path, max_bytes=MAX_LOCK), fact.path, findings).get(
            "packages"
        )
        for place, row in (said if isinstance(said, dict) else {}).items():
            folder = posixpath.normpath(posixpath.join(root, place)) if place else ""
            if isinstance(row, dict) and _is_package(folder) and row.get("link") is not True:
                found[folder] = {key: row[key] for key in _OF_LOCKS if key in row} | {"recorded in": fact.path}
    return found


def _note_contradictions(
    packages: Mapping[str, _Package], locks: Mapping[str, Mapping[str, JsonValue]], findings: list[Reason]
) -> None:
    aliased = _aliases(packages.values())
    lost: dict[str, list[str]] = {}
    for folder, each in packages.items():
        name, by_folder = _full_name(each.component), _folder_name(folder)
        named = _text(locks.get(folder, {}).get("name")) or by_folder
        if _is_package(folder) and name not in {by_folder, named} and (by_folder, name) not in aliased:
            _note(findings, each.component.path, f"it says that it is {name!r}, and its folder {by_folder!r}")
    for folder, row in locks.items():
        version, there = _text(row.get("version")), packages.get(folder)
        if there is None:
            if row.get("optional") is not True:
                lost.setdefault(_text(row["recorded in"]), []).append(f"{folder} {version}".strip())
        elif version and version != (there.component.version or ""):
            seen = there.component.version or "no version"
            message = f"it says that it is {seen}, and {_text(row['recorded in'])} that {version} was installed"
            _note(findings, there.component.path, message)
    for path, gone in lost.items():
        more = f", and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
        _note(findings, path, f"it lists what is not there: {', '.join(gone[:_NAMED])}{more}")


def _aliases(packages: Iterable[_Package]) -> set[tuple[str, str]]:
    """The pairs of a name and what is installed by it, as manifests have them: `"a": "npm:b@^1"`."""
    found = set()
    for each in packages:
        for alias, wanted in each.needs:
            if wanted.startswith("npm:"):
                target = wanted.removeprefix("npm:")
                found.add((alias, target[:1] + target[1:].partition("@")[0]))
    return found


def _needs(said: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    for key in _NEEDS:
        value = said.get(key)
        for name, wanted in (value if isinstance(value, dict) else {}).items():
            yield name, _text(wanted)


def _told(packages: Mapping[str, _Package]) -> Iterator[Component]:
    """The components; those that another carries along, or that lie in one that is carried along, say so. They are not
    nested: what a manifest says of itself hides nothing."""
    carried: set[str] = set()
    for folder, package in packages.items():  # sorted: what is outside comes first
        outer, separator, _ = folder.rpartition(f"/{_MODULES}/")
        carrier = packages.get(outer) if separator else None
        if carrier is None or not (outer in carried or carrier.carries):
            yield package.component
            continue
        carried.add(folder)
        said = (*package.component.properties, ("verifier:vendored-in", carrier.component.purl))
        yield package.component._replace(properties=said)


def _edges(packages: Mapping[str, _Package]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What each needs, where node would find it: in its own `node_modules`, then in those of the folders above."""
    edges = []
    for folder, package in packages.items():
        needed = {_found_from(folder, name, packages) for name, _ in package.needs}
        needed -= {"", package.component.ref}
        if needed:
            edges.append((package.component.ref, tuple(sorted(needed))))
    return tuple(sorted(edges))


def _found_from(folder: str, name: str, packages: Mapping[str, _Package]) -> str:
    at = folder
    while True:
        if found := packages.get(f"{at}/{_MODULES}/{name}" if at else f"{_MODULES}/{name}"):
            return found.component.ref
        if not at:
            break
        at = posixpath.dirname(at)
    of_debian = (packages.get(f"{place}/{name}") for place in _OF_DEBIAN)
    return next((each.component.ref for each in of_debian if each is not None), "")


def _owned(scene: Scene, packages: Mapping[str, _Package]) -> Iterator[Owned]:
    """Every file in the folder of a package, as that of the innermost; nothing says what its bytes ought to be."""
    if not packages:
        return
    inside: dict[str, str] = {}
    for fact in scene.contents.files:
        above, _, name = fact.path.rpartition("/")
        if fact.type == "directory":
            own = packages.get(fact.path)
            owner = own.component.ref if own is not None else inside.get(above, "")
            if owner and (own is not None or name != _MODULES):
                inside[fact.path] = owner
        elif fact.type == "file" and (owner := inside.get(above, "")):
            yield Owned(fact.path, owner)


def _full_name(component: Component) -> str:
    return f"{component.namespace}/{component.name}" if component.namespace else component.name


def _note(findings: list[Reason], subject: str, message: str) -> None:
    findings.append(Reason(code="package.contradictory", subject=subject, message=message))
