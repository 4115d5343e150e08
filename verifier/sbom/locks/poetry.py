"""poetry.lock: formats 1.0, 1.1, 2.x, and the oldest without a number.

* a row without a source is from the default index: that is what Poetry takes it for
* digests stand in the row, before 2.0 in `[metadata.files]`; `[metadata]` comes last, so a file that was cut short
  lacks it, or its `content-hash`
* groups are `groups`, before 2.0 `category`; extras are those of the project that name the package

Source: poetry `packages/locker.py`; formats/sbom.md section 5.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.bom.component import Distribution, Origin
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.rows.document import toml_of
from verifier.sbom.locks.rows.file_names import refuse_other_file
from verifier.sbom.locks.rows.made import completed
from verifier.sbom.locks.rows.odd import newer
from verifier.sbom.locks.rows.part import Part
from verifier.sbom.locks.rows.places import git_origin, plain
from verifier.sbom.locks.rows.row import DEFAULT_INDEX, Need, Row

_KNOWN: Final = {1: 1, 2: 1}
"""The newest minor number of each major one."""
_VERSION = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?\Z")


def read_poetry(path: str, content: bytes) -> Lock:
    """The lock; `Refused` with `dependency.lock-invalid` where it is not one."""
    document, lines = toml_of(content, path, "package")
    top = Part(document, path=path)
    metadata = top.table("metadata")
    if not metadata.text("content-hash"):
        raise metadata.refusal(
            "content-hash", "is missing, which every poetry.lock has: it was cut short", "Lock anew."
        )
    version, findings = _version(metadata)
    files, extras = metadata.table("files"), _extras(top)
    rows = tuple(_row(part, files, extras) for part in top.tables("package", lines))
    groups = tuple(sorted({group for row in rows for group in row.groups}))
    names = tuple(sorted({extra for row in rows for extra in row.extras}))
    read = Lock(format="poetry", path=path, version=version, rows=rows, groups=groups, extras=names, findings=findings)
    return completed(read, edges=True)


def _version(metadata: Part) -> tuple[str, tuple[Reason, ...]]:
    written = metadata.text("lock-version") or "1.0"
    match = _VERSION.match(written)
    if match is None or int(match[1]) not in _KNOWN:
        raise metadata.refusal("lock-version", f"is {written[:40]!r}; 1.x and 2.x are read", "Lock with Poetry 2.")
    return written, newer(metadata.path, written, int(match[2] or 0), _KNOWN[int(match[1])])


def _extras(top: Part) -> dict[str, list[str]]:
    """The project's extras by the normalised name of each package that they bring."""
    table, found = top.table("extras"), dict[str, list[str]]()
    for extra in table.values:
        for name in table.texts(extra):
            found.setdefault(normalised(name), []).append(extra)
    return found


def _row(part: Part, files: Part, extras: dict[str, list[str]]) -> Row:
    name = part.name()
    version = part.version()
    holder, key = (part, "files") if "files" in part.values else (files, _key_of(files, name))
    listed = holder.tables(key)
    origin = _origin(part)
    for each in listed:
        refuse_other_file(each, name, version, each.text("file"), indexed=origin.kind == "registry")
    return Row(
        name=name,
        version=version,
        origin=origin,
        path=part.path,
        line=part.line,
        distributions=tuple(
            Distribution(plain(each.text("url")), (each.digest(each.required("hash")),)) for each in listed
        ),
        groups=part.texts("groups") or ((part.text("category"),) if part.text("category") else ()),
        extras=tuple(sorted(set(extras.get(normalised(name), ())))),
        markers=_markers(part),
        needs=_needs(part.table("dependencies")),
    )


def _key_of(files: Part, name: str) -> str:
    if name in files.values:
        return name
    return next((key for key in (normalised(name), name.lower()) if key in files.values), name)


def _markers(part: Part) -> tuple[str, ...]:
    """One marker, or one a group."""
    if isinstance(part.values.get("markers"), dict):
        inner = part.table("markers")
        return tuple(sorted({inner.required(group) for group in inner.values}))
    marker = part.text("markers") or part.text("marker")
    return (marker,) if marker else ()


def _origin(part: Part) -> Origin:
    if "source" not in part.values:
        return Origin("registry", DEFAULT_INDEX)
    source = part.table("source")
    url = source.required("url")
    match source.required("type"):
        case "legacy":
            return Origin("registry", plain(url))
        case "git":
            return git_origin(url, source.text("resolved_reference") or source.text("reference"))
        case "url":
            return Origin("url", plain(url))
        case "file":
            return Origin("path", url)
        case "directory":
            return Origin("editable" if part.flag("develop") else "directory", url)
        case other:
            raise source.refusal("type", f"is {other[:40]!r}, which is no kind of source")


def _needs(part: Part) -> tuple[Need, ...]:
    """Each name has a constraint, or a table with one, or an array of them."""
    found = []
    for name, value in part.values.items():
        part.checked_name(name, "")
        for each in value if isinstance(value, list) else [value]:
            marker = part.inner(each, name).text("markers") if isinstance(each, dict) else ""
            found.append(Need(name, None, marker))
    return tuple(found)
