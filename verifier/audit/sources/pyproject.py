"""Packages of a pyproject.toml that no lock beside it answers for, and locks held against it.

* it pins nothing that its dependencies need: alone it never is enough, and that is said
* a lock that does not pin what the project asks for, or another version, is `dependency.lock-outdated`
* a requirement under a marker that cannot be true where the project runs may be left out
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from verifier.audit.sources.asked import Asked, Project, read_project
from verifier.audit.sources.collected import UNKNOWN, Collected, Source
from verifier.audit.sources.merged import one_each
from verifier.audit.sources.table import Reading
from verifier.core.outcome import Reason
from verifier.formats.audit.package import Package, Place
from verifier.sbom.locks.rows.merged import ref_of
from verifier.sbom.locks.rows.possible import may_be_true

_WHOLE: Final = {"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"}
_ALL: Final = {"uv.lock", "poetry.lock"}
_PYTHON: Final = frozenset({"uv", "poetry", "pdm", "pylock", "pipenv", "requirements"})


def read(reading: Reading) -> Collected:
    """What the file asks for, with no lock beside it."""
    return unlocked(read_project(reading.path, reading.content))


def unlocked(project: Project) -> Collected:
    """What a project asks for that nobody has locked."""
    hint = "Lock the project: `uv lock`, `poetry lock`, `pdm lock`, or `pip-compile`."
    message = "it says what the project asks for, and pins nothing that this needs in turn: a lock does"
    reasons = [Reason(code=UNKNOWN, subject=project.path, message=message, hint=hint)] if project.asked else []
    reasons += _dynamic(project)
    return _collected(project, project.asked, tuple(reasons))


def held_against(project: Project, locks: Sequence[Collected]) -> Collected:
    """What `locks` leave out of what the project asks for, with what is said of that. Each is one lock's packages."""
    pinned = [(each, _pins(each)) for each in locks if each.format in _PYTHON]
    if not pinned:
        return unlocked(project)
    reasons, missing = list[Reason](), list[Asked]()
    for asked in project.asked:
        if not any(asked.name in pins for _, pins in pinned) and _must_be_there(asked, project):
            missing.append(asked)
        reasons += _objections(asked, project, pinned)
    return _collected(project, missing, tuple(reasons))


def _collected(project: Project, asked: Sequence[Asked], reasons: tuple[Reason, ...]) -> Collected:
    return Collected(
        packages=one_each(_package(project, each) for each in asked),
        reasons=reasons,
        files=(project.path,),
        sources=(Source("pyproject", project.path),),
    )


def _package(project: Project, asked: Asked) -> Package:
    exact = asked.text.removeprefix("==").strip() if asked.text.startswith("==") else ""
    version = exact if exact and not set(exact) & set("=*,<>! ") and not asked.place else None
    return Package(
        ecosystem="pypi",
        name=asked.name,
        version=version,
        purl=ref_of(asked.name, version),
        asked="" if version else asked.text,
        source="index" if not asked.place else "git" if "git" in asked.place else "url",
        location=asked.place,
        places=(Place(project.path, asked.line),),
        groups=(asked.group,) if asked.group else (),
        extras=(asked.extra,) if asked.extra else (),
        markers=(asked.marker,) if asked.marker else (),
        direct=True,
    )


def _dynamic(project: Project) -> Iterator[Reason]:
    if project.dynamic:
        message = f"{', '.join(project.dynamic)} are dynamic: what they are, only a build finds out"
        yield Reason(code=UNKNOWN, subject=project.path, message=message, hint="Lock the project, and audit the lock.")


def _pins(lock: Collected) -> dict[str, list[Package]]:
    found: dict[str, list[Package]] = {}
    for each in lock.packages:
        found.setdefault(each.name, []).append(each)
    return found


Pins = Mapping[str, Sequence[Package]]


def _objections(asked: Asked, project: Project, pinned: Sequence[tuple[Collected, Pins]]) -> Iterator[Reason]:
    for lock, pins in pinned:
        if asked.name not in pins:
            yield from _left_out(asked, project, lock, alone=not any(asked.name in each for _, each in pinned))
        elif asked.name not in project.overridden and (seen := _other(asked, pins[asked.name])):
            message = f"{_place(asked, project)} asks for {asked.name}{asked.text}, and it pins {seen}"
            yield Reason(code="dependency.lock-outdated", subject=lock.path, message=message)


def _left_out(asked: Asked, project: Project, lock: Collected, *, alone: bool) -> Iterator[Reason]:
    """What is said of a lock without what is asked for: one that has another name may be made for less."""
    name = lock.path.rpartition("/")[2]
    if not _must_be_there(asked, project) or not (alone or name in _WHOLE):
        return
    message = f"{_place(asked, project)} asks for {asked.name}{asked.text}, and it pins no {asked.name}"
    reason = Reason(code="dependency.lock-outdated", subject=lock.path, message=message)
    certain = (asked.main or name in _ALL) and not asked.marker
    yield reason if certain else reason.as_warning()


def _must_be_there(asked: Asked, project: Project) -> bool:
    return not asked.marker or may_be_true(asked.marker, project.requires_python)


def _other(asked: Asked, packages: Sequence[Package]) -> str:
    """The versions that a lock has instead of one that is asked for; "" where one of them is."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - only where there is a project

    versions = [each.version for each in packages if each.version is not None]
    if not versions or not asked.ranges or any(each.source != "index" for each in packages):
        return ""
    try:
        ranges = [SpecifierSet(each) for each in asked.ranges]
        if any(each.contains(version, prereleases=True) for each in ranges for version in versions):
            return ""
    except (InvalidSpecifier, ValueError):
        return ""
    return ", ".join(sorted(set(versions))[:4])


def _place(asked: Asked, project: Project) -> str:
    name = project.path.rpartition("/")[2]
    return f"{name}:{asked.line}" if asked.line else name
