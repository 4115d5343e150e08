"""A reload that was refused: what served before serves on, and it is said until a reload is not refused."""

from __future__ import annotations

from datetime import datetime

from verifier.core.errors import ConfigurationError
from verifier.core.outcome import cleared
from verifier.core.value import Value


class RefusedReload(Value):
    """The newest refusal: `message` and `hint` are the configuration's, `times` how many there were in a row."""

    time: datetime
    message: str
    hint: str = ""
    times: int = 1

    @classmethod
    def of(cls, error: ConfigurationError, time: datetime, before: RefusedReload | None) -> RefusedReload:
        """What was refused now, after what was refused `before`."""
        times = 1 if before is None else before.times + 1
        return cls(time=time, message=cleared(str(error)), hint=cleared(error.hint), times=times)
