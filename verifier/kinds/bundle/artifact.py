"""OPA bundles, read once: the value that is hashed is the value that is meant.

* every file has one role, decided by its name as every OPA release decides it; names on which releases part are refused
* one manifest, one signatures file, both at the root; no delta
* data that collide, and data and packages outside the manifest's roots, are refused
* a module whose package clause is not to be read is refused: OPA does not load it, or nobody knows where
* a structured file is parsed once: its digest and its meaning come from the same value

Source: OPA `v1/bundle/bundle.go` (`Reader.Read`), 1.17 to 1.22; formats/opa-bundle.md.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from verifier.archives.archive import Archive, read_archive
from verifier.archives.findings import Findings
from verifier.archives.tar_header import Span
from verifier.core.artifact import Artifact
from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import CLAUSE, GAP, TEXT
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode
from verifier.core.value import field
from verifier.formats.json import strict_json
from verifier.formats.json.strict_json import JsonValue, ParsedJson
from verifier.formats.opa import digest as opa_digest
from verifier.formats.opa import manifest as opa_manifest
from verifier.formats.opa.manifest import Manifest, RootTree
from verifier.formats.opa.package_clause import NoPackageError, UnreadPackageError, package_of, plain_clause
from verifier.kinds.bundle.data_tree import DataTree
from verifier.kinds.bundle.files import REGO, BundleFile, Files, Modules, is_module, name_of

SIGNATURES_FILE: Final = ".signatures.json"
MANIFEST_FILE: Final = ".manifest"

_DECODED_AT_ONCE = 64 * 1024
_PAID_AT_ONCE = 4 * 1024
"""Bytes of package clauses, or before them, that are paid for together, with those of the module that goes beyond."""
_PATCH = "patch.json"
_WASM = "policy.wasm"
_YAML = frozenset({"data.yaml", "data.yml"})
_PROTOBUF = frozenset({"plan.pb"})
"""Read by OPA from 1.22 on, and ignored by all before."""
_PROTOBUF_MANIFEST = ".manifest.pb"
_SHOWN, _SHOWN_ROOTS = 300, 20
"""Characters of a package or of the roots, and roots, that a message repeats."""


class Bundle(Artifact):
    """An OPA bundle. `files` are all but the signatures file, `data` what OPA would put under `data`."""

    kind: str = "bundle"
    manifest: Manifest | None
    files: Files = field(repr=False)
    signatures: bytes | None = field(repr=False)
    data: Mapping[str, JsonValue] = field(repr=False)
    mode: ReadingMode

    @property
    def modules(self) -> Modules:
        """The Rego modules, each with its language version."""
        return Modules(self.manifest or Manifest(), self.files, f"{self.digest} {self.mode}")


def read_bundle(
    content: bytes,
    *,
    name: str,
    resource_uri: str,
    limits: Limits = DEFAULT_LIMITS,
    mode: ReadingMode = ReadingMode.STRICT,
    budget: Budget | None = None,
) -> Bundle:
    """Read a bundle from the bytes of its tar.gz; `Refused` with everything that was found wrong with it.

    `budget` pays for it, and has been granted what so large an archive may cost; by default it has one of its own.
    """
    budget = Budget(limits, packed=len(content)) if budget is None else budget
    archive = read_archive(content, limits=limits, mode=mode, subject=name, budget=budget)
    findings = Findings(mode)
    reading = _Reading(findings, limits, budget, ascii_only=archive.ascii)
    reading.take(archive)
    manifest = reading.manifest
    if manifest is None:
        message = "the bundle has no .manifest: it claims every root and has no revision"
        reading.notes.append(Reason(code="manifest.missing", subject=name, message=message))
    reading.judge(manifest or Manifest())
    findings.settle()
    return Bundle(
        name=name,
        resource_uri=resource_uri,
        digest=Digest.of(content),
        content=content,
        findings=(*archive.findings, *findings.reasons, *reading.notes),
        manifest=manifest,
        files=Files(archive.tar, reading.spans, reading.documents),
        signatures=reading.signatures,
        data=reading.data.root,
        mode=mode,
    )


class _Reading:
    """Gives every member its role, first match first, as OPA's reader does."""

    def __init__(self, findings: Findings, limits: Limits, budget: Budget, *, ascii_only: bool) -> None:
        self.spans: list[Span] = []
        self.documents: dict[int, ParsedJson] = {}
        self.signatures: bytes | None = None
        self.manifest: Manifest | None = None
        self.data = DataTree(findings, budget)
        self.notes: list[Reason] = []
        self._modules: list[str] = []  # their paths, and in the same order
        self._packages: list[bytes | tuple[str, ...]] = []
        self._wasm: set[str] = set()
        self._manifest_path = ""
        self._findings, self._limits, self._budget = findings, limits, budget
        self._values_left, self._yaml_left = limits.json_values, limits.yaml_bytes
        self._strict, self._ascii_only = findings.strict, ascii_only

    def take(self, archive: Archive) -> None:
        """Read every file."""
        # There are thousands, nearly all of them modules that are as usual: those are read here, all others one by one.
        tar, spans, modules, packages = archive.tar, self.spans, self._modules, self._packages
        before = clauses = 0  # bytes of modules that were read, and are to be paid for
        for span in archive.spans:
            path, _, start, stop, _ = span
            clause = plain_clause(tar, start, stop) if self._ascii_only and path.endswith(REGO) else None
            if clause is None:
                file = self._take(BundleFile(path, name_of(path), tar, start, stop))
                if file is None:
                    continue
                if file.document is not None:
                    self.documents[len(spans)] = file.document
            else:
                begin, package = clause
                before, clauses = before + begin - start, clauses + len(package)
                if clauses > _PAID_AT_ONCE or before > _PAID_AT_ONCE:
                    self._pay(before, clauses, path)
                    before = clauses = 0
                modules.append(path)
                packages.append(package)
            spans.append(span)
        self._pay(before, clauses, "modules")

    def _pay(self, before: int, clauses: int, subject: str) -> None:
        self._budget.spend(GAP, before, subject=subject)
        self._budget.spend(CLAUSE, clauses, subject=subject)

    def _take(self, file: BundleFile) -> BundleFile | None:
        """Read one file; None where it is no file but the signatures."""
        name = file.name
        if is_module(name):
            self._read_module(file)
        elif name.endswith("signatures.json"):
            if self._is_signatures(file):
                return None
        else:
            try:
                file = self._read_special(file, name.rpartition("/")[2])
            except Refused as refused:
                if refused.reasons[0].code == "input.too-costly":
                    raise Refused(*refused.reasons, *self._findings.errors()) from None
                self._findings.collect(_told(refused, file))
        return file

    def judge(self, manifest: Manifest) -> None:
        """What only the whole bundle shows: data and packages inside the roots, resolvers with their modules."""
        roots = RootTree(manifest.roots)
        self.data.judge_roots(roots)
        self.data.judge_system()
        if not roots.is_root:
            self._judge_packages(roots, manifest)
        entrypoints: set[str] = set()
        for resolver in manifest.wasm:
            if resolver.module not in self._wasm:
                self._wrong(f"wasm names the module {resolver.module!r}, which is not in the bundle")
            if resolver.entrypoint.strip("/") in entrypoints:
                self._wrong(f"wasm names the entrypoint {resolver.entrypoint!r} twice")
            if not roots.owns(resolver.entrypoint):
                self._wrong(f"the entrypoint {resolver.entrypoint!r} lies outside the roots", "manifest.outside-roots")
            entrypoints.add(resolver.entrypoint.strip("/"))

    def _judge_packages(self, roots: RootTree, manifest: Manifest) -> None:
        """OPA before 1.22 compares a package with each part escaped (`ast.Ref.Ptr`), 1.22 as it is: both count."""
        owned = {name.encode() for name, branch in roots.branches.items() if branch.is_root and name.isascii()}
        for path, package in zip(self._modules, self._packages, strict=True):
            if isinstance(package, bytes):
                if package.partition(b".")[0] in owned:
                    continue
                package = tuple(package.decode().split("."))  # noqa: PLW2901
            joined = "_".join(package)
            is_plain = joined.isascii() and joined.isidentifier()  # its parts are as they are when escaped
            if not (roots.owns_all(package) and (is_plain or roots.owns_all(_escaped(package)))):
                listed = ", ".join(manifest.roots[:_SHOWN_ROOTS]) or "(none)"
                message = f"package {'.'.join(package)[:_SHOWN]} is under none of the roots {listed[:_SHOWN]}"
                self._findings.denies("manifest.outside-roots", name_of(path), message)

    def _read_module(self, file: BundleFile) -> None:
        if not self._ascii_only and not self._is_text(file):
            return
        try:
            self._packages.append(package_of(file.content, budget=self._budget, subject=file.name))
            self._modules.append(file.path)
        except UnicodeDecodeError as error:
            self._findings.denies("bundle.rego-invalid", file.name, f"the module is not UTF-8 at byte {error.start}")
        except NoPackageError as error:
            self._findings.denies("bundle.rego-invalid", file.name, f"the module has {error}")
        except UnreadPackageError as error:
            self._findings.denies("bundle.package-unread", file.name, str(error))

    def _is_text(self, file: BundleFile) -> bool:
        # Piece by piece: one wide character makes four bytes of each.
        decoder = getincrementaldecoder("utf-8")()
        for at in range(file.start, file.stop, _DECODED_AT_ONCE):
            piece = file.tar[at : min(at + _DECODED_AT_ONCE, file.stop)]
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(piece, final=at + _DECODED_AT_ONCE >= file.stop)
            except UnicodeDecodeError as error:
                where = at - file.start - pending + error.start
                self._findings.denies("bundle.rego-invalid", file.name, f"the module is not UTF-8 at byte {where}")
                return False
        return True

    def _is_signatures(self, file: BundleFile) -> bool:
        """Keep the signatures file; whatever else OPA releases take for one, some of them or all, is refused."""
        if file.name == SIGNATURES_FILE:
            self._budget.spend(TEXT, file.stop - file.start, subject=file.name)
            self.signatures = bytes(file.content)
            return True
        message = f"only {SIGNATURES_FILE!r} at the root is the signatures file"
        if file.name.endswith("/" + SIGNATURES_FILE):
            self._findings.denies("bundle.stray-signatures", file.name, message)
            return True
        self._findings.differs("bundle.stray-signatures", file.name, message)
        return False

    def _read_special(self, file: BundleFile, base: str) -> BundleFile:
        """A file that is not Rego: data, a manifest, something compiled, or nothing to OPA."""
        if base == _PATCH:
            self._refuse_delta(file)
        elif base == _WASM:
            self._wasm.add(file.path)
        elif base == "data.json":
            return self._read_data(file, self._parse_json(file, ignore_trailing=False))
        elif base in _YAML:
            return self._read_data(file, self._parse_yaml(file))
        elif base in _PROTOBUF or base.endswith(_PROTOBUF_MANIFEST):
            message = "OPA reads this file from 1.22 on, and ignored it before"
            refuse = self._findings.differs if base in _PROTOBUF else self._findings.denies
            refuse("bundle.ignored-member", file.name, message)
        elif base.endswith(MANIFEST_FILE):
            return self._read_manifest(file, base)
        return file

    def _read_data(self, file: BundleFile, document: ParsedJson) -> BundleFile:
        self.data.insert(file.path, document.value)
        return file._replace(document=document)

    def _read_manifest(self, file: BundleFile, base: str) -> BundleFile:
        if self._manifest_path:
            message = f"a second manifest beside {self._manifest_path!r}"
            self._findings.denies("manifest.duplicate", file.name, message)
            return file
        self._manifest_path = file.name
        if file.name != MANIFEST_FILE:
            message = f"only {MANIFEST_FILE!r} at the root is the manifest, and OPA takes this one for it"
            self._findings.differs("bundle.ignored-member", file.name, message)
        document = self._parse_json(file, ignore_trailing=True)
        value = document.value
        if not self._strict:
            value = opa_manifest.as_go_decodes(value, subject=file.name, findings=self._findings.reasons)
        self.manifest = opa_manifest.parse_manifest(value, subject=file.name, budget=self._budget)
        # By suffix it is a manifest, by its base name it is structured or not: OPA asks twice.
        return file._replace(document=document) if base == MANIFEST_FILE else file

    def _parse_json(self, file: BundleFile, *, ignore_trailing: bool) -> ParsedJson:
        depth, values = self._limits.json_depth, self._values_left
        if self._strict:
            return self._spent(
                strict_json.parse(
                    file.content, subject=file.name, max_depth=depth, max_values=values, budget=self._budget
                )
            )
        document = strict_json.parse_like_go(
            file.content,
            subject=file.name,
            max_depth=depth,
            findings=self._findings.reasons,
            ignore_trailing=ignore_trailing,
            max_values=values,
            budget=self._budget,
        )
        return self._spent(document)

    def _parse_yaml(self, file: BundleFile) -> ParsedJson:
        body = opa_digest.without_mark(file.content)
        document = opa_digest.parse_yaml_or_json(
            body,
            subject=file.name,
            max_depth=self._limits.json_depth,
            max_values=self._values_left,
            max_yaml_bytes=self._yaml_left,
            budget=self._budget,
        )
        self._yaml_left -= len(body)
        return self._spent(document)

    def _spent(self, document: ParsedJson) -> ParsedJson:
        """Charge a document to the budget of the whole bundle: many small ones cost what one large one does."""
        self._values_left -= document.values
        return document

    def _refuse_delta(self, file: BundleFile) -> None:
        message = "patch.json changes data in place; a snapshot was expected"
        if self._strict:
            self._findings.denies("bundle.delta-refused", file.name, message)
            return
        value = self._parse_json(file, ignore_trailing=True).value
        is_empty = isinstance(value, dict) and not any(
            member for key, member in value.items() if key == "data" or strict_json.folds_to(key, frozenset({"data"}))
        )
        refuse = self._findings.differs if is_empty else self._findings.denies
        refuse("bundle.delta-refused", file.name, message)

    def _wrong(self, message: str, code: str = "manifest.invalid") -> None:
        self._findings.denies(code, self._manifest_path, message)


def _escaped(package: tuple[str, ...]) -> Iterator[str]:
    return (quote(each, safe="$&+=:@") for each in package)


def _told(refused: Refused, file: BundleFile) -> Refused:
    """The refusal of a file that is no JSON, saying what it is."""
    if refused.reasons[0].code != "json.invalid":
        return refused
    from verifier.formats.foreign.named import named  # noqa: PLC0415 - only for what was refused

    return named(refused, bytes(file.content), place="member")
