"""What is in a bundle, for whoever lists it: every file of the archive, and what is known of its Rego.

* nothing of the archive is left out: the manifest and the signatures file are files, too
* the bytes are those that were read, and so judged; nothing is read again
* a module that no compiler has analysed is a file, and says so
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.rego import NO_ENGINE, ModuleAnalysis
from verifier.evidence.contents import Contents, FileFact, RegoContents
from verifier.evidence.inspection import Evidence
from verifier.kinds.bundle.artifact import SIGNATURES_FILE, Bundle

if TYPE_CHECKING:
    from verifier.rego.interface import RegoEngine

_MODE = 0o644
"""What an archive says of permissions is nothing to OPA."""


class BundleFiles:
    """The files of a bundle by their paths, sorted; to OPA there are no folders."""

    def __init__(self, bundle: Bundle) -> None:
        content: dict[str, memoryview | bytes] = {file.name: file.content for file in bundle.files}
        if bundle.signatures is not None:
            content[SIGNATURES_FILE] = bundle.signatures
        self._content: Mapping[str, memoryview | bytes] = content
        self._facts = {path: FileFact(path, "file", len(each), _MODE) for path, each in sorted(content.items())}

    def __iter__(self) -> Iterator[FileFact]:
        return iter(self._facts.values())

    def find(self, path: str) -> FileFact | None:
        """What stands at exactly this path."""
        return self._facts.get(path)

    def resolve(self, path: str) -> FileFact | None:
        """The same: there are no links in a bundle."""
        return self.find(path)

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """The content of the file; `Refused` where there is none, or it is larger."""
        content = self._content.get(path)
        if content is None:
            raise refuse("input.unreadable", path, "there is no such file in the bundle")
        if len(content) > max_bytes:
            raise refuse("input.too-large", path, f"{len(content)} bytes; at most {max_bytes} are allowed")
        return bytes(content)

    def digest(self, path: str, algorithm: str) -> bytes | None:
        """The digest of the file's bytes; None where there is no such file."""
        content = self._content.get(path)
        return None if content is None else hashlib.new(algorithm, content).digest()

    def excerpts(self, path: str) -> tuple[bytes, ...]:  # noqa: ARG002 - of any path
        """None: nothing in a bundle is a program that a Go compiler has made."""
        return ()


def contents(artifact: Artifact, evidence: Evidence) -> tuple[Contents, ...]:
    """The contents of a bundle, with what compilers have found in its modules (`evidence.analyses`)."""
    return (contents_of(artifact, evidence.analyses),) if isinstance(artifact, Bundle) else ()


def looked_into(artifact: Artifact, engine: RegoEngine | None) -> Contents:
    """The contents of a bundle that nobody verifies: whoever signed it, its modules are analysed, where by anything."""
    if not isinstance(artifact, Bundle):
        raise TypeError(f"a {artifact.kind} is no bundle")
    return contents_of(artifact, () if engine is None else engine.analyse(artifact.modules))


def contents_of(bundle: Bundle, analyses: Sequence[ModuleAnalysis]) -> Contents:
    """The contents of a bundle; a module that is not among `analyses` was analysed by nobody."""
    revision = bundle.manifest.revision if bundle.manifest is not None else None
    sha512 = Digest(algorithm="sha512", value=hashlib.sha512(bundle.content).hexdigest())
    return Contents(
        kind="bundle",
        name=bundle.name,
        version=revision or None,
        digests=(bundle.digest, sha512),
        files=BundleFiles(bundle),
        rego=_rego(bundle, analyses),
    )


def _rego(bundle: Bundle, analyses: Sequence[ModuleAnalysis]) -> RegoContents:
    from verifier.rego.text.reaches import reached_places  # noqa: PLC0415 - only where contents are asked for

    modules, manifest = tuple(bundle.modules), bundle.manifest
    known = {analysis.path: analysis for analysis in analyses}
    nobody = ModuleAnalysis(path="", problem=NO_ENGINE)
    entrypoints: dict[str, list[str]] = {}
    for resolver in manifest.wasm if manifest is not None else ():
        entrypoints.setdefault(resolver.module.removeprefix("/"), []).append(resolver.entrypoint)
    return RegoContents(
        revision=(manifest.revision or None) if manifest is not None else None,
        analyses=tuple(known.get(module.path, nobody._replace(path=module.path)) for module in modules),
        roots=manifest.roots if manifest is not None else ("",),
        versions={module.path: module.version for module in modules},
        states_version=manifest is not None and manifest.rego_version is not None,
        entrypoints=entrypoints,
        opa_digests={file.name: file.digest() for file in bundle.files if file.document is not None},
        reached={module.path: sorted(reached_places(module.source)) for module in modules},
    )
