"""uv.lock: format version 1, any revision.

* every row has its source; a row that names none, or one of an unknown kind, is refused
* every edge leads to a row of the lock: a file that was cut short is refused
* groups and extras are those of the project's own rows, followed along the edges

Source: uv `crates/uv-resolver/src/lock/mod.rs`; formats/sbom.md section 5.
"""

from __future__ import annotations

from verifier.core.errors import refuse
from verifier.formats.bom.component import Distribution, Origin
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.rows.document import CODE, at, toml_of
from verifier.sbom.locks.rows.file_names import refuse_other_file
from verifier.sbom.locks.rows.made import completed
from verifier.sbom.locks.rows.part import Part, newest_upload
from verifier.sbom.locks.rows.places import git_origin, plain
from verifier.sbom.locks.rows.reached import Edge, reached
from verifier.sbom.locks.rows.row import Need, Row

_PROJECT = frozenset({"editable", "virtual", "directory"})


def read_uv(path: str, content: bytes) -> Lock:
    """The lock; `Refused` with `dependency.lock-invalid` where it is not one."""
    document, lines = toml_of(content, path, "package")
    top = Part(document, path=path)
    version = document.get("version")
    if type(version) is not int or version != 1:
        raise top.refusal(
            "version", f"is {str(version)[:40]}; version 1 of uv.lock is read", "Lock with uv 0.5 or later."
        )
    revision = document.get("revision", 0)
    if type(revision) is not int or revision < 0:
        raise top.refusal("revision", "is no revision")
    parts = top.tables("package", lines)
    members = frozenset(map(normalised, top.table("manifest").texts("members")))
    rows = [_row(part, members) for part in parts]
    if not rows:
        raise top.refusal(
            "package", "is missing: every uv.lock has a row for its project; it was cut short", "Lock anew."
        )
    _refuse_dangling(rows)
    rows, groups, extras = _brought(parts, rows)
    form = f"{version}.{revision}"
    read = Lock(format="uv", path=path, version=form, rows=tuple(rows), groups=groups, extras=extras)
    return completed(read, edges=True)


def _row(part: Part, members: frozenset[str]) -> Row:
    origin = _origin(part.table("source"))
    files = [part.table("sdist")] if "sdist" in part.values else []
    files += part.tables("wheels")
    needs = _needs(part, "dependencies")
    for key in ("optional-dependencies", "dev-dependencies"):
        inner = part.table(key)
        needs += [need for name in inner.values for need in _needs(inner, name)]
    name, version = part.name(), part.version()
    for each in files:
        refuse_other_file(
            each,
            name,
            version,
            each.text("url") or each.text("path") or each.text("filename"),
            indexed=origin.kind == "registry",
        )
    return Row(
        name=name,
        version=version,
        origin=origin,
        path=part.path,
        line=part.line,
        distributions=tuple(_distribution(each) for each in files),
        markers=part.texts("resolution-markers"),
        needs=tuple(needs),
        root=origin.kind in _PROJECT and origin.location == ".",
        member=origin.kind in _PROJECT and normalised(name) in members,
        uploaded=newest_upload(files),
    )


def _origin(source: Part) -> Origin:
    match list(source.values):
        case ["registry"]:
            return Origin("registry", plain(source.required("registry")))
        case ["git"]:
            url, _, commit = source.required("git").partition("#")
            return git_origin(url, commit)
        case [*keys] if "url" in keys and set(keys) <= {"url", "subdirectory"}:
            return Origin("url", plain(source.required("url")))
        case ["path" | "directory" | "editable" | "virtual" as kind]:
            return Origin(kind, source.required(kind))
        case keys:
            raise source.refusal("", f"has {', '.join(map(repr, keys)) or 'nothing'}, which is no source")


def _distribution(part: Part) -> Distribution:
    hashes = (part.digest(part.required("hash")),) if "hash" in part.values else ()
    return Distribution(plain(part.text("url")) or part.text("path"), hashes)


def _needs(part: Part, key: str) -> list[Need]:
    return [Need(each.name(), each.version(), each.text("marker")) for each in part.tables(key)]


def _refuse_dangling(rows: list[Row]) -> None:
    there: dict[str, set[str | None]] = {}
    for row in rows:
        there.setdefault(normalised(row.name), {None}).add(row.version)
    for row in rows:
        for need in row.needs:
            if need.version not in there.get(normalised(need.name), ()):
                what = f"{need.name} {need.version}" if need.version else need.name
                message = f"{row.name} depends on {what}, which is not in the lock: it was cut short or changed"
                raise refuse(CODE, at(row.path, row.line), message, "Lock anew.")


def _brought(parts: list[Part], rows: list[Row]) -> tuple[list[Row], tuple[str, ...], tuple[str, ...]]:
    """The rows with the groups, extras and markers that bring them; the names of all groups and extras."""
    edges: dict[tuple[str, str], list[Edge]] = {}
    starts: dict[tuple[str, str], list[Edge]] = {}
    for part, row in zip(parts, rows, strict=True):
        name = normalised(row.name)
        edges.setdefault((name, ""), []).extend(_edges(part, "dependencies"))
        optional, grouped = part.table("optional-dependencies"), part.table("dev-dependencies")
        for extra in optional.values:
            edges.setdefault((name, normalised(extra)), []).extend(_edges(optional, extra))
        if row.origin.kind in _PROJECT:
            starts.setdefault(("group", "default"), []).append(Edge(name, ()))
            for group in grouped.values:
                starts.setdefault(("group", group), []).extend(_edges(grouped, group))
            for extra in optional.values:
                starts.setdefault(("extra", extra), []).extend(_edges(optional, extra))
    by_name = reached(starts, edges, path=rows[0].path)
    markers = _markers(rows)
    told = [_told(row, by_name, markers) for row in rows]
    names = {kind: tuple(sorted(name for each, name in starts if each == kind)) for kind in ("group", "extra")}
    return told, names["group"], names["extra"]


def _edges(part: Part, key: str) -> list[Edge]:
    return [
        Edge(normalised(each.name()), tuple(normalised(extra) for extra in each.texts("extra")))
        for each in part.tables(key)
    ]


def _markers(rows: list[Row]) -> dict[str, set[str]]:
    """Of each name, the markers under which it is needed; it is needed anyhow where "" is among them."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for need in row.needs:
            found.setdefault(normalised(need.name), set()).add(need.marker)
    return found


def _told(row: Row, by_name: dict[str, set[tuple[str, str]]], markers: dict[str, set[str]]) -> Row:
    name = normalised(row.name)
    brought, needed = by_name.get(name, set()), markers.get(name, {""})
    return row._replace(
        conditions=() if "" in needed else tuple(sorted(needed)),
        groups=tuple(sorted(name for kind, name in brought if kind == "group")),
        extras=tuple(sorted(name for kind, name in brought if kind == "extra")),
    )
