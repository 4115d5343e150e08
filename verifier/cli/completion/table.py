"""What may follow each command, for the table in a completion script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from verifier.cli.help.catalogue import Known, Taken

_HELP: Final = Taken(("-h", "--help"), "switch", (), False, (), "Show this and exit.")
_ROOT: Final = (
    _HELP,
    Taken(("-V", "--version"), "switch", (), False, (), "Print the version and exit."),
    Taken(("-q", "--quiet"), "switch", (), False, (), "Of the command that follows."),
    Taken(("-v", "--verbose"), "switch", (), False, (), "Of the command that follows."),
)
_LONGEST: Final = 76
Listed = tuple[str, str]


class Row:
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


def rows(known: Mapping[str, Known]) -> Iterator[Row]:
    yield Row("", _ROOT, _below("", known))
    for path, command in known.items():
        yield Row(path, (*command.taken, _HELP), _below(f"{path} ", known))


def _below(prefix: str, known: Mapping[str, Known]) -> list[Listed]:
    return [
        (path.removeprefix(prefix), _short(each.says))
        for path, each in known.items()
        if path.startswith(prefix) and " " not in path.removeprefix(prefix)
    ]


def _short(says: str) -> str:
    return says if len(says) <= _LONGEST else f"{says[:_LONGEST].rpartition(' ')[0]} ..."
