"""Every sequence of small bounds, decided by the rules and by a second, naive reading of the specification."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from tests.support.ledgers.samples import COUNTING, NOW, counted
from verifier.core.errors import Refused
from verifier.versions.restrict import quarantine_digest, raise_floor
from verifier.versions.rules import judge_version
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

VERSIONS, DIGESTS, EPOCHS, DEPTH = (1, 2, 3), "abc", (0, 1), 5

CANDIDATES = [
    counted(version, digest=digest, epoch=epoch) for epoch, version, digest in product(EPOCHS, VERSIONS, DIGESTS)
]


def test_every_sequence_of_five_candidates_keeps_the_invariants():
    """States, not paths, are what the rules see: walking all reachable (state, accepted so far) covers every path."""
    frontier = {(None, frozenset())}
    judged = 0
    for _ in range(DEPTH):
        reached = set()
        for known, accepted in frontier:
            for asked in CANDIDATES:
                judged += 1
                reached.add(_step(known, accepted, asked))
        frontier = reached
    assert judged > 1_000
    assert max(len(accepted) for _, accepted in frontier) == len(VERSIONS)


def test_every_sequence_with_operators_between_keeps_the_invariants():
    operators = [
        lambda known, version=version: raise_floor(known, Floor(version=str(version), scheme=Scheme.INTEGER))
        for version in VERSIONS
    ]
    operators += [
        lambda known, digest=digest: quarantine_digest(known, counted(1, digest=digest).digest) for digest in DIGESTS
    ]
    frontier = {None}
    for _ in range(DEPTH):
        reached = set(frontier)
        for known in frontier:
            for operate in operators:
                reached.add(_restricted(known, operate))
            for asked in CANDIDATES[: len(CANDIDATES) // 2]:
                decision = judge_version(known, asked, COUNTING, now=NOW, max_time_seen=None)
                _require_restrictions_held(known, asked, decision)
                reached.add(_without_revision(decision.next_state) if decision.next_state else known)
        frontier = reached
    assert len(frontier) > 100


def _step(known, accepted, asked):
    decision = judge_version(known, asked, COUNTING, now=NOW, max_time_seen=NOW)
    assert [reason.code for reason in decision.reasons] == _expected(accepted, asked)
    position = (asked.epoch, int(asked.version))
    if not decision.accepted:
        assert decision.next_state is None  # I4
        return known, accepted
    digests = dict(accepted)
    assert all(position >= other for other in digests)  # I1
    assert digests.get(position, asked.digest) == asked.digest  # I2
    if position in digests:
        assert decision.next_state is None  # I3
        return known, accepted
    assert asked.epoch == 0  # I8: no candidate raises the epoch
    return _without_revision(decision.next_state), accepted | {(position, asked.digest)}


def _expected(accepted, asked):
    """formats/ledger.md, steps 5 to 8, over everything that was ever accepted."""
    position = (asked.epoch, int(asked.version))
    newest, digest = max(accepted, key=lambda item: item[0], default=((0, 0), None))
    if asked.epoch > 0:
        return ["version.fast-forward"]
    if position < newest:
        return ["version.rollback"]
    if position == newest and digest != asked.digest:
        return ["version.equivocation"]
    return []


def _require_restrictions_held(known, asked, decision):
    if known is None or not decision.accepted:
        return
    assert asked.digest not in known.quarantined_digests
    assert known.floor is None or int(asked.version) >= int(known.floor.version)
    if decision.next_state is not None:
        assert decision.next_state.floor == known.floor  # I7
        assert decision.next_state.quarantined_digests == known.quarantined_digests


def _restricted(known, operate):
    try:
        return _without_revision(operate(known))
    except Refused as refusal:
        if "version.below-floor" not in str(refusal):
            raise
        return known


def _without_revision(known):
    """Revisions only count: two states that differ in nothing else are one."""
    digests = tuple(sorted(known.quarantined_digests, key=str))
    return replace(known, revision=1, quarantined_digests=digests)
