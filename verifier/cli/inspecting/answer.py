"""How an inspection answers: on standard output and in further files; with 3 where something could not be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from verifier.cli import output, screen
from verifier.cli.reporting.further import Reports, asked_for, write_further
from verifier.core.value import Value
from verifier.files.output import Outputs
from verifier.formats.json.write import page
from verifier.inspecting.inspected import Inspected
from verifier.inspecting.shown.document import write
from verifier.inspecting.shown.text import render
from verifier.reports.table import Screen

SHOWN = {"text": "", "json": ""}


class Answer(Value):
    """In which format, and where else it goes. `every` shows whole lists."""

    style: str
    further: Reports
    every: bool

    @classmethod
    def asked(cls, style: str, further: tuple[str, ...], reference: str, *, every: bool) -> Answer:
        """What was asked for; raises `ConfigurationError` for a file that must stay, before anything is read."""
        places = Outputs({"REF": (Path(reference),)})
        return cls(
            style=style, further=asked_for(style, further, SHOWN, places, quiet=False, verbose=every), every=every
        )

    def told(self, seen: Inspected) -> int:
        """Print it, write it where else it goes; the exit status."""
        write_further(self.further, self._renderer, seen)
        output.document(self._renderer(self.style)(seen, screen.standard_output()))
        # Whoever delivers a folder may put a key of that name beside the artifact: a line that is pasted would take it.
        for name, _ in seen.described.check.unknown:
            if os.path.lexists(name):
                output.hint(f"verify: {name} lies here: in the command it stands for what you got from elsewhere")
        return output.EXIT_ACCEPTED if seen.complete else output.EXIT_UNDECIDED

    def _renderer(self, style: str) -> Callable[[Inspected, Screen], str]:
        if style == "json":
            return lambda seen, _: page(write(seen))
        return lambda seen, shown: render(seen, every=self.every, columns=shown.columns)
