"""dpkg's records of packages: one value for each paragraph that says that something is there.

* installed, unpacked, half-configured and waiting for triggers are there; half-installed is there, and told apart;
  what only left its configuration, or is not installed, is not
* what dpkg has noted and not yet merged (`updates/`) counts, in its order, as it does for dpkg
* a record without a name, a version, or a status that dpkg knows is `Refused`

Source: dpkg 1.21, lib/dpkg/{parse,fields,dbmodify}.c; https://manpages.debian.org/bookworm/dpkg/dpkg.1
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from verifier.formats.bom.document import MAX_COMPONENTS
from verifier.sbom.databases.opening import WORD, identifier, unreadable
from verifier.sbom.databases.paragraphs import paragraphs

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")
_ARCHITECTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SOURCE = re.compile(r"([^\s()]+)(?:\s*\(([^()]+)\))?")
_WANTED: Final = frozenset({"unknown", "install", "hold", "deinstall", "purge"})
_FLAGS: Final = frozenset({"ok", "reinstreq"})
_ABSENT: Final = frozenset({"not-installed", "config-files"})
_THERE: Final = frozenset(
    {"installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending", "half-installed"}
)
_KEPT: Final = frozenset(
    {"package", "status", "version", "config-version", "architecture", "source", "maintainer", "description"}
    | {"conffiles", "depends", "pre-depends", "provides", "homepage"}
)


class DpkgPackage(NamedTuple):
    """One record. `state` is the third word of its status; `source` and `source_version` are those of `Source:`, "" for
    what the package itself has; `conffiles` are pairs of a path and an MD5; `record` is the file that it stands in."""

    name: str
    version: str
    architecture: str
    state: str
    record: str
    source: str = ""
    source_version: str = ""
    maintainer: str = ""
    description: str = ""
    homepage: str = ""
    depends: str = ""
    provides: str = ""
    conffiles: tuple[tuple[str, bytes], ...] = ()


def read_status(content: bytes, *, path: str, single: bool = False) -> list[DpkgPackage]:
    """The records in `content`, those of absent packages too. `single` is a file of `status.d`, whose packages are
    installed where they do not say otherwise."""
    found = []
    for line, fields in paragraphs(content, path=path, keep=_KEPT):
        found.append(_package(fields, line, path=path, state="installed" if single else ""))
        if len(found) > MAX_COMPONENTS:
            raise unreadable(path, f"has more than {MAX_COMPONENTS} records")
    return found


def present(records: Iterable[DpkgPackage]) -> list[DpkgPackage]:
    """The packages that are there: of two records of one name and architecture the later counts."""
    latest: dict[tuple[str, str], DpkgPackage] = {}
    for each in records:
        latest[each.name, each.architecture] = each
    return [each for each in latest.values() if each.state in _THERE]


def _package(fields: dict[str, str], line: int, *, path: str, state: str) -> DpkgPackage:
    where = f"the record at line {line}"
    name = identifier(fields.get("package", ""), _NAME, path=path, what=f"{where}: Package")
    state = _state(fields.get("status"), state, f"{where} ({name})", path)
    version, architecture = fields.get("version", ""), fields.get("architecture", "")
    if version or state not in _ABSENT:
        identifier(version, WORD, path=path, what=f"{where} ({name}): Version")
    if architecture:
        identifier(architecture, _ARCHITECTURE, path=path, what=f"{where} ({name}): Architecture")
    source, source_version = _source(fields.get("source", ""), f"{where} ({name}): Source", path)
    needs = ", ".join(each for each in (fields.get("pre-depends"), fields.get("depends")) if each)
    return DpkgPackage(
        name,
        version,
        architecture,
        state,
        path,
        "" if source == name and source_version in {"", version} else source,
        "" if source_version == version else source_version,
        fields.get("maintainer", ""),
        fields.get("description", "").partition("\n")[0],
        fields.get("homepage", ""),
        needs,
        fields.get("provides", ""),
        tuple(_conffiles(fields.get("conffiles", ""))),
    )


def _state(said: str | None, default: str, where: str, path: str) -> str:
    if said is None and default:
        return default
    words = (said or "").split()
    if len(words) != 3 or words[0] not in _WANTED or words[1] not in _FLAGS or words[2] not in _ABSENT | _THERE:
        shown = "no Status" if said is None else f"the Status {said[:80]!r}"
        raise unreadable(path, f"{where} has {shown}, expected three words of dpkg's, as `install ok installed`")
    return words[2]


def _source(said: str, where: str, path: str) -> tuple[str, str]:
    if not said:
        return "", ""
    matched = _SOURCE.fullmatch(said)
    if matched is None:
        raise unreadable(path, f"{where} is {said[:80]!r}, expected a name, or a name and a version in brackets")
    name = identifier(matched[1], WORD, path=path, what=where)
    return name, identifier(matched[2].strip(), WORD, path=path, what=where) if matched[2] else ""


def _conffiles(said: str) -> Iterable[tuple[str, bytes]]:
    """Obsolete ones, which no package has any more, and those that are to be removed are left out."""
    for line in said.split("\n"):
        words = line.strip().rsplit(" ", 2)
        if len(words) == 3 and words[2] in {"obsolete", "remove-on-upgrade"}:
            continue
        file, _, digest = line.strip().rpartition(" ")
        if file and len(digest) == 32:
            try:
                yield file, bytes.fromhex(digest)
            except ValueError:  # `newconffile` and the like: a digest that is not known yet
                continue
