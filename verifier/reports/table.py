"""The formats that verdicts are reported in: each is a file beside this one, and a row here.

* a run loads the formats that it was asked for
* every format is given the same: the dossier of the run, and what it is shown on; what it has no use for it leaves
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Literal

from verifier.core.value import Value
from verifier.formats.verdict.dossier import Dossier

REPORTS: Mapping[str, str] = MappingProxyType(
    {
        "text": "terminal",
        "json": "json",
        "sarif": "sarif",
        "markdown": "markdown",
        "github": "github",
        "gitlab": "gitlab",
        "junit": "junit",
        "html": "html.verdicts",
    }
)
"""The module with the `render` of each format, by the name that the format has on the command line."""

SHOW_MORE = frozenset({"html"})
"""Formats that show what is known beside the verdicts: for these, and for no other, it is looked up."""


Detail = Literal["quiet", "usual", "verbose"]


class Screen(Value):
    """What a report is shown on: `columns` wide, with colours or without; `detail` is how much a person asked for."""

    columns: int = 100
    colours: bool = False
    detail: Detail = "usual"


PLAIN = Screen()
Render = Callable[[Dossier, Screen], str]
"""What a format's module has under the name `render`: the whole report, ending in a newline."""


def renderer(name: str) -> Render:
    """What writes reports in the format `name`; raises `KeyError` where there is no such format."""
    render: Render = import_module(f"verifier.reports.{REPORTS[name]}").render
    return render
