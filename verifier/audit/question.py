"""What an audit is asked: of which targets, by whose records, under which rules, as of when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from verifier.audit.answers import AdvisorySource, Exploited
from verifier.audit.exceptions.model import NO_VEX, Exceptions, VexInput
from verifier.audit.hygiene.rules import HygieneRules
from verifier.audit.sources.collected import Collected
from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.core.verdict import Input
from verifier.formats.audit.database import DatabaseInfo
from verifier.formats.audit.result import SeverityWord

if TYPE_CHECKING:  # few audits are compared with an earlier one
    from verifier.audit.findings.previous import Previous


class Question(Value):
    """One audit.

    `collected` is what the targets list that could be read, `unread` what is said of the others, which keep the audit
    from being clean. `sources` are whoever is asked, none where the database could not be opened,
    which `about_sources` then says. `fail_on` is the least severity that counts. `without_project`
    accepts that nobody knows anything of the project itself. `settings` is the digest of what was
    asked. `verifier` is its id and version.
    """

    targets: tuple[str, ...]
    collected: Collected = field(repr=False)
    unread: tuple[Reason, ...] = ()
    sources: tuple[AdvisorySource, ...] = ()
    about_sources: tuple[Reason, ...] = ()
    database: DatabaseInfo | None = None
    exploited: Exploited | None = None
    exceptions: Exceptions = Exceptions()
    vex: VexInput = NO_VEX
    hygiene: HygieneRules = HygieneRules()
    fail_on: SeverityWord = "none"
    previous: Previous | None = None
    without_project: bool = False
    inputs: tuple[Input, ...] = ()
    settings: Digest
    verifier: tuple[str, str]
    correlation_id: str = ""
    now: datetime
    started: datetime
