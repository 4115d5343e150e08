"""A copy of the package in which something is added: what it costs is the existing files that it touches."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.places import ROOT


class House:
    """A copy of `verifier/` in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._package = folder, folder / "verifier"
        shutil.copytree(ROOT / "verifier", self._package, ignore=shutil.ignore_patterns("__pycache__"))

    def add(self, files: Mapping[str, str], rows: Sequence[tuple[str, str, str]]) -> None:
        """Write new `files`, and behind one line of existing ones another: (file, the line, what comes behind it)."""
        for name, content in files.items():
            path = self._package / name
            assert not path.exists()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        for name, behind, line in rows:
            path = self._package / name
            text = path.read_text()
            assert text.count(behind) == 1, f"{name} has not just one {behind!r}"
            path.write_text(text.replace(behind, behind + line))

    def touched(self) -> set[str]:
        """The files that were there before and are not as they were."""
        before = {path.relative_to(ROOT) for path in (ROOT / "verifier").rglob("*.py")}
        return {str(each) for each in before if (self.folder / each).read_bytes() != (ROOT / each).read_bytes()}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a Python command in the folder, with this copy of the package."""
        environment = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONSAFEPATH": "1"}
        environment["XDG_STATE_HOME"] = str(self.folder / "state")
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
