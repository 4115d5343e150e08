"""What a project asks for in its pyproject.toml: requirements, with the extra or the group that each belongs to. Pure.

* `project.dependencies`, `project.optional-dependencies`, `dependency-groups`, and what Poetry, uv and PDM have of
  their own
* Poetry's carets and tildes are read as the ranges that they mean
* a requirement that is none refuses the file; what a build is to find out (`dynamic`) is told

Source: PEP 621, PEP 735, PEP 508; https://python-poetry.org/docs/dependency-specification/.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from verifier.audit.sources.poetry_ranges import ranges_of
from verifier.core.value import Value
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.rows.document import text_of, toml_of
from verifier.sbom.locks.rows.part import Part


class Asked(NamedTuple):
    """One requirement: `name` normalised, `text` as it is written behind the name. `ranges` are sets of specifiers of
    PEP 440, one of which a version has to satisfy; none where nobody can say. `place` is where it is taken from, where
    that is no index. It is `main` where everybody needs it who uses the project, and `line` where it stands, 0 where
    nobody knows."""

    name: str
    text: str
    ranges: tuple[str, ...] = ("",)
    marker: str = ""
    place: str = ""
    group: str = ""
    extra: str = ""
    line: int = 0

    @property
    def main(self) -> bool:
        """Whether it belongs to no group and no extra."""
        return not self.group and not self.extra


class Project(Value):
    """What one pyproject.toml says: `dynamic` are the fields that only a build finds out, `overridden` the names whose
    versions the project has its tool choose otherwise than asked."""

    path: str
    name: str = ""
    asked: tuple[Asked, ...] = ()
    dynamic: tuple[str, ...] = ()
    overridden: frozenset[str] = frozenset()
    requires_python: str = ""


def read_project(path: str, content: bytes) -> Project:
    """What the file says; `Refused` with `dependency.lock-invalid` where it is none."""
    document, _ = toml_of(content, path, "project")
    top = Part(document, path=path)
    project, tool = top.table("project"), top.table("tool")
    poetry = tool.table("poetry")
    lines = _Lines(text_of(content, path))
    name = normalised(project.text("name") or poetry.text("name"))
    found = (*_standard(top, project, lines), *_of_tools(tool, lines), *_of_poetry(poetry, lines))
    return Project(
        path=path,
        name=name,
        asked=tuple(dict.fromkeys(each for each in found if each.name != name)),
        dynamic=tuple(each for each in project.texts("dynamic") if each.endswith("dependencies")),
        overridden=frozenset(_overridden(tool)),
        requires_python=project.text("requires-python"),
    )


class _Lines:
    """Where texts stand in a file, each as it is quoted there."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1

    def of(self, written: str) -> int:
        """The line of a text, looked for behind the one before it and then from the beginning; 0 where it is not."""
        for quote in ('"', "'"):
            at = self._text.find(f"{quote}{written}{quote}", self._at)
            if at >= 0:
                self._line += self._text.count("\n", self._at, at)
                self._at = at
                return self._line
        if self._at:
            self._at, self._line = 0, 1
            return self.of(written)
        return 0


def _standard(top: Part, project: Part, lines: _Lines) -> Iterator[Asked]:
    yield from _each(project, "dependencies", lines)
    optional, groups = project.table("optional-dependencies"), top.table("dependency-groups")
    for extra in optional.values:
        yield from _each(optional, extra, lines, extra=extra)
    for group in groups.values:
        for each in groups.array(group):
            if isinstance(each, str):
                yield _asked(groups, group, each, lines, group=group)
            elif not isinstance(each, dict) or "include-group" not in each:
                raise groups.refusal(group, "holds what is no requirement and no other group")


def _of_tools(tool: Part, lines: _Lines) -> Iterator[Asked]:
    """What uv and PDM had before there were groups."""
    yield from _each(tool.table("uv"), "dev-dependencies", lines, group="dev")
    groups = tool.table("pdm").table("dev-dependencies")
    for group in groups.values:
        yield from _each(groups, group, lines, group=group)


def _each(part: Part, key: str, lines: _Lines, *, group: str = "", extra: str = "") -> Iterator[Asked]:
    for written in part.texts(key):
        yield _asked(part, key, written, lines, group=group, extra=extra)


def _asked(part: Part, key: str, written: str, lines: _Lines, *, group: str = "", extra: str = "") -> Asked:
    from packaging.requirements import Requirement  # noqa: PLC0415 - only where there is one

    line = lines.of(written)
    if written.startswith("-e"):
        place, _, egg = written.removeprefix("-e").strip().partition("#egg=")
        return Asked(normalised(egg) or place, "", (), place=place, group=group, extra=extra, line=line)
    try:
        wanted = Requirement(written)
    except (ValueError, RecursionError) as error:
        reason = str(error).split("\n")[0][:200]
        raise part.inner({}, key, line).refusal("", f"holds {written[:100]!r}, no requirement: {reason}") from None
    part.checked_name(wanted.name, key)
    return Asked(
        normalised(wanted.name),
        str(wanted.specifier),
        () if wanted.url else (str(wanted.specifier),),
        str(wanted.marker) if wanted.marker else "",
        wanted.url or "",
        group,
        extra,
        line,
    )


def _of_poetry(poetry: Part, lines: _Lines) -> Iterator[Asked]:
    yield from _table(poetry.table("dependencies"), lines, "")
    yield from _table(poetry.table("dev-dependencies"), lines, "dev")
    groups = poetry.table("group")
    for group in groups.values:
        yield from _table(groups.table(group).table("dependencies"), lines, group)


def _table(part: Part, lines: _Lines, group: str) -> Iterator[Asked]:
    for name, value in part.values.items():
        if normalised(name) == "python":
            continue
        part.checked_name(name, "")
        for each in value if isinstance(value, list) else [value]:
            written = Part({"version": each} if isinstance(each, str) else each, path=part.path, where=name)
            text = written.text("version")
            place = next((written.text(key) for key in ("git", "url", "path", "file") if key in written.values), "")
            yield Asked(
                normalised(name),
                text,
                () if place else ranges_of(text),
                written.text("markers") or ("python" if "python" in written.values else ""),
                place,
                group,
                "",
                lines.of(text) if text else 0,
            )


def _overridden(tool: Part) -> Iterator[str]:
    """Source: https://docs.astral.sh/uv/reference/settings/, `override-dependencies`; PDM `tool.pdm.resolution`."""
    for each in tool.table("uv").array("override-dependencies"):
        if isinstance(each, str):
            yield normalised(
                each.partition(";")[0].partition("@")[0].strip(" ").split("[")[0].rstrip("=<>!~ 0123456789.*,")
            )
    yield from map(normalised, tool.table("pdm").table("resolution").table("overrides").values)
