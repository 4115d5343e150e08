"""The files of a project: one that was named, with what it includes, or all locks of a folder.

* locks are looked for at the top of the folder and in its `requirements/`; what is still to be locked (`*.in`) is none
* a lock that nobody here reads is an error, one that lies deeper a warning: nothing is passed over in silence
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.audit.sources.collected import UNKNOWN, Collected
from verifier.audit.sources.merged import merged
from verifier.audit.sources.table import TO_BE_LOCKED, UNREAD, Reading, SourceFormat, format_of_file, read_source
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.engine.audits.roots import Root
from verifier.engine.targets.project import APART, LEVELS
from verifier.formats.audit.package import Package
from verifier.sbom.locks.project import MAX_LOCKS, PLACES

if TYPE_CHECKING:
    from verifier.audit.sources.asked import Project

PYPROJECT: Final = "pyproject.toml"
_OF_PROJECTS: Final = frozenset({"uv", "poetry", "pdm", "pylock", "pipenv", "requirements", "pyproject", "npm", "go"})
_TOLD_AT_MOST: Final = 3

Named = tuple[SourceFormat, str]


def is_project(folder: Path) -> bool:
    """Whether locks lie in a folder, or what is to be locked."""
    return any(_is_of_project(each.name) for each in folder.iterdir()) or any(
        _is_of_project(f"requirements/{each.name}") for each in folder.glob("[Rr]equirements/*")
    )


def _is_of_project(path: str) -> bool:
    form = format_of_file(path)
    return path in UNREAD or (form is not None and form.name in _OF_PROJECTS)


def collect_folder(root: Root) -> Collected:
    """The packages of every lock in the folder that `root` was made for."""
    found, reasons = _locks(root)
    collected = collect_files(root, found)
    return replace(collected, reasons=(*collected.reasons, *map(root.reason, reasons)))


def collect_files(root: Root, named: Sequence[Named]) -> Collected:
    """The packages of these files below the root, of which those of Python are held against the project beside them."""
    project = _project(root, named)
    asked = None if project is None else frozenset(each.name for each in project.asked)
    locks = [each for each in named if each[0].name != "pyproject"]
    if project is not None and not locks and len(named) == 1:
        locks, _ = _locks(root, of_python=True)
    read = [
        read_source(Reading(form=form, path=path, content=root.read(path), include=root.include, asked=asked))
        for form, path in locks
    ]
    included = {file for each in read for file in each.files if file != each.path}
    kept = [each for each in read if each.path not in included or any(each.path == path for _, path in named)]
    if project is not None:
        kept.append(_held(project, kept))
    return _told(merged(kept), root)


def _held(project: Project, locks: Sequence[Collected]) -> Collected:
    """What the project asks for and no lock pins; it is a file of the audit, and no source where locks answer."""
    from verifier.audit.sources.pyproject import held_against  # noqa: PLC0415 - only where there is a project

    held = held_against(project, locks)
    return held if held.packages or not locks else replace(held, sources=())


def _project(root: Root, named: Sequence[Named]) -> Project | None:
    """The pyproject.toml beside what was named, or what was named itself; of locks of Python alone."""
    own = next((path for form, path in named if form.name == "pyproject"), "")
    if not own:
        if all(form.name not in _OF_PROJECTS - {"npm", "go"} for form, _ in named):
            return None
        own = root.beside(PYPROJECT)
        if not root.has(own) and posixpath.basename(posixpath.dirname(own)) == "requirements":
            own = posixpath.normpath(posixpath.join(posixpath.dirname(own), "..", PYPROJECT))
        if not root.has(own):
            return None
    from verifier.audit.sources.asked import read_project  # noqa: PLC0415 - as above

    return read_project(own, root.read(own))


def _locks(root: Root, *, of_python: bool = False) -> tuple[list[Named], list[Reason]]:
    """The locks of the folder, and what is to be said of those that are not read."""
    from verifier.sources.folders.folder import FolderFiles  # noqa: PLC0415 - only of a folder

    base = posixpath.dirname(root.beside("x"))
    found, deeper, there = list[Named](), list[str](), set[str]()
    for fact in FolderFiles(root.folder / base if base else root.folder, levels=LEVELS, without=APART):
        form = format_of_file(fact.path)
        if fact.type == "directory":
            continue
        there.add(fact.path)
        if form is None or form.name not in _OF_PROJECTS or fact.path.lower().endswith(".in"):
            continue
        path = posixpath.join(base, fact.path)
        if posixpath.dirname(fact.path).lower() not in PLACES:
            deeper.append(path)
        elif not of_python or (form.name not in {"npm", "go", "pyproject"}):
            found.append((form, path))
        if len(found) > MAX_LOCKS:
            raise refuse("input.too-large", root.path, f"more than {MAX_LOCKS} lock files")
    reasons = [*_unread(there, base), *_unlocked(there, base)]
    if not found and not of_python and not any(each.is_error for each in reasons):
        raise _without_locks(root, deeper)
    return found, [*reasons, *_deeper(deeper)]


def _without_locks(root: Root, deeper: Sequence[str]) -> Refused:
    seen = f"; below it are {', '.join(sorted(deeper)[:_TOLD_AT_MOST])}" if deeper else ""
    hint = "Lock the project, or name the folder or the file that is meant."
    return refuse("input.empty", root.path, f"there is no lock file in this folder{seen}", hint)


def _unread(there: Set[str], base: str) -> Iterator[Reason]:
    """What is said of locks that nobody reads."""
    for path in sorted(there & UNREAD):
        message = "it pins packages, and this format is not read: nobody was asked about them"
        hint = "Write an SBOM of it with the tool that it belongs to, and audit that beside."
        yield Reason(code=UNKNOWN, subject=posixpath.join(base, path), message=message, hint=hint)


def _unlocked(there: Set[str], base: str) -> Iterator[Reason]:
    """Warnings for what asks for packages, and has no lock beside it."""
    asking = {name: locks for name, locks in TO_BE_LOCKED.items() if name in there and there.isdisjoint(locks)}
    asking |= {path: (lock,) for path in there if path.endswith(".in") and (lock := f"{path[:-3]}.txt") not in there}
    for path, locks in sorted(asking.items()):
        if posixpath.dirname(path).lower() not in PLACES:
            continue
        if path in TO_BE_LOCKED or format_of_file(path) is not None:
            message = (
                f"it asks for packages, and no {posixpath.basename(locks[0])} pins them: nobody was asked about them"
            )
            yield Reason(code=UNKNOWN, subject=posixpath.join(base, path), message=message).as_warning()


def _deeper(paths: Sequence[str]) -> Iterator[Reason]:
    """A warning for what lies in folders of the folder, and belongs to other projects."""
    for path in sorted(paths)[:_TOLD_AT_MOST]:
        more = f"; so do {len(paths) - _TOLD_AT_MOST} others" if len(paths) > _TOLD_AT_MOST else ""
        message = f"it lies deeper than the locks of this project, and was not read{more}"
        yield Reason(code=UNKNOWN, subject=path, message=message, hint="Audit it by its own name.").as_warning()


def _told(collected: Collected, root: Root) -> Collected:
    """All that was read, called as it was typed, with what it was."""
    known = ((root.told(path), root.digests[path]) for path in collected.files if path in root.digests)
    collected = replace(collected, subjects=tuple(known))
    if all(root.told(path) == path for path in collected.files):
        return collected
    return replace(
        collected,
        packages=tuple(_placed(each, root) for each in collected.packages),
        reasons=tuple(map(root.reason, collected.reasons)),
        unread=tuple(map(root.reason, collected.unread)),
        files=tuple(map(root.told, collected.files)),
        sources=tuple(each._replace(path=root.told(each.path)) for each in collected.sources),
    )


def _placed(package: Package, root: Root) -> Package:
    return replace(package, places=tuple(each._replace(file=root.told(each.file)) for each in package.places))
