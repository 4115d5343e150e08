"""What kind of environment a folder or a program is, by what lies in it: looked at from outside, nothing is read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final, Literal

Form = Literal["virtual-environment", "site-packages", "node-modules", "python", "root", "folder"]

NODE_MODULES: Final = "node_modules"
OF_PACKAGES: Final = frozenset({"site-packages", "dist-packages", NODE_MODULES})
"""What folders of packages are called."""
_PYTHON: Final = re.compile(r"(python|pypy)[0-9.]*(\.exe)?\Z")
_ROOTS: Final = (
    *("etc/os-release", "usr/lib/os-release", "var/lib/dpkg/status", "var/lib/dpkg/status.d", "var/lib/rpm"),
    *("lib/apk/db/installed", "usr/lib/apk/db/installed", "usr/lib/sysimage/rpm", "usr/share/rpm"),
)
"""What only the root of a file system has."""


def is_python(path: Path) -> bool:
    """Whether a path is called as a Python is."""
    return _PYTHON.match(path.name) is not None


def form_of(folder: Path) -> Form:
    """The form of a folder; "folder" for one of which only what is in it can say."""
    if os.path.lexists(folder / "pyvenv.cfg"):
        return "virtual-environment"
    if any(os.path.lexists(folder / each) for each in _ROOTS):
        return "root"
    if folder.name == NODE_MODULES:
        return "node-modules"
    if folder.name in OF_PACKAGES or any(folder.glob("*.dist-info")):
        return "site-packages"
    return "folder"
