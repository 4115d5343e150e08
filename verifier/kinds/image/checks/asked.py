"""What every check of an image does alike: whether the rule asks at all, and then each platform, one after the other.

* an image of which no platform was read answers nothing: that is no pass
* what was not read although a rule asks for it is `image.not-inspected`; what runs on another system than Linux, where
  only Linux can be looked into, is `image.unsupported`: both deny
* every platform has its say, and each says which one it is; of very many alike the first are named, the rest counted
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from verifier.core.outcome import CouldNotCheck, NotApplicable, Outcome, Reason, outcome_of
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.trust.evaluate import image_of
from verifier.trust.sections.image import ImageRule

MAX_NAMED: Final = 20
"""Of one platform, in one check."""

Judge = Callable[[PlatformImage, ImageRule], Iterable[Reason]]


def judge_platforms(
    inspection: Inspection,
    key: str,
    judge: Judge,
    *,
    asks: Callable[[ImageRule], bool] | None = None,
    most: int = MAX_NAMED,
) -> Outcome:
    """What `judge` says of each platform, where the rule's `image` denies `key`, or `asks` says that it asks.

    `most` are named of each code and platform."""
    image, rule = inspection.artifact, image_of(inspection.rule)
    if not isinstance(image, Image):
        return NotApplicable(why=f"a {image.kind} is no image")
    if rule is None or not (rule.denies(key) if asks is None else asks(rule)):
        return NotApplicable(why=f"the rule does not ask about {key}")
    if not image.platforms:
        return CouldNotCheck(reasons=(Reason(code="image.not-inspected", subject=image.name, message=_NOTHING),))
    return outcome_of([reason for each in image.platforms for reason in _bounded(judge(each, rule), each, most)])


_NOTHING: Final = "no platform of the image was read"


def judge_trees(inspection: Inspection, key: str, judge: Judge) -> Outcome:
    """The same for what is a matter of the files that Linux finds: of layers that were read, and of no other system."""
    return judge_platforms(inspection, key, lambda each, rule: _linux(each, key) or judge(each, rule))


def called(platform: PlatformImage) -> str:
    """What a platform is called in a report."""
    return str(platform.runs_on or platform.digest)


def at(platform: PlatformImage, path: str) -> str:
    """A path of a platform, as a report has it."""
    return f"{called(platform)}: /{path}"


def unread(platform: PlatformImage, what: str) -> Reason:
    """That something was not read which is asked for; `what` says so."""
    return Reason(code="image.not-inspected", subject=called(platform), message=f"{what}, and the rule asks for it")


def not_linux(platform: PlatformImage, key: str) -> Reason | None:
    """That this cannot be answered for the system that the platform is for."""
    system = platform.runs_on.os if platform.runs_on else ""
    if system in {"", "linux"}:
        return None
    message = f"`{key}` is asked of an image for {system}, and can be judged for Linux only"
    hint = "Give such images a rule of their own, without it."
    return Reason(code="image.unsupported", subject=called(platform), message=message, hint=hint)


def _linux(platform: PlatformImage, key: str) -> tuple[Reason, ...]:
    if (foreign := not_linux(platform, key)) is not None:
        return (foreign,)
    return () if platform.tree is not None else (unread(platform, "its layers were not read"),)


def _bounded(reasons: Iterable[Reason], platform: PlatformImage, most: int) -> Iterable[Reason]:
    """The first so many of each code, of those that deny and of those that do not; the others are counted."""
    groups: dict[tuple[bool, str], list[Reason]] = {}
    for each in reasons:
        groups.setdefault((not each.is_error, each.code), []).append(each)
    for group in groups.values():
        yield from group[:most]
        if len(group) > most:
            last = group[most]
            message = f"and {len(group) - most} more like it"
            yield Reason(code=last.code, subject=called(platform), message=message, severity=last.severity)
