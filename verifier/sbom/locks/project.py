"""What a project consists of: everything that its lock files pin.

* of a folder, every lock in it is read, and those in `requirements/`; of named files, those
* one that cannot be read is an error, and so is a folder without any: never a shorter list, never an empty one
* where two locks pin one package differently, it is told (`dependency.locks-disagree`)
* the project itself is the subject; where a lock has a row for it, it is a component too, as the lock has it

Source: formats/sbom.md sections 3 and 5.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, refuse
from verifier.evidence.contents import Contents
from verifier.formats.bom.catalog import Aggregate, Catalog
from verifier.formats.bom.component import FILE, Component, Hash
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.pyproject import Project, read_pyproject
from verifier.sbom.locks.rows.disagreeing import disagreements
from verifier.sbom.locks.rows.document import MAX_BYTES
from verifier.sbom.locks.rows.merged import Dependencies, components_of, grouped
from verifier.sbom.locks.table import REQUIREMENTS, format_of, read_lock

PROJECT_REF: Final = "project"
"""What the project itself goes by in its catalogue."""
INCLUDED: Final = "verifier:included"
"""What the properties begin with that say what was read."""
MAX_LOCKS: Final = 256
PLACES: Final = ("", "requirements")
_NAMES: Final = "uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock, requirements.txt"
_FEW: Final = 3


def catalog(contents: Contents, *, files: bool = False) -> Catalog:
    """What the project's locks pin. `files` lists the locks themselves too.

    `Refused` where a lock cannot be read, `ConfigurationError` where there is none.
    """
    locks = read_locks(contents)
    project = _project(contents)
    by_ref = grouped(row for lock in locks for row in lock.rows)
    listed = components_of(by_ref)
    if files:
        listed += _files(contents, locks)
    return Catalog(
        kind=contents.kind,
        subject=_subject(contents, project, locks),
        digests=contents.digests,
        components=tuple(sorted(listed, key=lambda each: each.ref)),
        dependencies=_dependencies(locks, project, by_ref.keys()),
        ecosystems=frozenset({"pypi"}),
        aggregate=_aggregate(locks),
        properties=(*contents.properties, *_properties(locks)),
        findings=(
            *(finding for lock in locks for finding in lock.findings),
            *(reason.as_warning() for reason in disagreements(locks)),
        ),
    )


def read_locks(contents: Contents) -> tuple[Lock, ...]:
    """Every lock of the project, sorted by its path; what one requirements file includes is no lock of its own."""
    paths = contents.named or _found(contents)
    locks = []
    for path in sorted(set(paths)):
        form = format_of(path)
        if form is None and contents.named and path.endswith((".txt", ".in")):
            form = REQUIREMENTS
        if form is None:
            raise ConfigurationError("this is no lock file", where=path, hint=f"Give one of {_NAMES}, or their folder.")
        locks.append(read_lock(path, _content(contents, path), include=_reader(contents), form=form))
    included = {file for lock in locks for file in lock.files if file != lock.path}
    return tuple(lock for lock in locks if lock.path not in included or lock.path in contents.named)


def _found(contents: Contents) -> list[str]:
    """The locks of a folder; what is still to be locked (`*.in`) is none."""
    found: list[str] = []
    deeper: list[str] = []
    for fact in contents.files:
        form = format_of(fact.path)
        if form is None or fact.path.endswith(".in"):
            continue
        (found if posixpath.dirname(fact.path) in PLACES else deeper).append(fact.path)
        if len(found) > MAX_LOCKS:
            raise refuse("input.too-large", contents.name, f"more than {MAX_LOCKS} lock files")
    if found:
        return found
    seen = f"; below it are {', '.join(sorted(deeper)[:_FEW])}" if deeper else ""
    hint = f"Lock the project, or name the folder or the file that is meant: {_NAMES}."
    raise ConfigurationError(f"there is no lock file in this folder{seen}", where=contents.name, hint=hint)


def _reader(contents: Contents) -> Callable[[str], bytes]:
    return lambda path: _content(contents, path)


def _content(contents: Contents, path: str) -> bytes:
    """The bytes of a file, through links that end below the root."""
    fact = contents.files.resolve(path)
    if fact is None or fact.type != "file":
        raise refuse("input.unreadable", path, "there is no such file below the root")
    return contents.files.read(fact.path, max_bytes=MAX_BYTES)


def _project(contents: Contents) -> Project:
    """What pyproject.toml says, which stands beside the locks."""
    fact = contents.files.resolve("pyproject.toml")
    if fact is None or fact.type != "file":
        return Project()
    return read_pyproject("pyproject.toml", _content(contents, "pyproject.toml"))


def _subject(contents: Contents, project: Project, locks: Sequence[Lock]) -> Component:
    roots = [each for lock in locks for each in lock.components if each.ref == lock.root]
    root = next((each for each in roots if each.ecosystem), None)
    name = project.name or (root.name if root else "")
    known = bool(name)
    version = project.version or (root.version if root else None) or contents.version
    return Component(
        type="application",
        ecosystem="pypi" if known else "",
        name=name or contents.name,
        version=version,
        ref=PROJECT_REF,
    )


def _dependencies(locks: Iterable[Lock], project: Project, refs: Iterable[str]) -> Dependencies:
    """The edges of all locks that have any, and those of the project: what its own row needs, or it asks for."""
    found: dict[str, set[str]] = {}
    roots = set()
    for lock in locks:
        for ref, needed in lock.dependencies:
            found.setdefault(ref, set()).update(needed)
        roots.add(lock.root)
    direct = {ref for root in roots for ref in found.get(root, ())}
    wanted = set(project.needs)
    direct |= {ref for ref in refs if normalised(ref.removeprefix("pkg:pypi/").partition("@")[0]) in wanted}
    found[PROJECT_REF] = direct - roots
    return tuple((ref, tuple(sorted(found[ref]))) for ref in sorted(found))


def _aggregate(locks: Sequence[Lock]) -> Aggregate:
    """A requirements file may leave out what it needs; the other formats pin everything."""
    return "complete" if any(lock.format != REQUIREMENTS.name for lock in locks) else "unknown"


def _properties(locks: Sequence[Lock]) -> tuple[tuple[str, str], ...]:
    """Which locks were read, and which groups and extras: all of them."""
    found: list[tuple[str, str]] = []
    for lock in locks:
        form = f"{lock.format} {lock.version}".strip()
        count = "1 component" if len(lock.components) == 1 else f"{len(lock.components)} components"
        found.append((f"{INCLUDED}:lock", f"{lock.path} ({form}, {count})"))
    found += [(f"{INCLUDED}:group", group) for lock in locks for group in lock.groups]
    found += [(f"{INCLUDED}:extra", extra) for lock in locks for extra in lock.extras]
    return tuple(dict.fromkeys(found))


def _files(contents: Contents, locks: Sequence[Lock]) -> tuple[Component, ...]:
    paths = sorted({file for lock in locks for file in lock.files})
    return tuple(_file(path, _content(contents, path)) for path in paths)


def _file(path: str, content: bytes) -> Component:
    import hashlib  # noqa: PLC0415 - only where files are listed

    hashes = (Hash("SHA-256", Digest.of(content).value), Hash("SHA-512", hashlib.sha512(content).hexdigest()))
    return Component(type="file", ecosystem=FILE, name=path, path=path, hashes=hashes, ref=f"file:{path}")
