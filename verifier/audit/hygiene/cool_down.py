"""Has every release been public for long enough that somebody has looked at it? Pure.

* a release counts from the upload of its newest file: what was added yesterday is what is installed today
* when nobody says when it was uploaded, that is said, and not taken for long ago; nor is a time in the future
* what comes from a repository or a URL was uploaded nobody knows when: it does not slip past
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from verifier.audit.hygiene.fault import OF_NO_INDEX, Fault
from verifier.core.clock import CLOCK_SKEW, format_duration, format_rfc3339, shifted
from verifier.formats.audit.package import Package


def too_new(packages: Iterable[Package], cool_down: timedelta | None, now: datetime) -> Iterator[Fault]:
    """Packages that were uploaded less than `cool_down` before `now`, or nobody knows when; none where it is None."""
    if cool_down is None:
        return
    for package in packages:
        if not package.local and package.ecosystem not in OF_NO_INDEX and (said := _objection(package, cool_down, now)):
            yield Fault(package, said)


def _objection(package: Package, cool_down: timedelta, now: datetime) -> str:
    asked = f"a cool-down of {format_duration(cool_down)} is asked for"
    if package.source != "index":
        return f"comes from no index, so that nobody says when it was uploaded, and {asked}"
    if package.uploaded is None:
        return f"does not say when it was uploaded, and {asked}"
    moment = format_rfc3339(package.uploaded)
    if package.uploaded > shifted(now, CLOCK_SKEW):
        return f"was uploaded at {moment}, which is in the future, and {asked}"
    if package.uploaded > shifted(now, -cool_down):
        return f"was uploaded at {moment}, and {asked}"
    return ""
