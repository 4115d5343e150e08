"""What one line of a requirements file asks for: by name and version, by URL, or by path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from verifier.formats.bom.component import Distribution, Hash, Origin
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.rows.file_names import refuse_other_file
from verifier.sbom.locks.rows.lines import Line
from verifier.sbom.locks.rows.part import Part
from verifier.sbom.locks.rows.places import git_origin, plain
from verifier.sbom.locks.rows.row import Row

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_VCS: Final = ("git+", "hg+", "svn+", "bzr+")
_FRAGMENT = re.compile(r"(?:^|[#&])(?P<key>[a-z0-9]+)=(?P<value>[^&]*)")
_HASHES: Final = frozenset({"md5", "sha1", "sha256", "sha384", "sha512"})
_PLACE = re.compile(r"[^\s\"'<>|^`{}]+\Z")
_PINNED = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?) ?== ?(\d+(?:\.\d+)*(?:(?:a|b|rc|\.post|\.dev)\d+)?)\Z", re.ASCII
)
"""What most lines are, and no parser is needed for."""
_LEGACY = re.compile(r"(\A[A-Za-z0-9._-]+\s*(?:\[[A-Za-z0-9._,\s-]*\])?\s*)==(?!=)(\s*(?![^;,]*\*)[^\s;,]+\s*(?:;|\Z))")
"""One version, and nothing else: pip before 24.1 took any text for one, which `===` says today (PEP 440)."""
_MAX: Final = 16_384
"""Characters of one requirement without its digests."""


def row_of(line: Line, options: list[tuple[str, str]]) -> Row:
    """The row; `Refused` where the line asks for nothing that pip would understand."""
    editable = [value for option, value in options if option == "--editable"]
    if len(editable) + bool(line.requirement) != 1:
        raise line.refusal("more or less than one requirement stands in this line")
    text = (editable or [line.requirement])[0]
    if len(text) > _MAX:
        raise line.refusal(f"a requirement of {len(text)} characters; at most {_MAX} are read")
    part = Part({}, path=line.path, line=line.number, where="the requirement")
    row = _placed(line, part, text, bool(editable)) if editable or _is_place(text) else _named(line, part, text)
    hashes = tuple(part.digest(value, "--hash") for option, value in options if option == "--hash")
    return row._replace(distributions=row.distributions + tuple(Distribution("", (each,)) for each in hashes))


def _is_place(text: str) -> bool:
    """Whether a requirement is a path or a bare URL, as pip tells them from names."""
    first = text.partition(";")[0].strip()
    return (
        "://" in first.partition(" @ ")[0].partition("@")[0]
        or first.startswith((".", "/", "~", *_VCS, "file:"))
        or ("/" in first.split("@")[0].split("[")[0])
        or ("@" not in first and first.lower().endswith((".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")))
    )


def _named(line: Line, part: Part, text: str) -> Row:
    if pinned := _PINNED.match(text):
        return Row(
            name=part.checked_name(pinned[1], ""),
            version=part.checked_version(pinned[2]),
            origin=Origin("unrecorded"),
            path=line.path,
            line=line.number,
        )
    try:
        wanted = _wanted(text)
    except (ValueError, RecursionError) as error:
        reason = str(error).split("\n")[0][:200]
        raise line.refusal(f"{text[:100]!r} is no requirement: {reason}") from None
    part.checked_name(wanted.name, "")
    exact = [each.version for each in wanted.specifier if _exact(each.operator, each.version)]
    version = part.checked_version(exact[0], "version") if len(exact) == 1 else None
    row = Row(
        name=wanted.name,
        version=version,
        origin=Origin("unrecorded"),
        path=line.path,
        line=line.number,
        features=tuple(sorted(wanted.extras)),
        markers=(str(wanted.marker),) if wanted.marker else (),
        constraint="" if version is not None else str(wanted.specifier),
    )
    return row if wanted.url is None else _from_url(row, part, wanted.url)


def _wanted(text: str) -> Requirement:
    """The requirement; a version that PEP 440 does not define is taken for the text that it is."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - most lines need no parser

    try:
        return Requirement(text)
    except InvalidRequirement:
        legacy = _LEGACY.match(text)
        if legacy is None:
            raise
        return Requirement(f"{legacy[1]}==={legacy[2]}{text[legacy.end() :]}")


def _exact(operator: str, version: str) -> bool:
    return operator == "===" or (operator == "==" and not version.endswith(".*"))


def _from_url(row: Row, part: Part, url: str) -> Row:
    """The row with what its URL says: the source, the digest in the fragment, the version in the file's name."""
    base, _, fragment = url.partition("#")
    if base.startswith(_VCS):
        kind, _, rest = base.partition("+")
        place, revision = _revision(rest)
        origin = git_origin(place, revision) if kind == "git" else Origin("url", plain(f"{kind}+{place}"), revision)
        return row._replace(origin=origin)
    hashes = tuple(part.hash(key, value, "the URL") for key, value in _FRAGMENT.findall(fragment) if key in _HASHES)
    if row.named:
        refuse_other_file(part, row.name, row.version, base, indexed=False)
    said, version = _of_file(base)
    if normalised(said) != normalised(row.name):
        version = None  # what an archive of somewhere else is called says nothing
    files = (Distribution(plain(base), hashes),) if "://" in base else _files(hashes)
    kind = "url" if "://" in base and not base.startswith("file:") else "path"
    return row._replace(origin=Origin(kind, plain(base)), version=version, distributions=files)


def _files(hashes: tuple[Hash, ...]) -> tuple[Distribution, ...]:
    return (Distribution("", hashes),) if hashes else ()


def _revision(url: str) -> tuple[str, str]:
    """A repository's URL and what stands behind the `@` of its path."""
    url = url.partition("?")[0]
    start = url.find("/", url.find("://") + 3)
    head, at, revision = url[start:].rpartition("@")
    return (url[:start] + head, revision) if at else (url, "")


def _placed(line: Line, part: Part, text: str, editable: bool) -> Row:
    """A row of a path or a bare URL: its name is that of the file, or what `#egg=` says, or nobody's."""
    place, _, marker = (each.strip() for each in re.split(r"(\s;)", f"{text} ;", maxsplit=1))
    marker = marker.removesuffix(";").strip()
    base, _, fragment = place.partition("#")
    if not _PLACE.match(base) or not plain(base) or (base.endswith(".whl") and not _of_file(base)[0]):
        raise line.refusal(f"{plain(base)[:100]!r} is no path and no URL")
    egg = next((unquote(value) for key, value in _FRAGMENT.findall(fragment) if key == "egg"), "")
    name, version = (egg.partition("[")[0], None) if egg else _of_file(base)
    if marker:
        _require_marker(line, marker)
    blank = Row(
        name=part.checked_name(name) if name else plain(base)[:1024],
        version=version,
        origin=Origin("editable" if editable else "directory", base),
        path=line.path,
        line=line.number,
        markers=(marker,) if marker else (),
        named=bool(name),
    )
    if "://" in base or base.startswith(_VCS):
        return _from_url(blank, part, place)
    if not editable and _of_file(base)[0]:
        return _from_url(blank, part, place)
    return blank._replace(origin=Origin(blank.origin.kind, base.partition("[")[0]), root=base.rstrip("/") == ".")


def _require_marker(line: Line, marker: str) -> None:
    from packaging.markers import InvalidMarker, Marker  # noqa: PLC0415 - as above

    try:
        Marker(marker)
    except InvalidMarker as error:
        reason = str(error).split("\n")[0][:200]
        raise line.refusal(f"{marker[:100]!r} is no marker: {reason}") from None


def _of_file(location: str) -> tuple[str, str | None]:
    """Name and version that a wheel's or an archive's file name says; "" and None where it is none."""
    from packaging.utils import parse_sdist_filename, parse_wheel_filename  # noqa: PLC0415 - as above

    file = unquote(location.rpartition("/")[2])
    try:
        if file.endswith(".whl"):
            return str(parse_wheel_filename(file)[0]), str(parse_wheel_filename(file)[1])
        if file.endswith((".tar.gz", ".zip")):
            name, version = parse_sdist_filename(file)
            return str(name), str(version)
    except ValueError:  # what is no file name, or has a number of more digits than `int` reads
        pass
    return "", None
