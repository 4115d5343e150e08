"""`verify --complete`: what a completion script asks for while somebody types."""

from __future__ import annotations

import os
from collections.abc import Sequence

from verifier.cli import output
from verifier.cli.completion.names import names


def tell(asked: Sequence[str]) -> int:
    """Print a name a line; `asked` is a kind, what is typed of a name, and the words behind `verify`."""
    kind, begun, *words = (*asked, "", "")[: max(len(asked), 2)]
    for name in names(kind, begun, words, os.environ):
        output.line(name)
    return output.EXIT_ACCEPTED
