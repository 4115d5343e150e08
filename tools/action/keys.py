"""Private keys that a step was given in a variable, as files that live for one command.

* a key that was asked for and is empty is an error: a secret that is not set would else mean that nothing is signed
* its folder is its owner's alone, and is gone when the command has ended
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.action.runner import Misasked


def require(name: str, secret: str) -> str:
    """The secret, unless it is empty; raises `Misasked`."""
    if not secret.strip():
        hint = "Set the secret; runs for forks and for Dependabot have none. Or sign with keyless: true."
        raise Misasked(name, "is empty: the secret is not set", hint)
    return secret if secret.endswith("\n") else secret + "\n"


@contextmanager
def options(room: Path, **secrets: str) -> Iterator[tuple[str, ...]]:
    """`--name=FILE` for each secret that is not empty; `_` stands for `-` in a name."""
    folder = Path(tempfile.mkdtemp(prefix="keys-", dir=room))  # 0700
    try:
        given = {name.replace("_", "-"): secret for name, secret in secrets.items() if secret}
        yield tuple(f"--{name}={_written(folder / name, secret)}" for name, secret in given.items())
    finally:
        shutil.rmtree(folder)


def _written(file: Path, secret: str) -> Path:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(secret)
    return file
