"""Text of strangers, made harmless for the medium that it goes to.

* `plain` is for terminals and logs: one line of visible characters, in which no runner of workflows finds a command
* `cell` is for Markdown: a code span that nothing in it can end, format, link, mention or number
* `command_data` and `command_property` are for the commands of GitHub's runner
* `markup` is for XML, in a text or an attribute; `in_json` for a document of JSON that is shown in a log

Source: https://docs.github.com/actions, "Workflow commands"; the runner's `ActionCommand.cs` (`::` begins a line behind
blanks, `##[` stands anywhere); GitHub Flavored Markdown 0.29.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.reports.escape import printable

# Texts: `re` compiles one when it is first asked for, and a hook's report asks for none.
_BEGINS_COMMAND: Final = r"(?:(?<=\s)|^)::"
_SPECIAL: Final = r"[&<>`|\\*_{}\[\]#~@$]|:(?=[/:])|(?i:(?<=www)\.)"
_LONGEST_CELL: Final = 300
_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
"""As `html.escape` has it, whose module loads every entity that HTML knows."""


def plain(text: str, *, longest: int = 2_000) -> str:
    """One line for a terminal or a log."""
    shown = printable(text, longest=longest)
    if "::" in shown:
        shown = re.sub(_BEGINS_COMMAND, r":\\x3a", shown)
    return _without_older_commands(shown)


def _without_older_commands(text: str) -> str:
    return text.replace("##[", r"#\x23[")


def cell(text: str, *, longest: int = _LONGEST_CELL) -> str:
    """A code span for Markdown, also within a table.

    It is HTML's: what is written as a number is no Markdown, and within `code` GitHub makes no mention, link or emoji.
    """
    shown = printable(text, longest=longest)
    return f"<code>{re.sub(_SPECIAL, _numbered, shown)}</code>" if shown else ""


def _numbered(found: re.Match[str]) -> str:
    number = f"&#{ord(found[0])};"
    # Addresses are looked for once numbers are read: only what is no text comes between.
    return f"</code><code>{number}" if found[0] == "@" else number


def command_data(text: str) -> str:
    """The text of a command to GitHub's runner; its lines stay lines."""
    lines = (_without_older_commands(printable(each)) for each in text.split("\n"))
    return "%0A".join(each.replace("%", "%25") for each in lines)


def command_property(text: str) -> str:
    """The value of a property of a command."""
    return _without_older_commands(printable(text)).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def markup(text: str, *, longest: int = 2_000) -> str:
    """A text or an attribute (in double quotes) of XML."""
    return printable(text, longest=longest).translate(_MARKUP).replace("##[", "#&#35;[")


def in_json(document: str) -> str:
    """A JSON document, the same to whoever reads it, in which no runner finds a command either."""
    return document.replace("##[", "#\\u0023[")
