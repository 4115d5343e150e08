"""Whether an image's config has the labels that the rule names, with values that fit.

* a label is the config's, which the signed manifest names; an annotation of the same name counts for nothing
* a value with a step up (`..`) fits no glob: `https://host/acme/../other` is not below acme
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.globs import glob_matches
from verifier.core.outcome import Outcome, Reason
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.artifact import PlatformImage
from verifier.kinds.image.checks.asked import called, judge_platforms, unread
from verifier.trust.sections.image import ANY_VALUE, ImageRule

NAME = "labels"
_LABEL_SHOWN = 200


def check(inspection: Inspection) -> Outcome:
    """Judge the labels of each platform, where the rule names any."""
    return judge_platforms(inspection, "labels", _judge, asks=lambda rule: bool(rule.labels))


def _judge(platform: PlatformImage, rule: ImageRule) -> Iterator[Reason]:
    if platform.config is None:
        yield unread(platform, "its config was not read")
        return
    labels = dict(platform.config.labels)
    for name, expected in rule.labels:
        if name not in labels:
            yield _missing(platform, f"has no label {name}{_wanted(expected)}")
        elif not _fits(expected, labels[name]):
            yield _missing(platform, f"has the label {name} = {labels[name][:_LABEL_SHOWN]!r}{_wanted(expected)}")


def _fits(expected: str, value: str) -> bool:
    if expected == ANY_VALUE:
        return bool(value.strip())
    return ".." not in value.replace("%2e", ".").replace("%2E", ".").split("/") and glob_matches(expected, value)


def _wanted(expected: str) -> str:
    return "" if expected == ANY_VALUE else f", expected {expected}"


def _missing(platform: PlatformImage, message: str) -> Reason:
    return Reason(code="image.label-missing", subject=called(platform), message=message)
