"""The formats that a verdict is reported in: each is a file beside this one, and a row here.

* a run loads the one format that it was asked for
* every format is given the same: the verdict, and what it is shown on; what it has no use for it leaves
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from verifier.core.value import Value
from verifier.core.verdict import Verdict

REPORTS: Mapping[str, str] = MappingProxyType({"text": "terminal", "json": "json"})
"""The module with the `render` of each format, by the name that the format has on the command line."""


class Screen(Value):
    """What a report is shown on: `columns` wide, with colours or without."""

    columns: int = 100
    colours: bool = False


PLAIN = Screen()
Render = Callable[[Verdict, Screen], str]
"""What a format's module has under the name `render`: the whole report, ending in a newline."""


def renderer(name: str) -> Render:
    """What writes reports in the format `name`; raises `KeyError` where there is no such format."""
    render: Render = import_module(f"verifier.reports.{REPORTS[name]}").render
    return render
