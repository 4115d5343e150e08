"""Verdicts to be shown, as a strategy: every field that may hold hostile text does."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from tests.support import hostile
from verifier.core.digest import Digest
from verifier.core.outcome import Reason, outcome_of
from verifier.core.reasons.table import CATALOGUE
from verifier.core.severity import Severity
from verifier.core.verdict import FAILED_LEVEL, EvidenceItem, Input, LedgerTrace, PolicyReference, Subject, Verdict
from verifier.formats.verdict.dossier import Dossier

HOSTILE = hostile.ANY
DIGESTS = st.binary(max_size=4).map(Digest.of)
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))
REASONS = st.builds(
    Reason,
    code=st.sampled_from(sorted(CATALOGUE)),
    subject=HOSTILE,
    message=HOSTILE,
    hint=HOSTILE,
    severity=st.sampled_from(Severity),
)
EVIDENCE = st.builds(
    EvidenceItem, kind=HOSTILE, digest=DIGESTS, signer=HOSTILE, verified=st.booleans(), time=st.none() | MOMENTS
)
INPUTS = st.builds(Input, kind=HOSTILE, digest=DIGESTS)
SUBJECTS = st.builds(
    Subject,
    kind=HOSTILE,
    name=HOSTILE,
    resource_uri=HOSTILE,
    digest=DIGESTS,
    version=st.none() | HOSTILE,
    epoch=st.none() | st.integers(0, 9),
)
TRACES = st.builds(
    LedgerTrace,
    url=HOSTILE,
    scope=HOSTILE,
    before=st.none() | HOSTILE,
    after=st.none() | HOSTILE,
    recorded=st.booleans(),
)
POLICIES = st.builds(PolicyReference, uri=HOSTILE, digest=DIGESTS)


def dossier(*of: Verdict, **more) -> Dossier:
    """What a report is given where there are these verdicts."""
    return Dossier(verdicts=of, **more)


@st.composite
def verdicts(draw) -> Verdict:
    """A verdict, decided upon its reasons as every other one is."""
    levels = HOSTILE.filter(lambda level: level != FAILED_LEVEL)
    return Verdict.of(
        [outcome_of(draw(st.lists(REASONS, max_size=4)))],
        subject=draw(SUBJECTS),
        policy=draw(POLICIES),
        rule_digest=draw(st.none() | DIGESTS),
        time_verified=draw(MOMENTS),
        correlation_id=draw(HOSTILE),
        evidence=tuple(draw(st.lists(EVIDENCE, max_size=2))),
        inputs=tuple(draw(st.lists(INPUTS, max_size=2, unique=True))),
        levels=tuple(draw(st.lists(levels, max_size=2))),
        dependency_levels=draw(st.none() | st.dictionaries(HOSTILE, st.integers(0, 9), max_size=2)),
        ledger=draw(st.none() | TRACES),
        verifier_id=draw(HOSTILE),
        verifier_version={draw(HOSTILE): draw(HOSTILE)},
        duration_ms=draw(st.integers(0, 10**6)),
        expires_at=draw(st.none() | MOMENTS),
    )


@st.composite
def dossiers(draw) -> Dossier:
    """One verdict or several."""
    found = tuple(draw(st.lists(verdicts(), min_size=1, max_size=3)))
    references = draw(st.just(()) | st.tuples(*(HOSTILE for _ in found)))
    return Dossier(verdicts=found, references=references)
