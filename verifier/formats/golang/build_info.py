"""What a Go compiler leaves in a program: its modules, with versions and sums, and how it was built.

* read from a bounded excerpt of the program, which begins with the magic and has both texts behind it (Go 1.18 and
  later); what older compilers leave is a pointer to elsewhere, and is said to be that
* every length is checked before anything is read by it; what does not fit is no build information

Source: Go's `src/debug/buildinfo/buildinfo.go` and `src/runtime/debug/mod.go`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

GO_BUILD_INFO: Final = b"\xff Go buildinf:"
"""Stands at a multiple of 16 bytes in a program that a Go compiler made."""
MAX_GO_BUILD_INFO: Final = 1024 * 1024
"""Bytes that are kept from such a place on: the largest programs have 2,000 modules in 200 KiB."""
MAX_GO_PLACES: Final = 8
"""Such places in one program: those that read build information name it in their code too."""
PROGRAM_HEADS: Final = (
    *(b"\x7fELF", b"MZ", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
    b"\x01\xdf",
)
"""What ELF, PE, Mach-O and XCOFF files begin with: those that build information is looked for in."""
_HEADER_BYTES: Final = 32
_TEXTS_FOLLOW: Final = 2
"""The flag of texts that follow the header."""
_MARK: Final = 16
"""Bytes before and behind the list of modules, by which the linker finds it."""


class Module(NamedTuple):
    """One module: `version` "" or "(devel)" where nobody knows it, `sum` the `h1:` sum of its content, `replaced` the
    path and version that its place was taken of ("" and "")."""

    path: str
    version: str
    sum: str = ""
    replaced: tuple[str, str] = ("", "")


class BuildInfo(NamedTuple):
    """What one program says: the compiler ("go1.22.1"), the package that is its `main`, its module where it has one,
    what it depends on, and the settings of its build."""

    compiler: str
    package: str = ""
    main: Module | None = None
    dependencies: tuple[Module, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


class NoBuildInfoError(Exception):
    """An excerpt that says nothing, and why."""


def read_build_info(excerpt: bytes) -> BuildInfo:
    """What an excerpt from the magic on says; `NoBuildInfoError` where that is nothing that can be read."""
    if len(excerpt) < _HEADER_BYTES or not excerpt.startswith(GO_BUILD_INFO):
        raise NoBuildInfoError("it is cut off")
    size, flags = excerpt[14], excerpt[15]
    if not flags & _TEXTS_FOLLOW:
        if size in {4, 8} and flags in {0, 1}:
            raise NoBuildInfoError("a compiler before Go 1.18 made it, which leaves pointers only")
        raise NoBuildInfoError("its header is none")
    compiler, at = _text(excerpt, _HEADER_BYTES)
    modules, _ = _text(excerpt, at)
    if not compiler or not compiler.isprintable():
        raise NoBuildInfoError("it names no compiler")
    return _modules(compiler, modules[_MARK:-_MARK] if _is_marked(modules) else "")


def _is_marked(modules: str) -> bool:
    return len(modules) >= 2 * _MARK + 1 and modules[-_MARK - 1] == "\n"


def _text(excerpt: bytes, at: int) -> tuple[str, int]:
    """The text whose length stands at a place as a varint, and what comes behind it."""
    size = shift = 0
    while True:
        if at >= len(excerpt) or shift > 28:
            raise NoBuildInfoError("a length in it is none")
        byte = excerpt[at]
        at += 1
        size |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    if at + size > len(excerpt):
        raise NoBuildInfoError("it is cut off, or longer than is read")
    # The marks are bytes that are no text; Latin-1 keeps each byte one character.
    return str(excerpt[at : at + size], "latin-1"), at + size


def _modules(compiler: str, listed: str) -> BuildInfo:
    package = ""
    main: Module | None = None
    dependencies: list[Module] = []
    settings: list[tuple[str, str]] = []
    last_is_main = False
    for line in listed.encode("latin-1").decode("utf-8", "replace").split("\n"):
        keyword, _, rest = line.partition("\t")
        if keyword == "path":
            package = rest
        elif keyword == "mod":
            main, last_is_main = _module(rest), True
        elif keyword == "dep":
            dependencies.append(_module(rest))
            last_is_main = False
        elif keyword == "=>":
            main = _replaced(main, rest) if last_is_main and main else main
            if not last_is_main and dependencies:
                dependencies[-1] = _replaced(dependencies[-1], rest)
        elif keyword == "build":
            name, _, value = rest.partition("=")
            settings.append((_unquoted(name), _unquoted(value)))
        elif keyword:
            raise NoBuildInfoError(f"a line of it begins with {keyword[:40]!r}")
    return BuildInfo(compiler, package, main, tuple(dependencies), tuple(settings))


def _module(said: str) -> Module:
    path, version, total, *_ = (*said.split("\t"), "", "", "")
    if not path or "//" in path or not path.isprintable():
        raise NoBuildInfoError("a module in it has no name")
    if "/" in version or not version.isprintable():
        raise NoBuildInfoError(f"a module in it has the version {version[:40]!r}, which is none")
    return Module(path, version, total)


def _replaced(module: Module, said: str) -> Module:
    return _module(said)._replace(replaced=(module.path, module.version))


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in '"`' else text
