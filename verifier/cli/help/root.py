"""The help of `verify` itself, from what is written down of every command: nothing is loaded for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from verifier.cli.help.catalogue import Known, catalogue
from verifier.cli.help.examples import ROOT
from verifier.cli.help.page import Page, Section

SAYS: Final = "May this policy bundle be used, and is it at least as new as what was accepted before?"
_OPTIONS: Final = (
    ("-h, --help", "Show this and exit."),
    ("-V, --version", "Print the version and exit; so does -v alone."),
    ("-q, -v", "Before a command: its --quiet, its --verbose."),
)
_NOTES: Final = (
    "Help of one: verify COMMAND --help, or verify help COMMAND. Every option by environment: VERIFY_ and its name, as"
    " in VERIFY_POLICY for --policy.",
    "Exit status: 0 accepted, 1 denied, 2 wrong usage or configuration, 3 could not decide.",
)


def root_page(commands: Mapping[str, Known] | None = None) -> Page:
    """What `verify --help` shows; of `commands`, if not of those that are written down."""
    listed: dict[str, list[tuple[str, str]]] = {}
    for path, known in (commands or catalogue()).items():
        if " " not in path:
            listed.setdefault(known.heading, []).append((path, known.says))
    sections = (Section(title, tuple(rows)) for title, rows in listed.items())
    return Page(
        usage="verify COMMAND [OPTIONS]",
        text=SAYS,
        sections=(*sections, Section("Options", _OPTIONS)),
        examples=ROOT,
        notes=_NOTES,
    )
