"""The environment of the command in a process of its own, which finds the ledger that a test has made with it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.places import ROOT


def surroundings(**more: str) -> dict[str, str]:
    """This process' environment, with this project on the path, and the ledger of the working directory if it has
    one."""
    ledger = Path("ledger.db").absolute()
    known = {"VERIFY_LEDGER": f"sqlite://{ledger}"} if ledger.exists() else {}
    return {**os.environ, "PYTHONPATH": str(ROOT), **known, **more}
