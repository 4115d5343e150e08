"""Whether an image holds secrets: in any layer, also where a later one deletes them, in its config and its history.

* what is said of a secret is its place and which rule saw it: whoever searched has kept nothing else
* a search that was not made, or not to its end, is `image.not-inspected`, also where it found nothing
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.outcome import Outcome, Reason
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.artifact import PlatformImage
from verifier.kinds.image.checks.asked import called, judge_platforms, unread
from verifier.secrets.finding import MOST_NAMED, SecretFinding
from verifier.trust.sections.image import ImageRule

NAME = "secrets"


def check(inspection: Inspection) -> Outcome:
    """Judge what a search of each platform found, where the rule denies secrets."""
    return judge_platforms(inspection, "secrets", _judge, most=MOST_NAMED + 1)


def _judge(platform: PlatformImage, _: ImageRule) -> Iterator[Reason]:
    if platform.secrets is None:
        yield unread(platform, "its layers and its config were not searched for secrets")
        return
    yield from (_found(platform, each) for each in platform.secrets.findings)
    if platform.secrets.more:
        yield Reason(
            code="image.secret", subject=called(platform), message=f"and {platform.secrets.more} more than are named"
        )
    for problem in platform.secrets.problems:
        yield Reason(code="image.not-inspected", subject=called(platform), message=problem)


def _found(platform: PlatformImage, finding: SecretFinding) -> Reason:
    line = f":{finding.line}" if finding.line else ""
    if finding.where == "config":
        subject, where = f"{called(platform)}: {finding.path}", "the config"
    else:
        subject, where = f"{called(platform)}: /{finding.path}{line}", f"layer {finding.where}"
    message = f"{finding.rule} in {where} (fingerprint {finding.fingerprint}, of this run)"
    return Reason(code="image.secret", subject=subject, message=message)
