"""Packages of components: of a bill of materials, or of what is installed in an environment or lies in an image.

* files and the operating system are no packages, nor is what a document is about; nested components are
* what has no purl is a package of which nobody knows the ecosystem: it stays, and is unknown
* from where a package comes say its purl's qualifiers, `direct_url.json`, and what the lock said that a document was
  made of; a download from the public index itself is one from the index
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from verifier.audit.sources.collected import KINDS, UNKNOWN, Collected, Source
from verifier.audit.sources.merged import one_each
from verifier.audit.sources.release import built_from, release_of
from verifier.audit.sources.ways import Way, ways_to
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.audit.package import Package, Place
from verifier.formats.bom.component import FILE, Component, Distribution, Origin
from verifier.formats.bom.purl import purl as written_purl
from verifier.formats.purl import ascii_lower
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.private import sources_of
from verifier.sbom.locks.rows.merged import FEATURE, GROUP, INDEX, MARKER, ref_of

PUBLIC_FILES: Final = ("https://files.pythonhosted.org/", "https://pypi.org/", "https://registry.npmjs.org/")
"""What the URLs of public indexes' own files begin with."""
_OF_BUNDLES: Final = ("verifier:rego:", "verifier:opa:", "verifier:wasm:")
"""What properties of the parts of a Rego bundle begin with: they are policies, no packages."""
_NOT_WHOLE: Final = frozenset(
    {"package.elsewhere", "package.unlisted", "package.unread-root", "package.no-database", "package.half-installed"}
)
"""What is said where something is there that cannot be listed."""
_DISTRO: Final = frozenset({"deb", "apk", "rpm"})

Dependencies = Sequence[tuple[str, Sequence[str]]]


def of_components(
    components: Iterable[Component],
    dependencies: Dependencies,
    *,
    source: Source,
    place: Callable[[Component], Place],
    root: str = "",
    reasons: tuple[Reason, ...] = (),
    files: tuple[str, ...] = (),
) -> Collected:
    """The packages among `components`; `root` is the ref of what they are all about, whose needs are direct."""
    by_ref: dict[str, tuple[str, list[Package]]] = {}
    for each in components:
        if not _is_package(each):
            continue
        packages = _packages(each, place(each))
        by_ref[each.ref] = (packages[0].purl, packages)
    edges: dict[str, list[str]] = {}
    for ref, needed in dependencies:
        if ref in by_ref:
            found = [by_ref[each][0] for each in needed if each in by_ref]
            edges.setdefault(by_ref[ref][0], []).extend(found)
    direct = {
        by_ref[each][0] for ref, needed in dependencies if ref == root and root for each in needed if each in by_ref
    }
    ways = ways_to(direct, edges) if direct else {}
    told = (_reached(each, direct, ways) for _, packages in by_ref.values() for each in packages)
    return Collected(
        packages=one_each(told),
        reasons=tuple(map(_weighed, reasons)),
        files=files,
        sources=(source,),
        edges=tuple(dict.fromkeys((needing, each) for needing, needed in edges.items() for each in needed)),
    )


def _weighed(reason: Reason) -> Reason:
    """A reason that says that the list is not whole is an error here: nobody was asked about what is not listed."""
    if reason.code not in _NOT_WHOLE:
        return reason
    return Reason(code=UNKNOWN, subject=reason.subject, message=f"{reason.code}: {reason.message}", hint=reason.hint)


def _is_package(component: Component) -> bool:
    if component.ecosystem == FILE or component.type == "file":
        return component.ecosystem not in ("", FILE)
    if component.ecosystem:
        return True
    if component.type == "operating-system":
        return False
    return not any(name.startswith(_OF_BUNDLES) for name, _ in component.properties)


def _reached(package: Package, direct: set[str], ways: Mapping[str, tuple[Way, ...]]) -> Package:
    if not direct:
        return package
    return replace(package, direct=package.purl in direct, paths=ways.get(package.purl, ()))


def _packages(component: Component, place: Place) -> list[Package]:
    """One package for each place that the component is said to come from."""
    qualifiers = dict(component.qualifiers)
    origins = sources_of(component) or (_origin(component, qualifiers),)
    return [_package(component, qualifiers, each, place) for each in origins]


def _package(component: Component, qualifiers: Mapping[str, str], origin: Origin, place: Place) -> Package:
    ecosystem = component.ecosystem
    namespace, name = _named(component)
    kind = KINDS.get(origin.kind, "path")
    built = built_from(ecosystem, qualifiers)
    revision = f"@{origin.revision}" if origin.revision else ""
    said = component.properties
    return Package(
        ecosystem=ecosystem,
        name=built.name or name,
        namespace=namespace,
        version=built.version or component.version or None,
        purl=_purl(component, namespace, name, qualifiers),
        release=release_of(ecosystem, namespace, qualifiers),
        source=kind,
        index=origin.location if kind == "index" else "",
        indexes=_values(said, INDEX),
        location=f"{origin.location}{revision}" if kind != "index" else "",
        editable=origin.kind == "editable",
        places=(place,),
        groups=_values(said, GROUP),
        extras=_values(said, FEATURE),
        markers=_values(said, MARKER),
        distributions=_distributions(component),
    )


def _values(properties: Iterable[tuple[str, str]], wanted: str) -> tuple[str, ...]:
    return tuple(value for name, value in properties if name == wanted) if properties else ()


def _named(component: Component) -> tuple[str, str]:
    """Namespace and name as the ecosystem compares them."""
    namespace, name = component.namespace, component.name
    if component.ecosystem == "pypi":
        return "", normalised(name)
    if component.ecosystem == "golang" and not namespace and "/" in name:
        namespace, _, name = name.rpartition("/")
    if component.ecosystem in _DISTRO:
        return ascii_lower(namespace), name if component.ecosystem == "rpm" else ascii_lower(name)
    return namespace, name


def _purl(component: Component, namespace: str, name: str, qualifiers: Mapping[str, str]) -> str:
    if component.ecosystem == "pypi":
        return ref_of(name, component.version or None)
    kept = ("distro", "epoch") if component.ecosystem in _DISTRO else ()
    written = written_purl(
        component.ecosystem or "generic",
        name,
        component.version or None,
        namespace=namespace,
        qualifiers=tuple((key, qualifiers[key]) for key in kept if qualifiers.get(key)),
    )
    return written or f"pkg:generic/{quote(name, safe='')}"


def _origin(component: Component, qualifiers: Mapping[str, str]) -> Origin:
    if component.ecosystem in _DISTRO:
        return Origin("unrecorded")
    if place := qualifiers.get("vcs_url"):
        return Origin("git", place)
    place = qualifiers.get("download_url", "")
    if place and not place.startswith(PUBLIC_FILES):
        return Origin("url", place)
    if place := qualifiers.get("repository_url"):
        return Origin("registry", place if "://" in place else f"https://{place}")
    return Origin("unrecorded")


def _distributions(component: Component) -> tuple[Distribution, ...]:
    own = (Distribution("", component.hashes),) if component.hashes else ()
    return (*own, *component.distributions)
