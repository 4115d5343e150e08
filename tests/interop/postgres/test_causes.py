"""What PostgreSQL lets a role write is what the table of causes lets anybody write, case by generated case.

* `VERIFIER_ROUNDS` multiplies how many cases there are: a longer run finds more
* whatever a role calls, the history is one that the independent checker takes for sound
"""

import contextlib
import itertools
import os

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.ledgers.samples import HOUR, NOW, content, event
from tests.support.peers.postgres_server import CALL, DENIED, ledger_database
from verifier.core.clock import parse_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.ledger.causes import Known, adds_content, effect_of, stands
from verifier.ledger.history import check
from verifier.ledger.interface import EventKind, LedgerEvent
from verifier.ledger.postgres.rows import members_of
from verifier.ledger.postgres.store import open_ledger
from verifier.ledger.record import state_text
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.rules import judge_version
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, HighWaterMark, ScopeState, VersionRange

pytestmark = pytest.mark.interop

ROUNDS = int(os.environ.get("VERIFIER_ROUNDS", "1"))
# A case is a few calls already: to make it smaller would take longer than to read it.
MANY = settings(max_examples=60 * ROUNDS, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
EXAMPLES = itertools.count()
"""One ledger holds all examples: each has scopes of its own in it."""
VERSIONS = {
    Scheme.SEMVER: ["1.0.0-rc.1", "1.0.0", "1.0.0+b", "1.2.0", "1.10.0", "2.0.0"],
    Scheme.INTEGER: ["0", "1", "2", "9", "10"],
    Scheme.CALVER: ["2026.1", "26.01", "2026.2.1"],
    Scheme.PEP440: ["1.0a1", "1.0", "1.0.0", "1!0.1"],
    Scheme.SIGNED_TIME: ["2026-06-01T11:00:00Z", "2026-06-01T12:00:00Z", "2026-06-01T14:00:00+02:00"],
}
SCHEMES = st.sampled_from([Scheme.SEMVER] * 6 + list(VERSIONS))
SCOPES = st.sampled_from(["bundle:a", "bundle:b", "bundle:c@x"])
DIGESTS = st.sampled_from([content(name) for name in "abcd"])
TIMES = st.sampled_from([NOW, NOW - HOUR, NOW + HOUR])
EPOCHS = st.sampled_from([0, 0, 0, 1, 2])


@st.composite
def orders(draw):
    scheme = draw(SCHEMES)
    return {"scheme": scheme, "version": draw(st.sampled_from(VERSIONS[scheme]))}


@st.composite
def marks(draw):
    return HighWaterMark(
        **draw(orders()),
        epoch=draw(EPOCHS),
        digest=draw(DIGESTS),
        signed_time=draw(st.none() | TIMES),
        seen_at=draw(TIMES),
        verdict=draw(st.none() | DIGESTS),
    )


@st.composite
def floors(draw):
    return Floor(**draw(orders()), epoch=draw(EPOCHS))


@st.composite
def ranges(draw):
    scheme = draw(SCHEMES)
    ends = st.none() | st.sampled_from(VERSIONS[scheme])
    try:
        return VersionRange(lowest=draw(ends), highest=draw(ends), scheme=scheme)
    except ValueError:
        return VersionRange(lowest=None, highest=VERSIONS[scheme][0], scheme=scheme)


@st.composite
def calls(draw):
    """An event, and what it is to lead to: a change of the scope as it is, or nothing."""
    said = event(draw(st.sampled_from(EventKind)), draw(SCOPES), time=draw(TIMES))
    named = draw(st.none() | marks())
    if named is not None:
        said = _saying(said, named)
    if draw(st.integers(0, 5)) == 0:
        said = replace(said, time_seen=draw(TIMES))
    if draw(st.integers(0, 9)) == 0:
        said = replace(said, reasons=("version.rollback",))
    changes = draw(st.fixed_dictionaries({}, optional={"floor": st.none() | floors(), "mark": st.none() | marks()}))
    if named is not None and draw(st.booleans()):
        changes = {"mark": named}
        said = replace(said, time=named.seen_at)
    grown = draw(st.lists(DIGESTS, max_size=1)), draw(st.lists(ranges(), max_size=1)), draw(st.integers(0, 7)) == 0
    return (
        said,
        changes if draw(st.integers(0, 3)) else None,
        grown if draw(st.integers(0, 2)) == 0 else ([], [], False),
    )


def _saying(said: LedgerEvent, mark: HighWaterMark) -> LedgerEvent:
    return replace(
        said,
        version=mark.version,
        scheme=mark.scheme,
        epoch=mark.epoch,
        digest=mark.digest,
        verdict=mark.verdict,
    )


def _after(before, changes, grown):
    """The state that is asked for; None where there is to be none, or it cannot be made."""
    digests, withdrawn, forgetful = grown
    if changes is None:
        return None
    held = before or ScopeState(revision=1)
    kept = (held.quarantined_digests, held.quarantined_versions) if not forgetful else ((), ())
    revision = 1 if before is None else before.revision + 1
    grown = {"quarantined_digests": (*kept[0], *digests), "quarantined_versions": (*kept[1], *withdrawn)}
    return replace(held, **{"revision": revision, **changes, **grown})


class Expected:
    """What the table of causes lets be written, scope by scope."""

    def __init__(self, loader):
        self.loader, self.states, self.known = loader, {}, {}

    def takes(self, said, after):
        """Whether it may be written; and it is."""
        before, place = self.states.get(said.scope), (said.scope, said.digest)
        if self.loader and said.kind not in {EventKind.ACCEPTED, EventKind.DENIED}:
            return False
        if after is None and said.kind is EventKind.ACCEPTED and not stands(before, said):
            return False
        try:
            effect = effect_of(before, said, after, self.known.get(place))
        except Refused:
            return False
        if after is not None:
            self.states[said.scope] = after
        if adds_content(said, effect):
            self.known.setdefault(place, Known.of(said))
        return True


MANY_OF_EACH = 15
"""Calls that are written, and that are not: how many of a thousand a search comes upon is chance, some sixty."""


@pytest.mark.parametrize(("role", "function"), [("authz_loader", "record"), ("authz_operator", "operate")])
def test_a_role_writes_what_the_table_of_causes_permits_and_nothing_else(postgres, role, function):
    counts = {True: 0, False: 0}

    @MANY
    @given(st.lists(calls(), min_size=10, max_size=30))
    def same(sequence):
        number = next(EXAMPLES)
        expected = Expected(loader=function == "record")
        for said, changes, grown in sequence:
            said = replace(said, scope=f"{said.scope}{number}")  # noqa: PLW2901
            before = expected.states.get(said.scope)
            after = _after(before, changes, grown)
            text = None if after is None else state_text(after)
            revision = None if after is None or before is None else before.revision
            written = False
            with contextlib.suppress(*DENIED, psycopg.errors.DataError):
                row = connection.execute(CALL.format(function), (members_of(said), text, revision)).fetchone()
                written = row != (None,)
            assert written == expected.takes(said, after), (said, before, after)
            counts[written] += 1

    database = ledger_database(postgres)
    with postgres.connect(role, database) as connection:
        same()
    with open_ledger(postgres.url("authz_auditor", database)) as ledger:
        assert check(ledger).head.sequence == counts[True]
    assert min(counts.values()) > MANY_OF_EACH


@st.composite
def asked(draw):
    order = draw(orders())
    # Clocks are the caller's to judge, and what a signer states of its time is the caller's to say.
    times = [parse_rfc3339(order["version"])] if order["scheme"] is Scheme.SIGNED_TIME else [NOW, NOW - HOUR]
    signed = draw(st.none() | st.sampled_from(times))
    return Candidate(**order, digest=draw(DIGESTS), epoch=draw(st.none() | EPOCHS), signed_time=signed)


def test_what_the_rules_accept_the_database_takes_and_a_denial_it_does_not(postgres):
    """PL/pgSQL against `versions.rules`: the state of each scope is what decides, and both know it."""
    database, judged = ledger_database(postgres), {True: 0, False: 0}
    states, known = {}, {}

    @MANY
    @given(st.lists(st.tuples(SCOPES, asked(), st.none() | floors() | ranges() | DIGESTS), min_size=5, max_size=20))
    def same(sequence):
        number = next(EXAMPLES)
        for name, candidate, order in sequence:
            scope = f"{name}{number}"
            if order is not None:
                _restricted(operator, scope, order, states)
            before = states.get(scope)
            decision = judge_version(
                before, candidate, VersionRules(scheme=candidate.scheme), now=NOW, max_time_seen=None
            )
            key = (scope, candidate.digest)
            names = Known(scheme=candidate.scheme, version=candidate.version)
            said = _asked_event(scope, candidate, decision)
            relabelled = key in known and known[key].is_other_than(said) and decision.next_state is not None
            # What the rules deny is asked for all the same, as one who was taken over asks for it.
            after = decision.next_state if decision.accepted else _forced(before, candidate, decision)
            text = None if after is None else state_text(after)
            revision = None if before is None or after is None else before.revision
            written = False
            with contextlib.suppress(*DENIED, psycopg.errors.DataError):
                row = loader.execute(CALL.format("record"), (members_of(said), text, revision)).fetchone()
                written = row != (None,)
            assert written == (decision.accepted and not relabelled), (said, before, decision)
            judged[written] += 1
            if written and after is not None:
                states[scope] = after
                known.setdefault(key, names)

    with postgres.connect("authz_loader", database) as loader, postgres.connect("authz_operator", database) as operator:
        same()
    with open_ledger(postgres.url("authz_auditor", database)) as ledger:
        check(ledger)
    assert min(judged.values()) > 50


def _asked_event(scope, candidate, decision):
    said = event(scope=scope, version=candidate.version, scheme=candidate.scheme, epoch=decision.epoch)
    return replace(said, digest=candidate.digest)


def _forced(before, candidate, decision):
    """The state that a denied candidate would have led to."""
    forced = HighWaterMark(
        epoch=decision.epoch,
        version=candidate.version,
        scheme=candidate.scheme,
        digest=candidate.digest,
        signed_time=candidate.signed_time,
        seen_at=NOW,
    )
    if before is None:
        return ScopeState(revision=1, mark=forced)
    return replace(before, revision=before.revision + 1, mark=forced)


def _restricted(operator, scope, order, states):
    before = states.get(scope)
    held = before or ScopeState(revision=1)
    revision = 1 if before is None else before.revision + 1
    if isinstance(order, Floor):
        kind, after = EventKind.FLOOR, replace(held, revision=revision, floor=order)
    elif isinstance(order, Digest):
        kind, digests = EventKind.QUARANTINE, (*held.quarantined_digests, order)
        after = replace(held, revision=revision, quarantined_digests=digests)
    else:
        kind, withdrawn = EventKind.QUARANTINE, (*held.quarantined_versions, order)
        after = replace(held, revision=revision, quarantined_versions=withdrawn)
    expected = None if before is None else before.revision
    with contextlib.suppress(*DENIED):
        row = operator.execute(CALL.format("operate"), (members_of(event(kind, scope)), state_text(after), expected))
        if row.fetchone() != (None,):
            states[scope] = after
