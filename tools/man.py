"""Man pages from the commands themselves: `python -m tools.man DIRECTORY` writes verify.1, verify-bundle.1, ...

Packages install them in share/man/man1. The date is that of SOURCE_DATE_EPOCH, with which the same commit makes the
same pages; else today's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tools.commands_tree import walk
from verifier.cli.help.page import Page, Section
from verifier.cli.help.root import root_page
from verifier.cli.help.sentence import first_sentence
from verifier.core.version import VERSION

_STATUS = (
    ("0", "accepted"),
    ("1", "denied"),
    ("2", "wrong usage or configuration"),
    ("3", "could not decide: a denial for whoever asks"),
    ("130", "interrupted: no answer, and so no acceptance"),
)


def man_pages() -> dict[str, str]:
    """Every page by the name of its file."""
    root = root_page()
    names = [(path, command) for path, _, command in walk()]
    made = {"verify.1": man_page("verify", root, [f"verify-{path}" for path, _ in names if " " not in path])}
    for path, command in names:
        named = f"verify {path}"
        below = [each for each, _ in names if each.startswith(f"{path} ") and each.count(" ") == path.count(" ") + 1]
        above = named.rpartition(" ")[0]
        beside = [above, *(f"verify {each}" for each in below)]
        made[f"{_file(named)}.1"] = man_page(named, command.page(named), [_file(each) for each in beside])
    return made


def man_page(named: str, page: Page, beside: list[str]) -> str:
    """One page, in the macros of man(7)."""
    return "\n".join(line for line in _lines(named, page, beside)) + "\n"


def _lines(named: str, page: Page, beside: list[str]) -> Iterator[str]:
    yield f'.TH {_file(named).upper().replace("-", chr(92) + "-")} 1 "{_date()}" "verify {VERSION}" "User Commands"'
    yield ".SH NAME"
    yield rf"{_escaped(_file(named))} \- {_escaped(first_sentence(page.text)).rstrip('.')}"
    yield ".SH SYNOPSIS"
    yield f".B {_escaped(page.usage)}"
    yield ".SH DESCRIPTION"
    yield from _paragraphs(page.text)
    commands = [section for section in page.sections if _is_of_commands(section)]
    if commands:
        yield ".SH COMMANDS"
    for section in commands:
        yield from _section(section)
    if len(commands) < len(page.sections):
        yield ".SH OPTIONS"
    for section in page.sections:
        if section not in commands:
            yield from _section(section)
    yield ".SH ENVIRONMENT"
    yield from _paragraphs(
        "Every option is also read from a variable: VERIFY_ and its long name in capitals, as in VERIFY_POLICY for"
        " --policy. What is typed counts. Each line is a value of an option that may be given several times."
    )
    yield ".SH EXIT STATUS"
    for status, meaning in _STATUS:
        yield from _item(status, meaning)
    if page.examples:
        yield ".SH EXAMPLES"
        for number, example in enumerate(page.examples):
            if number:
                yield ".PP"
            yield ".nf"
            yield _escaped(example)
            yield ".fi"
    yield ".SH SEE ALSO"
    yield ",\n".join(rf".BR {_escaped(each)} (1)" for each in beside).replace(" (1),", " (1),")


def _is_of_commands(section: Section) -> bool:
    return section.title != "Arguments" and not section.rows[0][0].startswith("-")


def _section(section: Section) -> Iterator[str]:
    yield f".SS {_escaped(section.title)}"
    yield from _rows(section)


def _rows(section: Section) -> Iterator[str]:
    for name, text in section.rows:
        yield from _item(name, text)


def _item(name: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_escaped(name)}"
    yield _escaped(" ".join(text.split()))


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        yield _escaped(" ".join(paragraph.split()))


def _escaped(text: str) -> str:
    """A text as it is: no letter of it is a macro or an escape, and hyphens can be searched for and pasted."""
    safe = text.replace("\\", r"\e").replace("-", r"\-").replace("…", "...").replace('"', r"\(dq")
    return rf"\&{safe}" if safe.startswith((".", "'")) else safe


def _file(named: str) -> str:
    return named.replace(" ", "-")


def _date() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return f"{moment:%Y-%m-%d}"


def main(arguments: list[str]) -> int:
    """Write the pages into the directory that is named."""
    if len(arguments) != 1:
        print("usage: python -m tools.man DIRECTORY", file=sys.stderr)
        return 2
    directory = Path(arguments[0])
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in man_pages().items():
        (directory / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
