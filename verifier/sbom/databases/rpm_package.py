"""What a header of rpm's database says of its package, and of the files that it owns.

* epoch, version, release and architecture are kept apart, as rpm compares them
* files that were not installed, that another package has replaced, and ghosts are no promise of what is there

Source: rpm 4.18, include/rpm/{rpmtag,rpmfiles}.h; https://rpm.org/docs/4.20.x/manual/tags.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from verifier.sbom.catalog.reader import Owned
from verifier.sbom.databases.opening import WORD, identifier, inside, plain, unreadable
from verifier.sbom.databases.rpm_header import Header

_NAME, _VERSION, _RELEASE, _EPOCH, _SUMMARY, _VENDOR, _LICENSE, _ARCH = 1000, 1001, 1002, 1003, 1004, 1011, 1014, 1022
_SOURCE, _PROVIDES, _REQUIRES, _MODULARITY = 1044, 1047, 1049, 5096
_MODES, _DIGESTS, _LINKS, _FLAGS, _STATES = 1030, 1035, 1036, 1037, 1029
_FOLDER_OF, _BASENAMES, _FOLDERS, _ALGORITHM = 1116, 1117, 1118, 5011
_CONFIG, _DOC, _MISSING_OK, _GHOST, _LICENSED, _README = 1 << 0, 1 << 1, 1 << 3, 1 << 6, 1 << 7, 1 << 8
_SPARE: Final = _DOC | _MISSING_OK | _GHOST | _LICENSED | _README
_NORMAL: Final = 0
_NOTHING: Final = ("", "(none)")
"""What rpm itself writes for what a package has not: keys that it was told to trust stand among the packages."""
_IS_FOLDER, _IS_LINK, _IS_FILE, _KIND = 0o040000, 0o120000, 0o100000, 0o170000
_ALGORITHMS: Final = {1: ("md5", 16), 2: ("sha1", 20), 8: ("sha256", 32), 9: ("sha384", 48), 10: ("sha512", 64)}


class RpmPackage(NamedTuple):
    """One package: `version` is version and release; `epoch` "" where it has none."""

    name: str
    version: str
    epoch: str
    architecture: str
    source: str
    vendor: str
    license: str
    summary: str
    modularity: str
    provides: list[str]
    requires: list[str]


def package_of(header: Header, *, path: str, where: str) -> RpmPackage:
    """The package that `header` is of."""
    name = identifier(header.text(_NAME), WORD, path=path, what=f"{where}: the name")
    what = f"{where} ({name})"
    version = identifier(header.text(_VERSION), WORD, path=path, what=f"{what}: the version")
    release = identifier(header.text(_RELEASE), WORD, path=path, what=f"{what}: the release")
    optional = (
        ("the architecture", header.text(_ARCH)),
        ("the source package", header.text(_SOURCE)),
        ("the modularity label", header.text(_MODULARITY)),
    )
    architecture, source, modularity = (
        identifier(said, WORD, path=path, what=f"{what}: {which}") if said not in _NOTHING else ""
        for which, said in optional
    )
    epoch = header.numbers(_EPOCH)
    return RpmPackage(
        name,
        f"{version}-{release}",
        str(epoch[0]) if epoch else "",
        architecture,
        source,
        "" if (vendor := plain(header.text(_VENDOR))) in _NOTHING else vendor,
        plain(header.text(_LICENSE)),
        plain(header.text(_SUMMARY)),
        modularity,
        header.texts(_PROVIDES),
        header.texts(_REQUIRES),
    )


def owned_by(header: Header, owner: str, *, path: str, where: str) -> Iterator[Owned]:
    """The files that the package owns, but for folders and what was not installed."""
    names = header.texts(_BASENAMES)
    if not names:
        return
    folders, which = header.texts(_FOLDERS), header.numbers(_FOLDER_OF)
    lists: dict[str, list[str] | tuple[int, ...]] = {
        "digests": header.texts(_DIGESTS) or [""] * len(names),
        "links": header.texts(_LINKS) or [""] * len(names),
        "modes": header.numbers(_MODES),
        "flags": header.numbers(_FLAGS),
        "folders": which,
    }
    for said, values in lists.items():
        if len(values) != len(names):
            raise unreadable(path, f"the header {where} has {len(names)} files, and {len(values)} {said} of them")
    states = header.numbers(_STATES) or (_NORMAL,) * len(names)
    if len(states) != len(names) or max(which) >= len(folders):
        raise unreadable(path, f"the header {where} has files in folders that it does not name, or no states of them")
    algorithm, size = _ALGORITHMS.get((header.numbers(_ALGORITHM) or (1,))[0], ("", 0))
    for at, name in enumerate(names):
        if states[at] != _NORMAL:
            continue
        full = inside(folders[which[at]] + name)
        if full is None or "/" in name:
            raise unreadable(path, f"the header {where} names the file {folders[which[at]] + name!r:.90}")
        mode, link = int(lists["modes"][at]), str(lists["links"][at])
        yield from _one(
            full, owner, mode, int(lists["flags"][at]), _digest(str(lists["digests"][at]), algorithm, size), link
        )


def _one(path: str, owner: str, mode: int, flags: int, digest: tuple[str, bytes], link: str) -> Iterator[Owned]:
    role: Literal["content", "config", "spare"] = "content"
    if flags & _CONFIG:
        role = "config"
    elif flags & _SPARE:
        role = "spare"
    kind = mode & _KIND
    if flags & _GHOST:
        yield Owned(path, owner, role="spare")
    elif kind == _IS_FILE:
        yield Owned(path, owner, *digest, role=role)
    elif kind == _IS_LINK:
        yield Owned(path, owner, link=link, role=role)
    elif kind != _IS_FOLDER:  # a device or a pipe
        yield Owned(path, owner, role="spare")


def _digest(said: str, algorithm: str, size: int) -> tuple[str, bytes]:
    """What is written in hex, where it is such a digest; a damaged one is held against no file."""
    if algorithm and len(said) == 2 * size:
        try:
            return algorithm, bytes.fromhex(said)
        except ValueError:
            return "", b""
    return "", b""
