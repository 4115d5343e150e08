"""What the recogniser says: what was given, and the one thing to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from verifier.core.value import Value

SIGNED: Final = "signature.unsupported"
"""The code of a signature, or a signed document, of another kind than is read."""
UNSIGNED: Final = "signature.missing"
"""The code of what could be evidence, if anybody had signed it."""
SIGN_AGAIN: Final = "Sign with `cosign sign-blob --bundle FILE` or `verify sign artifact`, and pass that bundle."


class Foreign(Value):
    """A format that the place at hand does not read.

    `name` is its short name; `what` completes "this is "; `todo` is the one thing to do, a sentence; `code` is the
    reason code that fits it better than that of a malformed document, or ""; `read_at` are the places that do read it.
    """

    name: str
    what: str
    todo: str
    code: str = ""
    read_at: frozenset[str] = frozenset()


class Row(Value):
    """A format that can be told by its bytes alone."""

    foreign: Foreign
    told: Callable[[bytes], bool]


def row(
    name: str,
    what: str,
    told: Callable[[bytes], bool],
    todo: str,
    *,
    code: str = "",
    read_at: tuple[str, ...] = (),
) -> Row:
    """One row of a table of formats."""
    return Row(foreign=Foreign(name=name, what=what, todo=todo, code=code, read_at=frozenset(read_at)), told=told)


def begins(*starts: bytes) -> Callable[[bytes], bool]:
    """Whether it begins with one of `starts`."""
    return lambda head: head.startswith(starts)
