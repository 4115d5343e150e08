"""What to run so that findings are mended, for the tool that owns each file. Pure: nothing is run, and nothing edited.

* one upgrade a package, to the lowest version that no live record affects: it mends every finding of it; never a
  downgrade
* upgrades of one file are one command where its tool resolves them together: they often need each other
* whatever is from a file is quoted for a shell; what nobody could type, or would be taken for an option, is not
  written as a command
* what cannot be mended is said: lines that begin with `#` are for people, all others for a shell
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from verifier.audit.findings.compiled import Compiled, made_by
from verifier.audit.orders import order_of
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import Finding

_MOST_IDS: Final = 5
_INSTALLED: Final = ("/METADATA", "/PKG-INFO", ".egg-info")
"""How the record of what pip has installed is called."""
_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})


class Owner(Protocol):
    """A file that packages were read from: its `format` says which tool owns it (`audit.sources.collected`)."""

    @property
    def format(self) -> str: ...

    @property
    def path(self) -> str: ...


class Targets(Protocol):
    """What was audited: the files that packages were read from."""

    @property
    def sources(self) -> Sequence[Owner]: ...


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


def fix_plan(
    findings: Sequence[Finding], collected: Targets, *, contents: Mapping[str, bytes] = _NOTHING
) -> tuple[str, ...]:
    """The lines of the plan, for all findings that no valid exception covers.

    `contents` are the beginnings of files, by the names that places give them: who has made a file stands there.
    """
    left = [each for each in findings if not each.suppressed]
    upgrades, lines = _upgrades(left)
    for (form, path), found in _by_file(upgrades, collected.sources).items():
        lines += _TOOLS.get(form, _no_tool)(list(found.values()), path, made_by(contents.get(path, b"")))
    return tuple(dict.fromkeys(lines))


def _upgrades(findings: Iterable[Finding]) -> tuple[list[Upgrade], list[str]]:
    """What is to be upgraded, and what is to be said of the rest."""
    of_package: dict[str, list[Finding]] = defaultdict(list)
    for each in findings:
        of_package[each.package.purl].append(each)
    upgrades, lines = [], []
    for found in of_package.values():
        package, to = found[0].package, _highest(found)
        ids = [each.ids[0] for each in found]
        named = f"{_said(package.name)} {_said(package.version or '')}".strip()
        told = ", ".join(map(_said, ids[:_MOST_IDS])) + (", …" if len(ids) > _MOST_IDS else "")
        if to is None:
            doubt = (
                ""
                if any(each.status == "affected" for each in found)
                else "nobody can say whether it is affected, and "
            )
            lines.append(f"# {named}: {doubt}no fixed version known ({told})")
        elif not _typeable(package.name, to, *filter(None, [package.namespace])):
            lines.append(f"# {named}: its name or version is nothing to type in a shell ({told})")
        else:
            if "+" in (package.version or ""):
                lines.append(f"# {named} is a build of its own: take the like of it of {to}")
            upgrades.append(Upgrade(package, to))
    return upgrades, lines


def _highest(findings: Sequence[Finding]) -> str | None:
    """The version that mends all of them, where there is one, and it is an upgrade."""
    fixes = [each.minimal_fix for each in findings if each.minimal_fix is not None]
    if len(fixes) < len([each for each in findings if each.status == "affected"]) or not fixes:
        return None
    package = findings[0].package
    return _last(package.ecosystem, fixes)


def _last(ecosystem: str, versions: Sequence[str]) -> str:
    """The latest of versions that have an order: every fix has one."""
    order = order_of(ecosystem)
    keyed: list[tuple[Any, str]] = [(order.key(each), each) for each in versions]
    return max(keyed, key=lambda each: each[0])[1]


def _typeable(*words: str) -> bool:
    """Whether words can stand in a command: they show, and none is an option."""
    return all(each.strip() and each.isprintable() and not each.startswith("-") for each in words)


def _by_file(upgrades: Iterable[Upgrade], owners: Sequence[Owner]) -> dict[tuple[str, str], dict[str, Upgrade]]:
    """The upgrades of each file by their names, for the format that it has, and its path."""
    found: dict[tuple[str, str], dict[str, Upgrade]] = defaultdict(dict)
    for each in upgrades:
        files: dict[str, list[int]] = defaultdict(list)
        for place in each.package.places:
            files[place.file].append(place.line)
        somewhere = {owners[0].path if owners else "": [0]}
        for file, lines in (files or somewhere).items():
            owner = _owner_of(file, owners)
            held = found[owner]
            upgrade = each._replace(at=tuple(lines))
            earlier = held.get(each.name)
            held[each.name] = upgrade if earlier is None else _later(earlier, upgrade)
    return found


def _later(one: Upgrade, other: Upgrade) -> Upgrade:
    """The one of two versions of a name that mends both."""
    last = _last(one.package.ecosystem, [one.to, other.to])
    chosen, rest = (one, other) if last == one.to else (other, one)
    return chosen._replace(at=(*chosen.at, *rest.at))


def _owner_of(file: str, owners: Sequence[Owner]) -> tuple[str, str]:
    """The format that a file has, and its path; of what is installed, of the whole environment."""
    owner = _named(file, owners)
    if owner is None:
        return "", file
    if owner.format != "environment":
        return owner.format, file
    # What a package has brought along inside itself is no package that pip knows.
    return (owner.format, owner.path) if file.endswith(_INSTALLED) else ("", file)


def _named(file: str, owners: Sequence[Owner]) -> Owner | None:
    """The target that a file is, or is in; one that no target names is included by the first."""
    for each in owners:
        if each.path == file or each.path.endswith(f"/{file}") or file.endswith(f"/{each.path}"):
            return each
    within = (each for each in owners if file.startswith(f"{each.path.rstrip('/')}/"))
    installed = (each for each in owners if each.format == "environment" and file.endswith(_INSTALLED))
    return next(iter((*within, *installed, *owners)), None)


def _uv(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    yield from _asked_for(upgrades, "pyproject.toml")
    asked = " ".join(f"--upgrade-package {each.pinned}" for each in upgrades)
    yield f"uv lock{_folder(path, '--project')} {asked}"


def _poetry(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    yield from _by_standing(upgrades, f"poetry{_folder(path, '--directory')}")


def _pdm(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    folder = _folder(path, "--project")
    direct, others = _parted(upgrades)
    if direct:
        yield f"pdm add{folder} {_at_least(direct)}"
    if others:
        yield f"pdm update{folder} {' '.join(shlex.quote(each.name) for each in others)}"
        yield from _look_again(others)


def _by_standing(upgrades: Sequence[Upgrade], tool: str) -> Iterator[str]:
    """What the project asks for itself is asked for anew, all else is updated."""
    direct, others = _parted(upgrades)
    if direct:
        yield f"{tool} add {_at_least(direct)}"
    if others:
        yield f"{tool} update {' '.join(shlex.quote(each.name) for each in others)}"
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
    del path, made
    yield from _asked_for(upgrades, "Pipfile")
    yield f"pipenv upgrade {' '.join(each.pinned for each in upgrades)}"


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
                yield f"# {_said(path)} is made by: {_said(made.written)}"
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
    return f"(cd {shlex.quote(path.removesuffix(f'/{written}') or '/')} && {command})"


def _lines_to_write(upgrades: Sequence[Upgrade], path: str) -> Iterator[str]:
    for each in upgrades:
        at = ", ".join(f"{_said(path)}:{line}" if line else _said(path) for line in each.at or (0,))
        hashes = ", with its hashes" if each.package.distributions else ""
        yield f"# {at}: write {each.name}=={each.to}{hashes}"


def _pylock(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    if made is not None and made.tool:
        yield from _requirements(upgrades, path, made)
        return
    wanted = ", ".join(f"{each.name}=={each.to}" for each in upgrades)
    yield f"# {_said(path)}: make it anew, by the tool that has made it, with {wanted}"


def _environment(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    wanted = " ".join(each.pinned for each in upgrades)
    if path.rpartition("/")[2].startswith(("python", "pypy")):
        yield f"{shlex.quote(path)} -m pip install {wanted}"
        return
    environment, lib, inside = path.rstrip("/").partition("/lib/python")
    if lib and not inside.endswith("/site-packages"):
        yield from _no_tool(upgrades, path, made)  # a distribution's own folder, or anything else
    else:
        yield f"python -m pip --python {shlex.quote(environment)} install {wanted}"


def _npm(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    folder = _folder(path, "--prefix")
    direct, others = _parted(upgrades)
    if direct:
        yield f"npm install{folder} {' '.join(shlex.quote(f'{each.name}@{each.to}') for each in direct)}"
    if others:
        yield f"npm update{folder} {' '.join(shlex.quote(each.name) for each in others)}"
        yield from _look_again(others)


def _go(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    folder = _folder(path, "-C")
    wanted = " ".join(shlex.quote(f"{each.name}@v{each.to.removeprefix('v')}") for each in upgrades)
    yield f"go{folder} get {wanted}"
    yield f"go{folder} mod tidy"


def _no_tool(upgrades: Sequence[Upgrade], path: str, made: Compiled | None) -> Iterator[str]:
    del made
    for each in upgrades:
        yield f"# {_said(path)}: {each.name} {_said(each.package.version or '')} to {each.to}, where it comes from"


def _folder(path: str, flag: str) -> str:
    """The option that names the project's folder, where a file is not in the one that the tool runs in."""
    folder = path.rpartition("/")[0]
    return f" {flag} {shlex.quote(folder)}" if folder else ""


def _said(text: str) -> str:
    """A text in a comment: one line, whatever it holds."""
    return text if text.isprintable() else ascii(text)


_TOOLS: Final[Mapping[str, Callable[[Sequence[Upgrade], str, Compiled | None], Iterator[str]]]] = MappingProxyType(
    {
        "uv": _uv,
        "poetry": _poetry,
        "pdm": _pdm,
        "pipenv": _pipenv,
        "requirements": _requirements,
        "pylock": _pylock,
        "environment": _environment,
        "npm": _npm,
        "go": _go,
    }
)
"""By a source's format."""
