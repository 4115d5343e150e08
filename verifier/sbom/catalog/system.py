"""What an image or an installed environment consists of: what every reader of packages finds in it, put together.

* a reader that finds something that it cannot read stops everything: there is no list with a part left out
* each package is told with the layer that it comes from, and with the package that installed it, where one did
* the files are held against what their packages say of them; what differs is counted, and a warning
* the same contents are the same catalogue: all is sorted, and nothing depends on the order of what was read
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.evidence.contents import Contents, FileFact
from verifier.formats.bom.catalog import Aggregate, Catalog, Integrity
from verifier.formats.bom.component import FILE, Component, Hash
from verifier.formats.bom.document import MAX_COMPONENTS
from verifier.formats.bom.said import OWNED_BY
from verifier.sbom.catalog.nested import MAX_ROOTS, below, contents_below, relocated, unread
from verifier.sbom.catalog.ownership import Ownership
from verifier.sbom.catalog.purls import purl
from verifier.sbom.catalog.reader import Found, OperatingSystem, Scene, Wanted
from verifier.sbom.catalog.readers import OF_SYSTEMS, READERS
from verifier.sbom.catalog.wanted import rows_of, table
from verifier.sbom.databases.opening import several
from verifier.sbom.databases.os_release import operating_system

_SYSTEM_REF: Final = "operating-system"
_FAMILIES: Final = {
    "apk": {"alpine", "wolfi", "chainguard", "postmarketos"},
    "deb": {"debian", "ubuntu"},
    "rpm": {"rhel", "fedora", "centos", "suse", "opensuse", "amzn", "azurelinux", "mariner", "photon", "ol"},
}
"""What a distribution, or one that it is like, has its packages as."""


def catalog(contents: Contents, *, files: bool) -> Catalog:
    """What is installed in `contents`; with `files`, every regular file too. `Refused` as `catalog_of` says."""
    facts = {fact.path: fact for fact in contents.files}
    system = operating_system(contents)
    ownership = Ownership(contents, facts)
    found = []
    for each in _read(contents, facts, system):
        found.append(each)
        ownership.take(each)
    integrity = ownership.integrity()
    packages = [each for one in found for each in _placed(one, contents, facts, ownership)]
    components = [*packages, *_system(system), *(_files(contents, facts, ownership) if files else ())]
    if len(components) > MAX_COMPONENTS:
        message = f"has {len(components)} components, expected at most {MAX_COMPONENTS}"
        raise refuse("input.too-large", contents.name, message, "Leave `--files` out." if files else "")
    return Catalog(
        kind=contents.kind,
        subject=_subject(contents),
        digests=contents.digests,
        components=tuple(sorted(components, key=lambda each: each.ref)),
        dependencies=_edges(found, packages),
        ecosystems=frozenset(name for one in found for name in one.ecosystems)
        | (frozenset({FILE}) if files else set()),
        aggregate=_aggregate(integrity, files, whole=all(one.whole for one in found)),
        properties=(*contents.properties, *_counts(integrity)),
        integrity=integrity,
        findings=(
            *(reason for one in found for reason in one.findings),
            *_without_database(contents, system, packages),
            *_differing(contents, integrity),
        ),
    )


def _read(contents: Contents, facts: Mapping[str, FileFact], system: OperatingSystem | None) -> Iterator[Found]:
    """What each reader finds: those of systems first, in the root and in what else is one."""
    there = _sorted_out(facts)
    for reader in OF_SYSTEMS:
        yield _find(reader, Scene(contents=contents, system=system, there=_of_reader(reader, there[""])))
    nested = sorted(root for root, rows in there.items() if root and _is_root(rows))
    for root in nested[:MAX_ROOTS]:
        yield from _read_nested(contents_below(contents, facts, root), root, there[root])
    if len(nested) > MAX_ROOTS:
        message = f"there are {len(nested)} file systems inside of it, and the first {MAX_ROOTS} are listed"
        reason = Reason(code="package.unread-root", subject=contents.name, message=message)
        yield Found(findings=(reason,), whole=False)
    for reader in READERS[len(OF_SYSTEMS) :]:
        yield _find(reader, Scene(contents=contents, system=system, there=_of_reader(reader, there[""])))


def _read_nested(contents: Contents, root: str, there: Mapping[Wanted, list[FileFact]]) -> Iterator[Found]:
    for reader in OF_SYSTEMS:
        rows = _of_reader(reader, there)
        if not rows.keys().isdisjoint(_databases(reader)):
            try:
                system = operating_system(contents)
                yield relocated(_find(reader, Scene(contents=contents, system=system, there=rows)), root)
            except Refused as refusal:
                yield unread(root, refusal.kept())


def _find(reader: str, scene: Scene) -> Found:
    find: Callable[[Scene], Found] = import_module(f"verifier.sbom.catalog.{reader}").find
    return find(scene)


def _databases(reader: str) -> tuple[str, ...]:
    patterns: tuple[str, ...] = import_module(f"verifier.sbom.catalog.{reader}").DATABASES
    return patterns


def _is_root(rows: Mapping[Wanted, list[FileFact]]) -> bool:
    return any(row.pattern in _databases(reader) for row in rows for reader in OF_SYSTEMS)


def _of_reader(reader: str, there: Mapping[Wanted, list[FileFact]]) -> dict[str, tuple[FileFact, ...]]:
    return {row.pattern: tuple(there[row]) for row in rows_of(reader) if row in there}


def _sorted_out(facts: Mapping[str, FileFact]) -> dict[str, dict[Wanted, list[FileFact]]]:
    """What of the contents some reader wants, by the root that it is in, by rows, in the order of the paths, which are
    those in that root."""
    there: dict[str, dict[Wanted, list[FileFact]]] = {"": {}}
    rows = table().rows
    for path in sorted(path for path, fact in facts.items() if fact.type != "directory"):
        for row, root in rows(path):
            there.setdefault(root, {}).setdefault(row, []).append(below(facts[path], root) if root else facts[path])
    return there


def _placed(
    found: Found, contents: Contents, facts: Mapping[str, FileFact], ownership: Ownership
) -> Iterator[Component]:
    """The components with the layer that they come from, and who installed them."""
    for each in found.components:
        record = facts.get(each.path)
        number = ownership.layer(each.ref)
        number = number if number is not None or record is None else record.layer
        layer = each.layer or (
            str(contents.layers[number]) if number is not None and number < len(contents.layers) else ""
        )
        owner = each.owner or ownership.owner(each.path)
        if owner == each.ref:
            owner = ""
        said = ((OWNED_BY, owner),) if owner and OWNED_BY not in dict(each.properties) else ()
        yield each._replace(layer=layer, owner=owner, properties=(*each.properties, *said))


def _edges(found: Iterable[Found], packages: Iterable[Component]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Who depends on whom; who installed a package depends on it."""
    edges: dict[str, set[str]] = {}
    for one in found:
        for ref, others in one.dependencies:
            edges.setdefault(ref, set()).update(others)
    for each in packages:
        edges.setdefault(each.ref, set())
        if each.owner:
            edges.setdefault(each.owner, set()).add(each.ref)
    return tuple((ref, tuple(sorted(others))) for ref, others in sorted(edges.items()))


def _files(contents: Contents, facts: Mapping[str, FileFact], ownership: Ownership) -> Iterator[Component]:
    for path, fact in facts.items():
        if fact.type != "file":
            continue
        digest = contents.files.digest(path, "sha256")
        owner, state = ownership.owner(path), ownership.state(path)
        said = (("verifier:integrity", state or ("" if owner else "unowned")), (OWNED_BY, owner))
        yield Component(
            "file",
            FILE,
            path,
            path=path,
            hashes=(Hash("SHA-256", digest.hex()),) if digest is not None else (),
            layer=str(contents.layers[fact.layer])
            if fact.layer is not None and fact.layer < len(contents.layers)
            else "",
            ref=f"file:{path}",
            owner=owner,
            properties=tuple(each for each in said if each[1]),
        )


def _system(system: OperatingSystem | None) -> Iterator[Component]:
    if system is not None:
        yield Component(
            "operating-system",
            "",
            system.id,
            system.version or None,
            path=system.path,
            description=system.title,
            ref=_SYSTEM_REF,
            cpe=system.cpe,
        )


def _subject(contents: Contents) -> Component:
    """The artifact: an image goes by the digest of its manifest."""
    if contents.kind != "image":
        return Component("application", "", contents.name, contents.version, ref=f"{contents.kind}:{contents.name}")
    digest = next((each for each in contents.digests if each.algorithm == "sha256"), None)
    name = contents.name.rpartition("/")[2].lower()
    written = purl("oci", name, str(digest) if digest else contents.version)
    return Component(
        "container",
        "oci",
        contents.name,
        contents.version or (str(digest) if digest else None),
        hashes=(Hash("SHA-256", digest.value),) if digest else (),
        ref=written,
        purl=written,
    )


def _aggregate(integrity: Integrity, files: bool, *, whole: bool) -> Aggregate:
    """Whole where every file is listed, or is of a package that is."""
    return "complete" if whole and (files or not integrity.unowned) else "incomplete"


def _counts(integrity: Integrity) -> Iterator[tuple[str, str]]:
    for name in ("altered", "missing", "unowned", "unchecked", "configured", "spared"):
        yield f"verifier:files:{name}", str(len(getattr(integrity, name)))


def _without_database(
    contents: Contents, system: OperatingSystem | None, packages: Iterable[Component]
) -> Iterator[Reason]:
    if system is None or contents.kind != "image":
        return
    said = {system.id, *system.like}
    expected = next((ecosystem for ecosystem, names in _FAMILIES.items() if said & names), "")
    if expected and all(each.ecosystem != expected for each in packages):
        message = f"says that it is {system.distro}, and has no {expected} package"
        yield Reason(code="package.no-database", subject=system.path, message=message)


def _differing(contents: Contents, integrity: Integrity) -> Iterator[Reason]:
    if not integrity.altered and not integrity.missing:
        return
    parts = [
        f"{len(paths)} {what} ({several(paths)})"
        for paths, what in ((integrity.altered, "altered"), (integrity.missing, "missing"))
        if paths
    ]
    hint = "`verify sbom generate --files` lists every file and its state; install anew what should not be so."
    yield Reason(
        code="package.altered", subject=contents.name, message=f"files of packages: {'; '.join(parts)}", hint=hint
    )
