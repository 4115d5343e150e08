"""What is not pinned, resolved by pip for this machine and this moment, by way of pip-audit, in a child process.

* only packages of Python from an index, and only from the index that the caller names: a target names none
* what pip is given is a name, extras, specifiers and a marker, each read and written anew: no option gets through
* nothing is built: pip takes wheels only, for a source distribution runs what its author wrote
* a package that was resolved says so (`Package.resolved`); one that pip left out stays as it was, without a version,
  and so unknown
* what comes from another index than the public one says so, and nobody knows of it
* what pip brings along is added, as what the first package that was resolved stands for

pip-audit first upgrades pip in a virtual environment by an index that it is not told: it is told by PIP_INDEX_URL.
Source: formats/audit.md section 5.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from verifier.audit.online.children import PipAudit, Replies
from verifier.audit.online.client import WHOLE_S
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import Value, field, replace
from verifier.formats.audit.package import Package, Place
from verifier.formats.pypi.names import is_name, normalised
from verifier.sbom.catalog.purls import purl

INDEX: Final = "https://pypi.org/simple"
_WHEELS: Final = {"PIP_ONLY_BINARY": ":all:", "PIP_NO_CACHE_DIR": "1"}


class Resolved(Value):
    """`packages`, each with the version that was chosen for it, and what came with them."""

    packages: tuple[Package, ...] = field(repr=False)
    reasons: tuple[Reason, ...] = ()


class Resolver(Value):
    """pip, by way of `pip_audit`, with `index` and no other but `more_indexes`, within `whole_s` seconds."""

    pip_audit: PipAudit = field(default=PipAudit(), repr=False)
    index: str = INDEX
    more_indexes: tuple[str, ...] = ()
    whole_s: float = WHOLE_S

    @property
    def name(self) -> str:
        """The index as a report names it."""
        return shown(self.index)

    def resolve(self, packages: Sequence[Package]) -> Resolved:
        """Every package of `packages`, pinned where pip pins it; raises nothing."""
        lines = {each.purl: line for each in packages if self._is_open(each) and (line := _line(each))}
        if not lines:
            return Resolved(packages=tuple(packages))
        replies = self._asked(lines, packages)
        known = {each.name for each in packages if each.ecosystem == "pypi"}
        versions, problems = _read(replies, self.name, known)
        if problems:  # of a resolution that failed, nothing is taken
            return Resolved(packages=tuple(packages), reasons=problems)
        found = [_pinned(each, versions, self._named) if each.purl in lines else each for each in packages]
        first = next(each for each in packages if each.purl in lines)
        brought = [
            _brought(name, version, self._named, first) for name, version in versions.items() if name not in known
        ]
        return Resolved(packages=(*found, *brought))

    @property
    def _named(self) -> str:
        """The index that a package comes from, "" for the public one."""
        return "" if self.index.rstrip("/") == INDEX else self.index

    def _is_open(self, package: Package) -> bool:
        of_index = package.source == "index" and package.ecosystem == "pypi" and not package.local
        return of_index and package.version is None and package.index.rstrip("/") in ("", self.index.rstrip("/"))

    def _asked(self, lines: Mapping[str, str], packages: Sequence[Package]) -> Replies:
        environment = {**self.pip_audit.environment, **_WHEELS, "PIP_INDEX_URL": self.index}
        if self.more_indexes:
            environment["PIP_EXTRA_INDEX_URL"] = " ".join(self.more_indexes)
        with TemporaryDirectory(prefix="verifier-audit-") as folder:
            (Path(folder) / "constraints.txt").write_text("\n".join((*_constraints(packages), "")), "utf-8")
            file = Path(folder) / "requirements.txt"
            file.write_text("\n".join(("-c constraints.txt", *lines.values(), "")), "utf-8")
            request = {
                "do": "resolve",
                "file": str(file),
                "index": self.index,
                "more_indexes": list(self.more_indexes),
                "require_hashes": False,
            }
            pip_audit = replace(self.pip_audit, environment=environment)
            return pip_audit.run_in(Path(folder), request, whole_s=self.whole_s, subject=self.name)


def _line(package: Package) -> str:
    """The requirement, written anew; "" for what is none."""
    from packaging.markers import InvalidMarker, Marker  # noqa: PLC0415 - only for what is not pinned
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - as above

    if not is_name(package.name):
        return ""
    try:
        requirement = Requirement(f"{package.name}{package.asked}")
        # One that stands at several places may have no marker at one of them: then it is wanted.
        if len(package.markers) == len(package.places) == 1:
            requirement.marker = Marker(package.markers[0])
    except (InvalidMarker, InvalidRequirement):
        return ""
    return "" if requirement.url or requirement.name != package.name else str(requirement)


def _constraints(packages: Sequence[Package]) -> list[str]:
    """What is pinned already, where it is pinned to one version."""
    pinned: dict[str, set[str]] = {}
    for each in packages:
        if each.ecosystem == "pypi" and each.source == "index" and each.version is not None and is_name(each.name):
            pinned.setdefault(each.name, set()).add(each.version)
    return [f"{name}=={version}" for name, (version, *more) in pinned.items() if not more and _is_version(version)]


def _is_version(text: str) -> bool:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - only for what is not pinned

    try:
        return str(Version(text)) is not None
    except InvalidVersion:
        return False


def _read(replies: Replies, subject: str, known: Collection[str]) -> tuple[dict[str, str], tuple[Reason, ...]]:
    """The versions by normalised name, and what went wrong: what was left out stays without a version, if it is
    `known`."""
    versions: dict[str, str] = {}
    problems = [] if replies.problem is None else [replies.problem]
    for line in replies.lines:
        name, version = line.get("name"), line.get("version")
        if isinstance(name, str) and isinstance(version, str) and is_name(name) and _is_version(version):
            versions[normalised(name)] = version
        elif line.get("said") != "skipped" or not isinstance(name, str) or normalised(name) not in known:
            problems.append(_problem(subject, line))
    return versions, tuple(problems)


def _problem(subject: str, line: Mapping[str, Any]) -> Reason:
    message = f"what is not pinned could not be resolved: {str(line.get('why', 'nothing was said'))[:300]}"
    hint = "Lock it where it can be resolved, and audit the lock file."
    return Reason(code="vulnerability.source-unavailable", subject=subject, message=message, hint=hint)


def _pinned(package: Package, versions: Mapping[str, str], index: str) -> Package:
    version = versions.get(package.name)
    if version is None:
        return package
    return replace(
        package, version=version, purl=purl("pypi", package.name, version), index=package.index or index, resolved=True
    )


def _brought(name: str, version: str, index: str, first: Package) -> Package:
    """What nobody asked for by name, at the place of the first that something was asked for at."""
    return Package(
        ecosystem="pypi",
        name=name,
        version=version,
        purl=purl("pypi", name, version),
        index=index,
        places=tuple(Place(each.file) for each in first.places[:1]),
        direct=False,
        resolved=True,
    )
