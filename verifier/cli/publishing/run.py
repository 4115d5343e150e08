"""What `verify publish` does: plan it, have it judged, write it, say what was written."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from verifier.cli import output
from verifier.cli.publishing.asked import Asked
from verifier.cli.publishing.destination import destination
from verifier.cli.publishing.outcome import Told
from verifier.cli.publishing.reported import told_in
from verifier.cli.publishing.sense import require_digest, require_outside, require_tag
from verifier.cli.publishing.told import denied, tell
from verifier.core.value import replace
from verifier.publish.push.execute import execute, foreseen, stands_for

if TYPE_CHECKING:
    from verifier.cli.options.publishing.gate import Gate


def published(asked: Asked, gate: Gate) -> int:
    """Publish what is asked for, unless the gate denies it; the exit status."""
    asked.require_sense()
    reports = told_in(asked, gate)
    kind, place = asked.kind(gate), destination(asked.reference, where="REF")
    if asked.source is not None:
        require_tag(place, "REF")
        require_outside(place, asked.source)
    elif asked.signs:
        require_digest(place, "REF")
    with ExitStack() as opened:
        opened.callback(place.target.close)
        plan = asked.plan(place, opened)
        before, verdict = stands_for(plan, place.target), None
        if gate.gate is not None:
            from verifier.cli.publishing.before import Judged  # noqa: PLC0415 - only for who has a gate
            from verifier.cli.publishing.gate import judge  # noqa: PLC0415 - as above

            judged = Judged(
                plan=plan,
                place=place,
                kind=kind,
                now=asked.now,
                correlation_id=asked.correlation_id,
                before=before,
                opened=opened,
            )
            verdict = judge(gate, judged)
        told = Told(plan=plan, place=place, kind=kind, verdict=verdict, policy=gate.gate)
        if asked.source is None and gate.kind is None:
            told = replace(told, kind="image", either="  (a bundle: verify bundle)")
        if verdict is not None and not verdict.passed:
            return denied(told, asked.answer, reports)
        written = foreseen(plan, before=before) if asked.dry_run else execute(plan, place.target, before=before)
        tell(replace(told, published=written, dry_run=asked.dry_run), asked.answer, reports)
    return output.EXIT_ACCEPTED
