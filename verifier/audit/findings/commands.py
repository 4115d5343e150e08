"""The commands of the tools that own files, each from what is to be upgraded in one file. Pure.

* a row for each format; what has none is said
* whatever is from a file is quoted for a shell; lines that begin with `#` are for people
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from verifier.audit.findings.compiled import Compiled
from verifier.formats.audit.package import Package

_OUTRIGHT: Final = frozenset({"main", "default", "dependencies", ""})
"""Groups that are none: what a project needs whatever is asked for."""


class Upgrade(NamedTuple):
    """One package of one file, and the version that mends it; `at` are its lines in that file."""

    package: Package
    to: str
    at: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Its name as its tools take it."""
        package = self.package
        return f"{package.namespace}/{package.name}" if package.namespace else package.name

    @property
    def pinned(self) -> str:
        """What asks for exactly this version, in Python's tools, quoted for a shell."""
        return shlex.quote(f"{self.name}=={self.to}")


def _uv(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    yield from _asked_for(upgrades, "pyproject.toml")
    asked = " ".join(f"--upgrade-package {each.pinned}" for each in upgrades)
    yield f"uv lock{_folder(path, '--project')} {asked}"


def _poetry(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    yield from _by_standing(upgrades, f"poetry{_folder(path, '--directory')} add", "--group")
    yield from _updated(upgrades, f"poetry{_folder(path, '--directory')} update")


def _pdm(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    yield from _by_standing(upgrades, f"pdm add{_folder(path, '--project')}", "--dev --group")
    yield from _updated(upgrades, f"pdm update{_folder(path, '--project')}")


def _by_standing(upgrades: Sequence[Upgrade], command: str, flag: str) -> Iterator[str]:
    """What the project asks for itself is asked for anew, in the group that it is in."""
    groups: dict[str, list[Upgrade]] = {}
    for each in _parted(upgrades)[0]:
        groups.setdefault(_group(each), []).append(each)
    for group, found in groups.items():
        yield " ".join([command, *([flag, shlex.quote(group)] if group else []), _at_least(found)])


def _group(upgrade: Upgrade) -> str:
    """The group that a project asks in; "" for none."""
    groups = upgrade.package.groups
    return "" if not groups or not _OUTRIGHT.isdisjoint(groups) else groups[0]


def _updated(upgrades: Sequence[Upgrade], command: str) -> Iterator[str]:
    """What something else needs is updated, as far as it allows."""
    others = _parted(upgrades)[1]
    if others:
        yield f"{command} {' '.join(shlex.quote(each.name) for each in others)}"
        yield from _look_again(others)


def _parted(upgrades: Sequence[Upgrade]) -> tuple[list[Upgrade], list[Upgrade]]:
    direct = [each for each in upgrades if each.package.direct]
    return direct, [each for each in upgrades if not each.package.direct]


def _at_least(upgrades: Sequence[Upgrade]) -> str:
    return " ".join(shlex.quote(f"{each.name}>={each.to}") for each in upgrades)


def _look_again(upgrades: Sequence[Upgrade]) -> Iterator[str]:
    """What to look for where a tool takes no version."""
    wanted = ", ".join(f"{each.name} {each.to}" for each in upgrades)
    yield f"# it takes what the project allows; wanted is at least {wanted}: audit again"


def _asked_for(upgrades: Sequence[Upgrade], file: str) -> Iterator[str]:
    for each in upgrades:
        if each.package.direct:
            yield f"# the project asks for {each.name} itself: where {file} does not allow {each.to}, change that first"


def _pipenv(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    folder = path.rpartition("/")[0]
    yield from _asked_for(upgrades, "Pipfile")
    for flag, wanted in (("", False), (" --dev", True)):
        found = [each for each in upgrades if bool(_group(each)) is wanted]
        if found:
            command = f"pipenv upgrade{flag} {' '.join(each.pinned for each in found)}"
            yield _in(folder, command) if folder else command


def _requirements(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    quoted = shlex.quote(path)
    match made.tool if made is not None else None:
        case "pip-compile":
            yield _there(path, made, f"pip-compile {_flags('-P', upgrades)}{_rest(made, quoted)}")
        case "uv pip compile":
            yield _there(path, made, f"uv pip compile {_flags('--upgrade-package', upgrades)}{_rest(made, quoted)}")
        case "uv export":
            folder = _folder(path, "--project")
            yield f"uv lock{folder} {_flags('--upgrade-package', upgrades)}"
            yield f"uv export{folder}{_rest(made, quoted)}"
        case _:
            if made is not None:
                yield f"# {said(path)} is made by: {said(made.written)}"
            yield from _lines_to_write(upgrades, path)


def _flags(flag: str, upgrades: Sequence[Upgrade]) -> str:
    return " ".join(f"{flag} {each.pinned}" for each in upgrades)


def _rest(made: Compiled | None, output: str) -> str:
    """The arguments that the file was made with; where they do not say, that it is written to this file."""
    if made is None:
        return ""
    words = [shlex.quote(each) for each in made.arguments]
    return " ".join(["", *words, *([] if made.output else ["-o", output])])


def _there(path: str, made: Compiled | None, command: str) -> str:
    """A command where the file was made: its arguments are paths from there, where that can be told."""
    written = made.output if made is not None else ""
    if not written or not path.endswith(f"/{written}"):
        return command
    return _in(path.removesuffix(f"/{written}") or "/", command)


def _in(folder: str, command: str) -> str:
    """A command that is run in a folder."""
    return f"(cd {shlex.quote(folder)} && {command})"


def _lines_to_write(upgrades: Sequence[Upgrade], path: str) -> Iterator[str]:
    for each in upgrades:
        at = ", ".join(f"{said(path)}:{line}" if line else said(path) for line in each.at or (0,))
        hashes = ", with its hashes" if each.package.distributions else ""
        yield f"# {at}: write {each.name}=={each.to}{hashes}"


def _pylock(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    if made is not None and made.tool:
        yield from _requirements(upgrades, path, made)
        return
    wanted = ", ".join(f"{each.name}=={each.to}" for each in upgrades)
    yield f"# {said(path)}: make it anew, by the tool that has made it, with {wanted}"


def _environment(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    wanted = " ".join(each.pinned for each in upgrades)
    if path.rpartition("/")[2].startswith(("python", "pypy")):
        yield f"{shlex.quote(path)} -m pip install {wanted}"
        return
    environment, lib, inside = path.rstrip("/").partition("/lib/python")
    if lib and not inside.endswith("/site-packages"):
        yield from no_tool(upgrades, path, made)  # a distribution's own folder, or anything else
    else:
        yield f"python -m pip --python {shlex.quote(environment)} install {wanted}"


def _npm(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    folder = _folder(path, "--prefix")
    direct, _ = _parted(upgrades)
    if direct:
        yield f"npm install{folder} {' '.join(shlex.quote(f'{each.name}@{each.to}') for each in direct)}"
    yield from _updated(upgrades, f"npm update{folder}")


def _go(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    folder = _folder(path, "-C")
    wanted = " ".join(shlex.quote(f"{each.name}@v{each.to.removeprefix('v')}") for each in upgrades)
    yield f"go{folder} get {wanted}"
    yield f"go{folder} mod tidy"


def _pyproject(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    for each in upgrades:
        yield f"# {said(path)}: ask for {each.name}>={each.to}"


def no_tool(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    for each in upgrades:
        yield f"# {said(path)}: {each.name} {said(each.package.version or '')} to {each.to}, where it comes from"


def _folder(path: str, flag: str) -> str:
    """The option that names the project's folder, where a file is not in the one that the tool runs in."""
    folder = path.rpartition("/")[0]
    return f" {flag} {shlex.quote(folder)}" if folder else ""


def said(text: str) -> str:
    """A text in a comment: one line, whatever it holds."""
    return text if text.isprintable() else ascii(text)


TOOLS: Final[Mapping[str, Callable[[Sequence[Upgrade], str, Compiled | None], Iterator[str]]]] = MappingProxyType(
    {
        "uv": _uv,
        "poetry": _poetry,
        "pdm": _pdm,
        "pipenv": _pipenv,
        "requirements": _requirements,
        "pylock": _pylock,
        "pyproject": _pyproject,
        "environment": _environment,
        "npm": _npm,
        "go": _go,
    }
)
"""By a source's format."""
