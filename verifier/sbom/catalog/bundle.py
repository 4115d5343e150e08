"""What a Rego bundle consists of: its files, its Rego packages, and the engine that it needs.

* every file of the archive is listed, whatever its role, by the digests of its bytes: the list is complete by
  construction, and says so
* a package is a component; it depends on its modules, and on the packages that these name
* what its builtins let it reach is said of each package, and of the whole
* a module that nobody could analyse is a file, and then the whole is said to be incomplete

Source: formats/sbom.md section 8; https://www.openpolicyagent.org/docs/management-bundles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Final

from verifier.core.outcome import Reason
from verifier.core.rego import ModuleAnalysis
from verifier.evidence.contents import Contents, RegoContents
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import FILE, Component, Hash
from verifier.formats.bom.purl import purl
from verifier.formats.bom.said import MINIMUM
from verifier.formats.opa.builtin_since import BUILTIN_SINCE, MANIFEST_STATES_REGO, REGO_V1, newest
from verifier.formats.opa.compiled import COMPILED
from verifier.formats.opa.reach import reached_by

ROOT: Final = "bundle"
ENGINE: Final = "engine"
ENGINE_PURL: Final = "verifier:opa:engine"
BUILTIN: Final = "verifier:rego:builtin"
CAPABILITY: Final = "verifier:rego:capability"
UNANALYSED: Final = "verifier:rego:unanalysed"
_OPA: Final = "pkg:golang/github.com/open-policy-agent/opa"
_MIME_TYPES: Final = {
    ".rego": "text/x-rego",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".wasm": "application/wasm",
    ".manifest": "application/json",
}
_OPERATORS: Final = frozenset("and assign div eq equal gt gte lt lte minus mul neq or plus rem".split())  # noqa: SIM905
"""Builtins that are written as signs: a compiler lists them, a person does not think of them."""
Place = tuple[str, ...]


def catalog(contents: Contents, *, files: bool = False) -> Catalog:  # noqa: ARG001 - of a bundle every file is listed
    """The components of a bundle."""
    rego = contents.rego or RegoContents()
    analysed = [each for each in rego.analyses if _is_analysed(each)]
    unanalysed = {
        each.path: each.problem or "the package is unknown" for each in rego.analyses if not _is_analysed(each)
    }
    listed = [_file(contents, rego, fact.path, unanalysed) for fact in contents.files if fact.type == "file"]
    packages = list(_packages(rego, analysed))
    engine = [_engine(rego)] if rego.analyses or any(_is_compiled(each.path) for each in listed) else []
    components = sorted((*listed, *packages, *engine), key=lambda each: each.ref)
    return Catalog(
        kind="bundle",
        subject=_subject(contents, runs=bool(engine)),
        digests=contents.digests,
        components=tuple(components),
        dependencies=tuple(sorted(_dependencies(rego, analysed, components).items())),
        ecosystems=frozenset({FILE} if unanalysed else {FILE, ""}),
        aggregate="incomplete" if unanalysed else "complete",
        properties=(*contents.properties, *_properties(rego)),
        findings=tuple(_findings(unanalysed.items())),
    )


def _subject(contents: Contents, *, runs: bool) -> Component:
    """The bundle: an application, or data where nothing in it is evaluated."""
    digests = {each.algorithm: each.value for each in contents.digests}
    names = {"sha256": "SHA-256", "sha512": "SHA-512"}
    checksum = f"sha256:{digests['sha256']}" if "sha256" in digests else ""
    namespace, _, name = contents.name.rpartition("/")
    qualifiers = (("checksum", checksum),) if checksum else ()
    return Component(
        type="application" if runs else "data",
        ecosystem="generic",
        name=name,
        version=contents.version,
        namespace=namespace,
        qualifiers=qualifiers,
        hashes=tuple(Hash(names[key], value) for key, value in digests.items() if key in names),
        ref=ROOT,
        purl=purl("generic", name, contents.version, namespace=namespace, qualifiers=qualifiers),
    )


def _file(contents: Contents, rego: RegoContents, path: str, unanalysed: dict[str, str]) -> Component:
    digests = ((name, contents.files.digest(path, key)) for name, key in (("SHA-256", "sha256"), ("SHA-512", "sha512")))
    said = [("verifier:opa:digest", rego.opa_digests[path])] if path in rego.opa_digests else []
    if _is_compiled(path):
        said += [("verifier:wasm:entrypoint", each) for each in sorted(rego.entrypoints.get(path, ()))]
        said.append((UNANALYSED, "is compiled: what it calls is not to be seen"))
    if path in unanalysed:
        said.append((UNANALYSED, unanalysed[path]))
    _, dot, end = path.rpartition("/")[2].rpartition(".")
    return Component(
        type="file",
        ecosystem=FILE,
        name=path,
        path=path,
        hashes=tuple(Hash(name, digest.hex()) for name, digest in digests if digest is not None),
        mime_type=_MIME_TYPES.get(f"{dot}{end}", ""),
        ref=_file_ref(path),
        properties=tuple(said),
    )


def _packages(rego: RegoContents, analysed: Sequence[ModuleAnalysis]) -> Iterator[Component]:
    """One component for each package; several modules may have one."""
    modules: dict[Place, list[ModuleAnalysis]] = {}
    for analysis in analysed:
        modules.setdefault(analysis.package or (), []).append(analysis)
    entrypoints: dict[Place | None, list[str]] = {}
    for entrypoint in sorted({each for one in rego.entrypoints.values() for each in one}):
        place = _package_at(tuple(entrypoint.strip("/").split("/")), modules.keys())
        entrypoints.setdefault(place, []).append(entrypoint)
    for package, of_it in modules.items():
        rules = sorted({".".join(rule[len(package) :]) for each in of_it for rule in each.rules} - {""})
        versions = sorted({str(rego.versions[each.path]) for each in of_it if each.path in rego.versions})
        yield Component(
            type="library",
            ecosystem="",
            name=".".join(("data", *package)),
            version=rego.revision,
            ref=_package_ref(package),
            properties=(
                *((("verifier:rego:rules", ", ".join(rules)),) if rules else ()),
                *(("verifier:rego:entrypoint", each) for each in entrypoints.get(package, ())),
                *(("verifier:rego:rego-version", each) for each in versions),
                *_reach(of_it),
            ),
        )


def _engine(rego: RegoContents) -> Component:
    """OPA, which evaluates it: the oldest release that has what the modules call and can read them, as far as known."""
    releases = [BUILTIN_SINCE[name] for each in rego.analyses for name in each.builtins if name in BUILTIN_SINCE]
    if any(rego.versions.values()):
        releases.append(MANIFEST_STATES_REGO if rego.states_version else REGO_V1)
    least = newest(releases)
    return Component(
        type="platform",
        ecosystem="",
        name="opa",
        ref=ENGINE,
        # Its purl is no identity of something that is there: whoever looks for packages finds none here.
        properties=((ENGINE_PURL, _OPA), *(((MINIMUM, least),) if least else ())),
    )


def _properties(rego: RegoContents) -> Iterator[tuple[str, str]]:
    """What is said of the whole bundle."""
    yield from (("verifier:opa:root", root) for root in sorted(rego.roots))
    yield from _reach(rego.analyses)


def _reach(analyses: Iterable[ModuleAnalysis]) -> Iterator[tuple[str, str]]:
    builtins = sorted({name for each in analyses for name in each.builtins if _is_named(name)})
    yield from ((BUILTIN, name) for name in builtins)
    yield from ((CAPABILITY, word) for word in reached_by(builtins))


def _dependencies(
    rego: RegoContents, analysed: Sequence[ModuleAnalysis], components: Iterable[Component]
) -> dict[str, tuple[str, ...]]:
    packages = {each.package for each in analysed if each.package is not None}
    # What the engine is made of is not for its user to say: it has no entry.
    edges: dict[str, set[str]] = {each.ref: set() for each in components if each.ref != ENGINE}
    listed = {each.ref for each in components}
    for each in analysed:
        package = each.package or ()
        named = {*rego.reached.get(each.path, ()), *each.calls}
        others = {_package_at(place, packages) for place in named} - {None, package}
        below = edges[_package_ref(package)]
        below.add(_file_ref(each.path))
        below.update(_package_ref(other) for other in others if other is not None)
    modules = {_file_ref(each.path) for each in analysed}
    found = {ref: tuple(sorted(below)) for ref, below in edges.items()}
    return {**found, ROOT: tuple(sorted(listed - modules))}


def _package_at(place: Place, packages: Set[Place]) -> Place | None:
    """The package that a place lies in: the longest that it begins with."""
    return next((place[:end] for end in range(len(place), 0, -1) if place[:end] in packages), None)


def _findings(unanalysed: Iterable[tuple[str, str]]) -> Iterator[Reason]:
    """What could not be analysed, each problem once: where there is no compiler, all modules have the same one."""
    alike: dict[str, list[str]] = {}
    for path, problem in unanalysed:
        alike.setdefault(problem, []).append(path)
    for problem, paths in alike.items():
        more = f" (and {len(paths) - 1} more modules)" if len(paths) > 1 else ""
        yield Reason(code="bundle.rego-unanalysed", subject=paths[0], message=f"{problem}{more}")


def _is_analysed(analysis: ModuleAnalysis) -> bool:
    return analysis.package is not None and not analysis.problem


def _is_compiled(path: str) -> bool:
    return path.rpartition("/")[2] in COMPILED


def _is_named(builtin: str) -> bool:
    return builtin not in _OPERATORS and not builtin.startswith("internal.")


def _file_ref(path: str) -> str:
    return f"file:{path}"


def _package_ref(package: Place) -> str:
    return f"rego:{'.'.join(('data', *package))}"
