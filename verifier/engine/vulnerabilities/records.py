"""The packages of one artifact held against a database of records, as `verify audit` does it, under the rule.

* the audit is the same: nothing is judged otherwise here than by the command
* records that are older than the rule allows, or of the future, deny whatever they say
"""

from __future__ import annotations

from typing import Final

from verifier.audit.database.age import judged_age
from verifier.audit.exceptions.model import Exceptions
from verifier.audit.hygiene.rules import HygieneRules
from verifier.audit.question import Question
from verifier.audit.run import audit
from verifier.audit.sources.collected import Collected
from verifier.audit.sources.merged import merged
from verifier.core.digest import Digest
from verifier.core.uris import VERIFIER_ID
from verifier.core.version import VERSION
from verifier.engine.vulnerabilities.question import Advisories, Asked
from verifier.formats.audit.result import SEVERITIES, AuditResult, SeverityWord
from verifier.trust.sections.vulnerabilities import VulnerabilityRule


def audited(
    asked: Asked,
    advisories: Advisories,
    collected: tuple[Collected, ...],
    section: VulnerabilityRule,
    exceptions: Exceptions,
) -> AuditResult:
    """What comes of the audit of the packages that were `collected`; raises `Refused` where the records are damaged."""
    now, packages = asked.now, merged(collected)
    ecosystems = {each.ecosystem for each in packages.packages}
    return audit(
        Question(
            targets=(asked.artifact.reference,),
            collected=packages,
            sources=(advisories,),
            about_sources=judged_age(advisories.info, now, section.max_age, ecosystems),
            database=advisories.info,
            exploited=advisories,
            exceptions=exceptions,
            hygiene=HygieneRules(
                require_hashes=section.require_hashes,
                allowed_indexes=section.allowed_indexes,
                cool_down=section.cool_down,
                private=section.private,
            ),
            fail_on=fail_on(section.max_severity),
            settings=Digest.of(section.excused or b""),
            verifier=(VERIFIER_ID, VERSION),
            now=now,
            started=now,
        )
    )


_ABOVE_ALL: Final[SeverityWord] = "unknown"


def fail_on(max_severity: str) -> SeverityWord:
    """The least severity that is not accepted; above critical there is only what nobody knows."""
    rank = [str(each) for each in SEVERITIES].index(max_severity) + 1
    return SEVERITIES[rank] if rank < len(SEVERITIES) else _ABOVE_ALL
