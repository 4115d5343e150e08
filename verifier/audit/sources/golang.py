"""Packages of go.mod: the modules that a Go module requires, as they are replaced.

* `require` with its blocks, `replace` by module or folder, `exclude`, `// indirect`; everything else that Go knows is
  checked and passed over, what it does not know refuses the file
* the standard library is a package too, in the release that the file asks for at least
* digests are those of the go.sum beside it; a line of it that Go would not read pins nothing
* before Go 1.17 the file does not list all that is built: that is said, as an error
* a branch is no version, and one that is excluded is not what is built

Source: https://go.dev/ref/mod#go-mod-file, and #go-sum-files.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from verifier.audit.sources.collected import UNKNOWN, Collected, Source
from verifier.audit.sources.merged import one_each
from verifier.audit.sources.table import Reading
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.formats.audit.package import Package, Place
from verifier.formats.bom.component import Distribution, Hash
from verifier.formats.bom.purl import purl as written_purl
from verifier.sbom.locks.rows.document import CODE, at, text_of

_TOKEN: Final = re.compile(r'[ \t\r]*(?:(//.*)|("(?:[^"\\]|\\.)*")|(=>|[()\[\],])|([^\s()\[\],"\'`]+))')
_BLOCKS: Final = frozenset({"require", "exclude", "replace", "retract", "tool", "godebug", "ignore"})
_SINGLE: Final = frozenset({"module", "go", "toolchain"})
_VERSION: Final = re.compile(r"v\d{1,100}\.\d{1,100}\.\d{1,100}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?\Z")
_PATH: Final = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~!+-]+)*\Z")
_GO: Final = re.compile(r"(\d{1,6})\.(\d{1,6})(?:\.\d{1,9})?(?:(?:rc|beta)\d{1,9})?\Z")
_RELEASE: Final = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,9}\Z")
_SUM: Final = re.compile(r"(\S+) (v\S+) h1:([A-Za-z0-9+/]{43}=)\r?\Z")
_PRUNED: Final = (1, 17)
"""Since when all modules that are built are listed."""
_MAX_LINE: Final = 16_384


class _Line(NamedTuple):
    """One directive with its tokens; `comment` is what stands behind it."""

    path: str
    number: int
    verb: str
    tokens: tuple[str, ...]
    comment: str = ""

    def refusal(self, what: str) -> Refused:
        """What to raise about this line."""
        return refuse(CODE, at(self.path, self.number), what, "Run `go mod tidy`.")


class _Module(NamedTuple):
    """A module and its version; a folder has none."""

    path: str
    version: str = ""


def read(reading: Reading) -> Collected:
    """The modules; `Refused` with `dependency.lock-invalid` where the file is none that Go reads."""
    lines = list(_lines(text_of(reading.content, reading.path), reading.path))
    if not any(line.verb == "module" for line in lines):
        raise refuse(
            CODE, reading.path, "no line says `module`: it is no go.mod, or was cut short", "Run `go mod tidy`."
        )
    replaced = dict(_replaced(line) for line in lines if line.verb == "replace")
    excluded = {_required(line) for line in lines if line.verb == "exclude"}
    sums_path, sums = _sums(reading)
    packages = [_package(line, replaced, excluded, sums) for line in lines if line.verb == "require"]
    packages += _standard_library(lines)
    return Collected(
        packages=one_each(packages),
        reasons=tuple(_unlisted(lines, reading.path)),
        files=(reading.path, sums_path) if sums else (reading.path,),
        sources=(Source("go", reading.path),),
    )


def _sums(reading: Reading) -> tuple[str, dict[_Module, Distribution]]:
    """Where the go.sum beside the file lies, and the digest of each module's content; of none where it cannot be read:
    what has no digest is said."""
    path = posixpath.join(posixpath.dirname(reading.path), "go.sum")
    try:
        text = text_of(reading.include(path), path) if reading.include is not None else ""
    except Refused:
        return path, {}
    found = (_SUM.match(line) for line in text.split("\n"))
    return path, {_Module(each[1], each[2]): Distribution("", (Hash("h1", each[3]),)) for each in found if each}


def _lines(text: str, path: str) -> Iterator[_Line]:
    block = ""
    for number, written in enumerate(text.split("\n"), start=1):
        tokens, comment = _tokens(written, path, number)
        line = _Line(path, number, block, tokens, comment)
        if not tokens:
            continue
        if block:
            if tokens == (")",):
                block = ""
                continue
        elif tokens[1:2] == ("(",) and tokens[0] in _BLOCKS:
            if tokens[2:] == (")",):
                continue
            if tokens[2:]:
                raise line.refusal("something stands behind the parenthesis that opens a block")
            block = tokens[0]
            continue
        else:
            line = line._replace(verb=tokens[0], tokens=tokens[1:])
        yield _checked(line)
    if block:
        raise refuse(CODE, path, f"the block of `{block}` does not end: the file was cut short", "Run `go mod tidy`.")


def _checked(line: _Line) -> _Line:
    if line.verb not in _BLOCKS | _SINGLE:
        raise line.refusal(f"{line.verb[:40]!r}, which no line of a go.mod begins with")
    if not line.tokens or "(" in line.tokens or ")" in line.tokens:
        raise line.refusal(f"`{line.verb}` without what it needs, or with a parenthesis")
    return line


def _tokens(written: str, path: str, number: int) -> tuple[tuple[str, ...], str]:
    if len(written) > _MAX_LINE:
        raise refuse("input.too-large", at(path, number), f"a line of {len(written)} characters")
    found, start, comment = list[str](), 0, ""
    end = len(written.rstrip())
    while start < end:
        match = _TOKEN.match(written, start)
        if match is None:
            raise refuse(CODE, at(path, number), "a quote that Go reads no string behind", "Run `go mod tidy`.")
        if match[1]:
            comment = match[1][2:].strip()
            break
        found.append(match[2][1:-1] if match[2] else match[3] or match[4])
        start = match.end()
    return tuple(found), comment


def _required(line: _Line) -> _Module:
    if len(line.tokens) != 2 or not _PATH.match(line.tokens[0]):
        raise line.refusal(f"{' '.join(line.tokens)[:100]!r}, expected a module and its version")
    return _Module(*line.tokens)


def _replaced(line: _Line) -> tuple[_Module, _Module]:
    """What is replaced, in one version or in all (""), and what by."""
    tokens = line.tokens
    if "=>" not in tokens:
        raise line.refusal("`replace` without =>")
    middle = tokens.index("=>")
    old, new = tokens[:middle], tokens[middle + 1 :]
    local = bool(new) and _is_folder(new[0])
    if len(old) not in (1, 2) or len(new) != (1 if local else 2) or not _PATH.match(old[0]):
        raise line.refusal(f"{' '.join(tokens)[:100]!r}, expected MODULE [VERSION] => MODULE VERSION, or a folder")
    return _Module(*old), _Module(*new)


def _is_folder(path: str) -> bool:
    return path.startswith(("./", "../", "/")) or path in {".", ".."} or path[1:3] in {":\\", ":/"}


def _package(
    line: _Line, replaced: dict[_Module, _Module], excluded: set[_Module], sums: dict[_Module, Distribution]
) -> Package:
    module = _required(line)
    other = replaced.get(module, replaced.get(_Module(module.path), module))
    local = _is_folder(other.path) and other != module
    named = module if local else other
    known = not local and _VERSION.match(named.version) is not None and named not in excluded
    version = named.version if known else None
    namespace, _, name = named.path.rpartition("/")
    return Package(
        ecosystem="golang",
        name=name,
        namespace=namespace,
        version=version,
        purl=written_purl("golang", name, version, namespace=namespace) or f"pkg:golang/{named.path}",
        asked="" if known or local else named.version,
        source="path" if local else "index",
        location=other.path if local else "",
        local=local and not other.path.startswith(("/", "..")),
        places=(Place(line.path, line.number),),
        distributions=(sums[named],) if known and named in sums else (),
        direct=line.comment.partition(";")[0].strip() != "indirect",
    )


def _standard_library(lines: list[_Line]) -> Iterator[Package]:
    """The standard library, which every module is built with: by the release that the file asks for at least, or open
    where it names none."""
    named = {line.verb: line for line in lines if line.verb == "go" or _is_toolchain(line)}
    for line in [named[verb] for verb in ("toolchain", "go") if verb in named][:1]:
        asked = line.tokens[0].removeprefix("go").partition("-")[0]
        version = asked if _RELEASE.match(asked) else None
        yield Package(
            ecosystem="golang",
            name="stdlib",
            version=version,
            purl=written_purl("golang", "stdlib", version),
            asked="" if version else f">={asked}",
            places=(Place(line.path, line.number),),
            direct=True,
        )


def _is_toolchain(line: _Line) -> bool:
    """Whether a line names a release: `default` names none."""
    return line.verb == "toolchain" and line.tokens[0].startswith("go")


def _unlisted(lines: list[_Line], path: str) -> Iterator[Reason]:
    """What is said of a go.mod that does not list all that is built."""
    line = next((each for each in lines if each.verb == "go"), None)
    match = _GO.match(line.tokens[0]) if line is not None else None
    if line is not None and match is None:
        raise line.refusal(f"go {line.tokens[0][:40]!r}, which is no version of Go")
    if match is not None and (int(match[1]), int(match[2])) >= _PRUNED:
        return
    if not any(each.verb == "require" for each in lines):
        return
    said = f"says go {match[0]}" if match else "does not say for which Go it is"
    message = f"it {said}: before 1.17 it does not list all modules that are built"
    hint = "Run `go mod tidy -go=1.17` or later."
    yield Reason(code=UNKNOWN, subject=path, message=message, hint=hint)
