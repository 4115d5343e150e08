"""What every format says of verdicts, in one place: the line that decides, the words for facts, what is next.

* nothing here decides, escapes or is escaped: whoever shows a text does that for the medium
* the epoch of a version is said only where it is another than the first, 0
* levels are said only of what has passed
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.text.marks import marked
from verifier.core.text.shown import shown
from verifier.core.uris import AD_HOC_POLICY
from verifier.core.verdict import EvidenceItem, LedgerTrace, Subject, Verdict
from verifier.formats.verdict.dossier import Dossier

UNDECIDED = "(could not be decided)"
"""What is said behind a denial in which nothing that was seen is wrong."""
RETOLD = "Shown again from a report that nobody has signed: nothing was verified for this."
"""What is said in the place of what to do, where a report is only shown again."""


def named(subject: Subject) -> str:
    """What it is about, with its version."""
    version = version_of(subject)
    return f"{subject.kind}:{subject.name}{f' {version}' if version else ''}"


def version_of(subject: Subject) -> str:
    """The version as people read it; "" where there is none."""
    if not subject.version:
        return ""
    return f"{subject.version} (epoch {subject.epoch})" if subject.epoch else subject.version


def decided(verdict: Verdict) -> str:
    """The line that decides."""
    return f"{verdict.decision.value} {named(verdict.subject)}{f' {UNDECIDED}' if verdict.undecided else ''}"


def summed(dossier: Dossier) -> str:
    """The line that decides, of one verdict or of several."""
    if len(dossier.verdicts) == 1:
        return decided(dossier.verdicts[0])
    return f"{dossier.worst.decision.value} {counted(dossier)}"


def counted(dossier: Dossier) -> str:
    """How many of several verdicts are what."""
    verdicts = dossier.verdicts
    passed, undecided = sum(each.passed for each in verdicts), sum(each.undecided for each in verdicts)
    counts = {"passed": passed, "denied": len(verdicts) - passed - undecided, "could not be decided": undecided}
    said = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    return f"{len(verdicts):,} artifacts: {said}"


def policy_text(verdict: Verdict) -> str:
    """The policy in force."""
    return "flags (no policy file)" if verdict.policy.uri == AD_HOC_POLICY else verdict.policy.uri


def evidence_text(item: EvidenceItem) -> str:
    """Who is proven to have signed, and how; or that nobody is."""
    if not item.verified:
        return f"nobody is proven ({item.kind})"
    when = f", signed {format_rfc3339(item.time)}" if item.time else ""
    return f"{item.signer} ({item.kind}{when})" if item.signer else f"proven ({item.kind}{when})"


def ledger_text(trace: LedgerTrace) -> str:
    """Where the ledger stood, and whether it has this."""
    before, after = (None if each is None else marked(each) for each in (trace.before, trace.after))
    if before == after:
        moved = "has accepted nothing yet" if before is None else f"stands at {before}"
    else:
        moved = f"moved from {before or 'nothing'} to {after or 'nothing'}"
    return f"{trace.scope} {moved}{'' if trace.recorded else ' (not recorded)'} in {trace.url}"


def facts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """What was checked, under labels of a word; a digest is a text of its own."""
    subject = verdict.subject
    if subject.digest:
        yield "digest", str(subject.digest)
    if subject.resource_uri:
        yield "from", shown(subject.resource_uri)
    for part in verdict.parts:
        digest = "" if part.digest == subject.digest else f" {part.digest}"
        yield subject.kind, f"{part.name}{digest}, {part.read}"
    for item in verdict.evidence:
        yield "signer", evidence_text(item)
    if version := version_of(subject):
        yield "version", version
    if verdict.ledger:
        yield "ledger", ledger_text(verdict.ledger)
    yield "policy", policy_text(verdict)
    if verdict.passed and verdict.levels:
        yield "levels", ", ".join(verdict.levels)
    if verdict.expires_at:
        yield "expires", format_rfc3339(verdict.expires_at)


def more_facts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """What only who asks for all of it is told."""
    yield "policy", str(verdict.policy.digest)
    if verdict.rule_digest:
        yield "rule", str(verdict.rule_digest)
    for item in verdict.evidence:
        yield "proof", f"{item.kind} {item.digest}"
    for given in verdict.inputs:
        yield "input", f"{given.kind} {given.digest}"
    if verdict.subject.index:
        yield "index", str(verdict.subject.index)
    version = ", ".join(f"{name} {each}" for name, each in verdict.verifier_version.items())
    yield "by", " ".join(each for each in (verdict.verifier_id, version) if each) or "nobody who says so"


def run_text(verdict: Verdict) -> str:
    """Which run it was."""
    when = format_rfc3339(verdict.time_verified.replace(microsecond=0))
    return f"verified {when} in {verdict.duration_ms} ms, correlation id {verdict.correlation_id}"


def next_text(verdict: Verdict) -> str:
    """What to do now."""
    if verdict.undecided:
        return "Do not use it. Nothing that was seen is wrong, but not all could be checked: mend that and ask again."
    if not verdict.passed:
        return f"Do not use it. `verify explain {first_error(verdict).code}` says more."
    trace = verdict.ledger
    if trace is not None and not trace.recorded:
        return "Use it by its digest. The ledger was asked, and not written to."
    return "Use it by its digest." if trace is None else "Use it by its digest. The ledger refuses what is older."


def what_next(dossier: Dossier, verdict: Verdict) -> str:
    """What to do now, about one verdict of a report; where one is shown again nobody is told to use it."""
    return RETOLD if dossier.retold and verdict.passed else next_text(verdict)


def first_error(verdict: Verdict) -> Reason:
    """The first reason that denies; raises `StopIteration` where none does."""
    return next(each for each in verdict.reasons if each.is_error)
