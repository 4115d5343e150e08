"""What an index itself says of releases: yanked, in quarantine, uploaded when, there at all (PEP 691, 592, 700, 792).

* an index is asked about each name once, in JSON; one that has HTML pages only cannot say, and that is said
* a name or a version that the index does not have is unknown: no record about it says nothing, it may be a typo
* what cannot be had of an index is `vulnerability.source-unavailable`; what a package already knows is kept
* only packages of Python from an index are asked about, and only at that index

Source: https://packaging.python.org/en/latest/specifications/simple-repository-api/; formats/audit.md section 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from verifier.audit.askable import is_public
from verifier.audit.online.client import WHOLE_S, JsonClient, unavailable
from verifier.core.clock import parse_rfc3339
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import Value, field, replace
from verifier.formats.audit.package import Package
from verifier.formats.json import strict_json
from verifier.formats.pypi.names import normalised
from verifier.net.access import Access
from verifier.net.retries import Pause

PYPI: Final = "https://pypi.org/simple"
JSON: Final = "application/vnd.pypi.simple.v1+json"
STATUSES: Final = frozenset({"active", "archived", "deprecated", "quarantined"})
_HTML: Final = frozenset({"text/html", "application/vnd.pypi.simple.v1+html"})
_MAX_PAGE: Final = 64 * 1024 * 1024


class Described(Value):
    """`packages` with what their index says of them; `unknown` are those that it does not have, by purl, and why.

    `silent` are the indexes that cannot say, and were asked.
    """

    packages: tuple[Package, ...] = field(repr=False)
    unknown: Mapping[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


class File(NamedTuple):
    """One file of a release; `yanked` is the reason, "" where none is given, None where it is not yanked."""

    version: str
    hashes: frozenset[str]
    yanked: str | None
    uploaded: datetime | None


class Project(NamedTuple):
    """What an index says of a name; `status` is "" where it says nothing of it."""

    status: str
    why: str
    versions: frozenset[str]
    files: tuple[File, ...]


class Silent(Refused):
    """The index has a page for people, and nothing that can be read without guessing."""


class IndexService(Value):
    """The indexes of packages; `url` is that of packages that name none, and of no other.

    `also` are further indexes that may be asked: a target cannot have us ask an index that nobody named.
    """

    url: str = PYPI
    also: tuple[str, ...] = ()
    access: Access = field(default=Access(), repr=False)
    whole_s: float = WHOLE_S
    pause: Pause | None = field(default=None, repr=False)

    def describe(self, packages: Sequence[Package]) -> Described:
        """What the indexes say of `packages`; raises nothing."""
        places = {each.purl: place for each in packages if (place := self._place(each))}
        projects: dict[tuple[str, str], Project | Refused] = {}
        for index in dict.fromkeys(index for index, _ in places.values()):
            names = dict.fromkeys(name for of, name in places.values() if of == index)
            projects.update({(index, name): said for name, said in self._asked(index, list(names)).items()})
        found: list[Package] = []
        unknown: dict[str, str] = {}
        reasons: dict[Reason, None] = {}
        silent: dict[str, None] = {}
        for package in packages:
            place = places.get(package.purl)
            said = None if place is None else projects[place]
            if isinstance(said, Project):
                package, why = _described(package, said, shown(place[0] if place else ""))  # noqa: PLW2901
                if why:
                    unknown[package.purl] = why
            elif isinstance(said, Silent) and place is not None:
                silent[shown(place[0])] = None
            elif said is not None and place is not None:
                reasons[unavailable(shown(place[0]), said)] = None
            found.append(package)
        return Described(packages=tuple(found), unknown=unknown, silent=tuple(silent), reasons=tuple(reasons))

    def _place(self, package: Package) -> tuple[str, str] | None:
        """Which index to ask for which name; None for nobody."""
        if package.ecosystem != "pypi" or package.source != "index" or package.version is None:
            return None
        index = (package.index or self.url).rstrip("/")
        known = (self.url, *self.also)
        if index not in {each.rstrip("/") for each in known}:
            if not (is_public("pypi", index) and any(is_public("pypi", each) for each in known)):
                return None
            index = PYPI
        return index, package.name

    def _asked(self, index: str, names: list[str]) -> dict[str, Project | Refused]:
        try:
            client = JsonClient(index, self.access, whole_s=self.whole_s, pause=self.pause)
        except Refused as refusal:
            return dict.fromkeys(names, refusal)
        except ConfigurationError as error:
            return dict.fromkeys(names, refuse("input.unreachable", shown(index), str(error)))
        try:
            return dict(client.each(partial(_project, client), names))
        finally:
            client.close()


def _project(client: JsonClient, name: str) -> Project:
    accept = f"{JSON}, text/html;q=0.1"
    answer = client.get(f"{name}/", max_bytes=_MAX_PAGE, accept=accept, statuses=frozenset({200, 404}))
    if answer.status == 404:
        return Project("", "", frozenset(), ())
    kind = answer.fields.get_content_type()
    if kind in _HTML:
        raise Silent(Reason(code="input.unreachable", subject=client.shown, message="has pages for people only"))
    if kind not in {JSON, "application/vnd.pypi.simple.latest+json"}:
        raise refuse("input.unreachable", client.shown, f"its answer is {kind[:100]!r}, expected {JSON}")
    tree = strict_json.loads(answer.body, subject=client.shown)
    try:
        return _read(tree, name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"its page of {name} is not as PEP 691 has it ({type(error).__name__}: {error})"[:300]
        raise refuse("input.unreachable", client.shown, message) from None


def _read(tree: Any, name: str) -> Project:
    """`tree` as a page of PEP 691; raises `KeyError`, `TypeError`, `AttributeError` or `ValueError`."""
    version = tree["meta"]["api-version"]
    if not isinstance(version, str) or version.partition(".")[0] != "1":
        raise ValueError("its api-version is not 1")
    if normalised(tree["name"]) != normalised(name):
        raise ValueError("it is about another name")
    status = tree.get("project-status") or {}
    word, why = status.get("status", "active" if status else ""), status.get("reason") or ""
    if not isinstance(word, str) or not isinstance(why, str):
        raise TypeError("its project-status is no text")
    files = tuple(file for each in tree["files"] if (file := _file(each)) is not None)
    versions = frozenset(tree.get("versions") or ()) | {each.version for each in files}
    return Project(word, why, versions, files)


def _file(item: Mapping[str, Any]) -> File | None:
    """One file; None for one of a form of old, of which the name does not say the version."""
    from packaging.utils import (  # noqa: PLC0415 - only where an index is asked
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    name = item["filename"]
    try:
        version = parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None
    yanked, uploaded = item.get("yanked", False), item.get("upload-time")
    if not isinstance(yanked, bool | str):
        raise TypeError("yanked is neither a text nor a truth value")
    hashes = frozenset(f"{kind}:{digest}".lower() for kind, digest in item["hashes"].items())
    return File(
        str(version),
        hashes,
        (yanked if isinstance(yanked, str) else "") if yanked is not False else None,
        None if uploaded is None else parse_rfc3339(uploaded),
    )


def _described(package: Package, project: Project, index: str) -> tuple[Package, str]:
    """The package with what is said of its release, and why it is unknown: "" where the index has it."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - only where an index is asked

    if not project.versions:
        return package, f"{index} does not have {package.name}"
    try:
        wanted = Version(str(package.version))
        has = any(Version(each) == wanted for each in project.versions if _is_version(each))
    except InvalidVersion:
        has = package.version in project.versions
        wanted = None
    if not has:
        return replace(package, project_status=project.status), f"{index} has no {package.name} {package.version}"
    files = [each for each in project.files if wanted is not None and Version(each.version) == wanted]
    pinned = {
        f"{one.algorithm.replace('-', '')}:{one.value}".lower() for each in package.distributions for one in each.hashes
    }
    files = [each for each in files if each.hashes & pinned] or files
    yanked = next((each.yanked for each in files if each.yanked is not None), None)
    times = [each.uploaded for each in files]
    newest = max((each for each in times if each is not None), default=None) if None not in times else None
    return (
        replace(
            package,
            yanked=package.yanked if yanked is None else (yanked or "yanked, without a reason"),
            uploaded=package.uploaded or newest,
            project_status=project.status,
        ),
        "",
    )


def _is_version(text: object) -> bool:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - only where an index is asked

    try:
        Version(str(text))
    except InvalidVersion:
        return False
    return True
