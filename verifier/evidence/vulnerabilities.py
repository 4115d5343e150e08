"""What came of asking about known vulnerabilities in one artifact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.core.verdict import Input
from verifier.formats.json.strict_json import JsonValue

AUDITED_LEVEL: Final = "POLICY_VERIFIER_AUDITED"
"""A `verifiedLevels` value of ours: every package was asked about, every record evaluated, the rule is satisfied."""
CLEAN_LEVEL: Final = "POLICY_VERIFIER_NO_KNOWN_VULNERABILITIES"
"""Another: nothing was found at all, so that neither a threshold nor an exception had a say."""


class VulnerabilityJudgement(Value):
    """What there is to say of known vulnerabilities in one artifact.

    `reasons` are all of it; `levels` what is reached where nothing denies. `inputs` are the databases that were asked,
    by whoever asked. At each of the `moments` some of it ceases to count. `facts` are for the organisation's rules.
    """

    reasons: tuple[Reason, ...]
    levels: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    moments: tuple[datetime, ...] = ()
    facts: Mapping[str, JsonValue] | None = field(default=None, repr=False)
