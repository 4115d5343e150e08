"""The completion scripts: an engine for each shell, and in it a table of every command, option and word.

* a script stands alone and starts no process for what does not depend on files of the user's
* what is in the table is plain, or quoted as its shell has it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from verifier.cli.help.catalogue import Known, Taken, catalogue
from verifier.core.version import VERSION

_FOLDER: Final = Path(__file__).parent
_HELP: Final = Taken(("-h", "--help"), "switch", (), False, (), "Show this and exit.")
_ROOT: Final = (
    _HELP,
    Taken(("-V", "--version"), "switch", (), False, (), "Print the version and exit."),
    Taken(("-q", "--quiet"), "switch", (), False, (), "Of the command that follows."),
    Taken(("-v", "--verbose"), "switch", (), False, (), "Of the command that follows."),
)
_LONGEST: Final = 76
Listed = tuple[str, str]


def script(shell: str) -> str:
    """The script for bash, zsh or fish."""
    engine = (_FOLDER / f"completion.{shell}").read_text("utf-8")
    table = "\n".join(line for row in _rows(catalogue()) for line in _SHELLS[shell](row))
    return engine.replace("@RELEASE@", VERSION).replace("@TABLE@", table)


class _Row:
    """What may follow a command."""

    def __init__(self, path: str, taken: tuple[Taken, ...], commands: list[Listed]) -> None:
        self.path, self.commands = path, commands
        options = [each for each in taken if each.flags]
        self.options = [(flag, _short(each.says)) for each in options for flag in each.flags]
        self.valued = [flag for each in options if each.takes != "switch" for flag in each.flags]
        self.by_kind = {
            kind: [flag for each in options if each.takes == kind for flag in each.flags]
            for kind in ("file", "rule", "scope")
        }
        self.values = [(each.flags, each.words) for each in options if each.words]
        self.places = [each.takes for each in taken if not each.flags]
        self.words = next((each.words for each in taken if not each.flags and each.words), ())


def _rows(known: Mapping[str, Known]) -> Iterator[_Row]:
    yield _Row("", _ROOT, _below("", known))
    for path, command in known.items():
        yield _Row(path, (*command.taken, _HELP), _below(f"{path} ", known))


def _below(prefix: str, known: Mapping[str, Known]) -> list[Listed]:
    return [
        (path.removeprefix(prefix), _short(each.says))
        for path, each in known.items()
        if path.startswith(prefix) and " " not in path.removeprefix(prefix)
    ]


def _short(says: str) -> str:
    return says if len(says) <= _LONGEST else f"{says[:_LONGEST].rpartition(' ')[0]} ..."


def _posix(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _bash_row(row: _Row) -> Iterator[str]:
    yield f"        {_posix(row.path)})"
    named = (("commands", [name for name, _ in row.commands]), ("options", [name for name, _ in row.options]))
    for name, words in (*named, *_flags(row), ("places", row.places), ("values", row.words)):
        if words:
            yield f"            {name}={_posix(' '.join(words))}"
    yield from _values(row, "            ", "'%s'")
    yield "            ;;"


def _zsh_row(row: _Row) -> Iterator[str]:
    yield f"        ({_posix(row.path)})"
    for name, listed in (("commands", row.commands), ("options", row.options)):
        if listed:
            yield f"            {name}=({' '.join(_posix(f'{each}:{says}') for each, says in listed)})"
    for name, words in (*_flags(row), ("places", row.places)):
        if words:
            yield f"            {name}={_posix(' '.join(words))}"
    if row.words:
        yield f"            values=({' '.join(map(_posix, row.words))})"
    yield from _values(row, "            ", "(%s)")
    yield "            ;;"


def _fish_row(row: _Row) -> Iterator[str]:
    yield f"        case {_fish(row.path)}"
    for name, listed in (("commands", row.commands), ("options", row.options)):
        if listed:
            words = " ".join(f"{_fish(each)}\\t{_fish(says)}" for each, says in listed)
            yield f"            set -g __verify_{name} {words}"
    for name, flags in (*_flags(row), ("places", row.places), ("values", row.words)):
        if flags:
            yield f"            set -g __verify_{name} {' '.join(flags)}"
    if row.values:
        yield '            switch "$argv[2]"'
        for names, taken in row.values:
            yield f"                case {' '.join(names)}"
            yield f"                    set -g __verify_values {' '.join(map(_fish, taken))}"
        yield "            end"


def _flags(row: _Row) -> tuple[tuple[str, list[str]], ...]:
    kinds = (("files", "file"), ("rules", "rule"), ("scopes", "scope"))
    return (("valued", row.valued), *((name, row.by_kind[kind]) for name, kind in kinds))


def _values(row: _Row, indent: str, form: str) -> Iterator[str]:
    """The words of each option that takes a few, for bash and zsh; an option that takes others has none."""
    if not row.values and not row.words:
        return
    yield f"{indent}case $2 in"
    if row.words:
        yield f"{indent}    '') ;;"
    for names, words in row.values:
        yield f"{indent}    {' | '.join(names)}) values={form % ' '.join(words)} ;;"
    if row.words:
        yield f"{indent}    *) values={form % ''} ;;"
    yield f"{indent}esac"


_SHELLS: Final[Mapping[str, Callable[[_Row], Iterator[str]]]] = MappingProxyType(
    {"bash": _bash_row, "zsh": _zsh_row, "fish": _fish_row}
)
SHELLS: Final = tuple(_SHELLS)
