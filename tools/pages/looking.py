"""Pages looked at in Debian's Chromium by `browser/look.mjs`, which says what may be wished for and what is seen.

`BROWSER_MODULES` is the node_modules that `.ci/peers DIRECTORY browser` installs, `CHROMIUM` another browser than the
one on the PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).parent / "browser" / "look.mjs"
LONGEST_S = 900
"""For all that is wished for in one call."""


def missing() -> str:
    """What is not installed, and what to do; "" where everything is."""
    if (
        not Path(os.environ.get("BROWSER_MODULES", ""), "puppeteer-core").is_dir()
        or "BROWSER_MODULES" not in os.environ
    ):
        return "no puppeteer-core: set BROWSER_MODULES to its node_modules (`.ci/peers DIRECTORY browser` installs it)"
    for program in ("node", _browser()):
        if shutil.which(program) is None:
            return f"no {program} on the PATH"
    return ""


def look(wishes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is seen of each page, in their order; raises `RuntimeError` where nothing can be looked at."""
    if problem := missing():
        raise RuntimeError(problem)
    asked = json.dumps([{**each, "page": str(each["page"])} for each in wishes], default=str)
    environment = {**os.environ, "CHROMIUM": shutil.which(_browser()) or ""}
    done = subprocess.run(
        [shutil.which("node") or "node", str(DRIVER)],
        input=asked.encode(),
        capture_output=True,
        env=environment,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    seen: list[dict[str, Any]] = json.loads(done.stdout)
    return seen


def _browser() -> str:
    return os.environ.get("CHROMIUM") or "chromium"
