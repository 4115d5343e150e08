"""pylock.toml (PEP 751), read by `packaging`, which is strict.

* what `packaging` refuses is refused, but for names that are not normalised, since pipenv writes some: with a warning
* `index` is optional: where it is absent, the source of a file is unknown; a source tree needs no version

Source: https://packaging.python.org/en/latest/specifications/pylock-toml/; formats/audit.md section 4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.core.errors import refuse
from verifier.formats.bom.component import Distribution, Origin
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.rows.document import CODE, at, toml_of
from verifier.sbom.locks.rows.made import completed
from verifier.sbom.locks.rows.odd import newer, odd
from verifier.sbom.locks.rows.part import Part, newest_upload
from verifier.sbom.locks.rows.places import git_origin, plain
from verifier.sbom.locks.rows.row import Need, Row

if TYPE_CHECKING:
    from packaging.pylock import Package, PackageArchive, PackageSdist, PackageWheel, Pylock

_IN = re.compile(r"""['"]([^'"]+)['"]\s+in\s+(extras|dependency_groups)\b""")
_CONTEXT = re.compile(r"packages\[(\d+)\]")


def read_pylock(path: str, content: bytes) -> Lock:
    """The lock; `Refused` with `dependency.lock-invalid` where it is not one."""
    document, lines = toml_of(content, path, "packages")
    parts = Part(document, path=path).tables("packages", lines)
    renamed = _normalise(document, parts)
    pylock = _parsed(document, path, lines)
    findings = newer(path, str(pylock.lock_version), pylock.lock_version.minor, 0)
    if renamed:
        findings += (
            odd(path, f"{renamed} names are not normalised, as the format demands; {pylock.created_by} did so"),
        )
    rows = tuple(_row(package, part) for package, part in zip(pylock.packages, parts, strict=True))
    groups = tuple(sorted({*(pylock.dependency_groups or ()), *(pylock.default_groups or ())}))
    read = Lock(
        format="pylock",
        path=path,
        version=str(pylock.lock_version),
        rows=rows,
        groups=groups,
        extras=tuple(pylock.extras or ()),
        findings=findings,
    )
    return completed(read, edges=any(package.dependencies for package in pylock.packages))


def _normalise(document: dict[str, object], parts: list[Part]) -> int:
    """Normalise every name in place; how many were not."""
    renamed = 0
    for part in parts:
        name = part.name()
        if (plain_name := normalised(name)) != name:
            part.values["name"], renamed = plain_name, renamed + 1
    extras = document.get("extras")
    if isinstance(extras, list):
        document["extras"] = [normalised(each) if isinstance(each, str) else each for each in extras]
    return renamed


def _parsed(document: dict[str, object], path: str, lines: list[int]) -> Pylock:
    from packaging.pylock import Pylock, PylockValidationError  # noqa: PLC0415 - only for who has such a lock

    try:
        return Pylock.from_dict(document)
    except PylockValidationError as error:
        found = _CONTEXT.match(error.context or "")
        line = lines[int(found[1])] if found and lines else 0
        raise refuse(CODE, at(path, line), f"not a lock of PEP 751: {str(error)[:500]}", "Lock anew.") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise refuse(CODE, path, f"not a lock of PEP 751: {str(error)[:500]}", "Lock anew.") from None


def _row(package: Package, part: Part) -> Row:
    files: list[PackageSdist | PackageWheel | PackageArchive] = [
        *([package.sdist] if package.sdist else []),
        *(package.wheels or []),
        *([package.archive] if package.archive else []),
    ]
    marker = str(package.marker) if package.marker else ""
    named = _IN.findall(marker)
    return Row(
        name=package.name,
        version=part.version(),
        origin=_origin(package),
        path=part.path,
        line=part.line,
        distributions=tuple(
            Distribution(
                plain(each.url or "") or each.path or "",
                tuple(part.hash(algorithm, value) for algorithm, value in sorted(each.hashes.items())),
            )
            for each in files
        ),
        groups=tuple(sorted({name for name, kind in named if kind == "dependency_groups"})),
        extras=tuple(sorted({name for name, kind in named if kind == "extras"})),
        markers=(marker,) if marker else (),
        needs=_needs(part),
        root=package.directory is not None and package.directory.path in {".", "./"},
        uploaded=newest_upload(
            [*(part.table(key) for key in ("sdist", "archive") if key in part.values), *part.tables("wheels")]
        ),
    )


def _origin(package: Package) -> Origin:
    if package.vcs is not None:
        return git_origin(package.vcs.url or package.vcs.path or "", package.vcs.commit_id)
    if package.directory is not None:
        return Origin("editable" if package.directory.editable else "directory", package.directory.path)
    if package.archive is not None:
        location = package.archive.url
        return Origin("url", plain(location)) if location else Origin("path", package.archive.path or "")
    return Origin("registry", plain(package.index)) if package.index else Origin("unrecorded")


def _needs(part: Part) -> tuple[Need, ...]:
    """Each dependency is told by whatever tells it from the others, its name at least."""
    return tuple(Need(each.name(), each.version()) for each in part.tables("dependencies"))
