"""From the options of an audit to its question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from verifier.cli.audits.exceptions import inputs_of
from verifier.core.digest import Digest
from verifier.core.value import Value
from verifier.core.verdict import Input
from verifier.formats.json.write import canonical

if TYPE_CHECKING:
    from datetime import datetime

    from verifier.audit.prepared import Prepared
    from verifier.audit.question import Question
    from verifier.cli.audits.exceptions import AuditExceptions
    from verifier.cli.audits.findings import AuditFindings
    from verifier.cli.audits.hygiene import HygieneOptions
    from verifier.cli.audits.records import Opened, Records
    from verifier.cli.audits.service import ServiceOptions
    from verifier.cli.audits.targets import Read


class Asked(Value):
    """The groups of options that an audit is asked with."""

    records: Records
    exceptions: AuditExceptions
    findings: AuditFindings
    hygiene: HygieneOptions
    service: ServiceOptions

    def question(self, read: Read, opened: Opened, prepared: Prepared | None, now: datetime, **said: Any) -> Question:
        """The question about `read`, by what was `opened`, and `prepared` online; `said` are its other fields. Raises
        `ConfigurationError`."""
        from verifier.audit.question import Question  # noqa: PLC0415 - once it is clear what is asked

        database = opened.database
        exceptions, vex = self.exceptions.decided(now), self.exceptions.stated(read.collected.edges)
        advisories = () if database is None else (Input(kind="advisories", digest=_digest(database.info.digest)),)
        return Question(
            targets=read.names,
            collected=read.collected,
            unread=read.unread,
            sources=(*(() if database is None else (database,)), *(() if prepared is None else prepared.sources)),
            about_sources=(*opened.reasons, *(() if prepared is None else prepared.reasons)),
            database=None if database is None else database.info,
            exploited=database,
            exceptions=exceptions,
            vex=vex,
            hygiene=self.hygiene.rules(),
            fail_on=self.findings.threshold(),
            previous=self.findings.earlier(),
            without_project=read.without_project,
            inputs=(*advisories, *inputs_of(exceptions, vex)),
            settings=self._settings(read),
            now=now,
            started=now,
            **said,
        )

    def _settings(self, read: Read) -> Digest:
        """The digest of what was asked."""
        said = {
            "failOn": self.findings.fail_on,
            "withoutProject": read.without_project,
            "maxAge": self.records.max_age,
            "requireHashes": self.hygiene.require_hashes,
            "allowedIndexes": list(self.hygiene.allowed_index),
            "coolDown": self.hygiene.cool_down,
            "private": list(self.hygiene.private),
            "maxExceptionDays": self.exceptions.max_exception_days,
            **self.service.said(),
        }
        return Digest.of(canonical(said).encode())


def _digest(text: str) -> Digest:
    algorithm, _, value = text.partition(":")
    return Digest(algorithm=algorithm, value=value)
