"""The exceptions of a rule, whose bytes were read with the policy."""

from __future__ import annotations

from datetime import datetime

from verifier.audit.exceptions.model import DEFAULT_MAX_DAYS, Exceptions
from verifier.audit.exceptions.reading import read_exceptions
from verifier.trust.sections.vulnerabilities import VulnerabilityRule


def exceptions_of(section: VulnerabilityRule, now: datetime) -> Exceptions:
    """What the rule excepts; raises `ConfigurationError` at FILE:LINE for what is wrong with the file."""
    if section.excused is None:
        return Exceptions()
    most = section.max_exception_days or DEFAULT_MAX_DAYS
    return read_exceptions(section.excused, where=section.exceptions or "", now=now, max_days=most)
