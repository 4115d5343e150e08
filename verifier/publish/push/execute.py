"""Writing a plan: blobs, then manifests, then what refers to them, then cosign's old tags, and the moving tag last.

* whatever goes wrong, or ends the process, before the last step leaves the tag as it was; doing it again completes it
* what is there is not written again: the same plan twice writes nothing the second time
* a tag that several publish to at once is read, merged, written and read back, and once more after a while: no
  registry has a compare-and-swap for tags, and whoever is overtaken is overtaken within moments
* who has moved the tag meanwhile is found out, and is not overwritten silently
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.value import Value
from verifier.publish.push.legacy import legacy_tag, merged
from verifier.publish.push.target import Target
from verifier.publish.push.written import Appended, Blob, Part, Plan, Referrer

ROUNDS: Final = 40
"""How often a tag that others write to is written again before that is given up."""
_LEAST_PAUSE: Final = 0.05
_PATIENCE: Final = 6
"""Times that writing a tag took, after which whoever read it before us has written it."""

Pause = Callable[[float], None]


class Row(Value):
    """One thing that was published: what it is, where it came from, its digest, and whether it was there before."""

    what: str
    name: str
    digest: Digest
    written: bool
    under: str = ""
    """The tag that holds it, where its digest alone does not find it."""


class Published(Value):
    """What came of a plan. `before` is what the tag stood for, None where it stood for nothing."""

    digest: Digest
    rows: tuple[Row, ...]
    tag: str | None = None
    before: Digest | None = None


def execute(plan: Plan, target: Target, *, pause: Pause = time.sleep) -> Published:
    """Write `plan`; `Refused` where the target does not take it."""
    there = target.tagged(plan.tag) if plan.tag else None
    rows: list[Row] = []
    sent: set[Digest] = set()
    for part in plan.parts:
        written = _part(part, target, sent)
        rows.append(Row(what=_kind(part, plan), name="", digest=part.manifest.digest, written=written))
    rows += [_referrer(each, plan, target, sent) for each in plan.referrers]
    rows += _appended(plan, target, pause)
    if plan.root is not None:
        _move(plan, target, None if there is None else there.digest)
    return Published(
        digest=plan.subject.digest, rows=tuple(rows), tag=plan.tag, before=None if there is None else there.digest
    )


def standing(plan: Plan, target: Target) -> Published:
    """What `execute` would come to, as far as that can be told without writing: nothing is known to be there."""
    there = target.tagged(plan.tag) if plan.tag else None
    rows = [Row(what=_kind(each, plan), name="", digest=each.manifest.digest, written=True) for each in plan.parts]
    rows += [
        Row(what=each.what, name=each.name, digest=each.part.manifest.digest, written=True) for each in plan.referrers
    ]
    rows += [
        Row(what=each.what, name=each.name, digest=each.layer.digest, written=True, under=tag)
        for tag, added in by_tag(plan).items()
        for each in added
    ]
    return Published(
        digest=plan.subject.digest, rows=tuple(rows), tag=plan.tag, before=None if there is None else there.digest
    )


def by_tag(plan: Plan) -> dict[str, list[Appended]]:
    """What is appended, by the tag that it goes under."""
    found: dict[str, list[Appended]] = {}
    for each in plan.appended:
        found.setdefault(legacy_tag(plan.subject.digest, each.suffix), []).append(each)
    return found


def _part(part: Part, target: Target, sent: set[Digest]) -> bool:
    _blobs(part.blobs, target, sent)
    return target.push_manifest(part.manifest)


def _blobs(blobs: Iterable[Blob], target: Target, sent: set[Digest]) -> None:
    for blob in blobs:
        if blob.digest not in sent:
            target.push_blob(blob)
            sent.add(blob.digest)


def _referrer(each: Referrer, plan: Plan, target: Target, sent: set[Digest]) -> Row:
    _blobs(each.part.blobs, target, sent)
    written = target.push_referrer(each.part.manifest, plan.subject.digest)
    return Row(what=each.what, name=each.name, digest=each.part.manifest.digest, written=written)


def _appended(plan: Plan, target: Target, pause: Pause) -> list[Row]:
    """Append, and look again until nothing is missing: what others wrote meanwhile stays, and so does ours."""
    tags = by_tag(plan)
    took = [_append(target, tag, added, pause) for tag, added in tags.items()]
    written = dict(zip(tags, took, strict=True))
    if any(took):
        _settle(target, tags, max(took), pause)
    return [
        Row(what=each.what, name=each.name, digest=each.layer.digest, written=written[tag] > 0, under=tag)
        for tag, added in tags.items()
        for each in added
    ]


def _settle(target: Target, tags: Mapping[str, list[Appended]], took: float, pause: Pause) -> None:
    for _ in range(ROUNDS):
        pause(max(_LEAST_PAUSE, _PATIENCE * took))
        again = [_append(target, tag, added, pause) for tag, added in tags.items()]
        if not any(again):
            return
        took = max(took, *again)
    raise _contended(", ".join(tags), target)


def _append(target: Target, tag: str, added: list[Appended], pause: Pause) -> float:
    """Put `added` under `tag`; the seconds that writing it took, 0 where all of it was there."""
    subject = f"{target.uri}:{tag}"
    for attempt in range(ROUNDS):
        there = target.tagged(tag)
        whole = merged(there, added, subject=subject)
        if whole is None:
            return 0.0
        for blob in (*(each.layer for each in added if not attempt), whole.config):
            target.push_blob(blob)
        # Nothing that takes long stands between this look and the writing: that is all the time others have.
        started = time.monotonic()
        now = target.tagged(tag)
        if (None if now is None else now.digest) == (None if there is None else there.digest):
            target.tag(whole.manifest, tag)
            return max(time.monotonic() - started, 1e-6)
        pause(random.uniform(0, _LEAST_PAUSE * min(attempt + 1, 4)))  # noqa: S311 - who of two is first is no secret
    raise _contended(subject, target)


def _move(plan: Plan, target: Target, before: Digest | None) -> None:
    """Let the tag stand for what was published, unless somebody has moved it since this began."""
    root = plan.root
    if root is None or (plan.tag is not None and before == root.digest):
        return
    if plan.tag is not None:
        there = target.tagged(plan.tag)
        now = None if there is None else there.digest
        if now not in (before, root.digest):
            message = f"stood for {before or 'nothing'} when this began, and now stands for {now or 'nothing'}"
            hint = "Somebody else publishes under this tag: see what they did, and publish again."
            raise refuse("publish.overtaken", f"{target.uri}:{plan.tag}", message, hint)
    target.tag(root, plan.tag)


def _kind(part: Part, plan: Plan) -> str:
    return "manifest" if part.manifest.digest == plan.subject.digest else "part of it"


def _contended(subject: str, target: Target) -> Exception:
    message = f"others write it all the time: after {ROUNDS} rounds it does not keep what is put there"
    return refuse("input.unreachable", subject or target.uri, message, "Publish again when the others have ended.")
