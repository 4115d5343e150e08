"""Which findings do not count, by whose decision and until when. Pure.

* an exception is for one package, and for a finding that has its id, as the primary one or another
* nothing is hidden: what is excepted stays, with the exception
* an exception that has ended keeps nothing from counting: what it covered counts again, and that it has ended is said
* an exception that covers nothing is a warning
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from verifier.audit.exceptions.model import EXPIRED, NO_VEX, Exceptions, VexInput
from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.value import Value, replace
from verifier.formats.audit.result import AuditedPackage, Excuse, Finding


class Excused(Value):
    """What is left: all findings and packages, in their order, with the exceptions that are about them."""

    findings: tuple[Finding, ...]
    packages: tuple[AuditedPackage, ...]
    reasons: tuple[Reason, ...] = ()


def excused(
    findings: Sequence[Finding],
    packages: Sequence[AuditedPackage],
    exceptions: Exceptions,
    vex: VexInput = NO_VEX,
    *,
    now: datetime,
) -> Excused:
    """`findings` and `packages` with the exceptions that cover them, as of `now`.

    `Refused` (`input.too-costly`) for VEX documents that mean more comparisons than anyone makes.
    """
    if not (exceptions.exemptions or exceptions.unknowns or vex.documents):
        return Excused(findings=tuple(findings), packages=tuple(packages))
    from verifier.audit.exceptions.accepting import Accepting  # noqa: PLC0415 - most audits have none of it
    from verifier.audit.exceptions.exempting import Exempting  # noqa: PLC0415 - as above
    from verifier.audit.exceptions.vex import Stated  # noqa: PLC0415 - as above

    stated = Stated(vex, [each.package for each in packages], now)
    exempting, accepting = Exempting(exceptions.exemptions, now), Accepting(exceptions.unknowns, now)
    judged = tuple(_judged(each, exempting.excuse(each), stated.excuse(each)) for each in findings)
    accepted = tuple(map(accepting.accepted, packages))
    ended = [_ended(each, each.excuse) for each in judged if each.excuse is not None and each.excuse.expired]
    reasons = (*stated.reasons, *ended, *exempting.reasons(), *accepting.reasons(), *stated.unused())
    return Excused(findings=judged, packages=accepted, reasons=reasons)


def _judged(finding: Finding, *excuses: Excuse | None) -> Finding:
    """The finding with what keeps it from counting: a valid exception before one that has ended."""
    found = [each for each in excuses if each is not None]
    chosen = min(found, key=lambda each: each.expired, default=None)
    return finding if chosen is None else replace(finding, excuse=chosen)


def _ended(finding: Finding, excuse: Excuse) -> Reason:
    """What there is to say of an exception that has ended, of a finding that it has covered."""
    ended = format_rfc3339(excuse.expires) if excuse.expires is not None else "no date"
    message = f"{excuse.where}: the exception of {excuse.id} ended on {ended}"
    return Reason(code=EXPIRED, subject=finding.package.purl, message=message)
