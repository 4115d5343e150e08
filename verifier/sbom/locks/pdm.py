"""pdm.lock: formats 3.x and 4.x, in which a package has a row for each extra of it that is asked for.

* the index is not recorded: where a package comes from is then unknown
* digests stand in the row, before 4.4 in `[metadata.files]`; some old files have none

Source: pdm `project/lockfile/pdmlock.py`, `formats`; formats/sbom.md section 5.
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
from verifier.sbom.locks.rows.odd import newer, odd
from verifier.sbom.locks.rows.part import Part
from verifier.sbom.locks.rows.places import git_origin, plain
from verifier.sbom.locks.rows.row import Need, Row

_KNOWN: Final = {3: 99, 4: 5}
"""The newest minor number of each major one."""
_VERSION = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?(?:\.\d{1,9})?\Z")
_NEED = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?([^;]*)(?:;(.*))?\Z", re.DOTALL)


def read_pdm(path: str, content: bytes) -> Lock:
    """The lock; `Refused` with `dependency.lock-invalid` where it is not one."""
    document, lines = toml_of(content, path, "package")
    top = Part(document, path=path)
    metadata = top.table("metadata")
    version, findings = _version(metadata)
    files = _older_files(metadata)
    rows = tuple(_row(part, files) for part in top.tables("package", lines))
    findings += _lost(path, rows)
    groups = metadata.texts("groups") or tuple(sorted({group for row in rows for group in row.groups}))
    read = Lock(format="pdm", path=path, version=version, rows=rows, groups=groups, findings=findings)
    return completed(read, edges=True)


def _lost(path: str, rows: tuple[Row, ...]) -> tuple[Reason, ...]:
    """A warning where something that is needed under no marker is not there: it was excluded, or the file cut short."""
    there = {normalised(row.name) for row in rows}
    lost = {normalised(need.name) for row in rows for need in row.needs if not need.marker} - there
    return (odd(path, f"it depends on {', '.join(sorted(lost)[:3])}, and does not pin it"),) if lost else ()


def _version(metadata: Part) -> tuple[str, tuple[Reason, ...]]:
    written = metadata.text("lock_version")
    match = _VERSION.match(written)
    if match is None or int(match[1]) not in _KNOWN:
        raise metadata.refusal("lock_version", f"is {written[:40]!r}; 3.x and 4.x are read", "Lock with PDM 2.")
    return written, newer(metadata.path, written, int(match[2] or 0), _KNOWN[int(match[1])])


def _older_files(metadata: Part) -> dict[tuple[str, str], list[Part]]:
    """`[metadata.files]`, whose keys are "NAME VERSION"."""
    table, found = metadata.table("files"), dict[tuple[str, str], list[Part]]()
    for key in table.values:
        name, _, version = key.partition(" ")
        found.setdefault((normalised(name), version), []).extend(table.tables(key))
    return found


def _row(part: Part, older: dict[tuple[str, str], list[Part]]) -> Row:
    name, version = part.name(), part.version()
    files = part.tables("files") if "files" in part.values else older.get((normalised(name), version or ""), [])
    origin = _origin(part)
    for each in files:
        file = each.text("file") or each.text("url")
        refuse_other_file(each, name, version, file, indexed=origin.kind == "unrecorded")
    marker = part.text("marker")
    return Row(
        name=name,
        version=version,
        origin=origin,
        path=part.path,
        line=part.line,
        distributions=tuple(_distribution(each) for each in files),
        groups=part.texts("groups"),
        features=part.texts("extras"),
        markers=(marker,) if marker else (),
        needs=tuple(_need(part, each) for each in part.texts("dependencies")),
    )


def _distribution(part: Part) -> Distribution:
    hashes = (part.digest(part.required("hash")),) if "hash" in part.values else ()
    return Distribution(plain(part.text("url")), hashes)


def _origin(part: Part) -> Origin:
    if part.text("git"):
        return git_origin(part.text("git"), part.text("revision") or part.text("ref"))
    if part.text("url"):
        return Origin("url", plain(part.text("url")))
    if path := part.text("path"):
        kind = "editable" if part.flag("editable") else "path" if _is_file(path) else "directory"
        return Origin(kind, path)
    return Origin("unrecorded")


def _is_file(path: str) -> bool:
    return path.endswith((".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz"))


def _need(part: Part, text: str) -> Need:
    match = _NEED.match(text)
    if match is None:
        raise part.refusal("dependencies", f"holds {text[:100]!r}, which is no requirement")
    return Need(part.checked_name(match[1], "dependencies"), None, (match[3] or "").strip())
