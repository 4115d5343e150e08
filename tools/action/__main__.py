"""`python -I -m tools.action STEP`: one step of `action.yml`."""

from __future__ import annotations

import os
import sys

from tools.action.runner import Misasked, Runner, said
from tools.action.steps import MISASKED, STEPS
from verifier.core.text.shown import shown


def main(step: str) -> int:
    """Run the step; its exit status."""
    runner = Runner(os.environ)
    try:
        return STEPS[step](runner, os.environ)
    except Misasked as problem:
        said(runner, problem)
        return MISASKED
    except OSError as error:
        what = f"{shown(str(error.filename or 'a file'))}: {error.strerror}"
        said(runner, Misasked("files", f"cannot be used: {what}", "See what is in its place, and who may write there."))
        return MISASKED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
