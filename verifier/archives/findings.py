"""What a reader notices while it goes on reading.

* what OPA accepts and others do not is an error in strict mode and a warning in opa-compat
* what OPA refuses too is an error in both
* a reader that has noticed too much stops: hostile input does not fill the report
"""

from __future__ import annotations

from verifier.core.errors import Refused
from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode


class Findings:
    """A list of reasons that knows in which mode it is written."""

    def __init__(self, mode: ReadingMode) -> None:
        self.mode = mode
        self.reasons: list[Reason] = []
        self._denying: list[Reason] = []
        self._looked_at = 0

    @property
    def strict(self) -> bool:
        """Whether ambiguity denies."""
        return self.mode is ReadingMode.STRICT

    def differs(self, code: str, subject: str, message: str, hint: str = "") -> None:
        """Readers differ on this, and OPA accepts it."""
        if not self.strict and len(self.reasons) >= MAX_FINDINGS and not self.errors():
            return  # as `_add` would, without a reason made in vain
        reason = Reason(code=code, subject=subject, message=message, hint=hint)
        self._add(reason if self.strict else reason.as_warning())

    def denies(self, code: str, subject: str, message: str) -> None:
        """This is wrong for every reader, and reading can go on."""
        self._add(Reason(code=code, subject=subject, message=message))

    def collect(self, refused: Refused) -> None:
        """Keep what a part of the input was refused for, and go on with the next part."""
        for reason in refused.reasons:
            self._add(reason)

    def stop(self, code: str, subject: str, message: str) -> Refused:
        """Reading cannot go on: the refusal to raise, with what was found before."""
        return Refused(Reason(code=code, subject=subject, message=message), *self.errors())

    def settle(self) -> None:
        """Refuse if anything that was found denies."""
        if errors := self.errors():
            raise Refused(*errors)

    def errors(self) -> list[Reason]:
        """What denies; each reason is looked at once, however often this is asked."""
        self._denying += (reason for reason in self.reasons[self._looked_at :] if reason.is_error)
        self._looked_at = len(self.reasons)
        return list(self._denying)

    def _add(self, reason: Reason) -> None:
        if len(self.reasons) < MAX_FINDINGS:
            self.reasons.append(reason)
            return
        if errors := self.errors():
            raise Refused(*errors)
        if reason.is_error:
            raise Refused(reason)
