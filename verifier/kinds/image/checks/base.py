"""What an image is built on: the known image whose layers are its first ones, as many of them as any known one has.

* only what was recomputed counts: the digests of the layers once unpacked, never an annotation, or the config's word
* a base counts where it was accepted under a rule that `image.base` names; what is known and was denied, or accepted
  under other rules only, is `image.base-untrusted`; nothing known is `image.base-unknown`
* what was denied counts for more than an accepted base below it: whoever builds on what was denied builds on that
* a squashed image has no base, and is told so
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from verifier.core.digest import Digest
from verifier.core.globs import glob_matches
from verifier.core.outcome import Outcome, Reason
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.kinds.image.bases import KnownBase
from verifier.kinds.image.checks.asked import called, judge_platforms, unread
from verifier.trust.sections.image import ImageRule

NAME = "base"
_CLAIM = "org.opencontainers.image.base.name"


def check(inspection: Inspection) -> Outcome:
    """Judge what each platform is built on, where the rule says what that may be."""
    judge = partial(_judge, inspection.artifact) if isinstance(inspection.artifact, Image) else None
    return judge_platforms(inspection, "base", judge or (lambda _, __: ()), asks=lambda rule: bool(rule.base))


def _judge(image: Image, platform: PlatformImage, rule: ImageRule) -> Iterator[Reason]:
    if platform.layers is None:
        yield unread(platform, "its layers were not read")
        return
    layers = tuple(each.diff_id for each in platform.layers)
    # What was said of this very artifact before does not make it its own base.
    known = [each for each in image.bases if each.is_under(layers) and each.reference != image.reference]
    accepted = [each for each in known if each.accepted and _is_named(each, rule)]
    best = max((len(each.diff_ids) for each in accepted), default=0)
    denied = [each for each in known if not each.accepted and len(each.diff_ids) > best]
    if denied:
        yield _untrusted(platform, max(denied, key=_length), "was denied")
    elif not accepted and known:
        yield _untrusted(platform, max(known, key=_length), f"is none of {', '.join(rule.base)}")
    elif not accepted:
        message = f"{_built_on_nothing(platform, layers)}{_claimed(platform)}, expected one of {', '.join(rule.base)}"
        yield Reason(code="image.base-unknown", subject=called(platform), message=message)


def _is_named(base: KnownBase, rule: ImageRule) -> bool:
    return any(glob_matches(pattern, base.reference) for pattern in rule.base)


def _length(base: KnownBase) -> int:
    return len(base.diff_ids)


def _untrusted(platform: PlatformImage, base: KnownBase, why: str) -> Reason:
    where = f" ({base.where})" if base.where else ""
    message = f"its first {len(base.diff_ids)} layers are {base.reference}{where}, which {why}"
    return Reason(code="image.base-untrusted", subject=called(platform), message=message)


def _built_on_nothing(platform: PlatformImage, layers: tuple[Digest, ...]) -> str:
    if not layers:
        return "it has no layers, so that it is built on nothing"
    steps = [each for each in platform.config.history if not each.empty_layer] if platform.config else []
    if len(layers) == 1 and len(steps) > 1:
        return f"it has one layer after {len(steps)} steps: it was squashed, and what it was built on is not to be seen"
    return "no accepted image has its first layers"


def _claimed(platform: PlatformImage) -> str:
    claim = dict(platform.manifest.annotations).get(_CLAIM) if platform.manifest else None
    return f" (it claims to be built on {claim[:200]!r}, which proves nothing)" if claim else ""
