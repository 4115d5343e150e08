"""`python -I -m tools.action STEP`: one step of `action.yml`."""

from __future__ import annotations

import os
import sys

from tools.action.runner import Misasked, Runner, said
from tools.action.steps import MISASKED, STEPS


def main(step: str) -> int:
    """Run the step; its exit status."""
    runner = Runner(os.environ)
    try:
        return STEPS[step](runner, os.environ)
    except Misasked as problem:
        said(runner, problem)
        return MISASKED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
