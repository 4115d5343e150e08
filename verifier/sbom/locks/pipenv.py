"""Pipfile.lock: pipfile-spec 6, every section: `default`, `develop`, and whatever else a project calls its groups.

* `index` is a name in `_meta.sources`; where a row names none, the first source answers, and every other may as well
* a row without `version` (git, a path) stays without: nothing is made up

Source: pipenv `utils/locking.py`, `project.py`; formats/sbom.md section 5.
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import refuse
from verifier.formats.bom.component import Distribution, Origin
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.rows.document import CODE, json_of
from verifier.sbom.locks.rows.made import completed
from verifier.sbom.locks.rows.part import Part
from verifier.sbom.locks.rows.places import git_origin, plain
from verifier.sbom.locks.rows.row import Row

_SPEC: Final = 6
MAX_SOURCES: Final = 100
"""Sources of one lock: each of them may answer for each row."""


def read_pipenv(path: str, content: bytes) -> Lock:
    """The lock; `Refused` with `dependency.lock-invalid` or a `json.*` code where it is not one."""
    document, keys = json_of(content, path)
    top = Part(document, path=path)
    meta = top.table("_meta")
    spec = meta.values.get("pipfile-spec")
    if type(spec) is not int or spec != _SPEC:
        raise meta.refusal("pipfile-spec", f"is {str(spec)[:40]}; {_SPEC} is read", "Lock with pipenv 2018 or later.")
    sources = {each.text("name"): plain(each.required("url")) for each in meta.tables("sources")}
    if len(sources) > MAX_SOURCES:
        raise meta.refusal("sources", f"are {len(sources)}; at most {MAX_SOURCES} are read")
    lines = _Lines(keys)
    groups = tuple(name for name in document if name != "_meta")
    rows = tuple(row for group in groups for row in _rows(top, group, sources, lines))
    indexes = tuple(sources.values())
    return completed(Lock(format="pipenv", path=path, version=str(_SPEC), rows=rows, groups=groups, indexes=indexes))


class _Lines:
    """The line of each key, asked for in the order of the document."""

    def __init__(self, keys: list[tuple[str, int]]) -> None:
        self._keys, self._next = keys, 0

    def of(self, key: str) -> int:
        for position in range(self._next, len(self._keys)):
            if self._keys[position][0] == key:
                self._next = position + 1
                return self._keys[position][1]
        return 0


def _rows(top: Part, group: str, sources: dict[str, str], lines: _Lines) -> list[Row]:
    section = top.inner(top.values[group], group, lines.of(group))
    return [
        _row(section.inner(value, name, lines.of(name)), section.checked_name(name, ""), group, sources)
        for name, value in section.values.items()
    ]


def _row(part: Part, name: str, group: str, sources: dict[str, str]) -> Row:
    origin, indexes = _origin(part, sources)
    version, constraint = _version(part)
    marker = part.text("markers")
    return Row(
        name=name,
        version=version,
        origin=origin,
        path=part.path,
        line=part.line,
        distributions=tuple(Distribution("", (part.digest(each, "hashes"),)) for each in part.texts("hashes")),
        groups=(group,),
        features=part.texts("extras"),
        markers=(marker,) if marker else (),
        constraint=constraint,
        indexes=indexes,
    )


def _version(part: Part) -> tuple[str | None, str]:
    """The version where it is exact, or what is asked for instead."""
    written = part.text("version")
    if written.startswith("==") and "*" not in written and "," not in written:
        return part.checked_version(written.lstrip("=").strip()), ""
    return None, written


def _origin(part: Part, sources: dict[str, str]) -> tuple[Origin, tuple[str, ...]]:
    """Where a row comes from, and which other indexes may answer."""
    if part.text("git"):
        return git_origin(part.text("git"), part.text("ref")), ()
    if part.text("file"):
        location = part.text("file")
        return Origin("url" if "://" in location else "path", plain(location)), ()
    if part.text("path"):
        return Origin("editable" if part.flag("editable") else "directory", part.text("path")), ()
    index = part.text("index")
    if index and index not in sources:
        raise refuse(CODE, part.path, f"{part.where}.index is {index[:100]!r}, which no source is called")
    if not sources:
        return Origin("unrecorded"), ()
    first, *others = sources.values()
    return Origin("registry", sources[index] if index else first), () if index else tuple(others)
