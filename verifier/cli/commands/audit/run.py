"""`verify audit`: what is known against what is depended on."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output, settings
from verifier.cli.audits.answer import AuditAnswer
from verifier.cli.audits.attest import AuditAttest
from verifier.cli.audits.exceptions import AuditExceptions
from verifier.cli.audits.findings import AuditFindings, heads
from verifier.cli.audits.hygiene import HygieneOptions
from verifier.cli.audits.records import Records
from verifier.cli.audits.service import ServiceOptions
from verifier.cli.audits.targets import AuditTargets
from verifier.cli.options.option import argument
from verifier.cli.options.outputs import outputs
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.audit.sources.collected import Collected
    from verifier.formats.audit.result import AuditResult


@spread
def run(
    *,
    targets: tuple[str, ...] = argument(
        "[TARGET]...",
        "A lock file, a requirements file, an SBOM, a project's folder, a bundle, an image (default: this folder).",
        default=(),
    ),
    place: AuditTargets,
    records: Records,
    exceptions: AuditExceptions,
    wanted: AuditFindings,
    hygiene: HygieneOptions,
    service: ServiceOptions,
    signed: AuditAttest,
    answer: AuditAnswer,
) -> int:
    """Audit dependencies: known vulnerabilities, what nobody knows, and hygiene.

    Exit status: 0 every package was asked about and nothing was found, 1 a known vulnerability, 2 wrong usage,
    3 nothing was found, but not everything is known. Beside it: `verify audit db` and `verify audit issue`.
    """
    from verifier.audit.run import audit  # noqa: PLC0415 - once the command line is right
    from verifier.cli.audits.asked import Asked  # noqa: PLC0415 - as above

    begun = time.perf_counter()
    online = service.online()
    if records.db is None and (online is None or online.service is None):
        raise _nobody()
    moment: datetime = settings.now(answer.now)
    asked = Asked(records=records, exceptions=exceptions, findings=wanted, hygiene=hygiene, service=service)
    places = outputs(place, records, exceptions, wanted, signed, target=tuple(map(Path, targets)))
    further, writer = answer.places(places), signed.writer(places, records.db)
    read = place.read(targets)
    if writer is not None:
        writer.require_subjects(read.collected)
    prepared = None if online is None else online.prepare(read.collected, hygiene.rules().private)
    read = read if prepared is None else read._replace(collected=prepared.collected)
    opened = records.opened(moment, {each.ecosystem for each in read.collected.packages})
    identity, version = settings.verifier_identity(None)
    try:
        said = {"verifier": (identity, *version.values()), "correlation_id": answer.correlation()}
        result = audit(asked.question(read, opened, prepared, moment, **said))
    finally:
        if opened.database is not None:
            opened.database.close()
    result = replace(result, duration_ms=round((time.perf_counter() - begun) * 1000))
    if writer is not None:
        writer.write(result, read.collected)
    status = answer.told(result, further)
    if wanted.fix_plan:
        _plan(result, read.collected)
    return status


def _nobody() -> ConfigurationError:
    """That there is nobody to ask."""
    hint = "Give --db FILE (`verify audit db import SOURCE --db FILE` makes one), or --service osv or pypi."
    return ConfigurationError("nobody is asked: no record of a vulnerability is at hand", where="--db", hint=hint)


def _plan(result: AuditResult, collected: Collected) -> None:
    """What to run, on standard error: standard output is the report's."""
    from verifier.audit.findings.plan import fix_plan  # noqa: PLC0415 - only where it is asked for

    for text in fix_plan(result.findings, collected, contents=heads(collected.files)):
        output.hint(text)
