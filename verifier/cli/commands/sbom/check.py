"""`verify sbom check`: is a bill of materials true of the artifact in hand?"""

from __future__ import annotations

import time
from datetime import datetime

from verifier.cli.documents import document_at
from verifier.cli.options.answer import Answer
from verifier.cli.options.option import argument, option
from verifier.cli.options.outputs import outputs
from verifier.cli.options.trust import Trust
from verifier.cli.sboms.against import TargetOptions
from verifier.cli.sboms.demands import SbomDemands
from verifier.cli.sboms.signature import SbomAttestations, signature
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError, Refused


@spread
def check(
    *,
    sbom: str = argument("SBOM", "The document, a path or an https:// URL: CycloneDX (JSON, XML) or SPDX (JSON)."),
    against: str | None = option(
        "--against",
        "What it is about: a bundle, oci-layout:DIR, an image, a lock file, a project's folder, an environment.",
        default=None,
        metavar="TARGET",
    ),
    target: TargetOptions,
    demands: SbomDemands,
    trust: Trust,
    artifact: SbomAttestations,
    answer: Answer,
) -> int:
    """Check that an SBOM is true: what is missing, invented or altered, by path or purl. With --quality, --licenses,
    --private or --pinned: whether it is good enough. With --policy or --key and --attestation: who has signed it."""
    from verifier.cli import output  # noqa: PLC0415 - once it is clear what is asked
    from verifier.cli.sboms.answered import report  # noqa: PLC0415 - as above
    from verifier.cli.sboms.checked import Checked  # noqa: PLC0415 - as above
    from verifier.engine.sboms.checking import SbomQuestion, check_sbom  # noqa: PLC0415 - as above
    from verifier.engine.targets.target import contents_of  # noqa: PLC0415 - as above

    started = time.perf_counter()
    moment: datetime = answer.moment()
    reports = answer.places(outputs(target, demands, trust, artifact, answer, sbom=sbom, _against=against))
    document = document_at(sbom)
    if isinstance(document, Refused):
        return output.refusal(document)
    if against is None and (target.kind is not None or target.platform is not None):
        where = "--kind" if target.kind is not None else "--platform"
        raise ConfigurationError("says what nothing is compared with", where=where, hint="Give --against TARGET.")
    aimed = target.target(against) if against is not None else None
    found = check_sbom(
        SbomQuestion(
            document=document,
            demands=demands.demands(against=against is not None),
            contents=None if aimed is None else lambda: contents_of(aimed),
            now=moment,
            signed=signature(document, trust, artifact, moment, against=against),
        )
    )
    checked = Checked(answer=found, name=sbom, against=against, demands=demands, now=moment, started=started)
    return report(checked, answer, reports)
