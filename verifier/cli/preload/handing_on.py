"""`--exec`: what was verified is handed on to a program, which takes this process' place (`cli.asking.launch`).

* standard output is the program's: the report goes to standard error
* what the program is given is a copy of the bytes that were verified, made here and sealed
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from verifier.core.errors import ConfigurationError


@contextmanager
def answer_beside(program: str | None) -> Iterator[None]:
    """Say what is said in the block on standard error, where standard output is a program's."""
    if program is None:
        yield
        return
    before, sys.stdout = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout = before


def hand_on(program: str, words: tuple[str, ...], content: bytes) -> int:
    """Become `program`; raises `ConfigurationError` where that cannot be."""
    from verifier.cli.asking.launch import launch  # noqa: PLC0415 - only where there is a program
    from verifier.files.sealed import can_seal, sealed  # noqa: PLC0415 - as above

    if not can_seal():
        raise ConfigurationError("needs sealed memory files, which this system does not have", where="--exec")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    error = launch(program, words, sealed(content), dict(os.environ))
    raise ConfigurationError(f"{program} cannot be run: {error.strerror}", where="--exec")
