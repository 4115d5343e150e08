"""What an index itself says of releases: yanked, in quarantine, uploaded when, there at all (PEP 691, 592, 700, 792).

* an index is asked about each name once, in JSON; one that has HTML pages only cannot say, and that is said
* a name or a version that the index does not have is unknown: no record about it says nothing, it may be a typo
* what cannot be had of an index is `vulnerability.source-unavailable`; what a package already knows is kept
* only packages of Python from an index are asked about, and only at that index

Source: https://packaging.python.org/en/latest/specifications/simple-repository-api/; formats/audit.md section 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from verifier.audit.askable import is_public
from verifier.audit.online.client import WHOLE_S, JsonClient, unavailable
from verifier.audit.online.pages import Project, described, read_page
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import Value, field
from verifier.formats.audit.package import Package
from verifier.formats.json import strict_json
from verifier.formats.pypi.names import is_name
from verifier.net.access import Access
from verifier.net.retries import Pause

PYPI: Final = "https://pypi.org/simple"
JSON: Final = "application/vnd.pypi.simple.v1+json"
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
            index, name = places.get(package.purl, ("", ""))
            match projects.get((index, name)):
                case None:
                    pass
                case Project() as project:
                    package, why = described(package, project, shown(index))  # noqa: PLW2901 - the same, and more of it
                    unknown.update({package.purl: why} if why else {})
                case Silent():
                    silent[shown(index)] = None
                case refusal:
                    reasons[unavailable(shown(index), refusal)] = None
            found.append(package)
        return Described(packages=tuple(found), unknown=unknown, silent=tuple(silent), reasons=tuple(reasons))

    def _place(self, package: Package) -> tuple[str, str] | None:
        """Which index to ask for which name; None for nobody."""
        if package.ecosystem != "pypi" or package.source != "index" or package.version is None:
            return None
        if not is_name(package.name):  # it would be a part of a URL
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
        return read_page(tree, name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"its page of {name} is not as PEP 691 has it ({type(error).__name__}: {error})"[:300]
        raise refuse("input.unreachable", client.shown, message) from None
