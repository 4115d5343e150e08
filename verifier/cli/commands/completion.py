"""`verify completion`: a script that completes commands, options and names in a shell."""

from __future__ import annotations

from typing import Literal

from verifier.cli import output
from verifier.cli.options.option import argument
from verifier.cli.spread import spread


@spread
def completion(*, shell: Literal["bash", "zsh", "fish"] = argument("SHELL", "bash, zsh or fish.")) -> int:
    """Print a completion script for a shell."""
    output.line(shell)
    return output.EXIT_ACCEPTED
