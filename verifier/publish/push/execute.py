"""Writing a plan: blobs, then manifests, then what refers to them, then cosign's old tags, and the moving tag last.

* whatever goes wrong, or ends the process, before the last step leaves the tag as it was; doing it again completes it
* what is there is not written again: the same plan twice writes nothing the second time
* what others attach at the same time stays (`Target.amend`, `Target.settle`)
* who has moved the tag meanwhile is found out, and is not overwritten silently
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.value import Value
from verifier.publish.push.legacy import legacy_tag, merged
from verifier.publish.push.target import Target
from verifier.publish.push.written import Appended, Blob, Manifest, Part, Plan, Referrer
from verifier.sources.place import Resolved


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


def stands_for(plan: Plan, target: Target) -> Digest | None:
    """What the plan's tag stands for now; None for nothing, or where there is no tag."""
    there = target.tagged(plan.tag) if plan.tag else None
    return None if there is None else there.digest


def execute(plan: Plan, target: Target, *, before: Digest | None) -> Published:
    """Write `plan`; `Refused` where the target does not take it.

    `before` is what the tag stood for (`stands_for`) when it was decided that it may move: where it stands for
    something else by now, it is not moved.
    """
    sent: set[Digest] = set()
    rows = [_part(part, plan, target, sent, before) for part in plan.parts]
    rows += [_referrer(each, target, sent) for each in plan.referrers]
    for tag, added in by_tag(plan).items():
        rows += _appended(tag, added, target, sent)
    target.settle()
    if plan.root is not None:
        _move(plan.root, plan.tag, target, before)
    return Published(digest=plan.subject.digest, rows=tuple(rows), tag=plan.tag, before=before)


def foreseen(plan: Plan, *, before: Digest | None) -> Published:
    """What `execute` would come to, as far as that can be told without asking: nothing is known to be there."""
    rows = [Row(what=_kind(each, plan), name="", digest=each.manifest.digest, written=True) for each in plan.parts]
    rows += [
        Row(what=each.what, name=each.name, digest=each.part.manifest.digest, written=True) for each in plan.referrers
    ]
    rows += [
        Row(what=each.what, name=each.name, digest=each.layer.digest, written=True, under=tag)
        for tag, added in by_tag(plan).items()
        for each in added
    ]
    return Published(digest=plan.subject.digest, rows=tuple(rows), tag=plan.tag, before=before)


def by_tag(plan: Plan) -> dict[str, list[Appended]]:
    """What is appended, by the tag that it goes under."""
    found: dict[str, list[Appended]] = {}
    for each in plan.appended:
        found.setdefault(legacy_tag(each.subject, each.suffix), []).append(each)
    return found


def _part(part: Part, plan: Plan, target: Target, sent: set[Digest], before: Digest | None) -> Row:
    manifest = part.manifest
    is_new = manifest.digest != before and not target.holds(manifest.digest)
    if is_new:
        _blobs(part.blobs, target, sent)
        target.push_manifest(manifest)
    return Row(what=_kind(part, plan), name="", digest=manifest.digest, written=is_new)


def _blobs(blobs: Iterable[Blob], target: Target, sent: set[Digest]) -> None:
    for blob in blobs:
        if blob.digest not in sent:
            target.push_blob(blob)
            sent.add(blob.digest)


def _referrer(each: Referrer, target: Target, sent: set[Digest]) -> Row:
    manifest, subject = each.part.manifest, each.subject
    is_new = not target.refers(manifest.digest, subject)
    if is_new:
        _blobs(each.part.blobs, target, sent)
        target.push_referrer(manifest, subject)
    return Row(what=each.what, name=each.name, digest=manifest.digest, written=is_new)


def _appended(tag: str, added: list[Appended], target: Target, sent: set[Digest]) -> list[Row]:
    subject = f"{target.uri}:{tag}"

    def with_ours(there: Resolved | None) -> Manifest | None:
        whole = merged(there, added, subject=subject)
        if whole is None:
            return None
        _blobs([*(each.layer for each in added), whole.config], target, sent)
        return whole.manifest

    # Once for its blobs alone: between the look at the tag and its writing, nothing is to be sent that takes long.
    with_ours(target.tagged(tag))
    written = target.amend(tag, with_ours)
    return [Row(what=each.what, name=each.name, digest=each.layer.digest, written=written, under=tag) for each in added]


def _move(root: Manifest, tag: str | None, target: Target, before: Digest | None) -> None:
    """Let the tag stand for what was published, unless somebody has moved it since this began."""
    if tag is not None:
        if before == root.digest:
            return
        there = target.tagged(tag)
        now = None if there is None else there.digest
        if now not in (before, root.digest):
            message = f"stood for {before or 'nothing'} when this began, and now stands for {now or 'nothing'}"
            raise refuse("publish.overtaken", f"{target.uri}:{tag}", message)
    target.tag(root, tag)


def _kind(part: Part, plan: Plan) -> str:
    return "manifest" if part.manifest.digest == plan.subject.digest else "part of it"
