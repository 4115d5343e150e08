"""Errors that carry their own reason; nothing else crosses the facade.

* `Refused`: what was read is denied, or could not be read: becomes a FAILED verdict
* `Absent`: a refusal of whoever was asked and answers for it that nothing is there; not that it could not be asked
* `Rejected`: a refusal of what was judged to its end; whatever else is refused was not, and may hide anything
* `ConfigurationError`: the caller's policy, options or keys are wrong: becomes a usage error
* each has a `code` of the catalogue, a `hint` (the one thing to do) and a `path` (what it is about)
* none repeats a secret that stood in what was read (`core.text.shown`)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.outcome import Reason, cleared

if TYPE_CHECKING:
    from typing import Self


class VerifierError(Exception):
    """The root of this package's exceptions: `Refused`, `ConfigurationError`, and `Denied` (`engine.verification`).

    `code` is the reason code (`verify explain CODE`), `hint` the one thing to do, `path` what it is about: a file, with
    its line where there is one, an option's name, the artifact or the member in it; "" where nothing can be named.
    """

    code: str = "internal.error"
    hint: str = ""
    path: str = ""


class Refused(VerifierError):
    """Reading stops here; `reasons` say why, the first being what stopped it.

    It is no answer: an exception must be true, as the standard library asks whether there is one by asking it.
    """

    def __init__(self, *reasons: Reason) -> None:
        if not reasons:
            raise ValueError("a refusal says why")
        super().__init__(f"{reasons[0].code}: {reasons[0].message}")
        self.reasons = reasons
        self.code, self.hint, self.path = reasons[0].code, reasons[0].hint, reasons[0].subject

    def kept(self) -> Self:
        """Itself, for whoever keeps it as an answer: without the calls that it came through, which hold all that they
        were given, and it among that, until Python looks for cycles."""
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)

    def again(self) -> Self:
        """Another for the same reasons, to be raised by whoever has kept this one, and so would be held by it."""
        return type(self)(*self.reasons)


class Rejected(Refused):
    """Evidence was judged to its end and does not count: a stranger signed it, or it is of something else."""


class Absent(Refused):
    """Nothing is there, says whoever answers for it: a server's 404, a registry that knows no such tag, a folder."""


def refuse(code: str, subject: str, message: str, hint: str = "") -> Refused:
    """A refusal with one reason, ready to be raised."""
    return Refused(Reason(code=code, subject=subject, message=message, hint=hint))


def reject(code: str, subject: str, message: str, hint: str = "") -> Rejected:
    """A rejection with one reason, ready to be raised."""
    return Rejected(Reason(code=code, subject=subject, message=message, hint=hint))


class ConfigurationError(VerifierError):
    """The policy, an option or a key is unusable; `where` is "FILE:LINE" or the option's name.

    A `code` of the catalogue that is more exact than `configuration.invalid` stands before the message.
    """

    def __init__(self, message: str, *, where: str = "", hint: str = "", code: str = "") -> None:
        message, where, hint = cleared(f"{code}: {message}" if code else message), cleared(where), cleared(hint)
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where
        self.code, self.hint, self.path = code or "configuration.invalid", hint, where
