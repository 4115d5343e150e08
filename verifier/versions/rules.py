"""Version monotonicity: may this candidate follow what this ledger has accepted?

Pure rules, no I/O. Guarantees, each with a test of the same name:
 * an accepted sequence never goes back, within a scope and epoch
 * one version names one digest, for ever
 * accepting again what was accepted changes nothing
 * a denial changes nothing
 * no candidate raises the epoch: only a signed operator action does
 * what cannot be ordered or compared is denied, never guessed
 * all reasons that apply are given, in the order of the table in docs/monotonicity.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.clock import format_duration, format_rfc3339
from verifier.core.outcome import Answer, Reason
from verifier.core.text.marks import in_epoch
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.jumps import Jump, exceeds, parse_jump
from verifier.versions.schemes import OrderKey, Scheme, order_key
from verifier.versions.state import HighWaterMark, ScopeState, spoken

if TYPE_CHECKING:
    from typing import ClassVar

__all__ = ["Candidate", "Judgement", "VersionRules", "judge_version"]


class Judgement(Answer):
    """The answer, all reasons, and the state to record (None: nothing changes).

    `epoch` is the one that the candidate was judged in. `before` and `after` are the marks as `epoch:version`,
    None where nothing was accepted yet.
    """

    asks: ClassVar[str] = "its `accepted`"
    accepted: bool
    epoch: int
    reasons: tuple[Reason, ...]
    next_state: ScopeState | None
    before: str | None
    after: str | None


def judge_version(
    state: ScopeState | None,
    candidate: Candidate,
    rules: VersionRules,
    *,
    now: datetime,
    max_time_seen: datetime | None,
) -> Judgement:
    """Judge `candidate` against `state`; see docs/monotonicity.md for the table.

    Never raises for hostile input: an unorderable version is a denial (`version.unorderable`).
    """
    case = _Case(state, candidate, rules, now, max_time_seen)
    reasons = tuple(reason for step in _STEPS for reason in step(case))
    next_state = None if reasons or case.is_repeated else _advance(case)
    before = None if case.mark is None else str(case.mark)
    after = before if next_state is None else str(next_state.mark)
    return Judgement(
        accepted=not reasons, epoch=case.epoch, reasons=reasons, next_state=next_state, before=before, after=after
    )


class _Case:
    """One question, with what the steps share; `key` and `position` are None where the version cannot be ordered.

    It `is_repeated` where this very version stands as the mark.
    """

    __slots__ = (
        *("candidate", "epoch", "is_repeated", "key", "mark", "max_time_seen"),
        *("now", "position", "problem", "rules", "state"),
    )

    def __init__(
        self,
        state: ScopeState | None,
        candidate: Candidate,
        rules: VersionRules,
        now: datetime,
        max_time_seen: datetime | None,
    ) -> None:
        self.state, self.candidate, self.rules = state, candidate, rules
        self.now, self.max_time_seen = now, max_time_seen
        known = 0 if state is None else state.epoch
        self.epoch = known if candidate.epoch is None else candidate.epoch
        self.mark = None if state is None else state.mark
        self.key: OrderKey | None
        self.problem: Reason | None
        self.key, self.problem = _order(state, candidate, rules, self.epoch)
        self.position = None if self.key is None else (self.epoch, self.key)
        self.is_repeated = self.mark is not None and self.position == self.mark.key

    def reason(self, code: str, message: str) -> Reason:
        return Reason(code=code, subject=_shown(self.candidate.version), message=message)


def _order(
    state: ScopeState | None, candidate: Candidate, rules: VersionRules, epoch: int
) -> tuple[OrderKey, None] | tuple[None, Reason]:
    """The key that the candidate's version orders by, or why there is none."""
    shown = _shown(candidate.version)
    scheme = candidate.scheme
    if scheme is Scheme.SIGNED_TIME and candidate.signed_time is None:
        message = "the signed time is the version, and no proven signer states one"
        return None, Reason(code="freshness.no-signed-time", subject=shown, message=message)
    if scheme is not rules.scheme:
        return None, _unorderable(shown, f"version {shown!r} is of scheme {scheme}, the policy's is {rules.scheme}")
    try:
        key = order_key(scheme, candidate.version)
    except ValueError as error:
        return None, _unorderable(
            shown, f"version {shown!r} is not {scheme}: {error}", _advice(scheme, candidate.version)
        )
    if scheme is Scheme.SIGNED_TIME and key != (candidate.signed_time,):
        return None, _unorderable(shown, f"version {shown!r} is not the signed time {candidate.signed_time}")
    for known in _schemes(state, epoch):
        if known is not scheme:
            message = f"version {shown!r} is of scheme {scheme}, the ledger's is {known} and the epoch is the same"
            return None, _unorderable(shown, message)
    return key, None


def _schemes(state: ScopeState | None, epoch: int) -> Iterator[Scheme]:
    """The schemes that a candidate of `epoch` must be comparable with."""
    if state is None:
        return
    if state.mark is not None and state.mark.epoch == epoch:
        yield state.mark.scheme
    if state.floor is not None and state.floor.epoch == epoch:
        yield state.floor.scheme
    for withdrawn in state.quarantined_versions:
        yield withdrawn.scheme


def _step_order(case: _Case) -> Iterator[Reason]:
    if case.problem is not None:
        yield case.problem


def _step_quarantine(case: _Case) -> Iterator[Reason]:
    if case.state is None:
        return
    for digest in (case.candidate.digest, *case.candidate.others):
        if digest in case.state.quarantined_digests:
            yield case.reason("version.quarantined", f"digest {digest} is quarantined")
        elif digest.algorithm != "sha256" and case.state.quarantined_digests:
            message = f"{digest} cannot be compared with the sha256 digests that are quarantined"
            yield case.reason("version.unorderable", message)
    if case.key is None:
        return
    for withdrawn in case.state.quarantined_versions:
        if withdrawn.contains(case.key):
            message = f"version {case.candidate.version} lies in the quarantined range {withdrawn}"
            yield case.reason("version.quarantined", message)


def _step_floor(case: _Case) -> Iterator[Reason]:
    if case.key is None:
        return
    floor = case.state.floor if case.state is not None else None
    # A floor of another scheme is of another epoch (`_schemes`), which alone decides: the tuples differ there.
    if floor is not None and (case.epoch, case.key) < floor.key:
        yield _below(case, f"the operator's floor {spoken(floor)}", floor.version)
    lowest = case.rules.floor
    if lowest is not None and case.key < order_key(case.rules.scheme, lowest):
        yield _below(case, f"the policy's floor {lowest}", lowest)


def _below(case: _Case, floor: str, version: str) -> Reason:
    shown = in_epoch(case.epoch, case.candidate.version)
    return case.reason("version.below-floor", f"version {shown} lies below {floor}{_why_lower(case, version)}")


def _step_first_use(case: _Case) -> Iterator[Reason]:
    if case.mark is not None or case.rules.first_use == "allow":
        return
    if case.rules.first_use == "deny":
        yield case.reason("version.first-use-denied", "nothing was accepted in this scope and first_use is deny")
        return
    if case.rules.floor is None and (case.state is None or case.state.floor is None):
        message = "nothing was accepted in this scope, first_use is require-floor and there is no floor"
        yield case.reason("version.first-use-denied", message)


def _step_rollback(case: _Case) -> Iterator[Reason]:
    mark = case.mark
    if mark is None or case.position is None or case.position >= mark.key:
        return
    accepted = format_rfc3339(mark.seen_at)
    here = in_epoch(case.epoch, case.candidate.version)
    message = f"version {here} is lower than {spoken(mark)}, accepted at {accepted}"
    yield case.reason("version.rollback", message + _why_lower(case, mark.version))


def _step_equivocation(case: _Case) -> Iterator[Reason]:
    mark = case.mark
    if mark is None or not case.is_repeated or mark.digest == case.candidate.digest:
        return
    message = f"version {spoken(mark)} was accepted with {mark.digest} and now comes with {case.candidate.digest}"
    yield case.reason("version.equivocation", message + _why_equal(case, mark.version))


def _step_fast_forward(case: _Case) -> Iterator[Reason]:
    current = case.state.epoch if case.state is not None else 0
    if case.epoch > current:
        message = f"epoch {case.epoch} is above the scope's {current}, which only a signed rollback raises"
        yield case.reason("version.fast-forward", message)
    mark, jump = case.mark, _jump(case.rules)
    if jump is None or mark is None or case.key is None or case.epoch != mark.epoch:
        return
    if (case.epoch, case.key) > mark.key and exceeds(jump, mark.version, case.candidate.version):
        message = f"version {case.candidate.version} is further ahead of {mark.version} than {case.rules.max_jump}"
        yield case.reason("version.fast-forward", message)


def _step_freshness(case: _Case) -> Iterator[Reason]:
    longest, signed = case.rules.freshness, case.candidate.signed_time
    if longest is None:
        return
    if signed is None:
        if case.candidate.scheme is not Scheme.SIGNED_TIME:  # said by the first step there
            yield case.reason("freshness.no-signed-time", "the policy asks for freshness and no signer states a time")
    elif case.now - signed > longest:
        age = f"more than {format_duration(longest)} before {format_rfc3339(case.now)}"
        yield case.reason("freshness.expired", f"signed at {format_rfc3339(signed)}, which is {age}")


def _step_clock(case: _Case) -> Iterator[Reason]:
    seen, signed, skew = case.max_time_seen, case.candidate.signed_time, case.rules.skew
    if seen is not None and seen - case.now > skew:
        message = f"now is {format_rfc3339(case.now)}, the ledger has seen {format_rfc3339(seen)}"
        yield case.reason("clock.backwards", message)
    if signed is not None and signed - case.now > skew:
        message = f"now is {format_rfc3339(case.now)}, the signer states {format_rfc3339(signed)}"
        yield case.reason("clock.skew", message)


_STEPS: tuple[Callable[[_Case], Iterator[Reason]], ...] = (
    _step_order,
    _step_quarantine,
    _step_floor,
    _step_first_use,
    _step_rollback,
    _step_equivocation,
    _step_fast_forward,
    _step_freshness,
    _step_clock,
)
"""The table of docs/monotonicity.md, in its order."""


def _advance(case: _Case) -> ScopeState:
    mark, candidate = case.mark, case.candidate
    times = (mark.signed_time if mark is not None else None, candidate.signed_time)
    advanced = HighWaterMark(
        epoch=case.epoch,
        version=candidate.version,
        scheme=candidate.scheme,
        digest=candidate.digest,
        signed_time=max((moment for moment in times if moment is not None), default=None),
        seen_at=case.now,
    )
    if case.state is None:
        return ScopeState(revision=1, mark=advanced)
    return ScopeState(
        revision=case.state.revision + 1,
        mark=advanced,
        floor=case.state.floor,
        quarantined_digests=case.state.quarantined_digests,
        quarantined_versions=case.state.quarantined_versions,
    )


def _why_lower(case: _Case, other: str) -> str:
    from verifier.versions.advice import why_lower  # noqa: PLC0415 - only for what is denied

    return why_lower(case.rules.scheme, case.candidate.version, other)


def _why_equal(case: _Case, other: str) -> str:
    from verifier.versions.advice import why_equal  # noqa: PLC0415 - as above

    return why_equal(case.rules.scheme, case.candidate.version, other)


def _advice(scheme: Scheme, text: str) -> str:
    from verifier.versions.advice import advise  # noqa: PLC0415 - as above

    return advise(scheme, text)


def _jump(rules: VersionRules) -> Jump | None:
    return None if rules.max_jump is None else parse_jump(rules.scheme, rules.max_jump)


def _unorderable(subject: str, message: str, hint: str = "") -> Reason:
    return Reason(code="version.unorderable", subject=subject, message=message, hint=hint)


def _shown(text: str) -> str:
    """A hostile version, bounded for a message."""
    return text if len(text) <= 80 else f"{text[:79]}…"
