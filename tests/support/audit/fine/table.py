"""The table in docs/audit.md: `python -m tests.support.audit.fine.table` measures it, and writes it anew.

Every peer has to be on PATH (`make interop` puts them there); tests/interop/audit/test_false_fine.py holds each row.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.audit.fine import of_others, of_pip_audit
from tests.support.audit.fine.case import Case, row
from tests.support.places import ROOT

CASES: tuple[Case, ...] = (*of_pip_audit.CASES, *of_others.CASES)
PAGE = ROOT / "docs" / "audit.md"
BEGIN, END = "<!-- measured: where others say fine -->\n", "<!-- end of what is measured -->\n"
_HEAD = "| tool | case | it ends with | `verify audit` ends with |\n|---|---|---|---|\n"


def written() -> list[str]:
    """The rows of the page."""
    _, _, rest = PAGE.read_text().partition(BEGIN)
    rows, end, _ = rest.partition(END)
    assert end, f"{PAGE} has no table between {BEGIN!r} and {END!r}"
    return rows.removeprefix(_HEAD).splitlines()


def measured(case: Case, folder: Path) -> str:
    """One row, measured now."""
    return row(case, *case.measure(folder))


def main() -> None:
    """Write the table."""
    rows = []
    for case in CASES:
        with TemporaryDirectory() as folder:
            os.chdir(folder)
            rows.append(measured(case, Path(folder)))
            sys.stdout.write(rows[-1] + "\n")
            os.chdir("/")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text("".join((before, BEGIN, _HEAD, *(f"{each}\n" for each in rows), END, after)))


if __name__ == "__main__":
    main()
