"""The shape of one row of the reason-code catalogue."""

from __future__ import annotations

from verifier.core.severity import Severity
from verifier.core.value import Value


class ReasonCode(Value):
    """A reason code, stable for ever once released.

    `title` completes "denied because: "; `cause` says how it comes about; `remedy` what to do; `threat` is
    the row of docs/security/threat-model.md that it answers, or "". `undecided` marks the codes that say
    "could not decide" (exit status 3) rather than "this is wrong" (exit status 1).
    """

    code: str
    severity: Severity
    title: str
    cause: str
    remedy: str
    threat: str = ""
    undecided: bool = False


def error(code: str, title: str, *, cause: str, remedy: str, threat: str = "") -> ReasonCode:
    """A code that denies."""
    return ReasonCode(code=code, severity=Severity.ERROR, title=title, cause=cause, remedy=remedy, threat=threat)


def undecided(code: str, title: str, *, cause: str, remedy: str, threat: str = "") -> ReasonCode:
    """A code that denies because nothing could be decided."""
    return ReasonCode(
        code=code, severity=Severity.ERROR, title=title, cause=cause, remedy=remedy, threat=threat, undecided=True
    )


def warning(code: str, title: str, *, cause: str, remedy: str, threat: str = "") -> ReasonCode:
    """A code that is reported and does not deny by itself."""
    return ReasonCode(code=code, severity=Severity.WARNING, title=title, cause=cause, remedy=remedy, threat=threat)


def note(code: str, title: str, *, cause: str, remedy: str, threat: str = "") -> ReasonCode:
    """A code that informs."""
    return ReasonCode(code=code, severity=Severity.NOTE, title=title, cause=cause, remedy=remedy, threat=threat)
