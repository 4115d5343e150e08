"""The completion scripts: an engine for each shell, and in it a table of every command, option and word.

* a script stands alone and starts no process for what does not depend on files of the user's
* what is in the table is plain, or quoted as its shell has it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from verifier.cli.completion.table import Row, rows
from verifier.cli.help.catalogue import catalogue
from verifier.core.version import VERSION

_FOLDER: Final = Path(__file__).parent


def script(shell: str) -> str:
    """The script for bash, zsh or fish."""
    engine = (_FOLDER / f"completion.{shell}").read_text("utf-8")
    table = "\n".join(line for row in rows(catalogue()) for line in _SHELLS[shell](row))
    return engine.replace("@RELEASE@", VERSION).replace("@TABLE@", table)


def _posix(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _bash_row(row: Row) -> Iterator[str]:
    yield f"        {_posix(row.path)})"
    named = (("commands", [name for name, _ in row.commands]), ("options", [name for name, _ in row.options]))
    for name, words in (*named, *_flags(row), ("places", row.places), ("values", row.words)):
        if words:
            yield f"            {name}={_posix(' '.join(words))}"
    yield from _values(row, "            ", "'%s'")
    yield "            ;;"


def _zsh_row(row: Row) -> Iterator[str]:
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


def _fish_row(row: Row) -> Iterator[str]:
    yield f"        case {_fish(row.path)}"
    for name, listed in (("commands", row.commands), ("options", row.options)):
        if listed:
            described = " ".join(f"{_fish(each)}\\t{_fish(says)}" for each, says in listed)
            yield f"            set -g __verify_{name} {described}"
    for name, words in (*_flags(row), ("places", row.places), ("values", list(row.words))):
        if words:
            yield f"            set -g __verify_{name} {' '.join(words)}"
    if row.values:
        yield '            switch "$argv[2]"'
        for names, values in row.values:
            yield f"                case {' '.join(names)}"
            yield f"                    set -g __verify_values {' '.join(map(_fish, values))}"
        yield "            end"


def _flags(row: Row) -> tuple[tuple[str, list[str]], ...]:
    kinds = (("files", "file"), ("rules", "rule"), ("scopes", "scope"))
    return (("valued", row.valued), *((name, row.by_kind[kind]) for name, kind in kinds))


def _values(row: Row, indent: str, form: str) -> Iterator[str]:
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


_SHELLS: Final[Mapping[str, Callable[[Row], Iterator[str]]]] = MappingProxyType(
    {"bash": _bash_row, "zsh": _zsh_row, "fish": _fish_row}
)
SHELLS: Final = tuple(_SHELLS)
