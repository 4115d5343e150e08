"""What is read although it is not quite what its format says: told aloud, once a lock."""

from __future__ import annotations

from verifier.core.outcome import Reason


def odd(path: str, message: str) -> Reason:
    """The warning."""
    return Reason(code="dependency.lock-irregular", subject=path, message=message)


def newer(path: str, version: str, minor: int, known: int) -> tuple[Reason, ...]:
    """A warning where the minor number is above the newest known."""
    if minor <= known:
        return ()
    return (odd(path, f"it is of format {version}, and what is new in it is not known here"),)
