"""What is audited once everybody was asked who is asked before the audit itself."""

from __future__ import annotations

from verifier.audit.answers import AdvisorySource
from verifier.audit.sources.collected import Collected
from verifier.core.outcome import Reason
from verifier.core.value import Value, field


class Prepared(Value):
    """What is audited, and by whose answers; `reasons` is what went wrong meanwhile."""

    collected: Collected = field(repr=False)
    sources: tuple[AdvisorySource, ...] = ()
    reasons: tuple[Reason, ...] = ()
