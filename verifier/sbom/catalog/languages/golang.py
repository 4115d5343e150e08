"""Go modules, as the programs that were made of them say: each program, its modules, and the standard library.

* a program is listed once for each place that it lies in, with its SHA-256; modules are nested in nothing and are what
  the program depends on
* where a module took another's place (`replace`), it is the one whose code is there
* a Go program that says nothing that can be read is a warning, and the list of Go modules is then not whole
* a version that nobody knows is none: `(devel)`, a module from a folder

Source: Go's `runtime/debug.BuildInfo`; https://github.com/package-url/purl-spec, `golang`.
"""

from __future__ import annotations

import posixpath
from typing import Final

from verifier.core.errors import refuse
from verifier.core.outcome import Reason
from verifier.formats.bom.component import Component, Hash, Origin
from verifier.formats.golang.build_info import BuildInfo, Module, NoBuildInfoError, read_build_info
from verifier.sbom.catalog.purls import purl, ref_of
from verifier.sbom.catalog.reader import Found, Scene, Wanted

WANTED: Final[tuple[Wanted, ...]] = ()
"""Nothing by its path: of every program its excerpts are kept."""
_UNKNOWN: Final = frozenset({"", "(devel)", "(unknown)"})
_TOLD: Final = frozenset({"GOOS", "GOARCH", "vcs", "vcs.revision", "vcs.time", "vcs.modified", "CGO_ENABLED", "-tags"})
"""Settings of a build that are passed on."""
MAX_MODULES: Final = 20_000
"""Modules of one program."""


def find(scene: Scene) -> Found:
    """The Go programs of a scene, and their modules."""
    components: list[Component] = []
    dependencies: list[tuple[str, tuple[str, ...]]] = []
    findings: list[Reason] = []
    taken: set[str] = set()
    files = scene.contents.files
    for fact in files:
        excerpts = files.excerpts(fact.path) if fact.type == "file" and fact.size else ()
        if not excerpts:
            continue
        said = _said(excerpts, fact.path, findings)
        if said is None:
            continue
        program = _program(said, fact.path, files.digest(fact.path, "sha256"), taken)
        modules = [_component(each, fact.path, taken) for each in said.dependencies]
        standard = _standard_library(said, fact.path, taken)
        components += [program, *modules, *([standard] if standard else [])]
        needed = [each.ref for each in modules] + ([standard.ref] if standard else [])
        if needed:
            dependencies.append((program.ref, tuple(sorted(needed))))
    return Found(
        components=tuple(sorted(components, key=lambda each: each.ref)),
        dependencies=tuple(sorted(dependencies)),
        findings=tuple(findings),
        ecosystems=frozenset() if findings else frozenset({"golang"}),
    )


def _said(excerpts: tuple[bytes, ...], path: str, findings: list[Reason]) -> BuildInfo | None:
    """The first excerpt that can be read: the others are of code that looks for it."""
    faults: list[str] = []
    for excerpt in excerpts:
        try:
            said = read_build_info(excerpt)
        except NoBuildInfoError as error:
            faults.append(str(error))
            continue
        if len(said.dependencies) > MAX_MODULES:
            message = f"a Go program of {len(said.dependencies)} modules; at most {MAX_MODULES} are read"
            raise refuse("input.too-large", path, message)
        return said
    message = f"a Go program, and which modules it is made of cannot be read: {faults[0]}"
    findings.append(Reason(code="package.unlisted", subject=path, message=message))
    return None


def _program(said: BuildInfo, path: str, digest: bytes | None, taken: set[str]) -> Component:
    module = said.main or Module(said.package or posixpath.basename(path), "")
    settings = [(f"verifier:golang:{name}", value[:1_000]) for name, value in said.settings if name in _TOLD]
    made = _component(module, path, taken)
    return made._replace(
        type="application",
        hashes=(Hash("SHA-256", digest.hex()),) if digest else (),
        properties=(
            *made.properties,
            ("verifier:golang:compiler", said.compiler),
            *((("verifier:golang:package", said.package),) if said.package else ()),
            *settings,
        ),
    )


def _component(module: Module, path: str, taken: set[str]) -> Component:
    """A module; where it comes from a folder, by the name that it was asked for under."""
    old, _ = module.replaced
    is_local = bool(old) and module.path.startswith((".", "/"))
    name = old if is_local else module.path
    version = None if is_local or module.version in _UNKNOWN else module.version
    namespace, _, last = name.rpartition("/")
    written = purl("golang", last.lower(), version, namespace=namespace.lower())  # lower case, says the purl's type
    said = [("verifier:golang:h1", module.sum)] if module.sum else []
    if old and not is_local:
        said.append(("verifier:golang:replaces", "@".join(each for each in module.replaced if each)))
    return Component(
        type="library",
        ecosystem="golang",
        name=last,
        version=version,
        namespace=namespace,
        path=path,
        origin=Origin("directory", module.path) if is_local else None,
        ref=ref_of(written, path, taken),
        purl=written,
        properties=tuple(said),
    )


def _standard_library(said: BuildInfo, path: str, taken: set[str]) -> Component | None:
    """The standard library, whose version is the compiler's."""
    version = said.compiler.removeprefix("go").partition(" ")[0]
    if not said.compiler.startswith("go") or not version[:1].isdigit() or "/" in version:
        return None
    return _component(Module("stdlib", version), path, taken)
