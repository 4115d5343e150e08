"""What is wrong with a bill of materials, collected while it is read: all of it, up to a bound, not only the first.

* a fault denies (`sbom.invalid`), a doubt is a warning (`sbom.doubtful`); both begin with the path of what they concern
* what is repeated of a hostile document is escaped and short
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import Refused
from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.core.value import replace

_LONGEST: Final = 100
"""Characters that a message repeats of a text in the document."""


class Faults:
    """The faults and doubts of one document, which is named `subject`. Changes."""

    __slots__ = ("_doubts", "_faults", "subject")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self._faults: list[Reason] = []
        self._doubts: list[Reason] = []

    def fault(self, path: str, message: str) -> None:
        """Note what makes the document unsound; `Refused` once there are so many that more would tell nothing."""
        self._faults.append(self._reason("sbom.invalid", path, message))
        if len(self._faults) >= MAX_FINDINGS:
            self.settle()

    def doubt(self, path: str, message: str, *, severity: Severity = Severity.WARNING) -> None:
        """Note what is hard to believe, and does not deny."""
        if len(self._doubts) < MAX_FINDINGS:
            self._doubts.append(replace(self._reason("sbom.doubtful", path, message), severity=severity))

    def settle(self) -> tuple[Reason, ...]:
        """The doubts; `Refused` with every fault where there are any."""
        if self._faults:
            raise Refused(*self._faults)
        return tuple(self._doubts)

    def _reason(self, code: str, path: str, message: str) -> Reason:
        return Reason(code=code, subject=self.subject, message=escaped(f"{path} {message}"))


def escaped(text: str) -> str:
    """`text` on one line, whatever it holds: what cannot be seen is written as Python writes it."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def told(text: object) -> str:
    """A text of the document as a message may repeat it: quoted, escaped, cut."""
    written = str(text)
    quoted = repr(written[:_LONGEST])
    return quoted if len(written) <= _LONGEST else f"{quoted}… ({len(written)} characters)"
