"""What a project says of itself in pyproject.toml: its name, its version, and what it asks for directly.

* read beside a lock, never in its place: it pins nothing
* a pyproject.toml that cannot be read is refused, as a lock is
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from verifier.core.value import Value
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.rows.document import toml_of
from verifier.sbom.locks.rows.part import Part

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?![A-Za-z0-9._-])")


class Project(Value):
    """A project: `name` is "" and `version` None where it does not say; `needs` are normalised names, sorted, those of
    every extra and group among them."""

    name: str = ""
    version: str | None = None
    needs: tuple[str, ...] = ()


def read_pyproject(path: str, content: bytes) -> Project:
    """What the file says; `Refused` with `dependency.lock-invalid` where it is none."""
    document, _ = toml_of(content, path, "project")
    top = Part(document, path=path)
    project, tool = top.table("project"), top.table("tool")
    poetry = tool.table("poetry")
    name = project.text("name") or poetry.text("name")
    version = project.text("version") or poetry.text("version")
    needs = {*_standard(top, project), *_poetry(poetry)}
    needs.discard("python")
    return Project(
        name=top.checked_name(name, "project.name") if name else "",
        version=top.checked_version(version, "project.version") if version else None,
        needs=tuple(sorted(needs)),
    )


def _standard(top: Part, project: Part) -> Iterator[str]:
    """Source: PEP 621, PEP 735."""
    yield from _names(project.texts("dependencies"))
    optional, groups = project.table("optional-dependencies"), top.table("dependency-groups")
    for extra in optional.values:
        yield from _names(optional.texts(extra))
    for group in groups.values:
        yield from _names(each for each in groups.array(group) if isinstance(each, str))


def _poetry(poetry: Part) -> Iterator[str]:
    groups = poetry.table("group")
    for part in (poetry, *(groups.table(name) for name in groups.values)):
        for key in ("dependencies", "dev-dependencies"):
            yield from _names(part.table(key).values)


def _names(requirements: Iterator[str] | tuple[str, ...] | dict[str, object]) -> Iterator[str]:
    for each in requirements:
        if match := _NAME.match(each):
            yield normalised(match[1])
