"""OPA's bundle manifest.

* every field has the type that OPA gives it; unknown fields and Go's case variants of known ones are refused
* roots are trimmed of '/', and do not overlap by whole segments; a missing list claims everything
* no root and no entrypoint has a percent sign: OPA compares them as they are written, and looks them up unescaped
* what version of Rego a file is written in has one answer: patterns that could be read in two ways are refused

Source: OPA `v1/bundle/bundle.go` (`Manifest`); formats/opa-bundle.md section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice, pairwise

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import ENTRY, ROOT_SEGMENT
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_FINDINGS, MAX_PATH_DEPTH
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.json.strict_json import JsonValue, folds_to, refuse_case_variants

FIELDS = frozenset({"revision", "roots", "wasm", "rego_version", "file_rego_versions", "metadata"})
WASM_FIELDS = frozenset({"entrypoint", "module", "annotations"})
REGO_VERSIONS = frozenset({0, 1, 2})
DEFAULT_REGO_VERSION = 1
"""What OPA 1.x takes a bundle to be written in that does not say."""
MAX_GLOBS = 32
"""Patterns with a '*' in `file_rego_versions`; each is tried on every module."""
MAX_STARS = 8
"""Stars in one pattern."""
MAX_REASONS = 100
_PATH_SHOWN = 200
"""Characters of a path that a message repeats."""
_MERGED = frozenset({"metadata", "file_rego_versions"})
_GLOB_SPECIAL = r"[?\[\]{}\\]"


class WasmResolver(Value):
    """Which module answers which entrypoint."""

    entrypoint: str
    module: str


class Manifest(Value):
    """`revision` is None where it is missing or null. `roots` are ("",), that is everything, where they are missing."""

    revision: str | None = None
    roots: tuple[str, ...] = ("",)
    rego_version: int | None = None
    file_rego_versions: tuple[tuple[str, int], ...] = ()
    wasm: tuple[WasmResolver, ...] = ()
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)


class RootTree:
    """The roots as a tree of segments: `is_root` where one ends, `branches` where one goes on."""

    __slots__ = ("branches", "is_root")

    def __init__(self, roots: Iterable[str] = ()) -> None:
        self.is_root = False
        self.branches: dict[str, RootTree] = {}
        for root in roots:
            self._walk(root.split("/") if root else (), grow=True).is_root = True

    def owns(self, path: str) -> bool:
        """Whether the path lies in one of the roots."""
        return self.owns_all(path.split("/", MAX_PATH_DEPTH + 1) if path else ())

    def owns_all(self, segments: Iterable[str]) -> bool:
        """Whether what lies under these segments, none of which is taken apart, lies in one of the roots."""
        return self._walk(segments, grow=False).is_root

    def _walk(self, segments: Iterable[str], *, grow: bool) -> RootTree:
        node = self
        # No root has more segments: what follows them, however long it is, is not looked at.
        for segment in islice(segments, MAX_PATH_DEPTH + 1):
            if not grow and (node.is_root or segment not in node.branches):
                break
            node = node.branches.setdefault(segment, RootTree()) if grow else node.branches[segment]
        return node


class RegoVersions:
    """Which version of Rego a module is written in: the first pattern that matches, in order, else the bundle's."""

    def __init__(self, manifest: Manifest) -> None:
        declared = manifest.rego_version
        self._default = DEFAULT_REGO_VERSION if declared is None else declared
        ordered = list(enumerate(manifest.file_rego_versions))
        self._literal = {pattern: (at, version) for at, (pattern, version) in ordered if "*" not in pattern}
        self._globs = [(at, pattern.split("*"), version) for at, (pattern, version) in ordered if "*" in pattern]

    def of(self, path: str) -> int:
        """The version of the module at `path`, spelled as in the tar."""
        at, version = self._literal.get(path, (None, self._default))
        for place, parts, other in self._globs:
            if at is not None and at < place:
                break
            if _matches(parts, path):
                return other
        return version


def parse_manifest(value: JsonValue, *, subject: str, budget: Budget | None = None) -> Manifest:
    """The manifest that `value` is; `Refused` with every reason why it is not one. `budget` pays for what it makes."""
    if not isinstance(value, dict):
        raise refuse("manifest.invalid", subject, f"the manifest is {_kind(value)}; an object was expected")
    reasons: list[Reason] = []
    try:
        refuse_case_variants(value, FIELDS, subject=subject)
    except Refused as refused:
        reasons += refused.reasons
    unknown = (key for key in value if key not in FIELDS and folds_to(key, FIELDS) is None)
    for key in islice(unknown, MAX_REASONS):
        reasons.append(Reason(code="manifest.invalid", subject=subject, message=f"the field {key!r} is unknown"))
    fields = _Reading(value, subject, reasons, budget or Budget())
    manifest = Manifest(
        revision=fields.text("revision"),
        roots=fields.roots(),
        rego_version=fields.rego_version("rego_version", value.get("rego_version")),
        file_rego_versions=fields.file_rego_versions(),
        wasm=fields.wasm(),
        metadata=fields.mapping("metadata"),
    )
    if reasons:
        raise Refused(*reasons)
    return manifest


def as_go_decodes(value: JsonValue, *, subject: str, findings: list[Reason]) -> JsonValue:
    """The manifest as Go's struct decoding takes it: keys folded, the last one winning, unknown ones dropped."""
    if not isinstance(value, dict):
        return value
    decoded: dict[str, JsonValue] = {}
    for key, member in value.items():
        name = key if key in FIELDS else folds_to(key, FIELDS)
        if name != key and len(findings) < MAX_FINDINGS:
            code = "manifest.invalid" if name is None else "json.case-variant-key"
            message = f"OPA ignores the field {key!r}" if name is None else f"OPA reads the field {key!r} as {name!r}"
            findings.append(Reason(code=code, subject=subject, message=message).as_warning())
        if name is None:
            continue
        before = decoded.get(name)
        if name in _MERGED and isinstance(before, dict) and isinstance(member, dict):
            # Go decodes into the map that is already there.
            decoded[name] = {**before, **member}
        else:
            decoded[name] = member
    return decoded


class _Reading:
    """Reads the fields one by one and keeps what is wrong with each.

    Not `formats.json.fields.Fields`, which stops at the first: whoever wrote a manifest is told everything at once, in
    the words of OPA's documentation (a list, null), and what is missing is what Go's zero values make of it.
    """

    def __init__(self, value: Mapping[str, JsonValue], subject: str, reasons: list[Reason], budget: Budget) -> None:
        self._value, self._subject, self._reasons, self._budget = value, subject, reasons, budget

    def text(self, name: str) -> str | None:
        value = self._value.get(name)
        if value is None or isinstance(value, str):
            return value
        self._wrong(f"{name} is {_kind(value)}; a string was expected")
        return None

    def mapping(self, name: str) -> dict[str, JsonValue]:
        value = self._value.get(name)
        if value is None or isinstance(value, dict):
            return value or {}
        self._wrong(f"{name} is {_kind(value)}; an object was expected")
        return {}

    def roots(self) -> tuple[str, ...]:
        value = self._value.get("roots")
        if value is None:
            return ("",)
        if not isinstance(value, list):
            self._wrong(f"roots is {_kind(value)}; a list of strings was expected")
            return ()
        roots = [root.strip("/") for root in value if isinstance(root, str)]
        if len(roots) != len(value):
            self._wrong("roots holds something else than strings")
        if any(root.count("/") >= MAX_PATH_DEPTH for root in roots):
            # Every segment becomes a node of the tree: a few bytes packed would take gigabytes.
            self._wrong(f"a root has more than {MAX_PATH_DEPTH} segments")
            return ()
        self._budget.spend(ROOT_SEGMENT, sum(root.count("/") + 1 for root in roots), subject=self._subject)
        for root in roots:
            self._refuse_escapes("the root", root)
        # In order of segments, what a root contains follows it at once.
        ordered = sorted(tuple(root.split("/")) if root else () for root in roots)
        for outer, inner in pairwise(ordered):
            if _is_prefix(outer, inner):
                message = f"the roots {'/'.join(outer)!r} and {'/'.join(inner)!r} overlap"
                self._wrong(message, "manifest.roots-overlap")
                if len(self._reasons) >= MAX_REASONS:
                    break
        return tuple(roots)

    def rego_version(self, name: str, value: JsonValue) -> int | None:
        if value is None:
            return None
        if type(value) is int and value in REGO_VERSIONS:
            return value
        self._wrong(f"{name} is not 0, 1 or 2")
        return None

    def file_rego_versions(self) -> tuple[tuple[str, int], ...]:
        versions = []
        globs = 0
        given = self.mapping("file_rego_versions")
        self._budget.spend(ENTRY, len(given), subject=self._subject)
        for pattern, value in sorted(given.items()):
            globs += "*" in pattern
            if re.search(_GLOB_SPECIAL, pattern) or pattern.count("*") > MAX_STARS or globs > MAX_GLOBS:
                self._wrong(f"file_rego_versions: {pattern!r} is more than a path with a few '*'")
            version = self.rego_version(f"file_rego_versions {pattern!r}", value)
            if version is None and value is None:
                self._wrong(f"file_rego_versions {pattern!r} is null")
            versions.append((pattern, version or 0))
        return tuple(versions)

    def wasm(self) -> tuple[WasmResolver, ...]:
        value = self._value.get("wasm")
        if value is None:
            return ()
        if not isinstance(value, list):
            self._wrong(f"wasm is {_kind(value)}; a list was expected")
            return ()
        self._budget.spend(ENTRY, len(value), subject=self._subject)
        return tuple(resolver for item in value if (resolver := self._resolver(item)) is not None)

    def _resolver(self, item: JsonValue) -> WasmResolver | None:
        if not isinstance(item, dict):
            self._wrong(f"wasm holds {_kind(item)}; an object was expected")
            return None
        if unknown := sorted(item.keys() - WASM_FIELDS):
            self._wrong(f"wasm has the unknown field {unknown[0]!r}")
        entrypoint, module = item.get("entrypoint", ""), item.get("module", "")
        if not (isinstance(entrypoint, str) and isinstance(module, str)):
            self._wrong("wasm: entrypoint and module are strings")
            return None
        if not isinstance(item.get("annotations", []), list):
            self._wrong("wasm: annotations is a list")
        self._refuse_escapes("the entrypoint", entrypoint)
        return WasmResolver(entrypoint=entrypoint, module=module)

    def _refuse_escapes(self, what: str, path: str) -> None:
        # OPA compares `a%2Fb` with the data's own `a%2Fb`, and then loads what lies under `a/b`: nothing.
        if "%" in path:
            self._wrong(
                f"{what} {path[:_PATH_SHOWN]!r} has a percent sign, which OPA takes for an escape in some places only"
            )

    def _wrong(self, message: str, code: str = "manifest.invalid") -> None:
        if len(self._reasons) < MAX_REASONS:
            self._reasons.append(Reason(code=code, subject=self._subject, message=message))


def _is_prefix(prefix: tuple[str, ...], path: tuple[str, ...]) -> bool:
    return path[: len(prefix)] == prefix


def _matches(parts: list[str], path: str) -> bool:
    """OPA's glob without separators: `parts` stand between the '*'s, each of which is any text. Never backtracks."""
    first, *middle, last = parts
    if len(path) < len(first) + len(last) or not (path.startswith(first) and path.endswith(last)):
        return False
    position, end = len(first), len(path) - len(last)
    for part in middle:
        position = path.find(part, position, end)
        if position < 0:
            return False
        position += len(part)
    return True


def _kind(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
