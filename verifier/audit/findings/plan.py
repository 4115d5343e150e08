"""What to run so that findings are mended, for the tool that owns each file. Pure: nothing is run, and nothing edited.

* one upgrade a package, to the lowest version that no live record affects: it mends every finding of it; never a
  downgrade
* upgrades of one file are one command where its tool resolves them together: they often need each other
* whatever is from a file is quoted for a shell; what nobody could type, or would be taken for an option, is not
  written as a command
* what cannot be mended is said: lines that begin with `#` are for people, all others for a shell
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol

from verifier.audit.findings.commands import TOOLS, Upgrade, no_tool, said
from verifier.audit.findings.compiled import made_by
from verifier.audit.orders import order_of
from verifier.formats.audit.result import Finding

_MOST_IDS: Final = 5
_INSTALLED: Final = ("/METADATA", "/PKG-INFO", ".egg-info")
"""How the record of what pip has installed is called."""
_NO_HEADS: Final[Mapping[str, bytes]] = MappingProxyType({})


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


def fix_plan(
    findings: Sequence[Finding], collected: Targets, *, contents: Mapping[str, bytes] = _NO_HEADS
) -> tuple[str, ...]:
    """The lines of the plan, for all findings that no valid exception covers.

    `contents` are the beginnings of files, by the names that places give them: who has made a file stands there.
    """
    left = [each for each in findings if not each.suppressed]
    upgrades, lines = _upgrades(left)
    for (form, path), found in _by_file(upgrades, collected.sources).items():
        lines += TOOLS.get(form, no_tool)(list(found.values()), path, made_by(contents.get(path, b"")))
    return tuple(dict.fromkeys(each if each.isprintable() else f"# nothing to type: {each!a}" for each in lines))


def _upgrades(findings: Iterable[Finding]) -> tuple[list[Upgrade], list[str]]:
    """What is to be upgraded, and what is to be said of the rest."""
    of_package: dict[str, list[Finding]] = defaultdict(list)
    for each in findings:
        of_package[each.package.purl].append(each)
    upgrades, lines = [], []
    for found in of_package.values():
        package, to = found[0].package, _highest(found)
        ids = [each.ids[0] for each in found]
        named = f"{said(package.name)} {said(package.version or '')}".strip()
        told = ", ".join(map(said, ids[:_MOST_IDS])) + (", …" if len(ids) > _MOST_IDS else "")
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
